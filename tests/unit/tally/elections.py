"""Small elections made at random, always the same ones, rich in ties, cycles and unranked candidates."""

from collections.abc import Iterator, Sequence
from random import Random

from governance.tally import Result

NAMES = "ABCDEFG"
Ranking = list[list[str]]
Election = tuple[str, list[Ranking], int]


def random_elections(number: int, *, ties: bool = True, cut: bool = True, most: int = 5) -> Iterator[Election]:
    """Give candidates, ballots (groups, best first) and seats, always fewer than candidates."""
    for seed in range(number):
        random = Random(seed)
        candidates = NAMES[: random.randint(2, most)]
        voters = random.choice([1, 2, 3, 4, 5, 7, 10, 25])
        ballots = [random_ranking(random, candidates, ties=ties, cut=cut) for _ in range(voters)]
        yield candidates, ballots, random.randint(1, len(candidates) - 1)


def random_ranking(random: Random, candidates: Sequence[str], *, ties: bool, cut: bool) -> Ranking:
    """Shuffle, cut off the end, join neighbours."""
    order = random.sample(candidates, len(candidates))
    if cut and random.random() < 0.5:
        order = order[: random.randint(0, len(order))]
    ranking: Ranking = []
    for name in order:
        if ties and ranking and random.random() < 0.25:
            ranking[-1].append(name)
        else:
            ranking.append([name])
    return ranking


def random_stars(number: int, most: int = 5) -> Iterator[tuple[str, list[dict[str, int]], int]]:
    """Give candidates, stars (every candidate marked on every ballot) and seats."""
    for seed in range(number):
        random = Random(f"stars {seed}")
        candidates = NAMES[: random.randint(2, most)]
        voters = random.choice([1, 2, 3, 5, 8, 20])
        stars = random.choice([[0, 5], [0, 1, 5], [0, 1, 2, 3, 4, 5]])
        ballots = [{name: random.choice(stars) for name in candidates} for _ in range(voters)]
        yield candidates, ballots, random.randint(1, len(candidates) - 1)


def differs(result: Result, electable: set[frozenset[str]]) -> str:
    """Say how a result disagrees with all that can be elected; empty where it agrees, ties and all."""
    surely, possibly = frozenset.intersection(*electable), frozenset.union(*electable)
    tied = {name for tie in result.ties for name in tie.candidates}
    if set(result.winners) == surely and tied | surely == possibly and result.decided == (len(electable) == 1):
        return ""
    told = sorted("".join(sorted(each)) for each in electable)
    return f"winners {result.winners}, ties {result.ties}, but electable are {told}"

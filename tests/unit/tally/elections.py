"""Small elections made at random, always the same ones, rich in ties, cycles and unranked candidates."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from random import Random

NAMES = "ABCDEFG"
Ranking = list[list[str]]


def random_elections(
    number: int, *, ties: bool = True, cut: bool = True, most: int = 5
) -> Iterator[tuple[str, list[Ranking]]]:
    """Give candidates and ballots: each a list of groups, best first."""
    for seed in range(number):
        random = Random(seed)
        candidates = NAMES[: random.randint(2, most)]
        voters = random.choice([1, 2, 3, 4, 5, 7, 10, 25])
        yield candidates, [random_ranking(random, candidates, ties=ties, cut=cut) for _ in range(voters)]


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


def random_scores(number: int, most: int = 5) -> Iterator[tuple[str, list[dict[str, int]]]]:
    """Give candidates and ballots of stars, every candidate marked on every ballot."""
    for seed in range(number):
        random = Random(f"scores {seed}")
        candidates = NAMES[: random.randint(2, most)]
        voters = random.choice([1, 2, 3, 5, 8, 20])
        stars = random.choice([[0, 5], [0, 1, 5], [0, 1, 2, 3, 4, 5]])
        yield candidates, [{name: random.choice(stars) for name in candidates} for _ in range(voters)]


def open_to(winners: Sequence[str], ties: Sequence, seats: int) -> set[frozenset[str]]:
    """Give every set of elected that a result leaves possible, where it leaves one tie at the most open."""
    if not ties:
        return {frozenset(winners)}
    (tie,) = ties
    return {frozenset([*winners, *some]) for some in combinations(tie.candidates, tie.seats)}

"""Second implementations of every method, slow and straight from the definition; none of them uses the code under test.

Each answers with the set of all electable sets: every way in which ties could fall, tried one by one.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_DOWN, Decimal
from itertools import combinations, pairwise, permutations

Ranking = list[list[str]]
Outcomes = set[frozenset[str]]


def place(ranking: Ranking, name: str) -> int | None:
    return next((at for at, group in enumerate(ranking) if name in group), None)


def prefer(ballots: list[Ranking], one: str, other: str, unranked: str) -> int:
    """Count ballots that place one above the other."""
    number = 0
    for ballot in ballots:
        first, second = place(ballot, one), place(ballot, other)
        if unranked == "last":
            first, second = (len(ballot) if at is None else at for at in (first, second))
        number += first is not None and second is not None and first < second
    return number


def direct(ballots: list[Ranking], names: str, unranked: str, strength: str) -> dict[tuple[str, str], int]:
    """Give the strength of every defeat."""
    found = {}
    for one, other in permutations(names, 2):
        won, lost = prefer(ballots, one, other, unranked), prefer(ballots, other, one, unranked)
        if won > lost:
            found[one, other] = won if strength == "winning" else won - lost
    return found


def simple_paths(names: str, start: str, end: str) -> Iterator[tuple[str, ...]]:
    between = [name for name in names if name not in (start, end)]
    for number in range(len(between) + 1):
        for middle in permutations(between, number):
            yield (start, *middle, end)


def schulze_beats(ballots: list[Ranking], names: str, unranked: str, strength: str) -> set[tuple[str, str]]:
    """Try every path between every two candidates."""
    defeats = direct(ballots, names, unranked, strength)
    best = {
        (one, other): max(
            min(defeats.get(step, 0) for step in pairwise(path)) for path in simple_paths(names, one, other)
        )
        for one, other in permutations(names, 2)
    }
    return {(one, other) for one, other in best if best[one, other] > best[other, one]}


def orders_within(names: str, above: set[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Give every full order that the relation allows."""
    allowed = []
    for order in permutations(names):
        at = {name: position for position, name in enumerate(order)}
        if all(at[one] < at[other] for one, other in above):
            allowed.append(order)
    return allowed


def stacks(ballots: list[Ranking], names: str, unranked: str, strength: str) -> list[tuple[str, ...]]:
    """Give the orders of ranked pairs by Zavist and Tideman's theorem (1989): those that are stacks.

    In a stack whoever stands above another reaches them, stepping only downwards, by defeats no weaker than the other's
    own defeat of them.
    """
    defeats = direct(ballots, names, unranked, strength)

    def holds(order: tuple[str, ...]) -> bool:
        for high, low in combinations(range(len(order)), 2):
            needed = defeats.get((order[low], order[high]), 0)
            between = range(high + 1, low)
            reached = any(
                all(
                    (defeats.get(step, 0) >= needed and (needed == 0 or step in defeats))
                    if (step[1], step[0]) not in defeats
                    else False
                    for step in pairwise([order[at] for at in (high, *middle, low)])
                )
                for number in range(len(between) + 1)
                for middle in combinations(between, number)
            )
            if needed and not reached:
                return False
        return True

    # A pair that nobody wins may stand either way; a defeat that stands is its own path.
    return [order for order in permutations(names) if holds(order)]


def tops(orders: Sequence[tuple[str, ...]], seats: int) -> Outcomes:
    return {frozenset(order[:seats]) for order in orders}


def irv(ballots: list[Ranking], hopeful: frozenset[str]) -> set[str]:
    """Drop each of the lowest in turn."""
    if len(hopeful) == 1:
        return set(hopeful)
    votes = first_places(ballots, hopeful)
    least = min(votes.values())
    return {winner for name in hopeful if votes[name] == least for winner in irv(ballots, hopeful - {name})}


def first_places(ballots: list[Ranking], hopeful: frozenset[str]) -> dict[str, Decimal]:
    """Count first places; candidates tied in one share it (60 divides by 1 to 5, so that all is whole)."""
    votes = dict.fromkeys(hopeful, Decimal(0))
    for ballot in ballots:
        for group in ballot:
            standing = [name for name in group if name in hopeful]
            for name in standing:
                votes[name] += Decimal(60) / len(standing)
            if standing:
                break
    return votes


CENT_MILLES = Decimal("0.00001")


def scottish(ballots: list[Ranking], names: str, seats: int) -> Outcomes:
    """Follow the Order's rules paper by paper; every lot is drawn every way."""
    papers = [([group[0] for group in ballot], Decimal(1)) for ballot in ballots if ballot]
    quota = len(papers) // (seats + 1) + 1
    piles: dict[str, list] = {name: [] for name in names}
    for order, value in papers:
        piles[order[0]].append((order, value))
    return _stage(piles, frozenset(names), [], [], seats, quota, [])


def _stage(piles, hopeful, elected, pending, seats, quota, history) -> Outcomes:  # type: ignore[no-untyped-def]
    votes = {name: sum((value for _, value in pile), Decimal(0)) for name, pile in piles.items()}
    history = [*history, votes]
    reached = sorted((name for name in hopeful if votes[name] >= quota), key=lambda name: -votes[name])
    hopeful, elected = hopeful - set(reached), elected + reached
    pending = pending + [name for name in reached if votes[name] > quota]
    if len(elected) >= seats or not hopeful:
        return {frozenset(elected)}
    if len(hopeful) <= seats - len(elected):
        return {frozenset([*elected, *hopeful])}
    found: Outcomes = set()
    if pending:
        for name in _by_lot(pending, history, max):
            after = {other: list(pile) for other, pile in piles.items()}
            after[name] = []
            surplus = votes[name] - quota
            kept = [(["(kept)"], Decimal(quota))]
            for order, value in piles[name]:
                worth = (surplus * value / votes[name]).quantize(CENT_MILLES, ROUND_DOWN)
                _hand(after, order, worth, hopeful)
            after[name] = kept
            left = [other for other in pending if other != name]
            found |= _stage(after, hopeful, elected, left, seats, quota, history)
        return found
    for name in _by_lot(sorted(hopeful), history, min):
        after = {other: list(pile) for other, pile in piles.items()}
        after[name] = []
        for order, value in piles[name]:
            _hand(after, order, value, hopeful - {name})
        found |= _stage(after, hopeful - {name}, elected, pending, seats, quota, history)
    return found


def _hand(piles, order, value, hopeful) -> None:  # type: ignore[no-untyped-def]
    following = next((name for name in order if name in hopeful), None)
    if following is not None:
        piles[following].append((order, value))


def _by_lot(names: Sequence[str], history: list, extreme: Callable) -> list[str]:
    """Look at this stage, then back stage by stage; whoever is still equal may be drawn."""
    tied = list(names)
    for votes in reversed(history):
        best = extreme(votes[name] for name in tied)
        tied = [name for name in tied if votes[name] == best]
    return tied


def meek(ballots: list[Ranking], names: str, seats: int) -> Outcomes:
    """Iterate in floating point; whoever is within the surplus of the lowest may be excluded."""
    papers = [[group[0] for group in ballot] for ballot in ballots]
    return _meek(papers, frozenset(names), (), seats, dict.fromkeys(names, 1.0))


def _meek(
    papers: list[list[str]], hopeful: frozenset[str], elected: tuple[str, ...], seats: int, keep: dict[str, float]
) -> Outcomes:
    if len(elected) >= seats:
        return {frozenset(elected)}
    if len(hopeful) <= seats - len(elected):
        return {frozenset([*elected, *hopeful])}
    keep = {name: keep[name] for name in (*hopeful, *elected)}
    for _ in range(5000):
        votes = dict.fromkeys(keep, 0.0)
        for order in papers:
            left = 1.0
            for name in order:
                if name in keep:
                    votes[name] += left * keep[name]
                    left *= 1 - keep[name]
        quota = sum(votes.values()) / (seats + 1) + 1e-9
        if any(votes[name] >= quota for name in hopeful):
            newly = [name for name in hopeful if votes[name] >= quota - 1e-12]
            return _meek(papers, hopeful - set(newly), (*elected, *newly), seats, keep)
        if sum(max(0.0, votes[name] - quota) for name in elected) < 1e-9:
            break
        for name in elected:
            keep[name] *= quota / votes[name]
    least = min(votes[name] for name in hopeful)
    found: Outcomes = set()
    for name in hopeful:
        if votes[name] <= least + 1e-6:
            found |= _meek(papers, hopeful - {name}, elected, seats, keep)
    return found

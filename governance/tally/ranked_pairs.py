"""Ranked pairs (Tideman 1987): lock defeats from the strongest down, skip those that would close a circle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from governance.tally.ballots import Ballots, Number
from governance.tally.outcome import Outcome
from governance.tally.pairwise import Matrix, Strength, Unranked, as_pairwise, defeats, levels, preferred

# reach[a] has bit b set where a stands above b by what is locked.
Reach = tuple[int, ...]
Edge = tuple[int, int]
# How much is tried before the ties are said to be too many, less where each step takes longer.
MOST_STEPS, LEAST_STEPS, WORK = 30_000, 300, 1_000_000


def ranked_pairs(
    ballots: Ballots,
    unranked: Unranked = "excluded",
    strength: Strength = "margins",
    draw: Sequence[int] | None = None,
) -> tuple[list[Outcome], bool]:
    """Follow every order in which equally strong defeats could be locked (or the draw's), each different end once.

    The second answer is false where there were too many to follow. A draw locks first the defeat whose winner it
    favours most, then the one whose loser it favours least.
    """
    matrix = preferred(ballots, unranked)
    strengths = defeats(matrix, strength)
    groups = _groups(strengths, draw)
    states: dict[Reach, None] = {tuple([0] * len(matrix)): None}
    steps = max(LEAST_STEPS, min(MOST_STEPS, WORK // len(matrix) ** 2))
    for group in groups:
        following: dict[Reach, None] = {}
        first = next(iter(states))
        for state in states:
            ends, used = _ends(state, group, max(steps, 1))
            following.update(dict.fromkeys(ends))
            # The first step of the first state is what a count without ties takes.
            steps -= used - (state is first)
        states = following if steps > 0 else dict.fromkeys(list(following)[:1])
    shown_first, *others = [_outcome(state) for state in states]
    shown = as_pairwise(ballots.candidates, matrix)
    locked, skipped = _locked(strengths, next(iter(states)), ballots.candidates)
    shown_first.pairwise = replace(shown, locked=locked, skipped=skipped)
    return [shown_first, *others], steps > 0


def _groups(strengths: Matrix, draw: Sequence[int] | None) -> list[list[Edge]]:
    size = range(len(strengths))
    by_strength: dict[Number, list[Edge]] = {}
    for a in size:
        for b in size:
            if strengths[a][b]:
                by_strength.setdefault(strengths[a][b], []).append((a, b))
    groups = [by_strength[strength] for strength in sorted(by_strength, reverse=True)]
    if draw is None:
        return groups
    place = {candidate: position for position, candidate in enumerate(draw)}
    ordered = [sorted(group, key=lambda edge: (place[edge[0]], -place[edge[1]])) for group in groups]
    return [[edge] for group in ordered for edge in group]


def _ends(state: Reach, group: list[Edge], most: int) -> tuple[list[Reach], int]:
    """Give every relation that locking the group's defeats in some order leads to, and the steps that it took.

    Going depth first, it has at least one answer after `most` steps, which is when it stops looking for others.
    """
    ends: dict[Reach, None] = {}
    seen: set[tuple[Reach, tuple[Edge, ...]]] = set()
    waiting = [(state, tuple(group))]
    while waiting and (not ends or len(seen) < most):
        reach, edges = waiting.pop()
        # A defeat that what is locked forbids is skipped; one that no other of the group can forbid is locked.
        edges = tuple(edge for edge in edges if not reach[edge[1]] >> edge[0] & 1)
        everything = reach
        for edge in edges:
            everything = _lock(everything, edge)
        contested = tuple(edge for edge in edges if everything[edge[1]] >> edge[0] & 1)
        for edge in edges:
            if edge not in contested:
                reach = _lock(reach, edge)
        if (reach, contested) in seen:
            continue
        seen.add((reach, contested))
        if not contested:
            ends[reach] = None
        for edge in reversed(contested):
            if not reach[edge[1]] >> edge[0] & 1:
                waiting.append((_lock(reach, edge), tuple(other for other in contested if other != edge)))
    return list(ends), len(seen) if not waiting else most


def _lock(reach: Reach, edge: Edge) -> Reach:
    """Stand whoever is at or above the winner above whoever is at or below the loser."""
    winner, loser = edge
    gained = reach[loser] | 1 << loser
    return tuple(
        row | gained if candidate == winner or row >> winner & 1 else row for candidate, row in enumerate(reach)
    )


def _outcome(reach: Reach) -> Outcome:
    size = range(len(reach))
    beats = [[bool(reach[a] >> b & 1) for b in size] for a in size]
    return Outcome(levels(beats), beats=beats)


def _locked(
    strengths: Matrix, reach: Reach, names: tuple[str, ...]
) -> tuple[tuple[tuple[str, str, Number], ...], tuple[tuple[str, str, Number], ...]]:
    """Tell the defeats that this end keeps from those that it skips, strongest first."""
    size = range(len(reach))
    edges = sorted(
        ((strengths[a][b], a, b) for a in size for b in size if strengths[a][b]), key=lambda edge: (-edge[0], edge[1:])
    )
    told = [(names[a], names[b], strength, bool(reach[a] >> b & 1)) for strength, a, b in edges]
    kept = tuple((winner, loser, strength) for winner, loser, strength, kept in told if kept)
    skipped = tuple((winner, loser, strength) for winner, loser, strength, kept in told if not kept)
    return kept, skipped

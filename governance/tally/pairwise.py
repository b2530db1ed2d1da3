"""Compare candidates in pairs: how many ballots prefer one to the other, and the order that follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from governance.tally.ballots import Ballots, Number, orders
from governance.tally.result import Pairwise

Unranked = Literal["excluded", "last"]
Strength = Literal["winning", "margins"]
Matrix = list[list[Number]]


def preferred(ballots: Ballots, unranked: Unranked = "excluded") -> Matrix:
    """Count, for each ordered pair, the ballots that place the first above the second.

    `excluded` says nothing about a pair of which one is unranked, as Kubernetes counts; `last` places the unranked
    together below all ranked. Cost: (different ballots) x (candidates squared) / 2.
    """
    size = len(ballots.candidates)
    matrix: Matrix = [[0] * size for _ in range(size)]
    for groups, weight in orders(ballots):
        ranked = [candidate for group in groups for candidate in group]
        below = list(ranked)
        if unranked == "last":
            below += sorted(set(range(size)) - set(ranked))
        seen = 0
        for group in groups:
            seen += len(group)
            rest = below[seen:]
            for better in group:
                row = matrix[better]
                for worse in rest:
                    row[worse] += weight
    return matrix


def defeats(matrix: Matrix, strength: Strength) -> Matrix:
    """Keep, for each pair that more ballots prefer than not, how strong that is; 0 elsewhere."""
    size = range(len(matrix))
    margins = strength == "margins"
    return [[matrix[a][b] - margins * matrix[b][a] if matrix[a][b] > matrix[b][a] else 0 for b in size] for a in size]


def levels(beats: Sequence[Sequence[bool]]) -> list[tuple[int, ...]]:
    """Take off, again and again, those whom nobody left beats: the first level are the method's winners."""
    left = list(range(len(beats)))
    found = []
    while left:
        top = tuple(a for a in left if not any(beats[b][a] for b in left))
        found.append(top)
        left = [a for a in left if a not in top]
    return found


def certain(beats: Sequence[Sequence[bool]]) -> list[tuple[int, ...]]:
    """Join levels until everybody of one beats everybody below: an order that nothing unresolved has entered."""
    joined: list[tuple[int, ...]] = []
    held: tuple[int, ...] = ()
    below = set(range(len(beats)))
    for level in levels(beats):
        held += level
        below -= set(level)
        if all(beats[a][b] for a in held for b in below):
            joined.append(tuple(sorted(held)))
            held = ()
    return joined


def completions(beats: Sequence[Sequence[bool]]) -> Iterator[list[tuple[int, ...]]]:
    """Give every order in which nobody stands above whoever beats them, one candidate a place."""
    left = list(range(len(beats)))
    yield from _completed(beats, left, [])


def _completed(
    beats: Sequence[Sequence[bool]], left: list[int], placed: list[tuple[int, ...]]
) -> Iterator[list[tuple[int, ...]]]:
    if not left:
        yield placed
    for first in [a for a in left if not any(beats[b][a] for b in left)]:
        yield from _completed(beats, [a for a in left if a != first], [*placed, (first,)])


def as_pairwise(candidates: tuple[str, ...], matrix: Matrix) -> Pairwise:
    """Give the matrix to show."""
    return Pairwise(candidates, tuple(map(tuple, matrix)))

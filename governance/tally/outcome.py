"""How one count can end, before seats are filled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from governance.tally.ballots import Number
from governance.tally.result import Pairwise, Round


@dataclass
class Outcome:
    """One way a count can end: levels of candidates, best first, and the arithmetic that led there.

    `beats` is there where the method gives a partial order: two candidates of different levels need not be comparable.
    """

    levels: list[tuple[int, ...]]
    beats: list[list[bool]] | None = None
    pairwise: Pairwise | None = None
    rounds: list[Round] = field(default_factory=list)
    totals: dict[int, Number] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def by_votes(candidates: Iterable[int], votes: Mapping[int, Number]) -> list[tuple[int, ...]]:
    """Group candidates by votes, most first."""
    groups: dict[Number, list[int]] = {}
    for candidate in sorted(candidates):
        groups.setdefault(votes[candidate], []).append(candidate)
    return [tuple(groups[held]) for held in sorted(groups, reverse=True)]

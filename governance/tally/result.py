"""What a count found, with the arithmetic that a page can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from governance.tally.ballots import Number


@dataclass(frozen=True, slots=True)
class Tie:
    """Candidates who are exactly equal for fewer seats than they are."""

    candidates: tuple[str, ...]
    seats: int


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A candidate who would have been elected, or who withdrew, and why they were not."""

    candidate: str
    reason: str


@dataclass(frozen=True, slots=True)
class Round:
    """One stage of a count by rounds: who held how many votes, what was done, where votes went."""

    number: int
    action: str
    votes: Mapping[str, Number]
    elected: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    transfers: Mapping[str, Number] = field(default_factory=dict)
    exhausted: Number = 0
    quota: Number | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pairwise:
    """How many ballots prefer the row to the column, and what a Condorcet method made of it."""

    candidates: tuple[str, ...]
    preferred: tuple[tuple[Number, ...], ...]
    strengths: tuple[tuple[Number, ...], ...] | None = None
    via: tuple[tuple[int | None, ...], ...] | None = None
    locked: tuple[tuple[str, str, Number], ...] = ()
    skipped: tuple[tuple[str, str, Number], ...] = ()

    def path(self, best: str, other: str) -> tuple[str, ...]:
        """Name the candidates along the strongest path from one to another; empty where there is none."""
        if self.strengths is None or self.via is None:
            return ()
        start, end = self.candidates.index(best), self.candidates.index(other)
        if start == end or not self.strengths[start][end]:
            return ()
        steps = [end]
        while steps[-1] != start:
            before = self.via[start][steps[-1]]
            if before is None:
                return ()
            steps.append(before)
        return tuple(self.candidates[step] for step in reversed(steps))


@dataclass(frozen=True)
class Result:
    """Who is elected; `winners` holds only those whom no tie touches, `ties` the seats that a tie leaves open."""

    method: str
    variant: str
    seats: int
    ballots: Number
    candidates: tuple[str, ...]
    winners: tuple[str, ...]
    ranking: tuple[tuple[str, ...], ...]
    ties: tuple[Tie, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    long_terms: tuple[str, ...] = ()
    short_terms: tuple[str, ...] = ()
    term_tie: Tie | None = None
    pairwise: Pairwise | None = None
    rounds: tuple[Round, ...] = ()
    totals: Mapping[str, Number] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ways: int = 1

    @property
    def decided(self) -> bool:
        """Whether no tie leaves a seat open."""
        return not self.ties

    @property
    def empty_seats(self) -> int:
        """How many seats nobody was left to fill."""
        return self.seats - len(self.winners) - sum(tie.seats for tie in self.ties)

    @property
    def sentence(self) -> str:
        """Say the result in one sentence or two."""
        from governance.tally.words import sentence

        return sentence(self)

    @property
    def lines(self) -> list[str]:
        """Say the result and its arithmetic, line by line."""
        from governance.tally.words import lines

        return lines(self)

    def as_json(self) -> dict[str, Any]:
        """Give what `tally --json` prints."""
        from governance.tally.words import document

        return document(self)

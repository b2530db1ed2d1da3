"""What voters marked: a mark a candidate, equal ballots counted together."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from governance.tally.faults import refuse

Kind = Literal["ranks", "scores", "approvals"]
Number = int | Fraction
# A ballot as places: the first group is preferred to the second. Candidates are told by their position.
Order = tuple[tuple[int, ...], ...]
# One way to write a preference: names best first, tied names as a list, or a rank a name.
Preference = Sequence[str | Sequence[str]] | Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Ballot:
    """One mark a candidate in the ballots' order (rank 1 is best, score 5 is best, approval 1), None where unmarked."""

    marks: tuple[int | None, ...]
    weight: Number = 1


@dataclass(frozen=True)
class Ballots:
    """All that a count needs to know of an election's ballots."""

    candidates: tuple[str, ...]
    cast: tuple[Ballot, ...]
    kind: Kind = "ranks"
    seats: int | None = None
    title: str = ""
    withdrawn: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_names(self.candidates, self.withdrawn)
        for position, ballot in enumerate(self.cast, start=1):
            _check_ballot(ballot, position, len(self.candidates), self.kind)

    @classmethod
    def ranked(cls, candidates: Iterable[str], preferences: Iterable[Preference], seats: int | None = None) -> Ballots:
        """Make ranked ballots: `["A", ["B", "C"]]` is A before B and C, which are tied; or `{"A": 1, "B": 2}`."""
        names = tuple(candidates)
        ranks = [_ranks(preference) for preference in preferences]
        return cls(names, tuple(_ballot(names, marks) for marks in ranks), "ranks", seats)

    @classmethod
    def scored(
        cls, candidates: Iterable[str], scores: Iterable[Mapping[str, int]], seats: int | None = None
    ) -> Ballots:
        """Make ballots of scores, more being better; a candidate left out has none."""
        names = tuple(candidates)
        return cls(names, tuple(_ballot(names, marks) for marks in scores), "scores", seats)

    @classmethod
    def approving(cls, candidates: Iterable[str], sets: Iterable[Iterable[str]], seats: int | None = None) -> Ballots:
        """Make ballots that approve the named candidates."""
        names = tuple(candidates)
        marks = [dict.fromkeys(approved, 1) for approved in sets]
        return cls(names, tuple(_ballot(names, each) for each in marks), "approvals", seats)

    @property
    def number(self) -> Number:
        """How many ballots were cast."""
        return whole(sum((ballot.weight for ballot in self.cast), start=Fraction(0)))

    def together(self) -> Ballots:
        """Count equal ballots once, with their number as weight."""
        weights: dict[tuple[int | None, ...], Number] = {}
        for ballot in self.cast:
            weights[ballot.marks] = weights.get(ballot.marks, 0) + ballot.weight
        return replace(self, cast=tuple(Ballot(marks, weight) for marks, weight in weights.items()))

    def without(self, names: Iterable[str]) -> Ballots:
        """Leave candidates out of every ballot; nobody else's place changes."""
        gone = set(names)
        kept = [position for position, name in enumerate(self.candidates) if name not in gone]
        cast = tuple(Ballot(tuple(ballot.marks[at] for at in kept), ballot.weight) for ballot in self.cast)
        withdrawn = tuple(name for name in self.withdrawn if name not in gone)
        return replace(self, candidates=tuple(self.candidates[at] for at in kept), cast=cast, withdrawn=withdrawn)


def order(ballot: Ballot) -> Order:
    """Group a ranked ballot's candidates by place, best first; the unranked are in no group."""
    places: dict[int, list[int]] = {}
    for candidate, mark in enumerate(ballot.marks):
        if mark is not None:
            places.setdefault(mark, []).append(candidate)
    return tuple(tuple(places[place]) for place in sorted(places))


def orders(ballots: Ballots) -> list[tuple[Order, Number]]:
    """Give each different order with the number of ballots that hold it."""
    weights: dict[Order, Number] = {}
    for ballot in ballots.together().cast:
        key = order(ballot)
        weights[key] = weights.get(key, 0) + ballot.weight
    return list(weights.items())


def whole(number: Number) -> Number:
    """Say 3 for 3/1."""
    return number.numerator if number.denominator == 1 else number


def _ranks(preference: Preference) -> dict[str, int]:
    if isinstance(preference, Mapping):
        return dict(preference)
    marks: dict[str, int] = {}
    for place, group in enumerate(preference, start=1):
        for name in [group] if isinstance(group, str) else group:
            if name in marks:
                raise refuse("ballots", f"{name} stands twice on one ballot", "rank each candidate once")
            marks[name] = place
    return marks


def _ballot(names: tuple[str, ...], marks: Mapping[str, int]) -> Ballot:
    unknown = [name for name in marks if name not in names]
    if unknown:
        raise refuse("ballots", f"{unknown[0]!r} is on a ballot but no candidate", "name only candidates")
    return Ballot(tuple(marks.get(name) for name in names))


def as_seen(name: str) -> str:
    """Reduce a name to what a reader can tell from another: signs that are not seen do not make two names."""
    shown = (sign for sign in unicodedata.normalize("NFKC", name) if unicodedata.category(sign) not in ("Cf", "Cc"))
    return " ".join("".join(shown).split())


def _check_names(candidates: tuple[str, ...], withdrawn: tuple[str, ...]) -> None:
    if not candidates:
        raise refuse("ballots", "no candidate", "name at least one")
    seen: set[str] = set()
    seen_as: dict[str, str] = {}
    for name in candidates:
        if not as_seen(name):
            raise refuse("ballots", "a candidate without a name", "name every candidate")
        if name in seen:
            raise refuse("ballots", f"{name!r} stands twice among the candidates", "make the names differ")
        alike = seen_as.setdefault(as_seen(name), name)
        if alike != name:
            raise refuse("ballots", f"{name!a} and {alike!a} look the same", "make the names differ for who reads them")
        seen.add(name)
    for name in withdrawn:
        if name not in candidates:
            raise refuse("ballots", f"{name!r} is withdrawn but no candidate", "withdraw only candidates")


def _check_ballot(ballot: Ballot, position: int, candidates: int, kind: Kind) -> None:
    least = 1 if kind == "ranks" else 0
    if len(ballot.marks) != candidates:
        what = f"ballot {position} has {len(ballot.marks)} marks for {candidates} candidates"
        raise refuse("ballots", what, "give one mark or None a candidate")
    if ballot.weight <= 0:
        raise refuse("ballots", f"ballot {position} weighs {ballot.weight}", "weigh ballots above 0")
    for mark in ballot.marks:
        if mark is not None and mark < least:
            raise refuse("ballots", f"ballot {position} holds {mark}", f"the least of {kind} is {least}")

"""Say when something was so, from dated revisions that list it or do not, beside what was entered by hand.

The same walk dates a person's terms in an office and a person's employers: a listing names a state (active, emeritus;
an employer), or that there is none. It goes through all revisions in the order of their days, so that the order in
which they were imported changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date


@dataclass(frozen=True)
class Listing:
    """What the revision of one day says: a state, or none; from and until where the source itself tells the days."""

    on: date
    state: str | None
    since: date | None = None
    until: date | None = None
    sighting: int = 0


@dataclass(frozen=True)
class Stretch:
    """A state over a half-open range of days.

    `row` is the row that holds it, None before there is one. `by_hand`: a person entered it, and revisions only fill in
    what it leaves open. `end_is_set`: a person said, after an import, that it has this end, or none.
    """

    state: str
    lower: date | None
    upper: date | None
    note: str = ""
    row: int | None = None
    by_hand: bool = False
    end_is_set: bool = False

    def covers(self, day: date) -> bool:
        return (self.lower is None or self.lower <= day) and (self.upper is None or day < self.upper)

    def said(self) -> str:
        """Write its state and days."""
        since = f"since {self.lower}" if self.lower else "since an unknown day"
        return f"{self.state} {since}{f' until {self.upper}' if self.upper else ''}"


@dataclass(frozen=True)
class Clash:
    """Where a revision says other than what a person entered; what they entered stays."""

    sighting: int
    words: str


@dataclass
class _Run:
    """A stretch while the walk goes on: the revision that listed it last, and whether the walk found its end."""

    now: Stretch
    listed: Listing | None = None
    ended_here: bool = False


def walk(base: Sequence[Stretch], listings: Sequence[Listing]) -> tuple[list[Stretch], list[Clash]]:
    """Return the stretches that the listings give on top of what was entered by hand, and where the two disagree."""
    path = _Walk([_Run(stretch) for stretch in base], sorted(listings, key=lambda listing: listing.on))
    for at in range(len(path.listings)):
        path.step(at)
    return sorted((run.now for run in path.runs), key=lambda s: s.lower or date.min), path.clashes


def between(what: str, before: Listing, then: Listing) -> str:
    """Say what two revisions tell of a day that no source names."""
    return f"{what} between {before.on} and {then.on}, as far as the revisions of these days tell."


def joined(*notes: str) -> str:
    """Return notes below one another."""
    return "\n".join(note for note in notes if note)


@dataclass
class _Walk:
    runs: list[_Run]
    listings: list[Listing]
    clashes: list[Clash] = field(default_factory=list)

    def step(self, at: int) -> None:
        """Hold one listing against the stretches."""
        listing = self.listings[at]
        run = next((run for run in self.runs if run.now.covers(listing.on)), None)
        if run is None:
            if listing.state is not None:
                self.begin(at)
        elif listing.state == run.now.state:
            self.confirm(run, listing)
        elif not (self.began_later(run, at) or self.turned(run, listing)):
            self.clash(listing, run)

    def confirm(self, run: _Run, listing: Listing) -> None:
        """Remember that a revision lists a stretch; days that the source tells are better than those between two."""
        run.listed = listing
        if run.now.by_hand:
            return
        if listing.since and self.end_before(run) <= listing.since <= listing.on:
            run.now = replace(run.now, lower=listing.since, note="")
        if listing.until and listing.until > listing.on:
            run.now = replace(run.now, upper=listing.until)

    def end_before(self, run: _Run) -> date:
        """Return the end of the stretch before, the first day on which this one may begin."""
        start = run.now.lower or date.min
        ends = [other.now.upper for other in self.runs if other is not run and other.now.upper]
        return max((end for end in ends if end <= start), default=date.min)

    def begin(self, at: int) -> None:
        """Begin a stretch with the first revision that lists it, unless a person said other days."""
        listing, before = self.listings[at], self.listings[at - 1] if at else None
        later = next((run for run in self.runs if run.now.lower and run.now.lower > listing.on), None)
        if later is not None:
            if later.now.by_hand or later.now.lower != listing.since:
                self.clash(listing, later)
            return
        last = max(self.runs, key=lambda run: run.now.upper or date.min, default=None)
        if last is not None and last.now.by_hand and not last.ended_here and not self.missed_since(last, at):
            self.clash(listing, last)
            return
        self.runs.append(_Run(self.begun(listing, before, last.now.upper if last else None), listing))

    def begun(self, listing: Listing, before: Listing | None, ended: date | None) -> Stretch:
        """Return the stretch that a revision is the first to list: from the source's day, or between two revisions."""
        since = listing.since if listing.since and (ended is None or listing.since >= ended) else None
        lower = since or (listing.on if before else None)
        note = between("Began", before, listing) if before and not since else ""
        until = listing.until if listing.until and (lower is None or listing.until > lower) else None
        return Stretch(listing.state or "", lower, until, note)

    def missed_since(self, run: _Run, at: int) -> bool:
        """Say whether a revision after a stretch's end, before this one, did not list it."""
        return any(one.state is None and run.now.upper and one.on >= run.now.upper for one in self.listings[:at])

    def began_later(self, run: _Run, at: int) -> bool:
        """Narrow an unknown beginning: no revision up to here lists the stretch, a later one is the first."""
        if run.now.lower is not None or run.listed is not None:
            return False
        first = next((i for i in range(at + 1, len(self.listings)) if self.listings[i].state == run.now.state), None)
        if first is None or not run.now.covers(self.listings[first].on):
            return False
        note = between("Began", self.listings[first - 1], self.listings[first])
        run.now = replace(run.now, lower=self.listings[first].on, note=joined(run.now.note, note))
        if self.listings[at].state is not None:
            self.begin_before(at, first)
        return True

    def begin_before(self, at: int, first: int) -> None:
        """Add the state that a revision lists before the one whose unknown beginning was narrowed."""
        listing = self.listings[at]
        until = next(i for i in range(at + 1, first + 1) if self.listings[i].state != listing.state)
        note = between("Ended", self.listings[until - 1], self.listings[until])
        state = Stretch(listing.state or "", listing.since, self.listings[until].on, note)
        self.runs.append(_Run(state, listing, ended_here=True))

    def turned(self, run: _Run, listing: Listing) -> bool:
        """End a stretch that an earlier revision lists and this one does not, and begin what this one lists instead."""
        fixed = run.now.end_is_set or (run.now.by_hand and run.now.upper is not None)
        if run.listed is None or fixed or (run.now.lower is not None and run.now.lower >= listing.on):
            return False
        run.now = replace(run.now, upper=listing.on, note=joined(run.now.note, between("Ended", run.listed, listing)))
        run.ended_here = True
        if listing.state is not None:
            begun = Stretch(listing.state, listing.on, listing.until, between("Began", run.listed, listing))
            self.runs.append(_Run(begun, listing))
        return True

    def clash(self, listing: Listing, run: _Run) -> None:
        """Say that a revision and what a person entered do not agree."""
        listed = f"lists {listing.state}" if listing.state else "does not list it"
        self.clashes.append(Clash(listing.sighting, f"the revision of {listing.on} {listed}; here: {run.now.said()}"))

"""Turn rows that last from day to day into the stretches that should be: terms, seats, employers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from governance.importing.held import (
    Change,
    Fields,
    Held,
    Kind,
    Ref,
    day,
    iso,
)
from governance.importing.reading import Place
from governance.importing.timeline import Listing, Stretch


@dataclass
class Timed:
    """The rows of one person in one office, or of one person's employers, and what the revisions say of them."""

    kind: Kind
    title: str
    rows: Sequence[Held]
    listings: list[Listing]
    places: dict[int, Place]
    about: Fields
    state: str
    told_of: int | None

    def of(self, entry: Ref) -> Timed:
        """Return the part that stands under one entry of a person."""
        rows = [row for row in self.rows if row.fields["person"] == entry]
        return replace(self, rows=rows, about={**self.about, "person": entry})

    def base(self) -> list[Stretch]:
        """Return what persons entered: rows of their own, what stood before imports, and what they changed since."""
        found = []
        for row in self.rows:
            if row.trace is None or row.touched:
                found.append(self.stretch(row, row.fields))
            elif row.trace.before is not None:
                found.append(self.stretch(row, {**row.fields, **row.trace.before}))
        return found

    def stretch(self, row: Held, fields: Fields) -> Stretch:
        return Stretch(
            fields[self.state],
            day(fields["lower"]),
            day(fields["upper"]),
            fields.get("note", ""),
            row.pk,
            by_hand=True,
            end_is_set=row.edited("upper"),
        )

    def changes(self, wanted: Sequence[Stretch]) -> Iterator[Change]:
        """Return what turns the rows into the stretches: rows keep their number where they can."""
        rows = {row.pk: row for row in self.rows}
        spare = [row for row in self.rows if row.made_here and not row.touched]
        for stretch in wanted:
            row = rows[stretch.row] if stretch.row is not None else self.nearest(stretch, spare)
            if row in spare:
                spare.remove(row)
            change = self.change(stretch, row)
            if change is not None:
                yield change
        for row in spare:
            yield Change("removed", self.kind, row.pk, self.words(self.stretch(row, row.fields)), row.fields, None)

    def nearest(self, stretch: Stretch, spare: Sequence[Held]) -> Held | None:
        """Return the row that comes closest to a stretch, if any is of its state."""

        def distance(row: Held) -> tuple[bool, bool]:
            return row.fields["lower"] != iso(stretch.lower), row.fields["upper"] != iso(stretch.upper)

        return min((row for row in spare if row.fields[self.state] == stretch.state), key=distance, default=None)

    def change(self, stretch: Stretch, row: Held | None) -> Change | None:
        """Return what brings a row to a stretch; None where nothing does, since nothing differs."""
        fields = {self.state: stretch.state, "lower": iso(stretch.lower), "upper": iso(stretch.upper)}
        if self.kind == "term":
            fields["note"] = stretch.note
        place = self.place()
        if row is None:
            return Change("added", self.kind, self.title, self.words(stretch), None, {**self.about, **fields}, place)
        after = {name: value for name, value in fields.items() if row.fields[name] != value}
        if not after:
            return None
        before = {name: row.fields[name] for name in after}
        ends = after.get("upper") is not None and row.fields["upper"] is None
        words = f"{self.words(stretch)}, before: {self.stretch(row, row.fields).said()}"
        return Change("ended" if ends else "changed", self.kind, row.pk, words, before, after, place)

    def words(self, stretch: Stretch) -> str:
        return f"{self.title}: {stretch.said()}"

    def place(self) -> Place | None:
        """Return the line that names the person in the revision that is told of, if it does."""
        return self.places.get(self.told_of) if self.told_of is not None else None


class Seats:
    """Which numbered seat is taken from when to when, once the changes are made."""

    def __init__(self, terms: Sequence[Held], changes: Sequence[Change]) -> None:
        self.taken: dict[Ref, list[Fields]] = defaultdict(list)
        after = {change.ref: change for change in changes if change.kind == "term"}
        for term in terms:
            change = after.get(term.pk)
            if change is None or change.verb != "removed":
                now = {**term.fields, **((change.after or {}) if change else {})}
                self.taken[now["office"]].append(now)

    def free(self, term: Fields, seats: int) -> int | None:
        """Return the first seat that nobody has in a term's time, and take it."""
        clash = {one.get("seat") for one in self.taken[term["office"]] if overlap(one, term)}
        seat = next((number for number in range(1, seats + 1) if number not in clash), None)
        if seat is not None:
            self.taken[term["office"]].append({**term, "seat": seat})
        return seat


def overlap(one: Fields, other: Fields) -> bool:
    """Say whether two half-open ranges of days have a day in common; an open side has no end."""

    def before(upper: str | None, lower: str | None) -> bool:
        return upper is not None and lower is not None and upper <= lower

    return not (before(one["upper"], other["lower"]) or before(other["upper"], one["lower"]))

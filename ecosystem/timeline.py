"""Terms as drawn bars on one axis of years: pure numbers, in percent of the drawing's width."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.utils import timezone

from ecosystem.days import written
from ecosystem.providers import TermNote

MARGIN = timedelta(days=60)
TICKS = 6


@dataclass(frozen=True)
class Bar:
    """One term: where it lies, and the same in words."""

    left: float
    width: float
    standing: str
    words: str
    open_start: bool


@dataclass(frozen=True)
class Row:
    """The bars of one label."""

    label: str
    url: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Timeline:
    """Rows of bars over one span of days; `marks` are years, `here` is the day that the page tells of."""

    rows: tuple[Row, ...]
    marks: tuple[tuple[float, str], ...]
    here: float


def timeline(notes: Sequence[TermNote], on: date, *, by: str) -> Timeline | None:
    """Draw terms in rows by `person` or by `office`; nothing where no day at all is known."""
    known = [day for note in notes for day in (note.since, note.until) if day]
    if not known:
        return None
    first, last = min(*known, on) - MARGIN, max(*known, on, timezone.localdate()) + MARGIN
    span = Span(first, last)
    ordered = sorted(notes, key=lambda note: (beginning(note), label(note, by), note.until or date.max))
    order = {label(note, by): place for place, note in reversed(list(enumerate(ordered)))}
    ordered.sort(key=lambda note: order[label(note, by)])
    rows = tuple(
        Row(name, url(group[0], by), tuple(bar(note, span) for note in group))
        for name, group in ((name, list(group)) for name, group in groupby(ordered, lambda note: label(note, by)))
    )
    return Timeline(rows, marks(span), span.place(on))


@dataclass(frozen=True)
class Span:
    """The days that the drawing covers."""

    first: date
    last: date

    def place(self, day: date) -> float:
        """Return where a day lies, in percent."""
        inside = min(max(day, self.first), self.last)
        return round(100 * (inside - self.first).days / (self.last - self.first).days, 2)


def beginning(note: TermNote) -> date:
    """Return the day a term is sorted by: an unknown start comes first."""
    return note.since or date.min


def label(note: TermNote, by: str) -> str:
    """Return the row in which a term is drawn."""
    return note.person if by == "person" else note.office


def url(note: TermNote, by: str) -> str:
    """Return where a row's label leads."""
    return note.person_url if by == "person" else note.area_url or note.office_url


def bar(note: TermNote, span: Span) -> Bar:
    """Return a term's bar; an open end reaches the edge."""
    left = span.place(note.since or span.first)
    right = span.place(note.until or span.last)
    return Bar(left, max(round(right - left, 2), 0.4), note.standing, words(note), note.since is None)


def words(note: TermNote) -> str:
    """Say a term in words."""
    since = f"from {written(note.since)}" if note.since else "since when is unknown"
    until = f" until {written(note.until)}" if note.until else ""
    emeritus = ", emeritus" if note.standing == "emeritus" else ""
    return f"{note.person}, {note.office}{emeritus}: {since}{until}"


def marks(span: Span) -> tuple[tuple[float, str], ...]:
    """Return a few years' beginnings."""
    years = range(span.first.year + 1, span.last.year + 1)
    step = max(1, -(-len(years) // TICKS))
    return tuple((span.place(date(year, 1, 1)), str(year)) for year in years if year % step == 0)

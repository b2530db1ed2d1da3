"""A night's verdicts as the rows of a table: grouped by area, what needs a human first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from benchmarks_runner import quantities
from benchmarks_runner.interval_axis import Axis, Bar, axis_over, bar
from benchmarks_runner.models import Night, PlannedPoint, Verdict
from benchmarks_runner.providers import AreaNote, areas_of
from benchmarks_runner.sentences import Judged
from ci_gpu.catalogue import Point, find


def known_point(point: str) -> Point | None:
    """Return what this version's catalogue knows of a point; nights outlive catalogues."""
    try:
        return find(point)
    except KeyError:
        return None


# What needs a human comes first.
ORDER = {"broken": 0, "fail": 1, "": 2, "inconclusive": 3, "pass": 4}


@dataclass(frozen=True)
class Row:
    """One point of a night."""

    point: str
    title: str
    word: str
    estimate: float | None
    low: float | None
    high: float | None
    pairs: int
    round: int | None
    reason: str
    margin: float | None
    url: str
    bar: Bar | None = None

    @property
    def ratio(self) -> str:
        """Write the estimate as a ratio."""
        return quantities.MISSING if self.estimate is None else quantities.ratio(self.estimate, self.low, self.high)

    @property
    def interval(self) -> str:
        """Write the interval as two ratios."""
        if self.low is None or self.high is None:
            return ""
        return " – ".join(quantities.ratio(end, self.low, self.high) for end in (self.low, self.high))

    @property
    def rank(self) -> tuple[int, float, str]:
        """Sort by what needs a human, then by size."""
        return (ORDER.get(self.word, 2), -(self.estimate or 0.0), self.point)

    @property
    def explained(self) -> bool:
        """Say whether the reason belongs beside the word: a pass and a fail explain themselves by their numbers."""
        return self.word in ("broken", "inconclusive") and bool(self.reason)


@dataclass(frozen=True)
class Group:
    """The points of one area, with those who maintain it."""

    name: str
    areas: tuple[AreaNote, ...]
    rows: tuple[Row, ...]

    @property
    def concerned(self) -> bool:
        """Say whether something in this area is slower or broken."""
        return any(row.word in ("fail", "broken") for row in self.rows)


class AreaLookup:
    """The areas of points, each tag asked for once a page."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[AreaNote, ...]] = {}

    def of_point(self, point: str) -> tuple[str, tuple[AreaNote, ...]]:
        """Return the name under which a point is grouped, and all areas that carry its first tag."""
        known = known_point(point)
        tag = known.areas[0] if known and known.areas else "other"
        if tag not in self._found:
            self._found[tag] = tuple(areas_of([tag]))
        areas = self._found[tag]
        return (areas[0].name if areas else tag.replace("-", " ")), areas

    def all_of_point(self, point: str) -> list[AreaNote]:
        """Return every area of a point's tags."""
        known = known_point(point)
        return areas_of(known.areas) if known else []


@dataclass(frozen=True)
class VerdictTable:
    """The rows of a night, the axis they share, and the suite's own row."""

    groups: tuple[Group, ...]
    suite: Row | None
    axis: Axis
    near: bool

    @cached_property
    def rows(self) -> list[Row]:
        """Return every point's row."""
        return [row for group in self.groups for row in group.rows]

    @property
    def any_decided(self) -> bool:
        """Say whether a point has a verdict: a night that was stopped before may show none."""
        return any(row.word for row in self.rows)

    @property
    def counts(self) -> list[tuple[str, int]]:
        """Return how many points have which verdict, in the order of what needs a human."""
        numbers = [(word, sum(row.word == word for row in self.rows)) for word in ORDER]
        return [(word, number) for word, number in numbers if number]

    @property
    def judged(self) -> list[Judged]:
        """Return what the page's sentence is made from."""
        return [Judged(row.point, row.word, row.estimate, group.name) for group in self.groups for row in group.rows]

    @property
    def suite_judged(self) -> Judged | None:
        """Return the suite's verdict for the page's sentence."""
        return Judged("", self.suite.word, self.suite.estimate) if self.suite else None

    @property
    def dots(self) -> list[tuple[str, list[tuple[str, str, str]]]]:
        """Return the night as one line of dots, by area."""
        return [(group.name, [(row.word, row.point, row.url) for row in group.rows]) for group in self.groups]


def verdict_table(night: Night, *, near: bool = False) -> VerdictTable:
    """Read a night's verdicts into a table; points without one yet are in it, undecided."""
    planned = list(night.planned_points.all())
    verdicts = {verdict.point: verdict for verdict in night.verdicts.all()}
    points = sorted({row.point for row in planned} | {point for point in verdicts if point})
    margins = {row.point: row for row in planned}
    rows = [_row(night, point, verdicts.get(point), margins.get(point)) for point in points]
    suite = _suite_row(night, verdicts.get(""))
    axis = axis_over([end for row in rows for end in (row.estimate, row.low, row.high)], near=near)
    drawn = [_drawn(row, axis) for row in rows]
    return VerdictTable(_grouped(drawn), _drawn(suite, axis) if suite else None, axis, near)


def _row(night: Night, point: str, verdict: Verdict | None, planned: PlannedPoint | None) -> Row:
    """Return one point's row, its bar not drawn yet."""
    known = known_point(point)
    return Row(
        point=point,
        title=known.title if known else "",
        word=verdict.verdict if verdict else "",
        estimate=verdict.estimate if verdict else None,
        low=verdict.low if verdict else None,
        high=verdict.high if verdict else None,
        pairs=verdict.pairs_used if verdict else 0,
        round=verdict.decided_in_round if verdict else None,
        reason=verdict.reason if verdict else "",
        margin=planned.margin if planned else None,
        url=reverse("benchmarks_runner:point", args=[night.pk, point]),
    )


def _suite_row(night: Night, verdict: Verdict | None) -> Row | None:
    """Return the suite's row, where the engine has said something of it."""
    if verdict is None:
        return None
    return Row(
        point="",
        title="The suite as a whole",
        word=verdict.verdict,
        estimate=verdict.estimate,
        low=verdict.low,
        high=verdict.high,
        pairs=verdict.pairs_used,
        round=verdict.decided_in_round,
        reason=verdict.reason,
        margin=night.policy.get("suite_margin"),
        url="",
    )


def _drawn(row: Row, axis: Axis) -> Row:
    """Return the row with its interval placed on the axis."""
    placed = bar(axis, word=row.word, estimate=row.estimate, low=row.low, high=row.high, margin=row.margin)
    return Row(**{**row.__dict__, "bar": placed})


def _grouped(rows: Iterable[Row]) -> tuple[Group, ...]:
    """Group rows by area; the area with the worst point comes first."""
    lookup = AreaLookup()
    found: dict[str, list[Row]] = {}
    notes: dict[str, dict[str, AreaNote]] = {}
    for row in sorted(rows, key=lambda row: row.rank):
        name, areas = lookup.of_point(row.point)
        found.setdefault(name, []).append(row)
        # Points of one area may carry tags that others carry too: all of those are concerned.
        notes.setdefault(name, {}).update({area.slug: area for area in areas})
    return tuple(Group(name, tuple(notes[name].values()), tuple(of_area)) for name, of_area in found.items())


def concerned_areas(groups: Iterable[Group]) -> list[AreaNote]:
    """Return the areas in which something is slower or broken, each once."""
    found = {area.slug: area for group in groups if group.concerned for area in group.areas}
    return list(found.values())


def overall_word(words: Sequence[str]) -> str:
    """Return the one word for a whole night: the worst that was found."""
    return next((word for word in ("fail", "broken", "inconclusive", "pass") if word in words), "")

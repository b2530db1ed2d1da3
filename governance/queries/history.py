"""Reads across the years: what runs out soon, and how many areas stood on nobody or on one, day by day."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import Coalesce

from ecosystem import queries as facts
from ecosystem.models import Area
from governance.models import Import, Office, Term
from governance.queries.offices import running

SOON = timedelta(days=90)
HUMAN = Coalesce("person__merged_into", "person")


def terms_of_office(office: Office) -> QuerySet[Term]:
    """Return all terms of an office, the latest first."""
    terms = office.terms.select_related("office__area", "person__merged_into")
    return terms.order_by(F("held__endswith").desc(nulls_first=True), F("held__startswith").desc(nulls_last=True))


def expiring(on: date, within: timedelta = SOON) -> QuerySet[Term]:
    """Return the kept project's terms that run on a day and end by the rules soon after, the first to end first.

    One that should have ended and runs on is among them.
    """
    terms = running(on).filter(office__project__kept=True, expires_on__lte=on + within)
    return terms.order_by("expires_on", "person__name")


@dataclass(frozen=True)
class Coverage:
    """How the areas that are kept up stood on a day: how many maintainers each had."""

    day: date
    areas: int
    nobody: int
    one: int


def maintainer_counts(on: date) -> dict[int, int]:
    """Return how many humans maintain each area on a day, by the area's key; areas of nobody are left out."""
    return {row["office__area"]: row["people"] for row in maintainers_counted(on)}


def maintainers_counted(on: date) -> QuerySet[Term, Any]:
    """Return each area's key with how many humans maintain it on a day."""
    held = Term.objects.filter(
        held__contains=on,
        standing=Term.Standing.ACTIVE,
        office__kind=Office.Kind.AREA,
        office__project__kept=True,
    )
    return held.order_by().values("office__area").annotate(people=Count(HUMAN, distinct=True))


def areas_with_counts(on: date) -> list[tuple[Area, int]]:
    """Return the areas kept up on a day with how many maintain each, the emptiest first."""
    counts = maintainer_counts(on)
    areas = [(area, counts.get(area.pk, 0)) for area in facts.kept_areas(on).select_related("parent")]
    return sorted(areas, key=lambda row: (row[1], row[0].name))


def coverage_on(on: date) -> Coverage:
    """Return how many areas stand on nobody and on one on a day."""
    counts = maintainer_counts(on)
    numbers = [counts.get(area, 0) for area in facts.kept_areas(on).order_by().values_list("pk", flat=True)]
    return Coverage(on, len(numbers), numbers.count(0), numbers.count(1))


@dataclass(frozen=True)
class Step:
    """What begins (+1) or ends (-1) on a day: an area, or one human's maintaining of it."""

    day: date
    area: int
    human: int | None
    by: int


def coverage_over_time(until: date) -> list[Coverage]:
    """Return the coverage on every day on which it changed, in order, from the first day that a source speaks of."""
    steps = sorted(_steps(), key=lambda step: step.day)
    known = [step.day for step in steps if date.min < step.day <= until]
    known += [day for day in (first_day_read(),) if day and day <= until]
    if not known:
        return []
    book = Book(steps)
    found: list[Coverage] = []
    for day in [*sorted(set(known)), until]:
        book.play(day)
        now = book.coverage(day)
        if not found or (now.areas, now.nobody, now.one) != (found[-1].areas, found[-1].nobody, found[-1].one):
            found.append(now)
    return found


def first_day_read() -> date | None:
    """Return the first day of which an imported source of the kept project speaks."""
    applied = Import.objects.filter(state=Import.State.APPLIED, project__kept=True)
    return applied.aggregate(first=Min("as_of"))["first"]


class Book:
    """Who maintains what while the steps are played in order."""

    def __init__(self, steps: list[Step]) -> None:
        self.steps = iter(steps)
        self.next = next(self.steps, None)
        self.there: Counter[int] = Counter()
        self.held: Counter[tuple[int, int]] = Counter()
        self.humans: Counter[int] = Counter()

    def play(self, day: date) -> None:
        """Play what begins and ends up to a day."""
        while self.next is not None and self.next.day <= day:
            self.take(self.next)
            self.next = next(self.steps, None)

    def take(self, step: Step) -> None:
        """Take one step; a human with two terms in an area counts once."""
        if step.human is None:
            self.there[step.area] += step.by
            return
        key = (step.area, step.human)
        before, self.held[key] = self.held[key], self.held[key] + step.by
        self.humans[step.area] += (self.held[key] > 0) - (before > 0)

    def coverage(self, day: date) -> Coverage:
        """Count the areas that are there by how many maintain them."""
        numbers = [self.humans[area] for area, there in self.there.items() if there > 0]
        return Coverage(day, len(numbers), numbers.count(0), numbers.count(1))


def _steps() -> Iterator[Step]:
    """Return everything that begins and ends; what has no known beginning begins before all days."""
    areas = Area.objects.filter(project__kept=True).values_list("pk", "known_from", "sunset_on")
    for area, known_from, sunset_on in areas:
        yield from _both_ends(area, None, known_from, sunset_on)
    terms = Term.objects.filter(
        Q(office__kind=Office.Kind.AREA), standing=Term.Standing.ACTIVE, office__project__kept=True
    )
    for area, human, held in terms.annotate(human=HUMAN).values_list("office__area", "human", "held"):
        yield from _both_ends(area, human, held.lower, held.upper)


def _both_ends(area: int, human: int | None, first: date | None, last: date | None) -> Iterator[Step]:
    yield Step(first or date.min, area, human, 1)
    if last is not None:
        yield Step(last, area, human, -1)

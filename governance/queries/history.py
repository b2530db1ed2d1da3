"""Reads across the years: what runs out soon, and how many areas stood on nobody or on one, day by day."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, F, Min, QuerySet
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


# Counted by the database: terms by the hundred thousand are read there in the time that Python takes for thousands.
# `stretch` says from when to when each human maintained each area, terms that touch or overlap joined; `step` what
# begins and ends on a day; `state` how each area stands from then on; `change` by how much that differs from before.
COVERAGE = """
WITH held AS (
    SELECT office.area_id AS area, coalesce(person.merged_into_id, person.id) AS human, term.held
    FROM governance_term term
    JOIN governance_office office ON office.id = term.office_id
    JOIN ecosystem_project project ON project.id = office.project_id
    JOIN ecosystem_person person ON person.id = term.person_id
    WHERE project.kept AND office.kind = 'area' AND term.standing = 'active'
), stretch AS (
    SELECT area, unnest(range_agg(held)) AS held FROM held GROUP BY area, human
), kept AS (
    SELECT area.id, known_from, sunset_on FROM ecosystem_area area
    JOIN ecosystem_project project ON project.id = area.project_id WHERE project.kept
), step (area, day, humans, there) AS (
    SELECT area, coalesce(lower(held), %(unknown)s::date), 1, 0 FROM stretch
    UNION ALL SELECT area, upper(held), -1, 0 FROM stretch WHERE upper(held) IS NOT NULL
    UNION ALL SELECT id, coalesce(known_from, %(unknown)s::date), 0, 1 FROM kept
    UNION ALL SELECT id, sunset_on, 0, -1 FROM kept WHERE sunset_on IS NOT NULL
    -- The first day that is known of anybody begins the story, also where nothing changes on it.
    UNION ALL SELECT area, least(min(lower(held)), min(upper(held))), 0, 0 FROM held GROUP BY area
), daily AS (
    SELECT area, day, sum(humans) AS humans, sum(there) AS there FROM step WHERE day <= %(until)s GROUP BY area, day
), standing AS (
    SELECT area, day, sum(humans) OVER past AS humans, sum(there) OVER past AS there FROM daily
    WINDOW past AS (PARTITION BY area ORDER BY day)
), state AS (
    SELECT area, day, (there > 0)::int AS areas, (there > 0 AND humans = 0)::int AS nobody,
        (there > 0 AND humans = 1)::int AS one FROM standing
), change AS (
    SELECT day, areas - lag(areas, 1, 0) OVER past AS areas, nobody - lag(nobody, 1, 0) OVER past AS nobody,
        one - lag(one, 1, 0) OVER past AS one FROM state WINDOW past AS (PARTITION BY area ORDER BY day)
), summed AS (
    SELECT day, sum(areas) AS areas, sum(nobody) AS nobody, sum(one) AS one FROM change GROUP BY day
)
SELECT day, (sum(areas) OVER past)::int, (sum(nobody) OVER past)::int, (sum(one) OVER past)::int
FROM summed WINDOW past AS (ORDER BY day) ORDER BY day
"""


def coverage_over_time(until: date) -> list[Coverage]:
    """Return the coverage on every day on which it changed, in order, from the first day that a source speaks of."""
    with connection.cursor() as cursor:
        cursor.execute(COVERAGE, {"until": until, "unknown": date.min})
        by_day = {row[0]: Coverage(*row) for row in cursor.fetchall()}
    known = [day for day in by_day if day > date.min]
    known += [day for day in (first_day_read(),) if day and day <= until]
    if not known:
        return []
    now = by_day.get(date.min, Coverage(date.min, 0, 0, 0))
    found: list[Coverage] = []
    for day in sorted({*known, until}):
        now = replace(by_day.get(day, now), day=day)
        if not found or now != replace(found[-1], day=day):
            found.append(now)
    return found


def first_day_read() -> date | None:
    """Return the first day of which an imported source of the kept project speaks."""
    applied = Import.objects.filter(state=Import.State.APPLIED, project__kept=True)
    return applied.aggregate(first=Min("as_of"))["first"]

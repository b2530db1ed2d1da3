"""Ask who held what on a day, among 10,000 people and 20 years of terms, beside what the database takes at least.

    .venv/bin/python tests/performance/terms_as_of.py [--people 10000] [--years 20] [--draws 300] [--plans] [--json]

Fills a private PostgreSQL (started and removed by this script) with invented people who each hold one office a year,
of 500 offices, so that every day 10,000 of 200,000 terms run; one person in a hundred is merged into another, one term
in twenty is emeritus. Then it asks the site's own queries, objects made and all, on days and people drawn at random.
The floors are measured between them in the same run: `SELECT 1`, and a primary key read from its index alone.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from config.launcher import Services  # noqa: E402 - found through the line above
from config.testing.private_data import private_data  # noqa: E402

OFFICES = 500
AREAS = 400
FIRST = date(2006, 1, 1)
LIMIT_MS = 20

FILL = f"""
INSERT INTO ecosystem_project (slug, name, kept, source) VALUES ('invented', 'Invented', true, 'https://example.org/');
INSERT INTO ecosystem_person (slug, name, source)
    SELECT 'person-' || n, 'Person ' || n, 'https://example.org/' FROM generate_series(1, %(people)s) n;
UPDATE ecosystem_person SET merged_into_id = id - 1 WHERE id %% 100 = 0;
INSERT INTO ecosystem_area (project_id, slug, former_slugs, name, path_patterns, benchmark_tags, note, source)
    SELECT p.id, 'area-' || n, '{{}}', 'Area ' || n, '{{}}', '{{}}', '', 'https://example.org/'
    FROM generate_series(1, {AREAS}) n, ecosystem_project p;
INSERT INTO governance_office (project_id, slug, former_slugs, name, kind, role, area_id, signs_releases, source)
    SELECT p.id, 'office-' || n, '{{}}', 'office ' || n,
        CASE WHEN n <= {AREAS} THEN 'area' WHEN n = {OFFICES} THEN 'lead'
            WHEN n > {OFFICES} - 6 THEN 'core' ELSE 'other' END,
        '', a.id, false, 'https://example.org/'
    FROM generate_series(1, {OFFICES}) n CROSS JOIN ecosystem_project p
    LEFT JOIN ecosystem_area a ON a.slug = 'area-' || n;
INSERT INTO governance_term (office_id, person_id, standing, held, source, end_source, note)
    SELECT o.id, p.id, CASE WHEN (p.id * 31 + y) %% 20 = 0 THEN 'emeritus' ELSE 'active' END,
        daterange(
            (%(first)s::date + make_interval(years => y, days => (p.id %% 360)::int))::date,
            (%(first)s::date + make_interval(years => y + 1, days => (p.id %% 360)::int))::date
        ), 'https://example.org/', '', ''
    FROM generate_series(0, %(years)s - 1) y CROSS JOIN ecosystem_person p
    JOIN governance_office o ON o.slug = 'office-' || 1 + (p.id * 7 + y) %% {OFFICES}
    -- In no order that a query could profit from: a day's terms lie on as many pages as they can.
    ORDER BY md5(p.id || '.' || y);
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--years", type=int, default=20)
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--plans", action="store_true", help="print how PostgreSQL answers each")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args()
    with services_of_its_own():
        return measure(asked)


def measure(asked: argparse.Namespace) -> int:
    """Fill the database, time every query, and say it; 1 where a bound is broken."""
    started = time.perf_counter()
    fill(asked.people, asked.years)
    filled_s = time.perf_counter() - started
    questions = queries(asked.people, asked.years)
    drawn = {name: timed(ask, asked.draws) for name, ask in questions.items()}
    found = {name: percentiles(times) for name, times in drawn.items()}
    if asked.plans:
        plans(asked.years)
    if asked.json:
        print(json.dumps({"people": asked.people, "terms": terms(), "filled_s": round(filled_s, 1), "ms": found}))
    else:
        print(f"{asked.people} people, {terms()} terms, {asked.draws} draws each; filled in {filled_s:.0f} s")
        print(f"{'':44}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}  ms")
        for name, row in found.items():
            print(f"{name:44}" + "".join(f"{row[key]:8.2f}" for key in ("p50", "p95", "p99", "max")))
    return int(any(row["p99"] > LIMIT_MS for name, row in found.items() if not name.startswith(("floor", "beside"))))


@contextmanager
def services_of_its_own() -> Iterator[None]:
    """Start services that are filled and thrown away, whatever server the environment names."""
    with private_data() as folder:
        os.environ.pop("DATABASE_URL", None)
        os.environ["FLAMEKEEPER_DATA"] = str(folder)
        with Services(folder).used() as services:
            os.environ.update(services.environment())
            yield


def fill(people: int, years: int) -> None:
    """Make the tables and the invented rows, with fresh statistics."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"people": people, "years": years, "first": FIRST})
        cursor.execute("VACUUM ANALYZE")


def terms() -> int:
    from governance.models import Term

    return Term.objects.count()


def queries(people: int, years: int) -> dict[str, Callable[[], Any]]:
    """Return what is asked, each call of another day or person."""
    from django.db import connection

    from ecosystem.models import Person
    from governance.models import Office, Term
    from governance.queries.history import coverage_on
    from governance.queries.offices import core_maintainers, holders, leads
    from governance.term_book import BOOK

    draw = random.Random(3)  # the same days and people every time
    offices = list(Office.objects.select_related("project"))
    keys = list(Person.objects.filter(merged_into=None).values_list("pk", "slug"))

    def day() -> date:
        return FIRST + timedelta(days=draw.randrange(366, 365 * years))

    def one() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()

    def everything() -> None:
        with connection.cursor() as cursor:
            running = Term.objects.filter(held__contains=day(), standing="active").values_list("office", "person")
            cursor.execute(*running.query.sql_with_params())
            cursor.fetchall()

    return {
        "floor: SELECT 1": one,
        "floor: a primary key, from its index": lambda: Person.objects.values_list("pk").get(pk=draw.choice(keys)[0]),
        "the holders of an office on a day": lambda: list(holders(draw.choice(offices), day())),
        "the core maintainers on a day": lambda: list(core_maintainers(day())),
        "who leads on a day": lambda: list(leads(day())),
        "a person's offices on a day": lambda: BOOK.terms(person=draw.choice(keys)[1], on=day()),
        "a person's whole history": lambda: BOOK.terms(person=draw.choice(keys)[1]),
        "an office's area, its terms on a day": lambda: BOOK.terms(area=f"area-{draw.randrange(1, AREAS)}", on=day()),
        "the coverage on a day": lambda: coverage_on(day()),
        "beside: every running term's keys, 10,000 rows": everything,
    }


def timed(ask: Callable[[], Any], draws: int) -> list[float]:
    """Return how many milliseconds each call took, after a few that are not counted."""
    for _ in range(10):
        ask()
    times = []
    for _ in range(draws):
        before = time.perf_counter_ns()
        ask()
        times.append((time.perf_counter_ns() - before) / 1e6)
    return times


def percentiles(times: list[float]) -> dict[str, float]:
    """Return the percentiles that are reported."""
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    named = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": max(times)}
    return {name: round(value, 3) for name, value in named.items()}


def plans(years: int) -> None:
    """Print how PostgreSQL answers the three kinds of question."""
    from governance.models import Office
    from governance.queries.history import maintainers_counted
    from governance.queries.offices import core_maintainers, holders, running

    day = FIRST + timedelta(days=365 * years // 2)
    office = Office.objects.get(slug="office-7")
    area = running(day, "active", "emeritus").filter(office__in=[office.pk])
    person = running(day, "active", "emeritus").filter(person__in=[1, 100])
    for query in (holders(office, day), core_maintainers(day), maintainers_counted(day), area, person):
        print(query.explain(analyze=True, buffers=True), end="\n\n")


if __name__ == "__main__":
    raise SystemExit(main())

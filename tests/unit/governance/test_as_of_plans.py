"""How the database finds who held what on a day: by an index, once there are many terms; and it refuses overlaps."""

import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from governance.actions.offices import TermRefused, begin_term
from governance.models import Office, Term
from governance.queries.history import maintainers_counted
from governance.queries.offices import core_maintainers, holders, running
from tests.factories.people import SOURCE, a_person, a_project, an_office

DAY = date(2015, 7, 1)

# The rows that the tests before rolled back still fill the table's pages; emptied, it begins on new ones.
MANY = """
TRUNCATE governance_term CASCADE;
INSERT INTO ecosystem_person (slug, name, source)
    SELECT 'p-' || n, 'P ' || n, '' FROM generate_series(1, 2000) n;
INSERT INTO ecosystem_area (project_id, slug, former_slugs, name, path_patterns, benchmark_tags, note, source)
    SELECT %(project)s, 'a-' || n, '{}', 'A ' || n, '{}', '{}', '', '' FROM generate_series(1, 100) n;
INSERT INTO governance_office (project_id, slug, former_slugs, name, kind, role, area_id, signs_releases, source)
    SELECT %(project)s, 'o-' || n, '{}', 'o ' || n, CASE WHEN n = 1 THEN 'core' ELSE 'area' END, '',
        CASE WHEN n > 1 THEN a.id END, false, ''
    FROM generate_series(1, 100) n JOIN ecosystem_area a ON a.slug = 'a-' || n;
INSERT INTO governance_term (office_id, person_id, standing, held, source, end_source, note)
    SELECT o.id, p.id, 'active', daterange(make_date(2006 + y, 1, 1), make_date(2007 + y, 1, 1)), '', '', ''
    FROM generate_series(0, 9) y CROSS JOIN ecosystem_person p
    JOIN governance_office o ON o.slug = 'o-' || 1 + (p.id + y) %% 100
    ORDER BY md5(p.id || '.' || y);
"""


@pytest.fixture
def many(db: None) -> None:
    """Have 20,000 terms, with statistics, as the planner sees them."""
    with connection.cursor() as cursor:
        cursor.execute(MANY, {"project": a_project().pk})
        cursor.execute("ANALYZE")


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


def plan(query: QuerySet[Any]) -> list[dict[str, Any]]:
    """Return every node of the plan that PostgreSQL chooses, with all kinds of scans allowed."""
    sql, values = query.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
        (found,) = cursor.fetchone()
    return list(nodes(found[0]["Plan"]))


def scans_of_terms(query: QuerySet[Any]) -> list[str]:
    return [node["Node Type"] for node in plan(query) if node.get("Relation Name") == "governance_term"]


@pytest.mark.parametrize(
    "asked",
    [
        lambda: holders(Office.objects.get(slug="o-7"), DAY),
        lambda: core_maintainers(DAY),
        lambda: maintainers_counted(DAY),
        lambda: running(DAY, *Term.Standing.values).filter(person__in=[Term.objects.first().person_id]),
        lambda: Term.objects.filter(person__in=[Term.objects.first().person_id]),
    ],
    ids=["an office's holders", "the core maintainers", "coverage", "a person's offices", "a person's history"],
)
def test_no_question_as_of_a_day_reads_all_terms(many: None, asked: Any) -> None:
    query = asked()
    assert query.exists()
    scans = scans_of_terms(query)
    assert scans
    assert "Seq Scan" not in scans


def test_the_test_would_see_a_question_that_reads_them_all(many: None) -> None:
    assert scans_of_terms(Term.objects.filter(note="nothing")) == ["Seq Scan"]


# -- two at once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_transactions_that_fill_one_seat_one_is_refused() -> None:
    office = an_office("lead", kind=Office.Kind.LEAD, seats=1)
    people = [a_person("Ada Example"), a_person("Grace Example")]
    both = threading.Barrier(2)
    said: list[str] = []

    def begin(number: int) -> None:
        both.wait(timeout=60)
        try:
            begin_term(office=office, person=people[number], on=DAY, source=SOURCE, by=None)
            said.append("began")
        except TermRefused as refused:
            said.append(str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(word.partition(" ")[0] for word in said) == ["Every", "began"]
    assert Term.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_refuses_the_second_of_two_overlapping_terms() -> None:
    """Past our code: both insert before either commits; the second waits for the first and is refused."""
    office, person = an_office(), a_person()
    inserted, refused = threading.Event(), []

    def second() -> None:
        inserted.wait(timeout=60)
        try:
            with transaction.atomic():
                Term.objects.create(office=office, person=person, held=(DAY, None), source=SOURCE)
        except Exception as error:
            refused.append(str(error))
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        Term.objects.create(office=office, person=person, held=(date(2015, 1, 1), None), source=SOURCE)
        inserted.set()
        # Until this commits, the second waits: it cannot know yet.
        thread.join(timeout=0.5)
        assert thread.is_alive()
    thread.join(timeout=60)
    assert len(refused) == 1
    assert "term_once_at_a_time" in refused[0]

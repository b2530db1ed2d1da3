"""Offices, terms, and who holds what on a day."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from benchmarks_runner.providers import areas_of
from ecosystem.providers import current_terms, terms
from governance.actions.offices import TermRefused, begin_term, end_term
from governance.models import Office, Term
from governance.queries.offices import (
    core_maintainers,
    holders,
    leads,
    maintainers_of,
    offices_that_sign,
    past_leads,
    thinly_held_areas,
)
from record.models import Event
from tests.factories.people import SOURCE, a_person, an_area, an_office

pytestmark = pytest.mark.django_db

NEW_YEAR, MAY, DECEMBER = date(2026, 1, 1), date(2026, 5, 2), date(2026, 12, 1)


def began(office: Office, name: str, on: date | None) -> Term:
    return begin_term(office=office, person=a_person(name), on=on, source=SOURCE, by="ada")


def ended(term: Term, on: date) -> Term:
    return end_term(term=term, on=on, source=SOURCE, by="ada")


def test_a_term_is_half_open() -> None:
    office = an_office()
    term = ended(began(office, "Ada Example", NEW_YEAR), MAY)
    assert holders(office, NEW_YEAR).get() == term
    assert holders(office, date(2026, 5, 1)).exists()
    assert not holders(office, MAY).exists()
    assert not holders(office, date(2025, 12, 31)).exists()


def test_a_term_of_unknown_start_runs_from_before_all_days() -> None:
    office = an_office()
    began(office, "Ada Example", None)
    assert holders(office, date(1990, 1, 1)).exists()
    assert Term.objects.get().held.lower is None


def test_beginning_and_ending_are_in_the_record() -> None:
    ended(began(an_office(), "Ada Example", NEW_YEAR), MAY)
    events = Event.objects.filter(kind__startswith="term.").order_by("position")
    assert [(event.kind, event.actor, event.summary) for event in events] == [
        ("term.began", "ada", "Ada Example became office of core on 2026-01-01."),
        ("term.ended", "ada", "Ada Example ceased to be office of core on 2026-05-02."),
    ]
    assert events[1].data == {"office": "core", "person": "ada-example", "until": "2026-05-02", "source": SOURCE}


def test_nothing_is_half_done_when_the_record_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    office, person = an_office(), a_person()

    def refuse(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the second write fails")

    monkeypatch.setattr("record.append", refuse, raising=False)
    with pytest.raises(RuntimeError, match="second write"), transaction.atomic():
        begin_term(office=office, person=person, on=MAY, source=SOURCE, by="ada")
    assert not Term.objects.exists()


def test_the_same_person_cannot_hold_an_office_twice_at_once() -> None:
    office, person = an_office(), a_person()
    term = begin_term(office=office, person=person, on=NEW_YEAR, source=SOURCE, by="ada")
    with pytest.raises(TermRefused, match="holds the office"):
        begin_term(office=office, person=person, on=MAY, source=SOURCE, by="ada")
    ended(term, MAY)
    begin_term(office=office, person=person, on=MAY, source=SOURCE, by="ada")


def test_an_office_of_one_seat_has_one_holder_at_a_time() -> None:
    office = an_office("lead", kind=Office.Kind.LEAD, seats=1)
    first = began(office, "Ada Example", None)
    with pytest.raises(TermRefused, match="Every seat"):
        began(office, "Grace Example", MAY)
    ended(first, NEW_YEAR)
    began(office, "Mary Example", MAY)
    assert not leads(NEW_YEAR).exists()
    assert leads(MAY).get().person.name == "Mary Example"
    assert [term.person.name for term in past_leads(MAY)] == ["Ada Example"]


def test_a_freed_seat_is_taken_again() -> None:
    office = an_office(seats=2)
    first, second = began(office, "Ada Example", NEW_YEAR), began(office, "Grace Example", NEW_YEAR)
    ended(first, MAY)
    assert (first.seat, second.seat, began(office, "Mary Example", MAY).seat) == (1, 2, 1)


def test_the_database_itself_refuses_overlapping_terms() -> None:
    # The database is asked directly: no action stands before it.
    office = an_office("lead", kind=Office.Kind.LEAD, seats=1)
    first = began(office, "Ada Example", NEW_YEAR)
    other = a_person("Grace Example")
    for seat, person, constraint in ((1, other, "term_one_holder_a_seat"), (None, first.person, "term_once_at_a_time")):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Term.objects.create(office=office, person=person, seat=seat, held=DateRange(MAY, DECEMBER), source=SOURCE)
    with pytest.raises(IntegrityError, match="term_lasts"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO governance_term (office_id, person_id, standing, held, source, end_source, note)"
            " VALUES (%s, %s, 'active', 'empty', '', '', '')",
            [office.pk, other.pk],
        )


def test_a_term_ends_once_and_after_it_began() -> None:
    term = began(an_office(), "Ada Example", MAY)
    with pytest.raises(TermRefused, match="not before"):
        ended(term, MAY)
    ended(term, DECEMBER)
    with pytest.raises(TermRefused, match="ended on 2026-12-01"):
        ended(term, DECEMBER)


def test_only_an_area_office_belongs_to_an_area() -> None:
    with pytest.raises(IntegrityError, match="office_of_an_area_names_it"), transaction.atomic():
        an_office(kind=Office.Kind.AREA)
    with pytest.raises(IntegrityError, match="office_of_an_area_names_it"), transaction.atomic():
        an_office(kind=Office.Kind.CORE, area=an_area())


def test_only_an_office_that_signs_and_is_held_today_counts() -> None:
    signing, other = an_office("signing", signs_releases=True), an_office("other")
    person = a_person()
    term = begin_term(office=signing, person=person, on=NEW_YEAR, source=SOURCE, by="ada")
    begin_term(office=other, person=person, on=NEW_YEAR, source=SOURCE, by="ada")
    ended(term, MAY)
    assert offices_that_sign(person, NEW_YEAR).get() == signing
    assert not offices_that_sign(person, MAY).exists()


def test_an_area_without_maintainers_comes_before_one_with_a_single_one() -> None:
    for slug, names in (("full", ("Ada", "Grace")), ("single", ("Mary",)), ("empty", ())):
        office = an_office(slug, kind=Office.Kind.AREA, area=an_area(slug))
        for name in names:
            began(office, name, NEW_YEAR)
    assert [(area.slug, area.maintainer_count) for area in thinly_held_areas(MAY)] == [("empty", 0), ("single", 1)]


def test_who_has_left_no_longer_counts_as_maintainer() -> None:
    area = an_area()
    office = an_office("looms", kind=Office.Kind.AREA, area=area)
    ended(began(office, "Ada Example", NEW_YEAR), MAY)
    began(office, "Grace Example", NEW_YEAR)
    assert [term.person.name for term in maintainers_of(area, MAY)] == ["Grace Example"]
    assert [area.maintainer_count for area in thinly_held_areas(MAY)] == [1]
    assert not core_maintainers(MAY).exists()


def test_the_rooms_below_learn_who_maintains_what() -> None:
    office = an_office("looms", kind=Office.Kind.AREA, area=an_area(tags=("attention", "reductions")))
    ended(began(office, "Ada Example", date(2019, 1, 1)), date(2020, 1, 1))
    began(office, "Grace Example", date(2020, 1, 1))
    (note,) = areas_of(["attention"])
    assert (note.slug, note.url) == ("looms", "/areas/looms/")
    assert [(person.name, person.since) for person in note.maintainers] == [("Grace Example", date(2020, 1, 1))]
    assert areas_of(["convolution"]) == []
    assert [note.person for note in current_terms(area="looms")] == ["Grace Example"]
    assert [note.person for note in terms(area="looms")] == ["Grace Example", "Ada Example"]

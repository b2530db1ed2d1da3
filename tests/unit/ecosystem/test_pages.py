"""People and areas: their pages, their sentences, and what the tables refuse."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.html import escape

from ecosystem.actions.people import record_affiliation
from ecosystem.models import Affiliation, Identity
from ecosystem.queries import areas_tagged, employer_on
from ecosystem.sentences import areas_sentence, listed
from governance.actions.offices import begin_term, end_term
from governance.models import Office
from record.models import Event
from tests.factories.people import SOURCE, a_person, an_area, an_office

pytestmark = pytest.mark.django_db


def a_maintainer(area: str, name: str, since: date | None = None) -> None:
    office = Office.objects.filter(slug=area).first() or an_office(area, kind=Office.Kind.AREA, area=an_area(area))
    begin_term(office=office, person=a_person(name), on=since, source=SOURCE, by=None)


def sentence(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    text: str = response.context["sentence"]
    assert f'<p class="lede">{escape(text)}</p>' in response.content.decode()
    return text


@pytest.mark.parametrize(
    ("address", "words"),
    [("/areas/", "No area is known yet."), ("/people/", "Nobody is known yet.")],
)
def test_an_empty_page_names_the_command_that_fills_it(client: Client, address: str, words: str) -> None:
    assert sentence(client, address) == words
    assert "load_sample_project" in client.get(address).content.decode()


def test_the_areas_that_stand_on_nobody_come_first(client: Client) -> None:
    a_maintainer("looms", "Ada Example")
    an_area("needles")
    assert sentence(client, "/areas/") == "2 areas are kept up: 1 has no maintainer and 1 has only one."
    assert [area.slug for area, _ in client.get("/areas/").context["rows"]] == ["needles", "looms"]


@pytest.mark.parametrize(
    ("maintainers", "words"),
    [
        ([2, 3], "2 areas are kept up; each has at least two maintainers."),
        ([0, 0, 4], "3 areas are kept up: 2 have no maintainer."),
        ([1, 1, 1], "3 areas are kept up: 3 have only one."),
        ([5], "1 area is kept up; each has at least two maintainers."),
    ],
)
def test_the_sentence_of_areas_counts_right(maintainers: list[int], words: str) -> None:
    assert areas_sentence(maintainers) == words


def test_an_area_says_who_maintains_it_and_who_did(client: Client) -> None:
    a_maintainer("looms", "Ada Example", date(2020, 2, 1))
    assert sentence(client, "/areas/looms/") == "Looms is maintained by Ada Example alone."
    a_maintainer("looms", "Grace Example")
    assert sentence(client, "/areas/looms/") == "Looms is maintained by Ada Example and Grace Example."
    for term in Office.objects.get(slug="looms").terms.all():
        end_term(term=term, on=date(2021, 1, 1), source=SOURCE, by=None)
    assert sentence(client, "/areas/looms/") == "Nobody maintains Looms."
    page = client.get("/areas/looms/").content.decode()
    assert "since 1 February 2020, until 1 January 2021" in page
    assert "since when is unknown, until 1 January 2021" in page
    assert "/looms/" in page
    assert client.get("/areas/none/").status_code == 404


def test_the_people_page_says_who_leads(client: Client) -> None:
    a_maintainer("looms", "Ada Example")
    assert sentence(client, "/people/") == "1 person is known: the lead's seat is vacant, nobody is a core maintainer."
    lead, core = an_office("lead", kind=Office.Kind.LEAD, seats=1), an_office("core")
    grace = a_person("Grace Example")
    for office in (lead, core):
        begin_term(office=office, person=grace, on=date(2020, 1, 1), source=SOURCE, by=None)
    assert sentence(client, "/people/") == "2 people are known: Grace Example leads, 1 is a core maintainer."
    assert [person.name for person, _ in client.get("/people/").context["people"]] == ["Grace Example", "Ada Example"]


def test_a_person_says_what_they_hold_and_what_is_unknown(client: Client) -> None:
    person = a_person("Ada Example", github="adaexample")
    assert sentence(client, "/people/ada-example/") == "Ada Example holds no office today."
    page = client.get("/people/ada-example/").content.decode()
    assert "<dt>employer today</dt><dd>unknown</dd>" in page
    assert "https://github.com/adaexample" in page
    begin_term(office=an_office(), person=person, on=date(2020, 1, 2), source=SOURCE, by=None)
    area = an_office("looms", kind=Office.Kind.AREA, area=an_area())
    begin_term(office=area, person=person, on=None, source=SOURCE, by=None)
    expected = "Ada Example is office of core since 2 January 2020 and maintains Looms."
    assert sentence(client, "/people/ada-example/") == expected


def test_an_address_is_never_on_a_page(client: Client) -> None:
    person = a_person()
    Identity.objects.create(person=person, kind=Identity.Kind.EMAIL, value="ada@example.org", source=SOURCE)
    assert "ada@example.org" not in client.get("/people/ada-example/").content.decode()


def test_logins_are_one_whatever_their_case_and_numbers_are_one() -> None:
    first, second = a_person("Ada Example", github="AdaExample"), a_person("Grace Example")
    for value, number, name in (("adaexample", None, "identity_once"), ("other", 7, "identity_number_once")):
        Identity.objects.filter(person=first).update(number=7)
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Identity.objects.create(person=second, kind=Identity.Kind.GITHUB, value=value, number=number, source=SOURCE)
    Identity.objects.create(person=second, kind=Identity.Kind.GIT_AUTHOR, value="adaexample", source=SOURCE)


def test_employers_are_known_for_their_days_only() -> None:
    person = a_person()
    record_affiliation(
        person=person,
        employer="Example Looms",
        employer_slug="looms",
        since=None,
        until=date(2025, 11, 17),
        source=SOURCE,
        by=None,
    )
    assert employer_on(person, date(2025, 11, 16)) == "Example Looms"
    assert employer_on(person, date(2025, 11, 17)) == "unknown"
    assert Event.objects.latest("position").summary == (
        "Ada Example was employed by Example Looms, from when is unknown, until 2025-11-17."
    )
    Affiliation.objects.create(person=person, employer=None, held=("2026-01-01", None), source=SOURCE)
    assert employer_on(person, date(2026, 2, 1)) == "unknown"


def test_areas_are_found_by_any_of_their_tags() -> None:
    an_area("looms", ("attention", "reductions"))
    an_area("needles", ())
    assert [area.slug for area in areas_tagged(["reductions", "convolution"])] == ["looms"]
    assert not areas_tagged([])


def test_names_are_listed_as_a_sentence_does() -> None:
    assert [listed(names) for names in ([], ["A"], ["A", "B"], ["A", "B", "C"])] == ["", "A", "A and B", "A, B and C"]

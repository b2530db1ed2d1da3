"""Offices at any day, their pages, what runs out soon, and coverage over the years."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from ecosystem.actions.merging import merge_people, unmerge_people
from ecosystem.models import Area, Person
from governance.actions.offices import begin_term, end_term
from governance.models import Office, Term
from governance.queries.history import coverage_on, coverage_over_time, expiring
from governance.queries.offices import core_maintainers, holders, maintainers_by_area, offices_that_sign
from tests.factories.people import SOURCE, a_person, a_project, an_area, an_office

pytestmark = pytest.mark.django_db

Y2020, Y2021, Y2023, Y2025 = (date(year, 1, 1) for year in (2020, 2021, 2023, 2025))


def held(office: Office, person: Person, since: date | None, until: date | None = None, **more: object) -> Term:
    term = begin_term(office=office, person=person, on=since, source=SOURCE, by=None, **more)
    return end_term(term=term, on=until, source=SOURCE, by=None) if until else term


def maintained(slug: str) -> Office:
    return an_office(f"{slug}-maintainer", kind=Office.Kind.AREA, area=an_area(slug))


def sentence(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    text: str = response.context["sentence"]
    assert f'<p class="lede">{escape(text)}</p>' in response.content.decode()
    return text


def test_an_office_says_who_held_it_on_any_day(client: Client) -> None:
    core = an_office("core")
    held(core, a_person("Ada Example"), Y2020, Y2023)
    held(core, a_person("Grace Example"), Y2021)
    assert sentence(client, "/offices/core/") == "The office of office of core is held by Grace Example."
    assert sentence(client, "/offices/core/?on=2022-05-01") == (
        "On 1 May 2022 the office of office of core was held by 2 people: Ada Example and Grace Example."
    )
    assert sentence(client, "/offices/core/?on=2019-12-31") == (
        "On 31 December 2019 the office of office of core was held by nobody."
    )


def test_every_term_is_drawn_and_written(client: Client) -> None:
    core = an_office("core")
    held(core, a_person("Ada Example"), Y2020, Y2023)
    held(core, a_person("Grace Example"), None, Y2021)
    page = client.get("/offices/core/").content.decode()
    assert "Ada Example, office of core: from 1 January 2020 until 1 January 2023" in page
    assert "Grace Example, office of core: since when is unknown until 1 January 2021" in page
    assert page.count("<rect") == 2
    assert page.count(">begin</a>") == 2


def test_emeriti_stand_apart_and_hold_nothing(client: Client) -> None:
    core = an_office("core")
    held(core, a_person("Ada Example"), Y2020, standing=Term.Standing.EMERITUS)
    assert sentence(client, "/offices/core/") == "The office of office of core is held by nobody."
    assert "<h2>Emeritus</h2>" in client.get("/offices/core/").content.decode()


def test_a_day_that_is_none_is_said_to_be_none(client: Client) -> None:
    an_office("core")
    page = client.get("/offices/core/?on=2023-14-05").content.decode()
    assert "“2023-14-05” is no day: write it as 2023-05-01." in page


def test_the_list_of_offices_names_what_nobody_holds_and_what_runs_out(client: Client) -> None:
    assert sentence(client, "/offices/") == "No office is known yet."
    lead, core = an_office("lead", kind=Office.Kind.LEAD), an_office("core")
    assert sentence(client, "/offices/") == "2 offices are defined; nobody holds office of lead and office of core."
    soon = timezone.localdate() + timedelta(days=30)
    held(lead, a_person("Ada Example"), Y2020, expires_on=soon)
    held(core, a_person("Grace Example"), Y2020, expires_on=soon + timedelta(days=365))
    assert sentence(client, "/offices/") == "2 offices are defined; each is held."
    assert [note.person for note in client.get("/offices/").context["expiring"]] == ["Ada Example"]
    assert sentence(client, "/offices/?on=2019-01-01") == (
        "2 offices are defined; nobody held office of lead and office of core on 1 January 2019."
    )


def test_a_peer_project_has_offices_of_its_own(client: Client) -> None:
    peer = a_project("spindles", kept=False)
    office = an_office("spindles-steering", kind=Office.Kind.COUNCIL, project=peer)
    held(office, a_person("Ada Example"), Y2020)
    assert holders(office, Y2021).count() == 1
    assert sentence(client, "/offices/spindles-steering/").endswith("is held by Ada Example.")
    assert "Spindles" in client.get("/offices/").content.decode()


def test_a_term_that_outran_its_rules_is_still_named() -> None:
    held(an_office("core"), a_person(), Y2020, expires_on=Y2023)
    assert expiring(Y2025).count() == 1
    assert not expiring(date(2022, 10, 1)).exists()
    assert expiring(date(2022, 10, 4)).count() == 1


# -- one human, entered twice ---------------------------------------------------------------------------------------


@pytest.fixture
def twins() -> tuple[Person, Person]:
    return a_person("Greg Example"), a_person("Gregory Example")


def test_a_roster_counts_a_human_once(twins: tuple[Person, Person], client: Client) -> None:
    greg, gregory = twins
    core, looms = an_office("core", signs_releases=True), maintained("looms")
    held(core, greg, Y2020)
    held(core, gregory, Y2021)
    held(looms, gregory, Y2021)
    assert core_maintainers(Y2023).count() == 2
    merge_people(person=gregory, into=greg, reason="the same login", by=None)
    assert [term.person for term in core_maintainers(Y2023)] == [greg]
    assert [term.person for term in maintainers_by_area(Area.objects.all(), Y2023)[looms.area_id]] == [greg]
    assert sentence(client, "/areas/looms/") == "Looms is maintained by Greg Example alone."
    gregory.refresh_from_db()
    assert offices_that_sign(gregory, Y2023).get() == core
    unmerge_people(person=gregory, reason="namesakes", by=None)
    assert [term.person for term in core_maintainers(Y2023)] == [greg, gregory]


def test_two_merged_persons_without_the_kept_one_are_one_too(twins: tuple[Person, Person]) -> None:
    kept = a_person("Gregor Example")
    core = an_office("core")
    for person in twins:
        held(core, person, Y2020)
        merge_people(person=person, into=kept, reason="one human", by=None)
    assert [term.person for term in core_maintainers(Y2023)] == [kept]


def test_the_old_address_leads_to_the_kept_person(twins: tuple[Person, Person], client: Client) -> None:
    greg, gregory = twins
    held(an_office("core"), gregory, Y2020)
    merge_people(person=gregory, into=greg, reason="the same login", by=None)
    response = client.get("/people/gregory-example/?on=2022-01-01")
    assert response["Location"] == "/people/greg-example/?on=2022-01-01"
    assert sentence(client, response["Location"]) == (
        "On 1 January 2022 Greg Example was office of core since 1 January 2020."
    )
    assert "also entered as" in client.get("/people/greg-example/").content.decode()


# -- coverage ---------------------------------------------------------------------------------------------------------


def coverage(on: date) -> tuple[int, int, int]:
    found = coverage_on(on)
    return found.areas, found.nobody, found.one


def a_history() -> None:
    looms, needles = maintained("looms"), maintained("needles")
    maintained("bobbins")
    ada, grace = a_person("Ada Example"), a_person("Grace Example")
    held(looms, ada, Y2020, Y2025)
    held(looms, grace, Y2021)
    held(needles, grace, Y2021, Y2023)
    held(needles, ada, Y2020, standing=Term.Standing.EMERITUS)
    Area.objects.filter(slug="bobbins").update(sunset_on=Y2023)
    late = maintained("shuttles")
    Area.objects.filter(slug="shuttles").update(known_from=Y2025)
    # Who owns the files of an area does not by that maintain it.
    held(an_office("owner", kind=Office.Kind.OTHER, area=late.area), ada, Y2020)


def test_coverage_counts_active_areas_as_of_a_day() -> None:
    a_history()
    assert coverage(date(2019, 1, 1)) == (3, 3, 0)
    assert coverage(Y2020) == (3, 2, 1)
    assert coverage(Y2021) == (3, 1, 1)
    assert coverage(Y2023) == (2, 1, 0)
    assert coverage(Y2025) == (3, 2, 1)


def test_coverage_over_time_says_the_same_on_every_day_it_names() -> None:
    a_history()
    steps = coverage_over_time(date(2026, 1, 1))
    assert [step.day for step in steps] == [Y2020, Y2021, Y2023, Y2025]
    assert [coverage_on(step.day) for step in steps] == steps


def test_coverage_counts_a_human_with_two_terms_once(twins: tuple[Person, Person]) -> None:
    looms = maintained("looms")
    for person in twins:
        held(looms, person, Y2020)
    assert coverage(Y2021) == (1, 0, 0)
    merge_people(person=twins[1], into=twins[0], reason="one human", by=None)
    assert coverage(Y2021) == (1, 0, 1)
    assert [(step.nobody, step.one) for step in coverage_over_time(Y2021)] == [(0, 1)]


def test_the_coverage_page_names_them_and_draws_them(client: Client) -> None:
    assert sentence(client, "/coverage/") == "No area is known yet."
    a_history()
    assert sentence(client, "/coverage/?on=2021-01-01") == (
        "On 1 January 2021 3 areas were kept up: 1 had no maintainer and 1 had only one."
    )
    page = client.get("/coverage/?on=2021-01-01")
    assert [area.slug for area in page.context["nobody"]] == ["bobbins"]
    assert [(area.slug, term.person.name) for area, term in page.context["alone"]] == [("needles", "Grace Example")]
    assert "plot-coverage" in page.content.decode()
    rows = client.get("/coverage/coverage.csv").content.decode().splitlines()
    assert rows[1] == "2020-01-01,3,2,1"
    assert len(rows) == 5


def test_areas_are_a_tree_with_what_is_sunset_apart(client: Client) -> None:
    looms, needles, bobbins = an_area("looms"), an_area("needles"), an_area("bobbins")
    Area.objects.filter(pk=needles.pk).update(parent=looms)
    Area.objects.filter(pk=bobbins.pk).update(sunset_on=Y2023)
    page = client.get("/areas/")
    (branch,) = page.context["tree"]
    assert (branch.area, [part.area for part in branch.parts]) == (looms, [needles])
    assert list(page.context["sunset"]) == [bobbins]
    assert sentence(client, "/areas/bobbins/") == "Bobbins is kept up no longer, since 1 January 2023."
    before = client.get("/areas/?on=2022-12-31").context
    assert not before["sunset"]
    assert before["sentence"] == "On 31 December 2022 3 areas were kept up: 3 had no maintainer."

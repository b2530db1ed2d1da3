"""Lists with many rows: they come in pages, say how many there are, are searched by name, and ask no more for more."""

from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ecosystem.actions.merging import merge_people
from ecosystem.models import Area, Identity, Person
from governance.actions.offices import begin_term
from governance.models import Import, Office, Term
from tests.factories.people import SOURCE, a_person, a_project, an_area, an_office
from tests.factories.proposals import a_read_proposal

pytestmark = pytest.mark.django_db

SINCE = date(2020, 1, 1)
PAGES = [
    "/people/",
    "/people/?name=weaver",
    "/offices/",
    "/offices/?name=office",
    "/offices/core/",
    "/areas/",
    "/areas/?name=loom",
    "/areas/loom-0/",
    "/coverage/",
    "/imports/",
    "/proposals/",
    "/api/people/",
    "/api/offices/",
    "/api/areas/",
    "/api/offices/core/",
    "/api/areas/loom-0/",
    "/api/coverage/",
]


def a_house_of(many: int, *, first: int = 0) -> None:
    """Have so many people, areas, offices, terms of every kind, imports and proposals."""
    project = a_project()
    core = Office.objects.filter(slug="core").first() or an_office("core", role="core")
    day = timezone.localdate()
    for number in range(first, many):
        person = a_person(f"Weaver {number:03}", f"weaver{number}")
        merge_people(person=a_person(f"Weaver twin {number}"), into=person, reason="one human", by=None)
        parent = Area.objects.filter(slug="loom-0").first()
        area = Area.objects.create(
            project=project, slug=f"loom-{number}", name=f"Loom {number:03}", parent=parent, source=SOURCE
        )
        Area.objects.create(project=project, slug=f"old-{number}", name=f"Old {number}", sunset_on=SINCE, source=SOURCE)
        office = an_office(f"keeper-{number}", kind=Office.Kind.AREA, area=area)
        begin_term(office=office, person=person, on=SINCE, source=SOURCE, by=None)
        term = begin_term(office=core, person=person, on=SINCE, source=SOURCE, by=None)
        Term.objects.filter(pk=term.pk).update(expires_on=day + timedelta(days=9))
        emeritus = a_person(f"Elder {number}")
        begin_term(office=core, person=emeritus, on=SINCE, source=SOURCE, by=None, standing="emeritus")
        Import.objects.create(
            project=project, source="rules.txt", format="roster", as_of=SINCE, digest=f"{number:064}", files=1,
            reading={}, counts={},
        )  # fmt: skip
        a_read_proposal(f"RFC-{number}")


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_a_list_asks_as_many_questions_for_fifty_rows_as_for_five(client: Client) -> None:
    a_house_of(5)
    client.get("/people/")  # whatever is read once a process
    few = {address: queries_of(client, address) for address in PAGES}
    a_house_of(50, first=5)
    many = {address: queries_of(client, address) for address in PAGES}
    assert many == few
    assert max(many.values()) <= 25


class Links(HTMLParser):
    """The links and the field of the pages of a list."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.inside, self.href = False, ""
        self.hidden: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.inside = (tag == "nav" and said.get("class") == "pages") or (self.inside and tag != "nav")
        self.href = said.get("href") or "" if tag == "a" else ""
        if tag == "input" and said.get("type") == "hidden" and said.get("name") in ("on", "name", "page"):
            self.hidden[said["name"] or ""] = said["value"] or ""

    def handle_data(self, data: str) -> None:
        if self.inside and self.href and data.strip():
            self.found[data.strip()] = self.href

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "nav"
        self.href = ""


def weavers(many: int) -> None:
    Person.objects.bulk_create(
        Person(slug=f"weaver-{number}", name=f"Weaver {number:03}", source=SOURCE) for number in range(many)
    )


def test_every_page_of_a_list_has_an_address_and_keeps_what_was_asked(client: Client) -> None:
    weavers(401)
    page = client.get("/people/?on=2023-05-01&name=weaver&page=3")
    links = Links(page.content.decode())
    base = "?on=2023-05-01&name=weaver"
    assert links.found == {
        "First": base, "Before": f"{base}&page=2", "After": f"{base}&page=4", "Last": f"{base}&page=5",
    }  # fmt: skip
    # The forms of the day and of the name keep each other, and go back to the first page.
    assert links.hidden == {"name": "weaver", "on": "2023-05-01"}
    assert [person.name for person, _ in page.context["people"]][:2] == ["Weaver 200", "Weaver 201"]
    assert Links(client.get("/people/").content.decode()).found == {"After": "?page=2", "Last": "?page=5"}
    last = client.get("/people/?page=99")
    assert [person.name for person, _ in last.context["people"]] == ["Weaver 400"]
    assert Links(last.content.decode()).found == {"First": "?", "Before": "?page=4"}
    assert client.get("/people/?page=x").context["page"].number == 1


def test_a_list_is_searched_by_name_and_says_how_many_it_found(client: Client) -> None:
    weavers(30)
    Identity.objects.create(
        person=Person.objects.get(slug="weaver-7"), kind="github", value="ShuttleGirl", source=SOURCE
    )
    found = client.get("/people/?name=shuttle")
    assert found.context["sentence"] == "1 person is called “shuttle”, of 30."
    assert [person.slug for person, _ in found.context["people"]] == ["weaver-7"]
    assert client.get("/people/?name=%00WEAVER 01").context["sentence"] == "10 people are called “WEAVER 01”, of 30."
    nobody = client.get("/people/?name=<b>")
    assert nobody.context["sentence"] == "No person of 30 is called “<b>”."
    assert "<b>" not in nobody.content.decode()
    assert "Nobody is called so" in nobody.content.decode()
    an_area("looms")
    an_area("needles")
    assert client.get("/areas/?name=loom").context["sentence"] == "1 area is called “loom”, of 2."
    an_office("core")
    assert client.get("/offices/?name=core").context["sentence"] == "1 office is called “core”, of 1."


def test_who_asked_not_to_be_named_is_found_by_no_login(client: Client) -> None:
    person = a_person("Weaver 1", "shuttlegirl")
    Person.objects.filter(pk=person.pk).update(unnamed_since=timezone.now(), name="a person")
    assert client.get("/people/?name=shuttlegirl").context["page"].paginator.count == 0


def test_a_list_of_people_begins_with_who_leads(client: Client) -> None:
    weavers(3)
    for slug, kind, who in (("x", "other", "weaver-1"), ("core", "core", "weaver-2"), ("lead", "lead", "weaver-0")):
        begin_term(
            office=an_office(slug, kind=kind), person=Person.objects.get(slug=who), on=SINCE, source=SOURCE, by=None
        )
    a_person("Ada Example")
    twin = a_person("Zara Example")
    begin_term(office=Office.objects.get(slug="x"), person=twin, on=SINCE, source=SOURCE, by=None)
    merge_people(person=twin, into=a_person("Mary Example"), reason="one human", by=None)
    listed = [person.name for person, _ in client.get("/people/").context["people"]]
    assert listed == ["Weaver 000", "Weaver 002", "Mary Example", "Weaver 001", "Ada Example"]


def test_an_office_of_many_names_some_in_the_list_and_pages_the_others(client: Client) -> None:
    core = an_office("core")
    weavers(101)
    Term.objects.bulk_create(
        Term(office=core, person=person, held=(SINCE, None), source=SOURCE) for person in Person.objects.all()
    )
    ((_, notes, many),) = client.get("/offices/").context["projects"]["Loomery"]
    assert ([note.person for note in notes][:2], len(notes), many) == (["Weaver 000", "Weaver 001"], 9, 101)
    page = client.get("/offices/core/?page=2&terms=2")
    assert page.context["sentence"] == "The office of office of core is held by 101 people."
    assert [note.person for _, note, _ in page.context["holders"]] == ["Weaver 100"]
    assert len(page.context["terms"]) == 1
    assert 'href="?terms=2#' not in page.content.decode()
    assert "?page=2#terms" in page.content.decode()

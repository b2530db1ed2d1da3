"""Somebody who asked not to be named stands in every kind of text, and no address of the site shows them any more."""

import csv
import html
import json
import re
from datetime import date
from pathlib import Path

import icalendar
import pytest
from django.test import Client

from ecosystem.actions.identities import add_identity, rename_login
from ecosystem.actions.people import record_affiliation
from ecosystem.actions.requests import ask, correct_name, decide_word, remove_name
from ecosystem.models import Identity, Person, Withheld
from ecosystem.undecided import still_to_be_looked_at
from ecosystem.withholding import UNNAMED
from governance.actions.ballot_rules import Chosen
from governance.actions.ballots import call_ballot
from governance.actions.ballots_choosing import choose
from governance.actions.comment_periods import begin_final_comment
from governance.actions.concerns import place_hold, raise_concern
from governance.actions.elections import open_nominations
from governance.actions.elections_counting import confirm, count_votes
from governance.actions.elections_nominations import accept, nominate, write_statement
from governance.actions.imports import propose_import
from governance.actions.offices import begin_term
from governance.actions.proposals import add_link, ask_reviewer, move_proposal, revise, take_position
from governance.exporting import export
from governance.models import Election, Import, Office, Proposal, Revision, User
from record.models import Event
from tests.factories.elections import a_member, an_election, opened_now
from tests.factories.people import SOURCE, a_person, a_project, an_account, an_area, an_office
from tests.factories.proposals import a_proposal, an_author, rust_team
from tests.factories.sources_of_imports import dated, imported
from tests.unit.governance.conftest import collected_static

pytestmark = pytest.mark.django_db
__all__ = ["collected_static"]

NAME = "Wilhelmína Quillfeather"
SLUG = "wilhelmina-quillfeather"
# Whatever of these shows, whatever its case: the name, half of it, the logins, the name of the account here.
SECRET = re.compile("wilhelm|quillfeather|wquill|minaq", re.IGNORECASE)
TEXT = f"""# Why {NAME}

**Wilhelmína** Quillfeather, or <i>Wilhelmina</i> QUILLFEATHER, or
Quillfeather, Wilhelmina (@WQuill, once @wquill-old) was asked; see
[her page](https://github.com/wquill), [wquill](https://example.org/people/wquill-old/), `minaq` and
[the paper](https://example.org/{SLUG}.pdf) by wilhelmina_quillfeather.

| who | what |
|---|---|
| Wilhelmina | nothing |
| {NAME} | looms |
"""
# A first name alone may be anybody's: that one is for the administrator.
TEXT = TEXT.replace("| Wilhelmina | nothing |\n", "")


@pytest.fixture
def mina() -> Person:
    """Have somebody of whom much is known, with an account."""
    person = a_person(NAME, github="wquill-old")
    Person.objects.filter(pk=person.pk).update(slug=SLUG)
    person.refresh_from_db()
    rename_login(identity=person.identities.get(), login="wquill", on=date(2024, 1, 1), source=SOURCE, by=None)
    add_identity(person=person, kind=Identity.Kind.GIT_AUTHOR, value="minaq", source=SOURCE, by=None)
    area = an_area()
    for office in (an_office(), an_office("looms", kind=Office.Kind.AREA, area=area)):
        begin_term(office=office, person=person, on=date(2020, 1, 1), source=SOURCE, note=TEXT, by=None)
    record_affiliation(
        person=person, employer="Quill House", employer_slug="house", since=None, until=None, source=SOURCE, by=None
    )
    an_account("minaq-here", person=person)
    return person


@pytest.fixture
def said(mina: Person) -> Proposal:
    """Have her name stand in every kind of text that people write."""
    a_project("rust", kept=False)
    team = rust_team("tess", "tom")
    author, hers = an_author(), User.objects.get(username="minaq-here")
    proposal = a_proposal(author, title=f"Make {NAME} the looms’ keeper", text=TEXT)
    other_words = TEXT.replace("or <i>Wilhelmina</i> QUILLFEATHER", "or Wilhelmina A. QUILLFEATHER")
    revise(proposal=proposal, text=other_words, note=f"as @wquill and {NAME} say", by=author)
    ask_reviewer(proposal=proposal, person=mina, by=author)
    add_link(proposal=proposal, url="https://github.com/wquill/looms/issues/5", label=f"{NAME}’s issue", by=author)
    take_position(proposal=proposal, stand="comment", text=TEXT, by=hers)
    for one in team:
        take_position(proposal=proposal, stand="agree", text=TEXT, by=one)
    begun = move_proposal(proposal=proposal, enters="proposed_fcp", reason=f"{NAME} asked", by=team[0])
    begin_final_comment(proposal=begun, disposition="merge", days=10, by=team[0])
    raise_concern(proposal=proposal, name="wquill’s doubt", text=TEXT, by=team[0])
    place_hold(proposal=proposal, reason=f"until {NAME} is back", by=team[1])
    other = move_proposal(proposal=a_proposal(author, title="Spare threads"), enters="proposed_fcp", by=team[0])
    vote = call_ballot(
        project=other.project, decision="accept_rfc", question=f"Is {NAME} to weave?", text=TEXT, proposal=other,
        chosen=Chosen("1/2", "seated", True, 7), by=team[0],
    )  # fmt: skip
    choose(ballot=vote, word="yes", reason=f"as @wquill says, and {NAME}", by=team[0])
    propose_import(dated=dated(f"core: wquill {NAME}\n{NAME} wrote this line\n", date(2021, 1, 1)), by=None)
    imported(f"shuttle: wquill {NAME}, Quill House\n@wquill’s line\n", date(2021, 1, 1))
    return proposal


@pytest.fixture
def elected(mina: Person) -> Election:
    """Have her elected, by votes that are published."""
    stage = an_election(seats=2)
    Election.objects.update(about=TEXT)
    open_nominations(election=stage.election, by=stage.officer)
    hers, joes = User.objects.get(username="minaq-here"), a_member("Joe Quillwright")
    stage.accounts["joe"] = joes
    for account in (hers, joes):
        nomination = nominate(
            election=stage.election, person=account.person, reason=f"{NAME} weaves", by=stage.accounts["ann"]
        )
        write_statement(nomination=accept(nomination=nomination, by=account), statement=TEXT, by=account)
    opened_now(stage)
    for name, order in (("ann", "wilhelmína>joe"), ("ben", "wilhelmína"), ("cat", "joe>wilhelmína"),
                        ("dov", "wilhelmína=joe"), ("eve", "wilhelmína>joe")):  # fmt: skip
        stage.ranked(name, order)
    stage.over()
    count_votes(election=stage.election, by=stage.officer)
    confirm(election=stage.election, by=stage.officer)
    return stage.now()


def addresses_in(page: str) -> set[str]:
    found = {html.unescape(one).partition("#")[0] for one in re.findall(r'href="(/[^"]*|\?[^"]*)"', page)}
    return {one for one in found if not one.startswith(("/static", "/admin", "/accounts", "/record/export", "?"))}


def walked(client: Client, *starts: str, but: tuple[str, ...] = ()) -> dict[str, str]:
    """Return every page that a reader comes to from these, by its address."""
    pages: dict[str, str] = {}
    waiting = ["/", *starts]
    while waiting:
        address = waiting.pop()
        if address in pages or address.startswith(but):
            continue
        response = client.get(address)
        if response.streaming or response.status_code in (302, 403):
            continue
        assert response.status_code == 200, address
        pages[address] = read(response)
        waiting += addresses_in(pages[address]) - pages.keys()
    return pages


def read(response: object) -> str:
    """Return what an answer says, as its reader has it: entities and folded lines undone."""
    text = response.content.decode()  # type: ignore[attr-defined]
    kind = response["Content-Type"].partition(";")[0]  # type: ignore[index]
    if kind == "text/calendar":
        return text.replace("\r\n ", "")
    if kind == "application/json":
        return json.dumps(json.loads(text), ensure_ascii=False)
    return html.unescape(text)


def secrets_in(page: str) -> list[str]:
    """Return what a page gives away, in its text read without tags too, and however it is accented."""
    bare = re.sub(r"<[^>]*>", "", page)
    return sorted({page[max(0, m.start() - 60) : m.end() + 30] for m in SECRET.finditer(page)} | {
        m.group() for m in SECRET.finditer(bare)
    })  # fmt: skip


def everything(client: Client, proposal: Proposal, election: Election) -> dict[str, str]:
    """Return every public page and file, by its address."""
    here, there = proposal.get_absolute_url(), election.get_absolute_url()
    return walked(
        client, "/people/", "/people/?on=2022-01-01", "/areas/", "/offices/", "/offices/core/?on=2022-01-01",
        "/coverage/", "/coverage/coverage.csv", "/record/", "/record/feed.atom", "/record/?words=looms", "/proposals/",
        "/proposals/feed.atom", "/proposals/deadlines.ics", "/votes/", "/elections/", "/imports/", "/charters/",
        "/api/people/", "/api/offices/", "/api/offices/core/", "/api/areas/looms/", "/api/coverage/",
        "/api/openapi.json", *(f"/record/{one}/" for one in Event.objects.values_list("position", flat=True)),
        f"{here}changes/1/2/", f"{here}revisions/1/", f"{here}revisions/2/", "/proposals/?words=looms",
        *(f"{there}{name}" for name in (
            "roll/", "results/", "ballots.csv", "ballots-with-codes.csv", "affiliations.csv", "sitting.csv",
            "observers.json", "nominate/", "exceptions/",
        )),
        *(f"/people/{one}/" for one in Person.objects.filter(merged_into=None).values_list("slug", flat=True)),
        *(f"/api/people/{one}/" for one in Person.objects.filter(merged_into=None).values_list("slug", flat=True)),
    )  # fmt: skip


def a_request(person: Person, kind: str = "removal"):
    return ask(person=person, kind=kind, words="Please.", contact="", address="192.0.2.1")


# Where she stood before, of each kind of page; the walk is worth nothing where a page did not name her.
NAMED = (
    "/proposals/feed.atom", "/proposals/deadlines.ics", "/proposals/", "/votes/",
    "/elections/council/results/", "/elections/council/ballots.csv", "/elections/council/ballots-with-codes.csv",
    "/elections/council/observers.json", "/elections/council/affiliations.csv", "/people/", "/offices/core/",
    "/areas/looms/", "/record/", "/record/feed.atom", "/api/people/", "/api/offices/core/", "/api/areas/looms/",
    f"/people/{SLUG}/", f"/api/people/{SLUG}/", f"/elections/council/candidates/{SLUG}/", "/elections/council/",
)  # fmt: skip


def test_no_address_of_the_site_shows_her(client: Client, said: Proposal, elected: Election, tmp_path: Path) -> None:
    mina = Person.objects.get(slug=SLUG)
    before = everything(client, said, elected)
    here = said.get_absolute_url()
    imports = [one.get_absolute_url() for one in Import.objects.all()]
    named = (*NAMED, *imports, here, f"{here}changes/1/2/", f"{here}revisions/1/", "/proposals/?words=looms")
    assert [one for one in named if not secrets_in(before.get(one, ""))] == []

    stored = list(Revision.objects.order_by("pk").values_list("text", flat=True))
    remove_name(person=mina, request=a_request(mina), by="admin")
    after = everything(client, said, elected)
    # Nothing went missing with the name: every page is there, under the address that is shown.
    assert len(after) >= len(before) - 1
    for reader in ("tess", "wanda", "root"):
        # Who may write is shown forms, too; documents and the record are the same for everybody.
        pages = walked(signed_in(reader), "/portal/", "/proposals/", "/elections/", "/votes/", "/imports/",
                       but=("/record/", "/api/"))  # fmt: skip
        after |= {f"{reader}: {address}": page for address, page in pages.items()}
    assert {address: found for address, page in after.items() if (found := secrets_in(page))} == {}
    assert [address for address in after if SECRET.search(address)] == []
    assert list(Revision.objects.order_by("pk").values_list("text", flat=True)) == stored
    export(tmp_path / "facts", date(2026, 1, 1))
    for path in (tmp_path / "facts").rglob("*"):
        assert not SECRET.search(str(path.relative_to(tmp_path)))
        assert path.is_dir() or not SECRET.search(path.read_text())


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.filter(username=username).first() or an_account(username))
    return client


def test_who_looks_for_the_name_finds_nothing(client: Client, said: Proposal) -> None:
    mina = Person.objects.get(slug=SLUG)
    assert "looms’ keeper" in client.get("/proposals/?words=Quillf").content.decode()
    remove_name(person=mina, request=a_request(mina), by="admin")
    for asked in ("Quillf", NAME, "wquill"):
        page = client.get("/proposals/", {"words": asked})
        assert "looms’ keeper" not in page.content.decode()
        assert page.context["sentence"] == "No proposal matches."
    assert "looms’ keeper" in client.get("/proposals/?words=keeper").content.decode()


def test_published_ballots_keep_two_who_are_not_named_apart(client: Client, elected: Election) -> None:
    mina, joe = Person.objects.get(slug=SLUG), Person.objects.get(slug="joe-quillwright")
    before = list(csv.reader(client.get("/elections/council/ballots.csv").content.decode().splitlines()))
    for person in (mina, joe):
        remove_name(person=person, request=a_request(person), by="admin")
    after = list(csv.reader(client.get("/elections/council/ballots.csv").content.decode().splitlines()))
    shown = {NAME: f"unnamed-{mina.pk}", "Joe Quillwright": f"unnamed-{joe.pk}"}
    assert after == [[shown.get(cell, cell) for cell in line] for line in before]
    document = client.get("/elections/council/observers.json").json()
    assert len(document["counts"][0]["affiliations"]["candidates"]) == 2


def test_a_reader_who_holds_the_document_of_before_is_given_the_new_one(client: Client, mina: Person) -> None:
    before = client.get("/api/offices/core/")
    assert client.get("/api/offices/core/", headers={"If-None-Match": before["ETag"]}).status_code == 304
    correct_name(person=mina, name="Willem Weaver", request=a_request(mina, "correction"), by="admin")
    after = client.get("/api/offices/core/", headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert NAME in json.dumps(before.json(), ensure_ascii=False)
    assert not re.search("wilhelm|quillfeather", json.dumps(after.json(), ensure_ascii=False), re.IGNORECASE)


def test_a_calendar_stays_one_that_programs_read(client: Client, said: Proposal) -> None:
    mina = Person.objects.get(slug=SLUG)
    remove_name(person=mina, request=a_request(mina), by="admin")
    entries = icalendar.Calendar.from_ical(client.get("/proposals/deadlines.ics").content).walk("VEVENT")
    assert any(UNNAMED in str(one["summary"]) for one in entries)


# -- what no rule can decide -----------------------------------------------------------------------------------------


def test_a_word_that_may_mean_something_else_is_left_and_told_to_the_administrator(client: Client) -> None:
    grace = a_person("Grace Quillfeather", github="silver")
    author = an_author()
    text = "Grace asked for a period of grace. @silver spins: a silver string. So says Grace Quillfeather."
    proposal = a_proposal(author, title="A grace period", text=text)
    remove_name(person=grace, request=a_request(grace), by="admin")
    page = client.get(proposal.get_absolute_url()).content.decode()
    assert f"Grace asked for a period of grace. @unnamed-{grace.pk} spins: a silver string. So says {UNNAMED}." in page

    client.force_login(an_account("admin", is_superuser=True))
    listing = client.get("/people/requests/")
    assert listing.context["sentence"] == "No request waits; 1 was answered; 2 words are still to be looked at."
    looked = {one.word: one for one in still_to_be_looked_at()}
    assert sorted(looked) == ["grace", "silver"]
    assert any(place.url == proposal.get_absolute_url() and place.word == "Grace" for place in looked["grace"].places)
    assert "a period of <mark>" not in listing.content.decode()
    assert "spins: a <mark>silver</mark> string" in listing.content.decode()

    withheld = Withheld.objects.get(person=grace)
    address = f"/people/requests/words/{withheld.pk}/"
    assert "Say what the word means." in client.post(address, {"word": "grace"}, follow=True).content.decode()
    client.post(address, {"word": "silver", "means": "else"})
    client.post(address, {"word": "grace", "means": "person"})
    assert not still_to_be_looked_at()
    page = client.get(proposal.get_absolute_url()).content.decode()
    assert f"{UNNAMED} asked for a period of {UNNAMED}." in page
    assert "a silver string" in page
    last = Event.objects.latest("position")
    assert last.summary == f"A word that may mean {UNNAMED} is withheld wherever it stands."
    assert "race" not in json.dumps(last.data)
    assert "decided before" in client.post(address, {"word": "grace", "means": "else"}, follow=True).content.decode()
    assert Revision.objects.get(proposal=proposal).text.strip() == text


def test_only_administrators_decide_words(client: Client, mina: Person) -> None:
    remove_name(person=mina, request=a_request(mina), by="admin")
    client.force_login(an_account("plain"))
    assert client.post(f"/people/requests/words/{mina.withheld.pk}/", {"word": "x", "means": "else"}).status_code == 403


def test_a_name_that_somebody_else_bears_is_theirs_still(client: Client) -> None:
    first = a_person("Ada Example")
    second = Person.objects.create(slug="ada-example-2", name="Ada Example", source=SOURCE)
    proposal = a_proposal(an_author(), text="Ada Example said so.")
    remove_name(person=first, request=a_request(first), by="admin")
    assert "Ada Example said so." in client.get(proposal.get_absolute_url()).content.decode()
    assert "Ada Example" in client.get(second.get_absolute_url()).content.decode()
    assert "Ada Example" in [one.word for one in still_to_be_looked_at()]
    decide_word(withheld=first.withheld, word="Ada Example", means_the_person=True, by="admin")
    assert "Ada Example said so." not in client.get(proposal.get_absolute_url()).content.decode()


def test_whose_name_is_longer_keeps_it(client: Client) -> None:
    ada, smith = a_person("Ada Example"), a_person("Ada Example Smith")
    proposal = a_proposal(an_author(), text="Ada Example and Ada Example Smith (/people/ada-example-smith/) agree.")
    remove_name(person=ada, request=a_request(ada), by="admin")
    page = client.get(proposal.get_absolute_url()).content.decode()
    assert f"{UNNAMED} and Ada Example Smith (/people/ada-example-smith/) agree." in page
    assert smith.get_absolute_url() in client.get("/people/").content.decode()

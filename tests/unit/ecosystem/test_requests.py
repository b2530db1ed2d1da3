"""A person asks for a correction or removal: nothing of it is published, and what was shown is shown no more."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from ecosystem.actions.identities import add_identity, rename_login
from ecosystem.actions.merging import merge_people
from ecosystem.actions.people import record_affiliation
from ecosystem.actions.requests import FROM_ONE_ADDRESS, RequestRefused, answer, ask, correct_name, remove_name
from ecosystem.models import Identity, Person, Request
from ecosystem.queries import affiliations_of, public_identities
from ecosystem.withholding import UNNAMED
from governance.actions.offices import begin_term
from governance.models import Office
from record.models import Event
from tests.factories.people import SOURCE, a_person, an_account, an_area, an_office

pytestmark = pytest.mark.django_db

SECRETS = (
    "Wilhelmina",
    "Quillfeather",
    "wquill",
    "wilhelmina-quillfeather",
    "minaq",
    "mina@example.org",
    "Quill & Sons",
)


@pytest.fixture
def mina() -> Person:
    """Have somebody of whom much is known."""
    person = a_person("Wilhelmina Quillfeather", github="wquill-old")
    account = person.identities.get()
    rename_login(identity=account, login="wquill", on=date(2024, 1, 1), source=SOURCE, by=None)
    for kind, value in ((Identity.Kind.GIT_AUTHOR, "minaq"), (Identity.Kind.EMAIL, "mina@example.org")):
        add_identity(person=person, kind=kind, value=value, source=SOURCE, by=None)
    for office in (an_office(), an_office("looms", kind=Office.Kind.AREA, area=an_area())):
        begin_term(
            office=office,
            person=person,
            on=date(2020, 1, 1),
            source=SOURCE,
            note="Wilhelmina Quillfeather knows looms.",
            by=None,
        )
    record_affiliation(
        person=person, employer="Quill & Sons", employer_slug="quill", since=None, until=None, source=SOURCE, by=None
    )
    return person


def a_request(person: Person | None, kind: str = "removal") -> Request:
    return ask(person=person, kind=kind, words="Please.", contact="mina@example.org", address="192.0.2.1")


def everything_public(client: Client) -> dict[str, str]:
    """Return every public page and file that may speak of people, by its address."""
    addresses = [
        "/", "/people/", "/areas/", "/areas/looms/", "/offices/", "/offices/core/", "/offices/looms/", "/coverage/",
        "/coverage/coverage.csv", "/record/feed.atom", "/people/?on=2022-01-01", "/offices/core/?on=2022-01-01",
        *(f"/people/{slug}/" for slug in Person.objects.filter(merged_into=None).values_list("slug", flat=True)),
        *(f"/record/{position}/" for position in Event.objects.values_list("position", flat=True)),
        "/record/", "/record/?upto=20",
    ]  # fmt: skip
    pages = {address: client.get(address).content.decode() for address in addresses}
    export = client.get("/record/export.jsonl")
    return {**pages, "export": b"".join(export.streaming_content).decode()}


def test_an_address_is_on_no_page_and_in_no_file(client: Client, mina: Person) -> None:
    a_request(mina)
    for address, page in everything_public(client).items():
        assert "@example.org" not in page, address


def test_after_removal_nothing_shows_the_name(client: Client, mina: Person) -> None:
    assert any("Wilhelmina" in page for page in everything_public(client).values())
    remove_name(person=mina, request=a_request(mina), by="admin")
    for address, page in everything_public(client).items():
        for secret in SECRETS:
            if secret == "Quill & Sons" and address.startswith("/record"):
                continue  # the employer is an organisation; that it was hers is told by nothing
            assert secret not in page, (secret, address)
    assert client.get("/people/wilhelmina-quillfeather/").status_code == 404


def test_after_removal_the_offices_stay(client: Client, mina: Person) -> None:
    remove_name(person=mina, request=a_request(mina), by="admin")
    assert client.get("/offices/core/").context["sentence"] == (f"The office of office of core is held by {UNNAMED}.")
    mina.refresh_from_db()
    assert mina.slug == f"unnamed-{mina.pk}"
    assert client.get(mina.get_absolute_url()).context["sentence"].startswith("A person who asked not to be named is")
    assert not public_identities(mina)
    assert not affiliations_of(mina)


def test_after_removal_the_record_is_whole_and_says_that_it_was_done(client: Client, mina: Person) -> None:
    request = a_request(mina)
    remove_name(person=mina, request=request, by="admin")
    last = Event.objects.latest("position")
    assert (last.kind, last.actor, last.subject) == ("request.answered", "admin", f"request/{request.pk}")
    assert last.summary == "A request for removal of what is shown of a person was done."
    assert last.data == {"kind": "removal", "state": "done"}
    said = StringIO()
    call_command("verify_record", stdout=said)
    assert "The record is whole" in said.getvalue()


def test_whoever_is_merged_with_them_is_unnamed_too(client: Client, mina: Person) -> None:
    other = a_person("Mina Quillfeather")
    merge_people(person=other, into=mina, reason="one human", by=None)
    remove_name(person=mina, request=a_request(mina), by="admin")
    assert not any("Quillfeather" in page for page in everything_public(client).values())


def test_a_login_that_is_an_ordinary_word_is_withheld_only_where_it_means_the_person(client: Client) -> None:
    person = a_person("Ada Example", github="core")
    begin_term(office=an_office(), person=person, on=date(2020, 1, 1), source=SOURCE, by=None)
    remove_name(person=person, request=a_request(person), by="admin")
    page = client.get("/record/").content.decode()
    assert "became office of core on 2020-01-01" in page
    assert "on GitHub core" not in page


def test_a_corrected_name_is_the_only_one_shown(client: Client, mina: Person) -> None:
    correct_name(person=mina, name="Willem Quillfeather", request=a_request(mina, "correction"), by="admin")
    for address, page in everything_public(client).items():
        assert "Wilhelmina" not in page, address
        assert "wilhelmina" not in page, address
    assert "Willem Quillfeather became office of core" in client.get("/record/").content.decode()
    assert client.get("/people/willem-quillfeather/").status_code == 200


def test_a_name_that_is_taken_is_refused_and_nothing_is_changed(mina: Person) -> None:
    a_person("Ada Example")
    request = a_request(mina, "correction")
    for name in ("Ada Example", "???"):
        with pytest.raises(RequestRefused, match="Nobody can be shown"):
            correct_name(person=mina, name=name, request=request, by="admin")
    request.refresh_from_db()
    assert request.state == "open"


def test_an_answer_wipes_what_was_asked(mina: Person) -> None:
    request = answer(request=a_request(mina), done=False, by="admin")
    assert (request.words, request.contact, request.asked_from, request.person) == ("", "", "", None)
    assert Event.objects.latest("position").summary.endswith("was declined.")
    with pytest.raises(RequestRefused, match="answered before"):
        answer(request=request, done=True, by="admin")
    with pytest.raises(IntegrityError, match="request_answered_is_wiped"), transaction.atomic():
        Request.objects.update(words="kept after all")


def test_nothing_is_half_done_when_the_request_was_answered(mina: Person) -> None:
    request = answer(request=a_request(mina), done=False, by="admin")
    with pytest.raises(RequestRefused):
        remove_name(person=mina, request=request, by="admin")
    mina.refresh_from_db()
    assert mina.name == "Wilhelmina Quillfeather"


# -- the form -----------------------------------------------------------------------------------------------------


def sent(client: Client, address: str = "/people/wilhelmina-quillfeather/ask/", **more: str) -> object:
    return client.post(address, {"kind": "removal", "words": "My name, please.", **more})


def test_anybody_may_ask_and_nothing_is_published(client: Client, mina: Person) -> None:
    assert "/people/wilhelmina-quillfeather/ask/" in client.get("/people/wilhelmina-quillfeather/").content.decode()
    page = client.get("/people/wilhelmina-quillfeather/ask/")
    assert page.context["sentence"].startswith("What is shown of Wilhelmina Quillfeather can be corrected")
    events = Event.objects.count()
    assert sent(client, contact="mina@example.org").status_code == 302
    request = Request.objects.get()
    assert (request.person, request.words) == (mina, "My name, please.")
    assert "127.0.0.1" not in request.asked_from
    assert Event.objects.count() == events
    assert not any("My name, please." in page for page in everything_public(client).values())


def test_asking_without_words_is_refused_beside_the_field(client: Client, mina: Person) -> None:
    assert "This field is required." in sent(client, words=" ").content.decode()
    assert not Request.objects.exists()


def test_asking_about_nobody_in_particular(client: Client) -> None:
    assert client.get("/people/ask/").context["sentence"].startswith("What is shown of you can be corrected")
    assert sent(client, "/people/ask/").status_code == 302
    assert Request.objects.get().person is None


def test_too_many_from_one_address_are_not_kept(client: Client, mina: Person) -> None:
    for _ in range(FROM_ONE_ADDRESS):
        assert sent(client).status_code == 302
    refused = sent(client)
    assert refused.status_code == 429
    assert "Too many requests came in the last hour" in refused.content.decode()
    assert sent(Client(REMOTE_ADDR="192.0.2.9")).status_code == 302
    Request.objects.update(asked_at=timezone.now() - timedelta(hours=2))
    assert sent(client).status_code == 302


def test_only_administrators_read_and_answer(client: Client, mina: Person) -> None:
    request = a_request(mina)
    assert client.get("/people/requests/").status_code == 302
    client.force_login(an_account("plain"))
    assert client.get("/people/requests/").status_code == 403
    assert client.post(f"/people/requests/{request.pk}/", {"answer": "done"}).status_code == 403
    client.force_login(an_account("admin", is_superuser=True))
    page = client.get("/people/requests/")
    assert page.context["sentence"] == "1 request waits for an answer; 0 were answered."
    assert "Please." in page.content.decode()
    client.post(f"/people/requests/{request.pk}/", {"answer": "remove", "person": "wilhelmina-quillfeather"})
    mina.refresh_from_db()
    assert mina.name == UNNAMED
    assert client.get("/people/requests/").context["sentence"] == "No request waits; 1 was answered."


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Choose an answer."),
        ({"answer": "remove"}, "Choose the person"),
        ({"answer": "correct"}, "Choose the person"),
    ],
)
def test_an_answer_that_says_too_little_is_refused(
    client: Client, mina: Person, said: dict[str, str], words: str
) -> None:
    request = a_request(mina)
    client.force_login(an_account("admin", is_superuser=True))
    assert words in client.post(f"/people/requests/{request.pk}/", said, follow=True).content.decode()
    assert Request.objects.get().state == "open"

"""A version that was decided elsewhere: entered by one, none until a second holder of the office confirms it."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from ecosystem.actions.merging import merge_people
from governance.actions.charters import AdoptionRefused, adopt_charter
from governance.actions.charters_entered import confirm_entry, enter_decision, withdraw_entry
from governance.models import CharterEntry, CharterVersion, User
from governance.queries.charters import made_by, version_in_force
from governance.queries.charters_awaited import awaited_of_charters
from governance.queries.charters_proposed import waiting_entry
from record.models import Event
from tests.factories.charters import MAY, STRICTER, the_loom, weavers
from tests.factories.people import a_project
from tests.factories.proposals import an_author
from tests.unit.charter.small import SMALL

pytestmark = pytest.mark.django_db

ELSEWHERE = "https://example.org/decisions/7"


@pytest.fixture
def ws() -> list[User]:
    the_loom()
    return weavers("wim", "wera", "wolf")


def enter(by: User, **more: object) -> CharterEntry:
    given = {
        "project": a_project("loom"), "text": STRICTER, "source": ELSEWHERE, "decided_on": date(2026, 4, 30),
        "in_force_from": MAY, "by": by,
    }  # fmt: skip
    return enter_decision(**{**given, **more})


def test_what_one_entered_is_no_version(ws: list[User]) -> None:
    entry = enter(ws[0])
    assert entry.waits
    assert CharterVersion.objects.count() == 1
    assert version_in_force(a_project("loom")).number == 1
    assert waiting_entry(a_project("loom")) == entry
    event = Event.objects.get(kind="charter.entered")
    assert event.summary == f"Wim Example entered a version, decided at {ELSEWHERE}; not confirmed."
    assert event.subject == "charter/loom"


def test_a_second_one_makes_it_the_next_version_and_the_record_names_both(ws: list[User]) -> None:
    entry = enter(ws[0])
    version = confirm_entry(entry=entry, seen=entry.digest, by=ws[1])
    assert (version.number, version.text, version.decided_by, version.in_force_from) == (2, STRICTER, ELSEWHERE, MAY)
    entry.refresh_from_db()
    assert (entry.version, entry.waits) == (version, False)
    assert Event.objects.get(kind="charter.adopted").summary == (
        f"Version 2 of the rules of Loom was adopted by {ELSEWHERE}, in force from 2026-05-01; "
        "decided on 2026-04-30, entered by Wim Example, confirmed by Wera Example."
    )
    assert made_by(version)[2] == "entered by Wim Example, confirmed by Wera Example"
    assert waiting_entry(a_project("loom")) is None


def test_who_may_confirm_is_asked_to_but_not_who_entered(ws: list[User]) -> None:
    enter(ws[0])
    asked = [awaited_of_charters(user.person, timezone.now()) for user in ws[:2] if user.person]
    assert asked[0] == []
    assert [one.words for one in asked[1]] == [
        "Say whether Loom decided the version of its charter that Wim Example entered."
    ]


def test_nobody_confirms_what_they_entered(ws: list[User]) -> None:
    entry = enter(ws[0])
    with pytest.raises(PermissionDenied, match="You entered it: somebody else"):
        confirm_entry(entry=entry, seen=entry.digest, by=ws[0])
    assert CharterVersion.objects.count() == 1


def test_two_accounts_of_one_human_are_one(ws: list[User]) -> None:
    entry = enter(ws[0])
    assert ws[0].person is not None
    assert ws[1].person is not None
    merge_people(person=ws[0].person, into=ws[1].person, reason="The same human.", by=None)
    again = User.objects.get(pk=ws[1].pk)
    with pytest.raises(PermissionDenied, match="You entered it"):
        confirm_entry(entry=entry, seen=entry.digest, by=again)


def test_the_database_refuses_one_person_for_both(ws: list[User]) -> None:
    entry = enter(ws[0])
    version = adopt_charter(
        project=a_project("loom"), text=STRICTER, decided_by="https://example.org/8", on=MAY, by=None
    )
    with pytest.raises(IntegrityError, match="charter_entry_takes_two"), transaction.atomic():
        CharterEntry.objects.filter(pk=entry.pk).update(
            confirmed_by=entry.entered_by, confirmed_at=timezone.now(), version=version
        )


def test_who_holds_no_office_neither_enters_nor_confirms(ws: list[User]) -> None:
    author = an_author()
    with pytest.raises(PermissionDenied, match="Only the weavers"):
        enter(author)
    entry = enter(ws[0])
    with pytest.raises(PermissionDenied, match="Only the weavers"):
        confirm_entry(entry=entry, seen=entry.digest, by=author)
    with pytest.raises(PermissionDenied, match="Only the weavers"):
        withdraw_entry(entry=entry, reason="No.", by=author)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"source": "http://example.org/x"}, "Name the address"),
        ({"source": "https://example.org/a b"}, "Name the address"),
        ({"text": "schema = 1"}, "This is no charter"),
        ({"text": SMALL}, "changes nothing of version 1"),
        ({"in_force_from": date(2026, 4, 29)}, "is not in force from 2026-04-29, before that"),
        ({"decided_on": date(2999, 1, 1), "in_force_from": date(2999, 1, 1)}, "is yet to come"),
        ({"in_force_from": date(2999, 1, 1)}, "more than a year away"),
    ],
)
def test_what_cannot_be_entered_leaves_nothing(ws: list[User], more: dict[str, object], words: str) -> None:
    before = Event.objects.count()
    with pytest.raises(AdoptionRefused, match=words):
        enter(ws[0], **more)
    assert not CharterEntry.objects.exists()
    assert Event.objects.count() == before


def test_one_waits_at_a_time_until_it_is_withdrawn_with_a_reason(ws: list[User]) -> None:
    entry = enter(ws[0])
    with pytest.raises(AdoptionRefused, match="Another version waits"):
        enter(ws[1], source="https://example.org/decisions/8")
    with pytest.raises(AdoptionRefused, match="Give the reason"):
        withdraw_entry(entry=entry, reason=" ", by=ws[1])
    withdraw_entry(entry=entry, reason="The wrong file.", by=ws[1])
    with pytest.raises(PermissionDenied, match="It was withdrawn"):
        confirm_entry(entry=entry, seen=entry.digest, by=ws[2])
    assert Event.objects.get(kind="charter.entry_withdrawn").summary.endswith(": The wrong file.")
    assert enter(ws[1]).waits


def test_a_charter_that_changed_since_refuses_the_entry(client: Client, ws: list[User]) -> None:
    entry = enter(ws[0])
    adopt_charter(
        project=a_project("loom"),
        text=SMALL.replace('value = "2/3"', 'value = "90 %"'),
        decided_by="https://example.org/8",
        on=MAY - timedelta(days=9),
        by="adopt_charter",
    )
    with pytest.raises(AdoptionRefused, match="Version 2 was adopted since this was entered after version 1"):
        confirm_entry(entry=entry, seen=entry.digest, by=ws[1])
    assert CharterVersion.objects.count() == 2
    client.force_login(ws[1])
    page = client.get(entry.get_absolute_url()).content.decode()
    assert "withdraw it, and enter it anew" in page
    assert "Confirm that this was decided" not in page


def test_what_is_confirmed_is_what_was_shown(ws: list[User]) -> None:
    entry = enter(ws[0])
    with pytest.raises(AdoptionRefused, match="You were shown another text"):
        confirm_entry(entry=entry, seen="0" * 64, by=ws[1])

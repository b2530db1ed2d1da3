"""An account for a known person, by a link that works once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.test import Client
from django.utils import timezone

from ecosystem.actions.merging import merge_people
from governance.actions.administrator import hashed
from governance.actions.invitations import InvitationRefused, accept_with_new_account, invite, open_invitation
from governance.models import Invitation, User
from governance.policies.accounts import may_invite
from record.models import Event
from tests.factories.people import a_person, a_signatory, an_account

pytestmark = pytest.mark.django_db
PASSWORD = "a quieter loom"


def test_an_invited_person_chooses_a_name_and_acts_for_themselves(client: Client) -> None:
    token = invite(person=a_person("Grace Example"), by=a_signatory())
    address = f"/accounts/invitation/{token.value}/"
    assert "You are invited as Grace Example" in client.get(address).content.decode()
    answer = client.post(address, {"username": "grace", "password1": PASSWORD, "password2": PASSWORD})
    assert answer.headers["Location"] == "/portal/"
    assert User.objects.get(username="grace").person.name == "Grace Example"
    assert "acts for Grace Example, by invitation" in Event.objects.get(kind="account.linked").summary
    assert client.get(address).status_code == 410
    assert Client().get("/accounts/invitation/").status_code == 410


def test_a_link_leaves_no_trace_and_its_token_is_not_stored(client: Client, caplog) -> None:
    token = invite(person=a_person("Grace Example"), by=a_signatory())
    answer = client.get(f"/accounts/invitation/{token.value}/")
    assert answer["Referrer-Policy"] == "strict-origin"
    assert token.value not in caplog.text
    assert token.value not in answer.content.decode()
    assert token.value not in Invitation.objects.get().token_hash
    assert not any(token.value in str(event.data) + event.summary for event in Event.objects.all())


def test_a_session_keeps_no_token_while_github_is_asked(client: Client) -> None:
    token = invite(person=a_person("Grace Example"), by=a_signatory())
    client.get(f"/accounts/invitation/{token.value}/")
    (session,) = Session.objects.all()
    assert token.value not in str(session.get_decoded())
    assert "You are invited as Grace Example" in client.get("/accounts/invitation/").content.decode()
    kept = session.get_decoded()["invitation"]
    assert Client().get(f"/accounts/invitation/{kept}/").status_code == 410


def test_a_link_without_its_last_sign_works_and_leaves_no_trace(client: Client) -> None:
    token = invite(person=a_person("Grace Example"), by=a_signatory())
    answer = client.get(f"/accounts/invitation/{token.value}")
    assert "You are invited as Grace Example" in answer.content.decode()
    assert not any(token.value in str(value) for value in answer.wsgi_request.META.values())


def test_who_is_signed_in_keeps_the_account(client: Client) -> None:
    token = invite(person=a_person("Grace Example"), by=a_signatory())
    own = an_account("grace")
    client.force_login(own)
    address = f"/accounts/invitation/{token.value}/"
    assert "should this account act for Grace Example?" in client.get(address).content.decode()
    client.post(address)
    own.refresh_from_db()
    assert own.person.name == "Grace Example"


def test_an_account_that_acts_for_somebody_keeps_doing_so(client: Client) -> None:
    inviter = a_signatory()
    token = invite(person=a_person("Grace Example"), by=inviter)
    client.force_login(inviter)
    assert "acts for Ada Example already" in client.post(f"/accounts/invitation/{token.value}/").content.decode()
    assert open_invitation(hashed(token.value))


def test_a_later_invitation_replaces_an_earlier_one_and_time_ends_both() -> None:
    person, inviter = a_person("Grace Example"), a_signatory()
    first, second = invite(person=person, by=inviter), invite(person=person, by=inviter)
    assert open_invitation(hashed(first.value)) is None
    assert open_invitation(hashed(second.value))
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(InvitationRefused, match="has expired"):
        accept_with_new_account(token_hash=hashed(second.value), username="grace", password=PASSWORD)
    assert not User.objects.filter(username="grace").exists()


def test_nobody_is_invited_twice_over() -> None:
    inviter = a_signatory()
    with pytest.raises(InvitationRefused, match="has an account already"):
        invite(person=inviter.person, by=inviter)


def test_another_entry_of_somebody_with_an_account_is_no_way_to_a_second_one() -> None:
    inviter = a_signatory()
    twin, other = a_person("A. Example"), a_person("Ada E.")
    merge_people(person=twin, into=inviter.person, reason="entered twice", by=None)
    with pytest.raises(InvitationRefused, match="has an account already"):
        invite(person=twin, by=inviter)
    token = invite(person=other, by=inviter)
    merge_people(person=other, into=inviter.person, reason="entered twice", by=None)
    with pytest.raises(InvitationRefused, match="has an account already"):
        accept_with_new_account(token_hash=hashed(token.value), username="second", password=PASSWORD)
    assert not User.objects.filter(username="second").exists()


def test_only_who_answers_for_the_project_invites(client: Client) -> None:
    person, reader = a_person("Grace Example"), an_account("reader")
    assert not may_invite(reader)
    with pytest.raises(PermissionDenied):
        invite(person=person, by=reader)
    client.force_login(reader)
    assert client.post(f"/accounts/invitations/{person.slug}/").status_code == 403
    client.force_login(a_signatory())
    answer = client.post(f"/accounts/invitations/{person.slug}/")
    assert "http://testserver/accounts/invitation/" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_a_link_at_once_one_gets_the_account() -> None:
    token = invite(person=a_person("Grace Example"), by=a_signatory())

    def take(name: str) -> str:
        try:
            return accept_with_new_account(token_hash=hashed(token.value), username=name, password=PASSWORD).username
        except InvitationRefused:
            return ""
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        took = [name for name in threads.map(take, ("a-one", "b-two", "c-three", "d-four")) if name]
    assert len(took) == 1
    assert list(User.objects.filter(person__name="Grace Example").values_list("username", flat=True)) == took
    assert User.objects.count() == 2


def test_whom_to_invite_is_looked_up_by_name_or_login(client: Client) -> None:
    a_person("Grace Example", github="Grace-Loom")
    a_person("Gracia Example")
    client.force_login(a_signatory())
    assert "Invite somebody" in client.get("/portal/").content.decode()
    address = "/accounts/invitations/"
    assert client.get(address, {"who": "grace-loom"}).headers["Location"] == "/accounts/invitations/grace-example/"
    assert "2 people are called like" in client.get(address, {"who": "grac"}).content.decode()
    assert "Nobody is known here" in client.get(address, {"who": "nobody"}).content.decode()
    client.force_login(an_account("reader"))
    assert client.get(address).status_code == 403

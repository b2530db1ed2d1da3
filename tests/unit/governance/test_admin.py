"""The administration: accounts are edited and written down, everything else is read."""

import pytest
from django.contrib import admin
from django.test import Client

from governance.models import User
from record.models import Event
from tests.factories.people import a_person, an_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> User:
    user = an_account("root", is_superuser=True, is_staff=True)
    client.force_login(user)
    return user


@pytest.mark.parametrize("app", ["record", "ecosystem", "governance"])
def test_every_page_of_ours_opens_and_only_accounts_can_be_changed(
    client: Client, administrator: User, app: str
) -> None:
    ours = [model for model in admin.site._registry if model._meta.app_label == app]
    assert ours
    for model in ours:
        base = f"/admin/{app}/{model._meta.model_name}/"
        assert client.get(base).status_code == 200
        expected = 200 if model is User else 403
        assert client.get(f"{base}add/").status_code == expected, base


def test_who_says_whose_account_it_is_stands_in_the_record(client: Client, administrator: User) -> None:
    person, user = a_person(), an_account()
    form = client.get(f"/admin/governance/user/{user.pk}/change/").context["adminform"].form
    data = {name: value for name, value in form.initial.items() if value not in (None, [], False)}
    data = {name: value for name, value in data.items() if name not in ("date_joined", "last_login", "password")}
    data |= {"person": person.pk, "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    response = client.post(f"/admin/governance/user/{user.pk}/change/", data)
    assert response.status_code == 302, response.context["errors"]
    user.refresh_from_db()
    assert user.person == person
    event = Event.objects.latest("position")
    assert (event.kind, event.actor) == ("account.changed", "root")
    assert event.summary == "root changed the account ada, which acts for Ada Example."
    assert event.data["person"] == "ada-example"


def test_an_account_is_switched_off_and_never_deleted(client: Client, administrator: User) -> None:
    user = an_account()
    assert client.post(f"/admin/governance/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()

"""Signing in, and how guessing is slowed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from governance.actions.sign_in import ACCOUNT, ACCOUNT_HERE, ADDRESS, TooSoon, count_try, forgive, wait_s
from governance.models import SignInDelay
from tests.factories.people import an_account

pytestmark = pytest.mark.django_db

RIGHT, WRONG = "loom and needle", "wrong"


def tried(client: Client, password: str, username: str = "ada", address: str = "192.0.2.1"):
    return client.post("/accounts/login/", {"login": username, "password": password}, REMOTE_ADDR=address)


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_right_password_signs_in_and_leads_where_one_came_from(client: Client) -> None:
    an_account()
    response = client.post("/accounts/login/?next=/portal/", {"login": "ada", "password": RIGHT, "next": "/portal/"})
    assert response.headers["Location"] == "/portal/"
    assert signed_in(client)


def test_nobody_is_led_to_another_site(client: Client) -> None:
    an_account()
    response = client.post("/accounts/login/", {"login": "ada", "password": RIGHT, "next": "https://evil.example/"})
    assert response.headers["Location"] == "/"


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(client: Client) -> None:
    an_account()
    pages = [tried(client, WRONG, username).content.decode() for username in ("ada", "nobody")]
    assert all("No account has this name with this password" in page for page in pages)
    assert not signed_in(client)


def test_signing_out_takes_a_form_and_not_a_link(client: Client) -> None:
    an_account()
    tried(client, RIGHT)
    assert client.get("/accounts/logout/").status_code == 405
    assert signed_in(client)
    client.post("/accounts/logout/")
    assert not signed_in(client)


def test_an_account_chooses_a_new_password(client: Client) -> None:
    user = an_account()
    assert client.get("/accounts/password/").headers["Location"].startswith("/accounts/login/")
    client.force_login(user)
    new = {"new_password1": "a quieter loom", "new_password2": "a quieter loom"}
    assert client.post("/accounts/password/", {"old_password": WRONG, **new}).status_code == 200
    assert client.post("/accounts/password/", {"old_password": RIGHT, **new}).headers["Location"] == "/portal/"
    user.refresh_from_db()
    assert user.check_password("a quieter loom")


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no time go by: the first wait is a second, and to hash a password may take longer."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)


def test_after_five_failures_even_the_right_password_waits(client: Client, still: None) -> None:
    an_account()
    for _ in range(ACCOUNT_HERE.free):
        assert "Too many tries" not in tried(client, WRONG).content.decode()
    assert "Too many tries: wait" in tried(client, RIGHT).content.decode()
    assert not signed_in(client)


def test_when_the_wait_is_over_one_may_try_again_and_the_count_is_forgotten(client: Client) -> None:
    an_account()
    for _ in range(ACCOUNT_HERE.free + 1):
        tried(client, WRONG)
    SignInDelay.objects.update(wait_until=timezone.now())
    tried(client, RIGHT)
    assert signed_in(client)
    client.post("/accounts/logout/")
    for _ in range(ACCOUNT_HERE.free - 1):
        tried(client, WRONG)
    tried(client, RIGHT)
    assert signed_in(client)


def test_others_are_not_locked_out_by_who_guesses(client: Client) -> None:
    an_account()
    for _ in range(ACCOUNT_HERE.free + 1):
        tried(client, WRONG, address="192.0.2.66")
    tried(client, RIGHT, address="192.0.2.1")
    assert signed_in(client)


def test_capitals_do_not_start_a_new_count(still: None) -> None:
    for username in ("ada", "ADA", " Ada ", "aDa", "adA"):
        count_try(username=username, address="192.0.2.1")
    with pytest.raises(TooSoon):
        count_try(username="Ada", address="192.0.2.1")


def test_many_names_from_one_address_are_slowed(still: None) -> None:
    for number in range(ADDRESS.free):
        count_try(username=f"name-{number}", address="192.0.2.1")
    with pytest.raises(TooSoon):
        count_try(username="another", address="192.0.2.1")
    count_try(username="another", address="192.0.2.2")


def test_one_account_from_many_addresses_is_slowed_but_briefly(still: None) -> None:
    for number in range(ACCOUNT.free):
        count_try(username="ada", address=f"198.51.100.{number}")
    with pytest.raises(TooSoon) as refused:
        count_try(username="ada", address="192.0.2.1")
    assert refused.value.seconds <= ACCOUNT.longest_s


def test_a_try_that_came_too_soon_does_not_lengthen_the_wait(still: None) -> None:
    for _ in range(ACCOUNT_HERE.free):
        count_try(username="ada", address="192.0.2.1")
    before = list(SignInDelay.objects.order_by("key").values_list("failures", "wait_until"))
    with pytest.raises(TooSoon):
        count_try(username="ada", address="192.0.2.1")
    assert list(SignInDelay.objects.order_by("key").values_list("failures", "wait_until")) == before


def test_success_forgets_the_account_and_keeps_what_else_the_address_failed() -> None:
    for username in ("ada", "eve", "eve"):
        count_try(username=username, address="192.0.2.1")
    forgive(username="ada", address="192.0.2.1")
    assert sorted(SignInDelay.objects.values_list("failures", flat=True)) == [2, 2, 2]


def test_failures_are_forgotten_after_an_hour_and_their_rows_after_a_day() -> None:
    count_try(username="eve", address="192.0.2.9")
    for _ in range(ACCOUNT_HERE.free):
        count_try(username="ada", address="192.0.2.1")
    SignInDelay.objects.update(last_failed_at=timezone.now() - timedelta(hours=2), wait_until=timezone.now())
    count_try(username="ada", address="192.0.2.1")
    assert set(
        SignInDelay.objects.exclude(failures=0).order_by("-last_failed_at").values_list("failures", flat=True)[:3]
    ) == {1}
    SignInDelay.objects.update(last_failed_at=timezone.now() - timedelta(days=2))
    count_try(username="mary", address="192.0.2.2")
    assert SignInDelay.objects.count() == 3


def test_no_name_and_no_address_is_stored() -> None:
    count_try(username="ada", address="192.0.2.1")
    assert all(len(row.key) == 64 and "ada" not in row.key for row in SignInDelay.objects.all())


def test_waits_double_up_to_the_longest() -> None:
    assert [wait_s(failures, ACCOUNT_HERE) for failures in (1, 4, 5, 6, 7)] == [0, 0, 1, 2, 4]
    assert wait_s(10**6, ACCOUNT_HERE) == ACCOUNT_HERE.longest_s


def test_the_administration_asks_for_the_password_on_the_same_page(client: Client) -> None:
    response = client.get("/admin/login/?next=/admin/")
    assert response.headers["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    assert client.post("/admin/login/", {"login": "ada", "password": RIGHT}).status_code == 302
    client.force_login(an_account())
    assert client.get("/admin/login/").status_code == 403

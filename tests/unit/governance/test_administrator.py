"""The one-time link of the first administrator."""

import io
import json
import re
import threading
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from config.launcher import Services
from config.launcher.processes import wait_until
from governance.actions.administrator import LinkRefused, become_administrator, hashed, make_administrator_link
from governance.models import AdministratorLink, User
from record.models import Event
from tests.factories.people import an_account

PASSWORD = "a loom in every house"


def asked() -> str:
    """Return the path that administrator_link prints."""
    out = io.StringIO()
    call_command("administrator_link", "--site", "http://127.0.0.1:9000/", stdout=out)
    found = re.search(r"http://127\.0\.0\.1:9000(/accounts/administrator/\S+)", out.getvalue())
    assert found, out.getvalue()
    return found[1]


def sent(client: Client, path: str, **changes: str):
    return client.post(path, {"username": "ada", "password1": PASSWORD, "password2": PASSWORD, **changes})


@pytest.mark.django_db
def test_the_link_makes_an_administrator_who_is_signed_in(client: Client) -> None:
    path = asked()
    assert "Choose the name and the password" in client.get(path).content.decode()
    assert sent(client, path).headers["Location"] == "/portal/"
    user = User.objects.get()
    assert (user.username, user.is_superuser, user.is_staff) == ("ada", True, True)
    assert user.check_password(PASSWORD)
    assert client.get("/portal/").status_code == 200
    event = Event.objects.get()
    assert (event.kind, event.actor) == ("administrator.appointed", "ada")


@pytest.mark.django_db
def test_the_link_works_once(client: Client) -> None:
    path = asked()
    sent(client, path)
    for response in (Client().get(path), sent(Client(), path, username="eve")):
        assert response.status_code == 410
        assert "no longer works" in response.content.decode()
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_new_link_replaces_the_old_one(client: Client) -> None:
    old, new = asked(), asked()
    assert client.get(old).status_code == 410
    assert client.get(new).status_code == 200
    assert AdministratorLink.objects.filter(closed_at=None).count() == 1


@pytest.mark.django_db
def test_the_link_expires(client: Client) -> None:
    path = asked()
    AdministratorLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(path).status_code == 410
    assert sent(client, path).status_code == 410
    assert not User.objects.exists()


@pytest.mark.django_db
def test_only_a_hash_of_the_token_is_stored() -> None:
    token = make_administrator_link().value
    assert AdministratorLink.objects.get().token_hash == hashed(token) != token
    assert len(token) >= 43


def test_the_servers_log_never_names_an_open_link(site: str, services: Services) -> None:
    path = asked()
    log = services.data / "logs" / "test-web.log"
    before = log.stat().st_size
    request = urllib.request.Request(f"{site}{path}", headers={"Referer": f"{site}{path}"})
    with urllib.request.urlopen(request) as answer:
        # What the page brings with it names no address but the site's own.
        assert answer.headers["Referrer-Policy"] == "strict-origin"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{site}{path}", data=b"username=eve")

    def written() -> str:
        return log.read_bytes()[before:].decode()

    assert wait_until(lambda: written().count("/accounts/administrator/") >= 2, 60)
    assert '"GET /accounts/administrator/.../ HTTP/1.1" 200' in written()
    assert path.split("/")[3] not in written()
    assert AdministratorLink.objects.filter(closed_at=None).count() == 1


@pytest.mark.django_db
def test_a_bad_password_costs_no_link(client: Client) -> None:
    path = asked()
    assert "too common" in sent(client, path, password1="password", password2="password").content.decode()
    assert sent(client, path, password2="another").status_code == 200
    assert sent(client, path).status_code == 302


@pytest.mark.django_db
def test_where_there_is_an_administrator_the_command_says_so(client: Client) -> None:
    path = asked()
    an_account("grace", is_superuser=True)
    out = io.StringIO()
    call_command("administrator_link", stdout=out)
    assert "There is an administrator already: grace." in out.getvalue()
    assert "/accounts/" not in out.getvalue()
    out = io.StringIO()
    call_command("administrator_link", "--json", stdout=out)
    assert json.loads(out.getvalue())["url"] is None
    # A link made before that administrator came is worth nothing now.
    assert client.get(path).status_code == 410
    assert sent(client, path).status_code == 410


@pytest.mark.django_db
def test_as_json_there_is_one_document() -> None:
    out = io.StringIO()
    call_command("administrator_link", "--json", stdout=out)
    assert json.loads(out.getvalue())["url"].startswith("http://127.0.0.1:8000/accounts/administrator/")


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_one_makes_an_administrator() -> None:
    token = make_administrator_link().value
    together = threading.Barrier(4)
    ended: list[str] = []

    def become(number: int) -> None:
        try:
            together.wait(timeout=30)
            become_administrator(token=token, username=f"user-{number}", password=PASSWORD)
            ended.append("made")
        except LinkRefused:
            ended.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=become, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(ended) == ["made", "refused", "refused", "refused"]
    assert User.objects.count() == 1

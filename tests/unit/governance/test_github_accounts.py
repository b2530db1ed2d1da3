"""Signing in by GitHub, against a small server that speaks GitHub's side of OAuth over real sockets."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from django.test import Client

from ecosystem.models import Identity
from governance.actions.invitations import invite
from governance.models import User
from record.models import Event
from tests.factories.people import a_person, a_signatory, an_account

pytestmark = pytest.mark.django_db


@dataclass
class Hub:
    """Somebody at GitHub: their number, their login of today, and the code by which the site may ask who they are."""

    address: str = ""
    visitor: dict[str, object] = field(
        default_factory=lambda: {"id": 7001, "login": "grace-loom", "email": "g@example.org"}
    )
    vouches: bool = True


@pytest.fixture
def hub(settings, monkeypatch) -> Iterator[Hub]:
    here = Hub()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            known = {"access_token": "token-of-a-test", "token_type": "bearer", "scope": ""}
            self.answer(known if here.vouches else {"error": "bad_verification_code"})

        def do_GET(self) -> None:
            assert self.headers["Authorization"] == "token token-of-a-test"
            self.answer(here.visitor)

        def answer(self, document: dict[str, object]) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    here.address = f"http://127.0.0.1:{server.server_port}"
    settings.GITHUB_SIGN_IN = True
    app = {"client_id": "an-app", "secret": "of a test"}
    settings.SOCIALACCOUNT_PROVIDERS = {"github": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    # The adapter reads GITHUB_URL once, when it is imported.
    monkeypatch.setattr(GitHubOAuth2Adapter, "access_token_url", f"{here.address}/login/oauth/access_token")
    monkeypatch.setattr(GitHubOAuth2Adapter, "profile_url", f"{here.address}/api/v3/user")
    yield here
    server.shutdown()
    server.server_close()


def come(client: Client, next: str = "") -> str:
    """Sign in by GitHub, and return where that led."""
    asked = client.post(f"/accounts/github/login/{f'?next={next}' if next else ''}")
    query = parse_qs(urlsplit(asked.headers["Location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert "scope" not in query or query["scope"] == [""], "nothing of the visitor's is asked for"
    back = client.get("/accounts/github/login/callback/", {"code": "a-code", "state": query["state"][0]})
    return back.headers.get("Location", "") or back.content.decode()


def who(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


def test_the_number_says_which_person_it_is_whatever_the_login(client: Client, hub: Hub) -> None:
    person = a_person("Grace Example", github="grace-of-old")
    person.identities.update(number=7001)
    come(client)
    assert who(client).person == person
    assert "acts for Grace Example, whose number it has" in Event.objects.get(kind="account.added").summary


def test_a_login_that_somebody_else_took_over_gets_nothing(client: Client, hub: Hub) -> None:
    person = a_person("Grace Example", github="grace-loom")
    person.identities.update(number=1)
    come(client)
    assert who(client).person is None


def test_a_login_without_a_number_proves_nothing(client: Client, hub: Hub) -> None:
    a_person("Grace Example", github="grace-loom")
    come(client)
    assert who(client).person is None
    assert Identity.objects.get().number is None


def test_an_account_with_a_password_is_recognised_by_its_persons_number(client: Client, hub: Hub) -> None:
    person = a_person("Grace Example", github="grace-loom")
    person.identities.update(number=7001)
    own = an_account("grace", person=person)
    come(client)
    assert who(client) == own
    assert User.objects.count() == 1


def test_a_merged_entry_leads_to_the_one_that_was_kept(client: Client, hub: Hub) -> None:
    kept, double = a_person("Grace Example"), a_person("G. Example", github="grace-loom")
    double.identities.update(number=7001)
    double.merged_into = kept
    double.save()
    come(client)
    assert who(client).person == kept


def test_an_invitation_is_accepted_with_github_and_the_number_is_noted(client: Client, hub: Hub) -> None:
    person = a_person("Grace Example", github="Grace-Loom")
    token = invite(person=person, by=a_signatory())
    assert "Use my GitHub account" in client.get(f"/accounts/invitation/{token.value}/").content.decode()
    assert come(client, next="/accounts/invitation/") == "/accounts/invitation/"
    assert "should this account act for Grace Example?" in client.get("/accounts/invitation/").content.decode()
    assert client.post("/accounts/invitation/").headers["Location"] == "/portal/"
    assert who(client).person == person
    client.logout()
    come(client)
    assert Identity.objects.get(person=person).number == 7001
    assert Event.objects.filter(kind="identity.numbered").count() == 1


def test_a_second_visit_is_the_same_account_and_no_address_is_kept(client: Client, hub: Hub) -> None:
    come(client)
    first = who(client)
    client.logout()
    hub.visitor["login"] = "grace-renamed"
    come(client)
    assert who(client) == first
    assert (first.email, SocialAccount.objects.count(), User.objects.count()) == ("", 1, 1)
    assert SocialAccount.objects.get().extra_data == {"login": "grace-renamed"}


def test_a_refusal_is_said_and_leaves_nothing(client: Client, hub: Hub) -> None:
    hub.vouches = False
    assert "GitHub did not confirm who you are" in come(client)
    assert not User.objects.exists()
    back = client.get("/accounts/github/login/callback/", {"code": "a-code", "state": "of somebody else"})
    assert "GitHub did not confirm who you are" in back.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_switched_off_account_stays_out(client: Client, hub: Hub) -> None:
    come(client)
    User.objects.update(is_active=False)
    client.logout()
    assert come(client) == "/accounts/switched-off/"
    assert client.get("/accounts/switched-off/").status_code == 403


def test_without_an_app_of_its_own_the_page_offers_no_github(client: Client) -> None:
    assert "GitHub" not in client.get("/accounts/login/").content.decode().partition("<main")[2]

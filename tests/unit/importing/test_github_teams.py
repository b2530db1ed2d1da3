"""GitHub's teams over real sockets: a small server of our own, and the answers recorded from the real one."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from governance.importing.formats.github_teams import FORMAT, read_teams
from governance.importing.reading import Reading, SourceFile, SourceRefused
from tests.conftest import ROOT

SHARED = ROOT.parent / "shared"
RECORDED = SHARED / "data" / "github_replay"
REPLAY = SHARED / "tools" / "github_replay.py"
needs_recordings = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no recorded answers of GitHub here: {RECORDED}")

Answer = tuple[int, dict[str, str], object]


def member(login: str, number: int, kind: str = "User") -> dict[str, object]:
    return {"login": login, "id": number, "type": kind}


ADA, BERT, CORA = member("AdaEx", 11), member("bert", 12), member("cora", 13)
WEAVERS = {"id": 1, "slug": "weavers", "name": "Weavers", "parent": None}
DYERS = {"id": 2, "slug": "dyers", "name": "Dyers", "parent": {"id": 1, "slug": "weavers", "name": "Weavers"}}


class Loom:
    """A small GitHub: answers by path and role, and what was asked with which token."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Answer] = {}
        self.asked: list[tuple[str, str]] = []
        self.answer("/orgs/loom", {"login": "Loom", "id": 7})
        self.answer("/orgs/loom/teams", [DYERS, WEAVERS])
        self.answer("/orgs/loom/teams/weavers/members", [ADA], role="maintainer")
        self.answer("/orgs/loom/teams/weavers/members", [BERT, CORA], role="member")
        self.answer("/orgs/loom/teams/dyers/members", [], role="maintainer")
        self.answer("/orgs/loom/teams/dyers/members", [CORA], role="member")

    def answer(
        self, path: str, body: object, *, role: str = "", page: str = "", status: int = 200, **headers: str
    ) -> None:
        self.answers[path, f"{role}{page}"] = (status, {k.replace("_", "-"): v for k, v in headers.items()}, body)

    @contextmanager
    def open(self) -> Iterator[str]:
        """Serve until the end of the block."""
        loom = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                loom.asked.append((self.path, self.headers.get("Authorization", "")))
                key = (parts.path, query.get("role", "") + query.get("page", ""))
                status, headers, body = loom.answers.get(key, (404, {}, {"message": "Not Found"}))
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def read(self, source: str = "github:loom") -> Reading:
        with self.open() as address:
            return read_teams(source, token="throw-away", address=address)

    def refusal(self, source: str = "github:loom") -> str:
        with pytest.raises(SourceRefused) as refused:
            self.read(source)
        assert "\n" not in str(refused.value)
        assert "throw-away" not in str(refused.value)
        return str(refused.value)


def test_teams_are_areas_below_each_other_with_maintainers_and_members():
    reading = Loom().read()
    assert [(area.slug, area.name, area.parent) for area in reading.areas] == [
        ("weavers-team", "team Weavers", ""),
        ("dyers-team", "team Dyers", "weavers-team"),
    ]
    assert [(held.office, held.person) for held in reading.holdings] == [
        ("weavers-team-maintainer", "adaex"),
        ("weavers-team-member", "bert"),
        ("weavers-team-member", "cora"),
        ("dyers-team-member", "cora"),
    ]
    assert {(person.github, person.github_number) for person in reading.people} == {
        ("AdaEx", 11),
        ("bert", 12),
        ("cora", 13),
    }
    assert {office.role for office in reading.offices} == {"team maintainer", "team member"}
    assert reading.project == "loom"
    assert reading.unread == ()


def test_a_renamed_account_keeps_its_number():
    before, since = Loom(), Loom()
    since.answer("/orgs/loom/teams/weavers/members", [member("ada-lovely", 11)], role="maintainer")
    numbers = [
        {person.github: person.github_number for person in loom.read().people if person.github_number == 11}
        for loom in (before, since)
    ]
    assert numbers == [{"AdaEx": 11}, {"ada-lovely": 11}]


def test_long_lists_are_read_to_their_last_page():
    loom = Loom()
    path = "/orgs/loom/teams/weavers/members"
    loom.answer(path, [BERT], role="member", Link='<http://127.0.0.1/x?page=2>; rel="next"')
    loom.answer(path, [CORA, member("dora", 14)], role="member", page="2", Link='<http://127.0.0.1/x>; rel="first"')
    people = [held.person for held in loom.read().holdings if held.office == "weavers-team-member"]
    assert people == ["bert", "cora", "dora"]


def test_the_token_is_sent_and_comes_from_the_environment(monkeypatch):
    loom = Loom()
    with loom.open() as address:
        monkeypatch.setenv("GITHUB_TOKEN", "from-the-environment")
        monkeypatch.setenv("GITHUB_API_URL", address)
        read_teams("github:loom")
    assert {token for _, token in loom.asked} == {"token from-the-environment"}


def test_accounts_and_teams_that_are_none_are_told():
    loom = Loom()
    loom.answer("/orgs/loom/teams", [WEAVERS, {"id": "x"}, None, DYERS | {"parent": {"id": 99, "name": "Hidden"}}])
    odd = [member("loom[bot]", 20, "Bot"), member("no login", 21), {"login": "dora"}, "cora"]
    loom.answer("/orgs/loom/teams/weavers/members", odd, role="member")
    reading = loom.read()
    assert [held.person for held in reading.holdings] == ["adaex", "cora"]
    assert sorted(left.reason.partition(":")[0] for left in reading.unread) == [
        "an automatic account, not a person",
        "not a team",
        "not a team",
        "not an account",
        "not an account",
        "not an account",
        "the team above is not one that the token shows",
    ]


# --- what GitHub refuses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "headers", "says"),
    [
        (401, {"message": "Bad credentials"}, {}, "does not know the token in GITHUB_TOKEN"),
        (401, {"message": "Requires authentication"}, {}, "GitHub wants to know who asks"),
        (403, {"message": "Must have admin rights"}, {}, "may not read the list of teams"),
        (404, {"message": "Not Found"}, {}, "or the token may not see it"),
        (404, b"<html>gone</html>", {}, "or the token may not see it"),
        (418, {"message": "teapot"}, {}, "GitHub answered 418"),
        (
            403,
            {"message": "API rate limit exceeded"},
            {"x_ratelimit_reset": "1767225600"},
            "after 2026-01-01 00:00 UTC",
        ),
        (403, {"message": "You have exceeded a secondary rate limit."}, {"retry_after": "60"}, "in 60 seconds"),
        (403, {"message": "API rate limit exceeded"}, {}, "in an hour"),
    ],
)
def test_a_refusal_is_one_line_with_a_remedy(status, body, headers, says):
    loom = Loom()
    loom.answer("/orgs/loom/teams", body, status=status, **headers)
    assert says in loom.refusal()


def test_one_team_that_the_token_may_not_see_refuses_the_whole():
    loom = Loom()
    del loom.answers["/orgs/loom/teams/dyers/members", "member"]
    assert "the list of members is not there" in loom.refusal()


def test_a_renamed_organisation_is_named():
    loom = Loom()
    loom.answer("/orgs/old-loom", {}, status=301, Location="http://127.0.0.1/orgs/loom")
    with loom.open() as address:
        loom.answer("/orgs/old-loom", {}, status=301, Location=f"{address}/orgs/loom")
        with pytest.raises(SourceRefused, match=r"now called Loom; read github:Loom\."):
            read_teams("github:old-loom", token="throw-away", address=address)


@pytest.mark.parametrize("answer", [[7], {}, "loom", None, {"login": 7}, b"{", b"\xff\xff", b"[[", b""])
@pytest.mark.parametrize("path", ["/orgs/loom", "/orgs/loom/teams"])
def test_an_answer_that_is_not_githubs_is_refused(path, answer):
    loom = Loom()
    loom.answer(path, answer)
    if path.endswith("teams") and answer == [7]:
        assert [left.text for left in loom.read().unread] == ["7"]
        return
    assert "is the address GitHub's?" in loom.refusal() or "is not GitHub's" in loom.refusal()


def test_nobody_answering_is_one_line():
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        with pytest.raises(SourceRefused, match="cannot be reached"):
            read_teams("github:loom", token="throw-away", address=f"http://127.0.0.1:{unheard.getsockname()[1]}")


@pytest.mark.parametrize("source", ["github:", "github:a/b", "github:-", "gitlab:loom", "github:a b", "loom"])
def test_a_source_that_names_no_organisation_is_refused(source):
    with pytest.raises(SourceRefused, match=r"write github:ORG\."):
        read_teams(source, token="throw-away")


def test_without_a_token_nothing_is_asked(monkeypatch):
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    with pytest.raises(SourceRefused, match="GITHUB_TOKEN is not set"):
        read_teams("github:loom")


def test_files_are_not_of_this_kind():
    assert not FORMAT.recognises(["teams.json"])
    assert not FORMAT.wants("teams.json")
    with pytest.raises(SourceRefused, match="github:ORG"):
        FORMAT.read([SourceFile("teams.json", b"[]")])


# --- against answers of the real GitHub -----------------------------------------------------------------------------


def recorded(name: str) -> list[list[str]]:
    """Return a recording's exchanges, each as its eleven lines."""
    lines = (RECORDED / f"{name}.txt").read_text().split("\n")
    return [lines[start : start + 10] for start in range(0, len(lines) - 9, 11)]


def asked_of(exchange: list[str], target: str, body: str = "") -> list[str]:
    """Return a recorded answer as the answer to another question."""
    return [*exchange[:4], target, *exchange[5:9], body or exchange[9]]


@contextmanager
def replayed(exchanges: list[list[str]], folder: Path) -> Iterator[str]:
    """Serve recorded exchanges with the shared replay server."""
    file = folder / "exchanges.txt"
    file.write_text("".join("\n".join(exchange) + "\n\n" for exchange in exchanges))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, REPLAY, str(port), file], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline().startswith(f"{len(exchanges)} exchanges")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@needs_recordings
def test_recorded_answers_are_read(tmp_path):
    organisation, team = recorded("Team.setUp")[:2]
    listed = recorded("Team.testMembers")
    filled = next(exchange for exchange in listed if exchange[4].endswith("/members") and len(exchange[9]) > 2)
    empty = next(exchange for exchange in listed if exchange[4].endswith("/members") and exchange[9] == "[]")
    teams, slug = "/orgs/BeaverSoftware/teams", json.loads(team[9])["slug"]
    exchanges = [
        organisation,
        asked_of(team, f"{teams}?per_page=100", f"[{team[9]}]"),
        asked_of(filled, f"{teams}/{slug}/members?per_page=100&role=maintainer"),
        asked_of(empty, f"{teams}/{slug}/members?per_page=100&role=member"),
    ]
    with replayed(exchanges, tmp_path) as address:
        reading = read_teams("github:BeaverSoftware", token="throw-away", address=address)
    (account,) = json.loads(filled[9])
    assert [(person.github, person.github_number) for person in reading.people] == [(account["login"], account["id"])]
    assert [area.name for area in reading.areas] == [f"team {json.loads(team[9])['name']}"]
    assert [held.office for held in reading.holdings] == [f"{slug}-team-maintainer"]


@needs_recordings
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("SpecificExceptions.testBadCredentials", "does not know the token"),
        ("SpecificExceptions.testRateLimitExceeded", "rate limit is spent"),
        ("SpecificExceptions.testAuthenticatedRateLimitExceeded", "in 60 seconds"),
        ("SpecificExceptions.testUnknownObject", "or the token may not see it"),
    ],
)
def test_recorded_refusals_are_one_line(name, says, tmp_path):
    refused = next(exchange for exchange in recorded(name) if int(exchange[7]) >= 400)
    with replayed([asked_of(refused, "/orgs/loom")], tmp_path) as address, pytest.raises(SourceRefused, match=says):
        read_teams("github:loom", token="throw-away", address=address)


@needs_recordings
def test_our_small_server_says_nothing_that_github_does_not():
    team = json.loads(recorded("Team.setUp")[1][9])
    (account,) = json.loads(
        next(e[9] for e in recorded("Team.testMembers") if e[4].endswith("/members") and len(e[9]) > 2)
    )
    user = json.loads(recorded("Team.testMembers")[0][9])
    assert set(WEAVERS) <= set(team)
    assert set(ADA) <= set(account) | set(user)
    below = json.loads(recorded("Team.testGetTeams")[0][9])[0]["parent"]
    assert type(below["id"]) is type(DYERS["parent"]["id"])

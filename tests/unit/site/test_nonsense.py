"""Nonsense in every address, query and form: an answer in words or a refusal, never an error of the server.

What is sent is drawn with a fixed seed from the list below; each parameter that any view reads is tried.
"""

import random
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client

from tests.factories.whole_site import Site, rows_written
from tests.unit.site.addresses import TABLE, client_of, path_of, sent, site_with_words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lines")]

SEED = 20261123
MARKUP = "'\"><svg onload=alert(1)>"
NONSENSE = (
    "", " ", "0", "-1", "1.5", "1e9", "9" * 30, "9" * 5000, "NaN", "²", "١", "1_000",
    "0000-00-00", "0001-01-01", "9999-12-31", "99999-01-01", "2023-02-30", "2023-W01-1",
    "\x00", "a\x00b", "\ud800", "\udfff.", "\x1b[31m", "\r\nSet-Cookie: a=b", "\u202e", "\U0001f4a9",
    "x" * 20_000, "[" * 6000, MARKUP, "//evil.example", "javascript:alert(1)", "../../etc/passwd", "{{ 7 }}", "%s%n",
)  # fmt: skip
ROOMS = ("governance", "ecosystem", "benchmarks_runner", "record")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def site() -> Site:
    return site_with_words()


def parameters() -> list[str]:
    """Return the name of every query parameter that a view reads, and the fields of the record's filter."""
    names = {"words", "kind", "subject", "since", "until", "next", "upto", "after", "per_page"}
    for room in ROOMS:
        for module in (ROOT / room).rglob("*.py"):
            names.update(re.findall(r"""\.GET(?:\.get\(|\[)["'](\w+)["']""", module.read_text()))
    return sorted(names)


def encoded(pairs: dict[str, str]) -> str:
    """Return a query or a form as it travels, lone surrogates and all."""
    return "&".join(f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}" for name, value in pairs.items())


def wrong(response: HttpResponseBase) -> str:
    """Say what is wrong with an answer to nonsense; nothing where it is in order."""
    if response.status_code >= 500:
        return f"status {response.status_code}"
    streamed = getattr(response, "streaming_content", None)
    content = b"".join(streamed) if streamed else getattr(response, "content", b"")
    if response.get("Content-Type", "").startswith("text/html") and b"<svg onload" in content:
        return "markup came back as markup"
    if "evil.example" in response.get("Location", "").partition("?")[0]:
        return "it leads to another site"
    return ""


def test_no_query_makes_an_error(site: Site) -> None:
    draw, names, found = random.Random(SEED), parameters(), []
    assert {"on", "page", "upto", "after", "axis", "proposal"} <= set(names)
    clients = {account: client_of(account, site) for account in ("anonymous", "core", "admin")}
    before = rows_written()
    for name, address in TABLE.items():
        reader = next((account for account in clients if account in (address.reads or ())), None)
        if reader is None:
            continue
        path = path_of(name, site)
        # All at once, where one may hide the others; then each kind of nonsense in a parameter by itself.
        queries = [dict.fromkeys(names, value) for value in ("\x00", MARKUP, *draw.sample(NONSENSE, 3))]
        queries += [{"on": draw.choice(("9999-12-31", "0001-01-01"))}]
        queries += [{each: draw.choice(NONSENSE)} for each in draw.sample(names, 6)]
        for query in queries:
            response = clients[reader].get(f"{path}?{encoded(query)}")
            if said := wrong(response):
                found.append((name, said, {key: value[:20] for key, value in query.items()} if len(query) == 1 else ""))
    assert not found, "\n".join(map(str, found[:40]))
    assert rows_written() == before


def test_no_form_makes_an_error(site: Site) -> None:
    draw, found = random.Random(SEED), []
    for name, address in TABLE.items():
        if not address.acts:
            continue
        account = min(address.acts)
        client, path, data = client_of(account, site), path_of(name, site), sent(name, site)
        good = {key: str(value[0] if isinstance(value, list) else value) for key, value in data.items()}
        for field in fields_of(client, name, path, good):
            for value in draw.sample(NONSENSE, 3):
                answer = posted(client, path, encoded({**good, field: value}))
                if said := wrong(answer):
                    found.append((name, account, field, value[:20], said))
                if account != "anonymous" and name.endswith(("logout", "password", "login")):
                    client.force_login(site.accounts[account])
    assert not found, "\n".join(map(str, found[:40]))


def fields_of(client: Client, name: str, path: str, good: dict[str, str]) -> list[str]:
    """Return the fields of a form: those that are sent where it makes sense, and those that its page shows."""
    shown: list[str] = []
    if TABLE[name].reads:
        page = client.get(path).content.decode()
        shown = re.findall(r'<(?:input|textarea|select)[^>]*\sname="([^"]+)"', page)
    return sorted({*good, *shown} - {"csrfmiddlewaretoken"})


def posted(client: Client, path: str, body: str, kind: str = "application/x-www-form-urlencoded") -> HttpResponseBase:
    """Send a form, and take back what it wrote."""
    with transaction.atomic():
        response: HttpResponseBase = client.generic("POST", path, body, content_type=kind)
        transaction.set_rollback(True)
    return response


def test_no_word_in_an_address_makes_an_error(site: Site) -> None:
    draw, core, found = random.Random(SEED), client_of("core", site), []
    values = ("9" * 30, "9" * 5000, "0", "x" * 300, "%00", "%ED%A0%80", "%FF", "%2e%2e%2f", quote(MARKUP), "-")
    for name, address in TABLE.items():
        for word in address.words.values():
            for value in draw.sample(values, 3):
                path = path_of(name, site).replace(f"/{site.words[word]}", f"/{value}", 1)
                for response in (core.get(path), posted(core, path, "")):
                    if said := wrong(response):
                        found.append((name, value[:20], said))
    assert not found, "\n".join(map(str, found[:40]))


def test_no_method_makes_an_error_or_writes(site: Site) -> None:
    draw, core, found = random.Random(SEED), client_of("core", site), []
    before = rows_written()
    for name in TABLE:
        for method in draw.sample(("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"), 3):
            if said := wrong(core.generic(method, path_of(name, site), "a=b")):
                found.append((name, method, said))
    assert not found, found
    assert rows_written() == before


FORM = "application/x-www-form-urlencoded"
CONTENTS = (
    ("application/json", '{"reason": "So."}'),
    ("multipart/form-data", "no boundary"),
    ("multipart/form-data; boundary=x", '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\x00'),
    (f"{FORM}; charset=utf-7", "reason=%2BAAA-"),
    (FORM, "&".join(f"a{number}=" for number in range(1500))),
)


def test_no_kind_of_content_makes_an_error(site: Site) -> None:
    draw, found = random.Random(SEED), []
    for name, address in TABLE.items():
        if address.acts:
            client = client_of(min(address.acts), site)
            for kind, body in draw.sample(CONTENTS, 2):
                if said := wrong(posted(client, path_of(name, site), body, kind)):
                    found.append((name, kind, said))
    assert not found, found


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:bad", "a" * 300, "127.0.0.1\r\nX: y", "[::1"])
def test_a_host_that_is_not_ours_is_refused(host: str) -> None:
    assert client_of("anonymous", Site()).get("/", HTTP_HOST=host).status_code == 400


@pytest.mark.parametrize(
    "towards", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "\t//evil.example"]
)
def test_signing_in_leads_to_no_other_site(towards: str, site: Site) -> None:
    client = client_of("anonymous", site)
    form = {"login": "core", "password": "loom and needle", "next": towards}
    response = client.post(f"/accounts/login/?{encoded({'next': towards})}", form)
    assert response.status_code == 302
    assert response["Location"] == "/"
    response = client.post("/theme/", {"theme": "dark", "next": towards, "back": towards}, HTTP_REFERER=towards)
    assert not wrong(response)

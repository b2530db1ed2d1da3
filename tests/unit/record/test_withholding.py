"""What a person asked not to be shown is on no page and in no export, and the chain can still be checked."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

import record
from record import withholding
from record.chain import UnreadableLine, Withheld, read_line, read_lines, verify
from record.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def redactor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Withhold one word, as a room above would."""
    monkeypatch.setattr(withholding, "_redactors", [lambda: lambda text: text.replace("Ada", "somebody")])


@pytest.fixture
def events() -> list[Event]:
    return [
        record.append("person.added", by="Ada", subject="person/Ada", summary="Ada was added.", data={"who": ["Ada"]}),
        record.append("night.decided", by="Grace", subject="night/1", summary="Night 1 was decided."),
        record.append("term.began", by=None, subject="term/1", summary="Ada began.", data={"Ada": {"is": "Ada"}}),
    ]


def export(client: Client) -> str:
    return b"".join(client.get("/record/export.jsonl").streaming_content).decode()


def test_no_page_and_no_export_says_it(client: Client, events: list[Event]) -> None:
    addresses = ["/record/", "/record/1/", "/record/2/", "/record/3/", "/record/feed.atom", "/record/?kind=person"]
    for address in addresses:
        page = client.get(address).content.decode()
        assert "Ada" not in page, address
    assert "somebody was added." in client.get("/record/1/").content.decode()
    assert "Ada" not in export(client)


def test_looking_for_it_finds_nothing(client: Client, events: list[Event]) -> None:
    for asked in ("words=Ada", "words=ada w", "words=da was", "subject=person/Ada"):
        page = client.get(f"/record/?{asked}")
        assert not page.context["page"].events, asked
        assert page.context["sentence"].startswith("0 of the 3 events")


def test_what_is_shown_of_such_an_event_is_still_found(client: Client, events: list[Event]) -> None:
    found = {asked: client.get(f"/record/?words={asked}").context["page"].events for asked in ("began", "was", "Grace")}
    assert {asked: [event.position for event in page] for asked, page in found.items()} == {
        "began": [3],
        "was": [2, 1],
        "Grace": [2],
    }


def test_the_page_of_such_an_event_says_so_and_shows_no_hashed_text(client: Client, events: list[Event]) -> None:
    page = client.get("/record/3/").content.decode()
    assert "withheld at a person&#x27;s request" in page or "withheld at a person's request" in page
    assert "The text that is hashed" not in page
    assert "The content gives this hash" in page
    assert "The text that is hashed" in client.get("/record/2/").content.decode()


def test_the_export_can_be_checked_from_outside(client: Client, events: list[Event], tmp_path: Path) -> None:
    finding = verify(read_lines(export(client).splitlines()))
    assert (finding.whole, finding.events, finding.withheld) == (True, 3, 2)
    assert finding.head == events[-1].hash
    file = tmp_path / "export.jsonl"
    file.write_text(export(client))
    said = StringIO()
    call_command("verify_record", file=file, stdout=said)
    assert "The content of 2 is withheld; only their place was checked." in said.getvalue()


def test_the_site_itself_checks_everything(events: list[Event]) -> None:
    said = StringIO()
    call_command("verify_record", json=True, stdout=said)
    assert json.loads(said.getvalue())["withheld"] == 0


def test_a_withheld_line_still_has_to_fit(client: Client, events: list[Event]) -> None:
    lines = export(client).splitlines()
    broken = {**json.loads(lines[2]), "previous": "0" * 64}
    finding = verify(read_lines([*lines[:2], json.dumps(broken)]))
    assert (finding.bad_position, finding.withheld) == (3, 1)


def bad_lines() -> Iterator[dict[str, object]]:
    good = Withheld.at_place(1, "0" * 64, "f" * 64)
    fields = json.loads(good.line())
    assert read_line(1, good.line()) == good
    yield {**fields, "withheld": False}
    yield {**fields, "hash": "f"}
    yield {**fields, "position": "1"}
    yield {**fields, "summary": "more"}
    yield {"withheld": True}


@pytest.mark.parametrize("fields", list(bad_lines()))
def test_a_withheld_line_of_another_form_is_no_event(fields: dict[str, object]) -> None:
    with pytest.raises(UnreadableLine, match="a withheld event has"):
        read_line(1, json.dumps(fields))

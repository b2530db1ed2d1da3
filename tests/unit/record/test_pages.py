"""The public pages of the record."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

import record
from record.chain import read_lines, verify
from record.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def events() -> list[Event]:
    """Have 120 events of two kinds, so that there are three pages."""
    return [
        record.append(
            "night.decided" if number % 2 else "term.began",
            by="schedule" if number % 2 else None,
            subject=f"night/{number}",
            summary=f"Thing {number} happened.",
        )
        for number in range(1, 121)
    ]


def shown(client: Client, address: str) -> Iterator[int]:
    return (event.position for event in client.get(address).context["page"].events)


def test_an_empty_record_says_what_will_be_here(client: Client) -> None:
    page = client.get("/record/").content.decode()
    assert "Nothing has happened yet that the record would keep." in page
    assert "load_sample_project" in page


def test_the_page_says_how_much_there_is_and_when_the_last_came(client: Client, events: list[Event]) -> None:
    page = client.get("/record/").content.decode()
    last = f"{events[-1].at.astimezone(UTC):%-d %B %Y}"
    assert f"120 events, each with the hash of the one before it; the last on {last}." in page
    assert events[-1].hash in page


def test_pages_keep_their_addresses_when_more_happens(client: Client, events: list[Event]) -> None:
    assert list(shown(client, "/record/")) == list(range(120, 70, -1))
    older = client.get("/record/").context["older"]
    assert older == "?upto=70"
    before = list(shown(client, f"/record/{older}"))
    record.append("night.decided", by=None, subject="night/121", summary="One more.")
    assert list(shown(client, f"/record/{older}")) == before == list(range(70, 20, -1))


def test_pages_lead_back_to_the_newer_ones(client: Client, events: list[Event]) -> None:
    assert client.get("/record/?upto=70").context["newer"] == "?upto=120"
    assert client.get("/record/?upto=20").context["older"] == ""
    assert list(shown(client, "/record/?upto=20")) == list(range(20, 0, -1))


def test_filters_say_how_much_they_found_and_stay_in_the_addresses(client: Client, events: list[Event]) -> None:
    response = client.get("/record/?kind=term.began")
    assert response.context["sentence"] == "60 of the 120 events of the record match."
    assert response.context["older"] == "?kind=term.began&upto=20"
    assert list(shown(client, "/record/?kind=term.began&upto=20")) == list(range(20, 0, -2))


@pytest.mark.parametrize(
    ("query", "positions"),
    [
        ("subject=night/7", [7]),
        ("words=thing 99 ", [99]),
        ("words=schedule&upto=3", [3, 1]),
        ("kind=night&upto=4", [3, 1]),
        ("since=2999-01-01", []),
        ("until=2001-01-01", []),
    ],
)
def test_each_filter_finds_its_own(client: Client, events: list[Event], query: str, positions: list[int]) -> None:
    assert list(shown(client, f"/record/?{query}")) == positions


def test_a_day_is_found_by_its_date(client: Client, events: list[Event]) -> None:
    day = events[0].at.date()
    assert client.get(f"/record/?since={day}&until={day}").context["sentence"].startswith("120 of the 120")


def test_the_last_moment_of_a_day_belongs_to_it(client: Client) -> None:
    last = datetime(2026, 5, 15, 23, 59, 59, 999_999, tzinfo=UTC)
    hashes = ["0" * 64, "1" * 64, "2" * 64]
    for number, at in enumerate((last, last + timedelta(microseconds=1)), start=1):
        chain = {"position": number, "previous": hashes[number - 1], "hash": hashes[number]}
        Event.objects.create(**chain, at=at, kind="k", actor="", subject="s", summary="s", data={})
    assert list(shown(client, "/record/?until=2026-05-15")) == [1]
    assert list(shown(client, "/record/?since=2026-05-16")) == [2]


NONSENSE = ["since=yesterday", "kind=no.such", "upto=x", "upto=99999999999999999999", "upto=-1"]
EXTREMES = ["until=9999-12-31", "since=0001-01-01&until=0001-01-01", "words=%00", "subject=%00", "kind=%00", "upto=%00"]


@pytest.mark.parametrize("query", [*NONSENSE, *EXTREMES])
def test_nonsense_in_the_address_is_no_error(client: Client, events: list[Event], query: str) -> None:
    assert client.get(f"/record/?{query}").status_code == 200


def test_an_event_has_an_address_with_its_hash_and_neighbours(client: Client, events: list[Event]) -> None:
    page = client.get("/record/7/").content.decode()
    assert "Thing 7 happened." in page
    assert events[6].hash in page
    assert events[5].hash in page
    assert "/record/6/" in page
    assert "/record/8/" in page
    assert "sed -n 7p" in page
    assert "The content gives this hash" in page
    assert client.get("/record/999/").status_code == 404


def test_text_in_an_event_is_never_markup(client: Client) -> None:
    event = record.append(
        "night.decided", by=None, subject="night/1", summary="<script>alert(1)</script>", data={"a": "<b>"}
    )
    for address in ("/record/", event.get_absolute_url()):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<b>" not in page


def test_the_export_is_the_whole_record_and_verifies(client: Client, events: list[Event]) -> None:
    response = client.get("/record/export.jsonl")
    lines = b"".join(response.streaming_content).decode().splitlines()
    finding = verify(read_lines(lines))
    assert finding.whole
    assert (finding.events, finding.head) == (120, events[-1].hash)


def test_a_mirror_takes_only_what_is_new(client: Client, events: list[Event]) -> None:
    lines = b"".join(client.get("/record/export.jsonl?after=118").streaming_content).decode().splitlines()
    assert [entry.position for entry in read_lines(lines)] == [119, 120]


def test_the_feed_is_atom_with_the_latest_first(client: Client, events: list[Event]) -> None:
    response = client.get("/record/feed.atom")
    assert response["Content-Type"].startswith("application/atom+xml")
    feed = ET.fromstring(response.content)
    titles = [entry.findtext("{*}title") for entry in feed.findall("{*}entry")]
    assert titles[:2] == ["Thing 120 happened.", "Thing 119 happened."]
    assert len(titles) == 50

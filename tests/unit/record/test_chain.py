"""The format of the record, checked without a database, as an outsider would."""

import hashlib
import json
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.chain import (
    BEFORE_THE_FIRST,
    Entry,
    UnreadableLine,
    canonical,
    chained,
    instant,
    plain,
    read_lines,
    verify,
)

AT = datetime(2026, 5, 15, 12, 0, 0, 250, tzinfo=UTC)


def an_entry(number: int = 1, **changes: object) -> Entry:
    fields = {
        "position": 0,
        "at": AT + timedelta(seconds=number),
        "kind": "night.decided",
        "actor": "ada",
        "actor_id": 7,
        "subject": f"night/{number}",
        "summary": f"Night {number} was decided.",
        "data": {"points": number},
        "previous": "",
    }
    return Entry(**{**fields, **changes})


def a_chain(length: int) -> list[Entry]:
    entries: list[Entry] = []
    for number in range(1, length + 1):
        entries.append(chained(an_entry(number), entries[-1] if entries else None))
    return entries


def test_the_hash_is_that_of_the_text_in_the_documentation() -> None:
    # Written out by hand: if this changes, every record ever exported stops verifying.
    text = (
        '{"actor":"ada","actor_id":7,"at":"2026-05-15T12:00:01.000250Z","data":{"z":-3,"ä":["é",true,null]},'
        '"kind":"night.decided","position":1,"previous":"' + "0" * 64 + '","subject":"night/1",'
        '"summary":"Night 1 was decided."}'
    )
    entry = chained(an_entry(data={"ä": ["é", True, None], "z": -3}), None)
    assert canonical(entry.body()) == text
    assert entry.hash == hashlib.sha256(text.encode()).hexdigest()


def test_keys_are_ordered_by_utf16_code_unit_as_rfc_8785_says() -> None:
    # The RFC's own example of an order that differs from that of code points.
    assert canonical({"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3}) == '{"\u20ac":3,"\U0001f600":2,"\ufb33":1}'


@pytest.mark.parametrize(
    ("given_value", "kept"),
    [
        (0.1, "0.1"),
        (float("inf"), "inf"),
        (2**53, "9007199254740992"),
        (2**53 - 1, 2**53 - 1),
        (True, True),
        ((1, "a"), [1, "a"]),
        (date(2026, 5, 2), "2026-05-02"),
        (AT.astimezone(timezone(timedelta(hours=5))), "2026-05-15T12:00:00.000250Z"),
    ],
)
def test_what_programs_would_write_differently_is_kept_as_text(given_value: object, kept: object) -> None:
    assert plain({"value": given_value}) == {"value": kept}


@pytest.mark.parametrize("refused", ["a\x00b", "\ud800"])
def test_text_that_a_database_would_change_is_refused(refused: str) -> None:
    with pytest.raises(ValueError, match="The record keeps"):
        plain({"value": refused})
    with pytest.raises(ValueError, match="The record keeps"):
        plain({refused: 1})


@pytest.mark.parametrize("refused", [object(), {1: "a"}, {"a": {1, 2}}])
def test_what_has_no_plain_form_is_refused(refused: object) -> None:
    with pytest.raises(TypeError):
        plain(refused)


def test_a_whole_chain_verifies_and_names_its_head() -> None:
    entries = a_chain(4)
    finding = verify(entries)
    assert finding.whole
    assert (finding.events, finding.head) == (4, entries[-1].hash)
    assert entries[0].previous == BEFORE_THE_FIRST


def test_an_empty_record_is_whole() -> None:
    assert verify([]).whole


CHANGES = {
    "at": AT,
    "kind": "night.cancelled",
    "actor": "eve",
    "actor_id": None,
    "subject": "night/9",
    "summary": "Nothing happened.",
    "data": {"points": 0},
}


@pytest.mark.parametrize("field", CHANGES)
def test_a_changed_field_is_found_at_its_position(field: str) -> None:
    entries = a_chain(4)
    entries[2] = replace(entries[2], **{field: CHANGES[field]})
    finding = verify(entries)
    assert (finding.bad_position, finding.events) == (3, 2)
    assert "changed after it was written" in finding.problem


def test_a_changed_event_with_a_new_hash_breaks_the_next_one() -> None:
    entries = a_chain(4)
    forged = replace(entries[1], summary="Nothing happened.")
    entries[1] = replace(forged, hash=forged.computed_hash())
    assert verify(entries).bad_position == 3


def test_a_removed_event_is_missed() -> None:
    entries = a_chain(4)
    del entries[1]
    finding = verify(entries)
    assert finding.bad_position == 2
    assert "event 2 is missing" in finding.problem


def test_two_swapped_events_are_found() -> None:
    entries = a_chain(4)
    entries[1], entries[2] = entries[2], entries[1]
    assert verify(entries).bad_position == 2


def test_a_missing_first_event_is_found() -> None:
    assert verify(a_chain(3)[1:]).bad_position == 1


def test_only_a_hash_kept_elsewhere_shows_a_record_cut_off_at_its_end() -> None:
    entries = a_chain(4)
    assert verify(entries[:2]).whole
    finding = verify(entries[:2], anchors={4: entries[3].hash})
    assert finding.bad_position == 3
    assert "event 4 was kept elsewhere" in finding.problem


def test_only_a_hash_kept_elsewhere_shows_a_record_written_anew() -> None:
    anchor = a_chain(3)[1].hash
    rewritten: list[Entry] = []
    for number in (1, 2, 3):
        rewritten.append(chained(an_entry(number, actor="eve"), rewritten[-1] if rewritten else None))
    assert verify(rewritten).whole
    assert verify(rewritten, anchors={2: anchor}).bad_position == 2


def test_an_export_reads_back_as_it_was() -> None:
    entries = a_chain(3)
    assert list(read_lines(entry.line() for entry in entries)) == entries


@pytest.mark.parametrize(
    "line",
    ["no json", "[]", '{"position":1}', json.dumps({**json.loads(a_chain(1)[0].line()), "more": 1})],
)
def test_a_line_that_is_no_event_is_named(line: str) -> None:
    with pytest.raises(UnreadableLine, match="line 2"):
        list(read_lines([a_chain(1)[0].line(), line]))


def changed(**fields: object) -> str:
    """Return an exported event with other fields, written as a program would that knows no rule of ours."""
    return json.dumps({**json.loads(a_chain(1)[0].line()), **fields})


@pytest.mark.parametrize(
    "line",
    [
        changed(data={"a": float("nan")}),
        changed(data={"a": "\ud800"}),
        changed(data={"\ud800": 1}),
        changed(summary="\ud800"),
        changed(**{"more\n\ud800": 1}),
        changed(at="0001-01-01T00:00:00+23:00"),
        changed(at=7),
        changed(data={}).replace("{}", "[" * 900 + "]" * 900),
        changed(data={}).replace("{}", "[" * 100_000 + "]" * 100_000),
        changed(data={}).replace("{}", "9" * 5000),
    ],
    ids=["nan", "half", "half name", "summary", "field", "time", "number", "deep", "deeper", "long"],
)
def test_what_the_record_never_keeps_is_named_in_one_line_and_never_a_traceback(line: str) -> None:
    with pytest.raises(UnreadableLine, match="line 2: not an event of the record") as refused:
        list(read_lines([a_chain(1)[0].line(), line]))
    assert str(refused.value).isascii()
    assert str(refused.value).isprintable()


def test_a_time_written_otherwise_is_no_event_of_the_record() -> None:
    line = a_chain(1)[0].line().replace("01.000250Z", "01.00025Z")
    with pytest.raises(UnreadableLine, match="is not written as the record writes it"):
        list(read_lines([line]))


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(words, values, max_size=4), words)
def test_whatever_is_kept_verifies_after_export(data: dict[str, object], summary: str) -> None:
    entry = chained(an_entry(data=plain(data), summary=summary), None)
    assert verify(read_lines([entry.line()])).whole


@given(st.dictionaries(words, values, max_size=4))
def test_what_is_kept_is_kept_the_same_the_second_time(data: dict[str, object]) -> None:
    assert plain(plain(data)) == plain(data)


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq, the other program that computes the hash, is not installed")
def test_another_program_computes_the_same_hash() -> None:
    entry = chained(an_entry(data=plain({"b": [1, None, True], "a": "é \n ≥", "c": 0.25})), None)
    text = subprocess.run(["jq", "-cSj", "del(.hash)"], input=entry.line(), capture_output=True, text=True, check=True)
    assert hashlib.sha256(text.stdout.encode()).hexdigest() == entry.hash


def test_moments_are_written_in_utc_with_six_digits() -> None:
    assert instant(datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=-3)))) == "2026-01-02T06:04:05.000000Z"

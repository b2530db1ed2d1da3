"""Headers of Python enhancement proposals."""

import json
import re
import time
from collections import Counter
from datetime import date

import pytest

from governance.importing.formats.peps import FORMAT
from governance.importing.reading import Place, SourceRefused
from tests.factories.sources import assert_read_or_refused, assert_whole, mutations, read, read_real

PEP = """\
PEP: 9001
Title: Lamps for everyone
Author: Ada Invented <ada@lamps.invalid>,
        Bob Invented, Jr., Łucja Invented <lucja at lamps.invalid>
Sponsor: Cyd Invented <cyd@lamps.invalid>
BDFL-Delegate: Dee Invented
Status: April Fool!
Type: Standards Track
Topic: Typing, Packaging
Created: 01-Apr-2019
Post-History: 02-Apr-2019,
Shade: green

Abstract
========

Author: Nobody Invented
"""
FILES = {
    "peps/pep-9001.rst": PEP,
    "peps/pep-9002.rst": PEP.replace("9001", "9002").replace("BDFL-Delegate: Dee Invented", "PEP-Delegate: TODO"),
}


@pytest.fixture
def reading():
    found = read(FORMAT, FILES)
    assert_whole(found)
    return found


def test_a_proposal_is_what_its_header_says(reading):
    lamps = reading.proposals[0]
    assert (lamps.number, lamps.title, lamps.state) == ("9001", "Lamps for everyone", "April Fool!")
    assert (lamps.created, lamps.url) == (date(2019, 4, 1), "https://peps.python.org/pep-9001/")
    assert lamps.authors == ("ada-invented", "bob-invented-jr", "lucja-invented")


def test_a_topic_of_several_values_is_several_areas(reading):
    assert reading.proposals[0].areas == ("typing", "packaging")
    assert {area.name for area in reading.areas} == {"Typing", "Packaging"}


@pytest.mark.parametrize("spelling", ["BDFL-Delegate", "PEP-Delegate", "PEP-delegate"])
def test_a_delegate_is_a_shepherd_in_every_spelling_of_the_header(spelling):
    reading = read(FORMAT, {"pep-9001.rst": PEP.replace("BDFL-Delegate", spelling)})
    assert reading.proposals[0].shepherds == ("dee-invented",)


def test_addresses_are_not_read(reading):
    assert ".invalid" not in str(reading)


def test_what_has_no_place_is_unread_with_its_line(reading):
    left = {(line.place.line, line.text) for line in reading.unread if line.place.file == "peps/pep-9001.rst"}
    assert left == {(5, "Sponsor: Cyd Invented"), (12, "shade: green")}
    assert Place("peps/pep-9002.rst", 6) in {line.place for line in reading.unread if "TODO" in line.text}


def test_a_header_longer_than_any_costs_no_time_and_is_told():
    started = time.process_time()
    reading = read(FORMAT, {"pep-9001.rst": PEP.replace("Dee Invented", "d@" * 1_000_000)})
    assert time.process_time() - started < 2
    assert (reading.proposals[0].shepherds, reading.proposals[0].number) == ((), "9001")
    assert any("longer than any header" in line.reason for line in reading.unread)


def test_each_of_two_voting_rounds_in_one_proposal_is_told():
    text = PEP.replace("Lamps for everyone", "2030 Term election") + "".join(
        f"\n{title}\n{'=' * 14}\n\n* Eve Invented\n" for title in ("First round results", "Second round results")
    )
    reading = read(FORMAT, {"pep-9001.rst": text})
    rounds = [line for line in reading.unread if "round of voting" in line.reason]
    assert [text.splitlines()[line.place.line - 1] for line in rounds] == [line.text for line in rounds]
    assert [line.text for line in rounds] == ["First round results", "Second round results"]


def test_the_list_of_headers_adds_what_no_file_tells_and_contradictions_are_told():
    entries = [
        {"PEP": "9001", "Title": "Lamps for everyone", "Status": "April Fool!"},
        {"PEP": "9002", "Title": "Lamps for everyone", "Status": "Final"},
        {"PEP": "9003", "Title": "Oil", "Author": "Ada Invented", "Status": "Draft", "Created": "31-Feb-2020"},
    ]
    reading = read(FORMAT, {**FILES, "headers.json": json.dumps(entries, indent=1)})
    assert_whole(reading)
    assert [(found.number, found.state) for found in reading.proposals] == [
        ("9001", "April Fool!"),
        ("9002", "April Fool!"),
        ("9003", "Draft"),
    ]
    told = {(line.text, line.place.line) for line in reading.unread if line.place.file == "headers.json"}
    assert told == {("Lamps for everyone", 8), ("Created: 31-Feb-2020", 13)}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[{]", "headers.json:1: not JSON"),
        ("{}", "a list of headers is expected"),
        ("[" * 100_000, "nested beyond reason"),
        ("[" + "1" * 9000 + "]", "not JSON"),
    ],
)
def test_a_list_that_is_none_is_refused_in_one_line(text, says):
    with pytest.raises(SourceRefused, match=re.escape(says)):
        read(FORMAT, {"headers.json": text})


@pytest.mark.parametrize("seed", range(3))
def test_a_damaged_file_is_read_or_refused_and_never_worse(seed):
    listed = json.dumps([{"PEP": "1", "Title": "Oil", "Author": "Ada Invented", "Topic": "Typing"}], indent=1)
    whole = {path: text.encode() for path, text in {**FILES, "headers.json": listed}.items()}
    for damaged in mutations(whole, 50, seed):
        assert_read_or_refused(FORMAT, damaged)


def test_real_headers_agree_with_a_count_by_grep():
    reading, files = read_real(FORMAT, "python-peps")
    assert_whole(reading)
    text = next(file for file in files if file.path == "headers.json").text()
    numbers = re.findall(r'^"PEP": "(\d+)"', text, re.MULTILINE)
    assert {found.number for found in reading.proposals} == set(numbers)
    states = Counter(re.findall(r'^"Status": "(.*?)"', text, re.MULTILINE))
    assert Counter(found.state for found in reading.proposals) == states
    topics = re.findall(r'^"Topic": "(.*?)"', text, re.MULTILINE)
    assert {area.name for area in reading.areas} == {name.strip() for topic in topics for name in topic.split(",")}
    assert max(len(found.areas) for found in reading.proposals) == max(topic.count(",") + 1 for topic in topics)


def test_every_real_author_and_delegate_is_placed_or_unread():
    reading, files = read_real(FORMAT, "python-peps")
    names = {person.key: {person.name, *person.also_named} for person in reading.people}
    text = next(file for file in files if file.path == "headers.json").text()
    told = " ".join(line.text for line in reading.unread if "Sponsor" not in line.text)
    for block in text.split("\n},"):
        number = re.search(r'"PEP": "(\d+)"', block)
        proposal = next(found for found in reading.proposals if number and found.number == number[1])
        for header, keys in (("Author", proposal.authors), ("(?:PEP|BDFL)-Delegate", proposal.shepherds)):
            value = re.search(rf'^"{header}": "(.*)",?$', block, re.MULTILINE)
            placed = {name for key in keys for name in names[key]}
            for part in re.sub(r"<.*?>", "", value[1]).split(",") if value else ():
                name = " ".join(part.split()).replace('\\"', '"')
                assert not name or name in told or any(name in whole for whole in placed), f"{number}: {name}"


def test_each_real_election_tells_its_results():
    reading, files = read_real(FORMAT, "python-peps")
    with_results = {file.path for file in files if re.search(r"(?m)^Results\n=+$", file.content.decode())}
    assert {line.place.file for line in reading.unread if "round of voting" in line.reason} >= with_results

"""Node's votes: flat and scored, with and without an outcome; then the real ones beside what a few lines count."""

import json
import re
from datetime import date

import pytest

from governance.importing.formats.node_votes import FORMAT
from governance.importing.reading import Reading, SourceFile, SourceRefused
from tests.conftest import ROOT

REAL = ROOT.parent / "shared" / "data" / "governance" / "nodejs-TSC"
needs_real_files = pytest.mark.skipif(not REAL.is_dir(), reason=f"Node's own files are not here: {REAL}")

FLAT = """\
{
  "description": "Shall the loom be blue?",
  "refs": ["https://example.org/1", "https://example.org/2"],
  "votes": {
    "AdaEx": 1,
    "bert": 0,
    "cora": -1
  }
}
"""


def read_text(text: str, name: str = "votes/2021-09-29-0.json") -> Reading:
    return FORMAT.read([SourceFile(name, text.encode())])


def changed(**more: object) -> str:
    """Return the flat vote with some parts of it changed."""
    return json.dumps(json.loads(FLAT) | more, indent=1)


def test_a_flat_vote_is_a_proposal_with_named_positions():
    reading = read_text(FLAT)
    (vote,) = reading.proposals
    assert (vote.number, vote.title, vote.created) == ("2021-09-29-0", "Shall the loom be blue?", date(2021, 9, 29))
    assert vote.positions == {"adaex": "yes", "bert": "abstain", "cora": "no"}
    assert vote.url == "https://example.org/1"
    assert [(left.place.line, "example.org/2" in left.text) for left in reading.unread] == [(3, True)]
    assert [(person.github, person.place.line) for person in reading.people] == [("AdaEx", 5), ("bert", 6), ("cora", 7)]


def test_no_outcome_is_worked_out_where_the_file_tells_none():
    assert read_text(FLAT).proposals[0].outcome == ""


@pytest.mark.parametrize(
    ("outcome", "told"), [("Yes", "Yes"), ({"winner(s)": ["blue"]}, "blue"), ({"winner(s)": ["a", "b"]}, "a; b")]
)
def test_an_outcome_is_a_word_or_the_winners(outcome, told):
    assert read_text(changed(refs="https://example.org/1", outcome=outcome)).proposals[0].outcome == told


def test_scores_are_told_by_option_the_highest_first():
    text = changed(votes={"ada": {"red": -5, "blue": 9007199254740994, "green": 9007199254740992}})
    assert read_text(text).proposals[0].positions == {"ada": "blue: 9007199254740994; green: 9007199254740992; red: -5"}


@pytest.mark.parametrize("stand", [2, True, "yes", None, [], {}, {"red": "1"}, {"red": True}, 1e999])
def test_a_stand_that_is_none_is_told_with_its_line(stand):
    reading = read_text(changed(refs=[], votes={"ada": stand, "bert": 1}))
    assert reading.proposals[0].positions == {"bert": "yes"}
    (left,) = reading.unread
    assert left.place.line > 0
    assert "ada" in left.text


def test_a_voter_who_stands_twice_counts_once():
    reading = read_text(FLAT.replace('"bert": 0', '"ADAEX": 0').replace('"cora": -1', '"cora": -1, "cora": 1'))
    assert reading.proposals[0].positions == {"adaex": "yes", "cora": "no"}
    assert [left.place.line for left in reading.unread if "second time" in left.reason] == [6, 7]


def test_what_is_no_part_of_a_vote_is_told():
    reading = read_text(changed(refs=[], mood="good", outcome=3))
    assert {left.text for left in reading.unread} == {'mood: "good"', "outcome: 3"}


def test_a_day_that_no_calendar_has_is_told():
    reading = read_text(FLAT, "votes/2021-02-30-0.json")
    assert reading.proposals[0].created is None
    assert [left.text for left in reading.unread if "calendar" in left.reason] == ["2021-02-30-0"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", r"2021-09-29-0\.json:1: not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"votes": ' + b"9" * 5000 + b"}", "not JSON"),
        (b"[]", "needs a “votes”"),
        (b'{"votes": []}', "needs a “votes”"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_a_file_that_is_no_vote_is_refused_in_one_line(content, says):
    with pytest.raises(SourceRefused, match=says) as refused:
        FORMAT.read([SourceFile("votes/2021-09-29-0.json", content)])
    assert "\n" not in str(refused.value)


def test_one_file_that_cannot_be_read_is_told_and_the_others_count():
    reading = FORMAT.read(
        [SourceFile("votes/2021-09-29-0.json", FLAT.encode()), SourceFile("votes/2021-09-30-0.json", b"{")]
    )
    assert [vote.number for vote in reading.proposals] == ["2021-09-29-0"]
    assert [left.place.file for left in reading.unread if "not JSON" in left.reason] == ["votes/2021-09-30-0.json"]


def test_a_source_without_votes_is_refused():
    assert not FORMAT.recognises(["README.md", "package.json"])
    with pytest.raises(SourceRefused, match="no file of votes"):
        FORMAT.read([SourceFile("README.md", b"")])


@needs_real_files
def test_the_real_votes():
    files = sorted((REAL / "votes").glob("*.json"))
    reading = FORMAT.read([SourceFile(f"votes/{file.name}", file.read_bytes()) for file in files])
    assert [vote.number for vote in reading.proposals] == [file.stem for file in files]
    for vote, file in zip(reading.proposals, files, strict=True):
        text = file.read_text()
        flat = re.findall(r'^    "([\w-]+)": (-?\d)', text, re.MULTILINE)
        scored = re.findall(r'^    "([\w-]+)": \{', text, re.MULTILINE)
        words = {"1": "yes", "0": "abstain", "-1": "no"}
        assert set(vote.positions) == {name.lower() for name in scored} | {name.lower() for name, _ in flat}
        assert {name: stand for name, stand in vote.positions.items() if flat} == {
            name.lower(): words[number] for name, number in flat
        }
        assert bool(vote.outcome) == ('"outcome"' in text) == (file.stem > "2022")
        assert vote.url.startswith("https://github.com/nodejs/")
    everybody = {
        name.lower() for file in files for name in re.findall(r'^    "([\w-]+)": [-\d{]', file.read_text(), re.M)
    }
    assert {person.key for person in reading.people} == everybody
    assert reading.unread == ()

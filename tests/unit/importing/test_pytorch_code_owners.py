"""CODEOWNERS: who is told of which paths, the last match, teams; then PyTorch's own beside another count."""

import re

import pytest

from governance.importing.formats.pytorch.code_owners import matches, matching_nothing, owner_lines, owners_of
from tests.unit.importing.pytorch_sources import (
    COMMUNITY,
    RELEASE,
    active_maintainers,
    in_office,
    lines_told,
    needs_real_files,
    read,
    read_text,
)

SMALL = """\
# This file is ONLY used to subscribe for notifications.
# Approvals from people in this file are not required for merges.

*.md            @ada
/loom/          @AdaEx @bert   # both of them
/loom/shuttle/  @cora
/loom/shuttle/quiet/
/loom/dyes\\ and\\ inks @loom/dyers @Bert
/loom/          @bert
"""


def owners(text: str):
    return read_text(text, "CODEOWNERS")


def test_a_pattern_gives_an_office_of_its_owners_and_makes_nobody_maintainer():
    reading = owners(SMALL)
    assert {office.role for office in reading.offices} == {"code owner"}
    assert {office.kind for office in reading.offices} == {"other"}
    assert reading.areas == ()
    assert active_maintainers(reading) == {}
    assert in_office(reading, "loom-shuttle-code-owner") == ["cora"]
    assert [office.name for office in reading.offices][1] == "code owner of /loom/shuttle/"


def test_a_later_line_of_the_same_pattern_counts_and_the_earlier_is_told():
    reading = owners(SMALL)
    assert in_office(reading, "loom-code-owner") == ["bert"]
    assert [left.place.line for left in reading.unread if "last match wins" in left.reason] == [5]


def test_a_pattern_without_owners_is_an_office_that_nobody_holds():
    assert in_office(owners(SMALL), "loom-shuttle-quiet-code-owner") == []
    assert "loom-shuttle-quiet-code-owner" in {office.slug for office in owners(SMALL).offices}


@pytest.mark.parametrize(
    ("owner", "because"),
    [
        ("@loom/dyers", "a team, not a person"),
        ("ada@example.org", "an e-mail address names no account"),
        ("ada", "no @ before it"),
        ("@", "no GitHub account can have this login"),
        ("@loom-bot", "an automatic account"),
    ],
)
def test_an_owner_who_is_no_person_is_told_and_the_others_hold_the_office(owner, because):
    reading = owners(f"/loom/ {owner} @bert\n")
    assert in_office(reading, "loom-code-owner") == ["bert"]
    (left,) = reading.unread
    assert because in left.reason
    assert "example.org" not in left.text


@pytest.mark.parametrize("line", ["!/loom/ @ada", "/loom/[ab] @ada", "\\#loom @ada", "/" + "l" * 300 + " @ada"])
def test_a_line_that_github_skips_is_told(line):
    reading = owners(line)
    assert reading.holdings == ()
    assert [left.place.line for left in reading.unread] == [1]


def test_patterns_that_would_slug_alike_are_two_offices():
    reading = owners("/loom/ @ada\nloom/ @bert\n")
    assert len({office.slug for office in reading.offices}) == 2
    assert sorted(held.person for held in reading.holdings) == ["ada", "bert"]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("README.md", 4),
        ("loom/frame.py", 9),
        ("loom/shuttle/a.py", 9),
        ("other/loom/frame.py", None),
    ],
)
def test_the_last_match_decides(path, line):
    decided = owners_of(path, owner_lines(SMALL.split("\n")))
    assert (decided.line if decided else None) == line


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*", "a/b.c", True),
        ("*.py", "a/b.py", True),
        ("/*.py", "a/b.py", False),
        ("/a/*", "a/b", True),
        ("/a/*", "a/b/c", False),
        ("/a", "a/b/c", True),
        ("a/", "x/a/b", True),
        ("a/", "a", False),
        ("a/b", "x/a/b", False),
        ("/a/**/c", "a/c", True),
        ("/a/**/c", "a/b/d/c", True),
        ("**/c", "a/b/c", True),
        ("/a/**", "a/b/c", True),
        ("/a/b*.h", "a/bcd.h", True),
        ("/a/b*.h", "a/b/d.h", False),
        ("/a.c", "axc", False),
        ("/a?c", "abc", True),
        ("a\\ b", "x/a b", True),
    ],
)
def test_patterns_match_as_github_says(pattern, path, expected):
    assert matches(pattern, path) is expected


def test_patterns_from_the_root_that_match_no_file_are_found():
    rules = owner_lines(["/a/ @ada", "/gone/ @ada", "anywhere @ada"])
    assert [rule.pattern for rule in matching_nothing(rules, ["a/b", "c"])] == ["/gone/"]


@needs_real_files
def test_of_the_owners_at_2_6_0_some_are_listed_nowhere_and_some_only_as_emeritus():
    reading = read(RELEASE)
    code = {office.slug for office in reading.offices if office.role == "code owner"}
    owning = {held.person for held in reading.holdings if held.office in code}
    standings = {
        person: {held.standing for held in reading.holdings if held.person == person and held.office not in code}
        for person in owning
    }
    text = (RELEASE / "CODEOWNERS").read_text()
    page = (RELEASE / COMMUNITY / "persons_of_interest.rst").read_text()
    written = {word.lower() for word in re.findall(r"(?m)(?<=\s)@([\w/-]+)", re.sub(r"(?m)^#.*", "", text))}
    teams = {word for word in written if "/" in word}
    listed = {login.lower() for login in re.findall(r"github\.com/([\w-]+)", page)}
    now = {login.lower() for login in re.findall(r"(?m)^[-*] +(?! |\(emer).*github\.com/([\w-]+)", page)}
    assert owning == written - teams
    assert len(written) == 56
    assert {person for person in owning if not standings[person]} == owning - listed
    assert {person for person in owning if standings[person] == {"emeritus"}} == owning & listed - now
    assert [len(owning - listed), len(owning & listed - now)] == [21, 5]
    told = {team for team in teams for left in reading.unread if f"@{team}" in left.text.lower()}
    assert told == teams


@needs_real_files
def test_every_line_of_the_real_file_is_placed_or_told():
    text = (RELEASE / "CODEOWNERS").read_text()
    patterns = {n for n, line in enumerate(text.split("\n"), 1) if line.strip() and not line.startswith("#")}
    assert patterns <= lines_told(read(RELEASE), "CODEOWNERS")
    reading = read(RELEASE)
    different = {line.split()[0] for line in text.split("\n") if line.strip() and not line.startswith("#")}
    assert len([office for office in reading.offices if office.role == "code owner"]) == len(different)

"""Merge rules: approvers by rule, teams, patterns that are nobody's paths; then PyTorch's own beside another count."""

import json
import re

import pytest

from governance.importing.formats.pytorch import FORMAT
from governance.importing.reading import SourceFile, SourceRefused
from tests.unit.importing.pytorch_sources import RULES, in_office, lines_told, needs_real_files, read, read_text

SMALL = """\
- name: Shuttle / fast
  patterns:
  - loom/shuttle/**
  - "*"
  approved_by:
  - AdaEx
  - loom/weavers
  - loombot[bot]
  mandatory_checks_name:
  - Lint

- name: superuser
  patterns:
  - '*'
  approved_by:
  - loom/everybody
"""
FILE = ".github/merge_rules.yaml"


def test_a_rule_gives_the_office_of_its_approvers():
    reading = read_text(SMALL, FILE)
    assert [(office.slug, office.kind, office.role) for office in reading.offices] == [
        ("shuttle-fast-approver", "other", "approver"),
        ("superuser-approver", "other", "approver"),
    ]
    assert in_office(reading, "shuttle-fast-approver") == ["adaex"]
    assert in_office(reading, "superuser-approver") == []


def test_teams_and_automatic_accounts_are_told_and_are_no_people():
    reading = read_text(SMALL, FILE)
    assert [person.github for person in reading.people] == ["AdaEx"]
    told = {left.place.line: left.reason for left in reading.unread}
    assert [told[line].partition(",")[0] for line in (7, 8, 16)] == ["a team", "an automatic account", "a team"]


def test_patterns_and_checks_become_no_paths_and_are_told_line_by_line():
    reading = read_text(SMALL, FILE)
    assert reading.areas == ()
    assert [left.place.line for left in reading.unread if "no pattern of CODEOWNERS" in left.reason] == [3, 4, 14]
    assert [left.place.line for left in reading.unread if "a check" in left.reason] == [10]


@pytest.mark.parametrize("indent", [1, "\t", None])
def test_json_gives_the_same_facts(indent):
    rules = [
        {"name": "Shuttle / fast", "patterns": ["*"], "approved_by": ["AdaEx", "loom/weavers"]},
        {"name": "superuser", "patterns": ["*"], "approved_by": ["loom/everybody"]},
    ]
    reading = read_text(json.dumps(rules, indent=indent), ".github/merge_rules.json")
    assert in_office(reading, "shuttle-fast-approver") == ["adaex"]
    assert [left.text for left in reading.unread if "team" in left.reason] == [
        "approver by merge rule Shuttle / fast: loom/weavers",
        "approver by merge rule superuser: loom/everybody",
    ]


def test_what_is_no_rule_is_told_by_its_lines():
    reading = read_text(
        "- just words\n- patterns: ['a']\n  approved_by: [ada]\n- name: []\n- name: Good\n  mood: [fine]\n", FILE
    )
    assert [office.slug for office in reading.offices] == ["good-approver"]
    assert {left.place.line for left in reading.unread} == {1, 2, 3, 4, 6}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no list of merge rules"),
        ("name: x", "no list of merge rules"),
        ("- name: 'x\n", r"merge_rules\.yaml:\d+: not YAML"),
        ("- [" * 3000, "not YAML"),
        ('- name: "\\U00ffffff"', "not YAML"),
        ("- name: \x00", "not YAML"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_one_line(text, says):
    with pytest.raises(SourceRefused, match=says) as refused:
        read_text(text, FILE)
    assert "\n" not in str(refused.value)


def test_json_that_is_only_yaml_is_refused():
    with pytest.raises(SourceRefused, match=r"merge_rules\.json:1: not JSON"):
        read_text(SMALL, "merge_rules.json")


def test_a_name_repeated_by_aliases_is_told_once():
    bomb = "- &a [x, x, x]\n- &b [*a, *a, *a, *a]\n- &c [*b, *b, *b, *b]\n- [*c, *c, *c, *c]\n"
    assert len(read_text(bomb, FILE).unread) <= 12


@needs_real_files
def test_the_real_rules():
    reading, text = read(RULES), (RULES / FILE).read_text()
    blocks = dict(re.findall(r"(?ms)^- name: ([^\n]+)\n.*?approved_by:\n((?:  - [^\n]+\n)+)", text))
    approvers = {name: re.findall(r"  - (.+)", block) for name, block in blocks.items()}
    people = {name: {a.lower() for a in who if "/" not in a and a != "pytorchbot"} for name, who in approvers.items()}
    offices = {office.name.removeprefix("approver by merge rule "): office.slug for office in reading.offices}
    assert {name: set(in_office(reading, slug)) for name, slug in offices.items()} == people
    assert people["superuser"] == set()
    assert {left.text.rpartition(": ")[2] for left in reading.unread if "a team" in left.reason} == {
        a for who in approvers.values() for a in who if "/" in a
    }
    entries = {n for n, line in enumerate(text.split("\n"), 1) if re.match(r"\s*- ", line)}
    assert entries <= lines_told(reading, FILE)


def test_rules_and_owners_of_two_releases_are_two_revisions():
    files = [SourceFile("2.6.0/CODEOWNERS", b"/a @ada"), SourceFile(f"1.13.1/{FILE}", SMALL.encode())]
    with pytest.raises(SourceRefused, match=r"1\.13\.1, 2\.6\.0"):
        FORMAT.read(files)

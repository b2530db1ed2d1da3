"""Requests for comments of PyTorch and Rust, the electorate of NixOS, and folders of ballots."""

import re
from datetime import date

import pytest

from governance.importing.formats import ballots, keps, kubernetes, nixos, peps, pytorch_rfcs, rust, rust_rfcs
from governance.importing.reading import SourceRefused
from tests.factories.sources import assert_read_or_refused, assert_whole, mutations, read, read_real, real_folder

WITH_TABLE = """\
# A lamp

|         |                                        |
| ------- | -------------------------------------- |
| Authors | Ada Invented, Bob B. Invented and TBD  |
| Status  | Rejected                               |
| Created | 2020-11-31                             |
| Shade   | green                                  |

| a | b |
"""
WITH_LIST = """\
## Author(s)

- @AdaInvented
* [Cyd Invented](https://github.com/cyd-invented)
- someone@lamps.invalid

## Abstract
- @not-an-author
"""
PYTORCH = {
    "RFC-0007-a-lamp.md": WITH_TABLE,
    "RFC-0008-Two-Lamps.md": WITH_LIST,
    "RFC-0009-bold.md": "\n# [Bold]\n\n**Authors:**\n* @dee-invented\n\n\n## **Summary**\n",
    "RFC-0010-none.md": "# Summary\nNothing.\n",
    "RFC-0000-template.md": "# Title\n\n**Authors:**\n* @nickname\n",
}


def proposals(reading):
    assert_whole(reading)
    return {found.number: found for found in reading.proposals}


def test_a_state_is_told_only_where_the_file_tells_it():
    found = proposals(read(pytorch_rfcs.FORMAT, PYTORCH))
    assert {number: proposal.state for number, proposal in found.items()} == {
        "7": "Rejected",
        "8": "",
        "9": "",
        "10": "",
    }


def test_authors_stand_in_a_table_or_in_a_list():
    found = proposals(read(pytorch_rfcs.FORMAT, PYTORCH))
    assert found["7"].authors == ("ada-invented", "bob-b-invented")
    assert found["8"].authors == ("adainvented", "cyd-invented")
    assert found["9"].authors == ("dee-invented",)


def test_a_title_is_the_first_heading_unless_that_names_a_section():
    titles = {number: found.title for number, found in proposals(read(pytorch_rfcs.FORMAT, PYTORCH)).items()}
    assert titles == {"7": "A lamp", "8": "Two Lamps", "9": "Bold", "10": "none"}


def test_what_an_rfc_could_not_place_is_told_and_no_address_shown():
    reading = read(pytorch_rfcs.FORMAT, PYTORCH)
    assert {(str(line.place), line.text) for line in reading.unread} == {
        ("RFC-0000-template.md", "template"),
        ("RFC-0007-a-lamp.md:5", "TBD"),
        ("RFC-0007-a-lamp.md:7", "Created: 2020-11-31"),
        ("RFC-0007-a-lamp.md:8", "shade: green"),
        ("RFC-0008-Two-Lamps.md:5", "<address>"),
    }


def test_real_rfcs_of_pytorch_agree_with_a_count_by_grep():
    reading, files = read_real(pytorch_rfcs.FORMAT, "pytorch-rfcs")
    found = proposals(reading)
    assert len(found) == len([file for file in files if "template" not in file.path])
    states = {file.path: re.search(r"(?m)^\| *Status *\| *(\S+)", file.text()) for file in files}
    said = {path: state[1] for path, state in states.items() if state and "template" not in path}
    assert {proposal.place.file: proposal.state for proposal in found.values() if proposal.state} == said
    assert "Rejected" in said.values()
    for file in files:
        heads = file.text().split("\n## ")[0] if file.text().startswith("\n#") else file.text()[:400]
        for login in re.findall(r"(?m)^[*-] @([\w-]+)", heads):
            proposal = next((one for one in found.values() if one.place.file == file.path), None)
            assert proposal is None or login.lower() in proposal.authors


RUST = {
    "text/0007-lamp-oil.md": (
        "- Feature Name: `lamp_oil`\n- Start Date: 2015-02-29\n"
        "- RFC PR: [rust-lang/rfcs#7](https://github.com/rust-lang/rfcs/pull/7)\n- Shade: green\n\n# Summary\n- A: b\n"
    ),
    "text/0008-wick.md": "- Feature Name: N/A\n- Start Date: 2016-02-29\n- RFC PR: none\n",
    "text/0009-bare.md": "# Bare\n",
    "text/0008-wick/motivation.md": "# No proposal\n",
}


def test_a_header_of_rust_tells_title_day_and_address():
    reading = read(rust_rfcs.FORMAT, RUST)
    found = proposals(reading)
    assert {number: one.title for number, one in found.items()} == {"7": "lamp oil", "8": "wick", "9": "bare"}
    assert (found["8"].created, found["7"].url) == (date(2016, 2, 29), "https://github.com/rust-lang/rfcs/pull/7")
    assert {(str(line.place), line.text) for line in reading.unread} == {
        ("text/0007-lamp-oil.md:2", "Start Date: 2015-02-29"),
        ("text/0007-lamp-oil.md:4", "shade: green"),
        ("text/0009-bare.md", "bare"),
    }


def test_real_rfcs_of_rust_agree_with_a_count_by_grep():
    reading, files = read_real(rust_rfcs.FORMAT, "rust-rfcs")
    found = proposals(reading)
    assert {one.place.file for one in found.values()} == {file.path for file in files}
    for file in files:
        day = re.search(r"(?m)^- Start Date: (\S+)", file.text())
        link = re.search(r"(?m)^- RFC PR: .*\((\S+)\)", file.text())
        one = next(one for one in found.values() if one.place.file == file.path)
        assert (str(one.created), one.url) == (day[1] if day else None, link[1] if link else "")


NIXOS = {
    "eligible.csv": "githubId,githubUsername\n11,AdaInvented\n12,bob-invented\n13,\nx,cyd-invented\n",
    "excluded.csv": "21\n22\n",
    "excluded-details.csv": "21,dee-invented,request\n",
}


def test_who_may_vote_is_an_elector_and_who_was_excluded_is_told_with_the_reason():
    reading = read(nixos.FORMAT, NIXOS)
    assert_whole(reading)
    assert {person.github_number: person.github for person in reading.people} == {11: "AdaInvented", 12: "bob-invented"}
    assert {holding.office for holding in reading.holdings} == {"elector"}
    assert {(str(line.place), line.text, line.reason.rpartition(": ")[2]) for line in reading.unread} == {
        ("eligible.csv:4", "13,", "a number and a login of GitHub are expected"),
        ("eligible.csv:5", "x,cyd-invented", "a number and a login of GitHub are expected"),
        ("excluded-details.csv:1", "21,dee-invented", "request"),
        ("excluded.csv:2", "22", "no reason told"),
    }


def test_the_real_electorate_agrees_with_a_count_of_lines():
    reading, files = read_real(nixos.FORMAT, "nixos-sc-2025")
    assert_whole(reading)
    lines = {file.path: [line for line in file.text().splitlines() if line.strip()] for file in files}
    told = [line for line in reading.unread if line.place.file == "eligible.csv"]
    assert len(reading.people) + len(told) == len(lines["eligible.csv"]) - 1
    excluded = {line.split(",")[0] for line in lines["excluded.csv"] + lines["excluded-details.csv"]}
    assert {line.text.split(",")[0] for line in reading.unread if "excluded" in line.reason} == excluded


def test_a_list_of_electors_that_is_no_text_refuses_the_source():
    with pytest.raises(SourceRefused, match="not UTF-8"):
        read(nixos.FORMAT, {"eligible.csv": b"\xff"})


@pytest.mark.parametrize("path", ["eligible.csv", "sigs.yaml", "headers.json", "teams/a.toml"])
def test_a_file_larger_than_any_of_governance_is_refused_unread(path):
    format = {"eligible.csv": nixos, "sigs.yaml": kubernetes, "headers.json": peps, "teams/a.toml": rust}[path].FORMAT
    with pytest.raises(SourceRefused, match=rf"{path}: larger than 4 MB"):
        read(format, {path: b"[" * 8_000_001})


def test_ballots_are_told_to_be_counted_elsewhere():
    reading, files = read_real(ballots.FORMAT, "elekto")
    assert {line.place.file for line in reading.unread} == {file.path for file in files}
    assert all("`tally`" in line.reason for line in reading.unread)


FORMATS = {
    "elekto": ballots.FORMAT,
    "kubernetes-community": kubernetes.FORMAT,
    "kubernetes-enhancements": keps.FORMAT,
    "kubernetes-org": kubernetes.FORMAT,
    "nixos-sc-2025": nixos.FORMAT,
    "python-peps": peps.FORMAT,
    "pytorch-rfcs": pytorch_rfcs.FORMAT,
    "rust-lang-team": rust.FORMAT,
    "rust-rfcs": rust_rfcs.FORMAT,
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_real_folder_is_recognised_by_its_own_format_alone(name):
    folder = real_folder(name)
    paths = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    assert {format.name for format in FORMATS.values() if format.recognises(paths)} == {FORMATS[name].name}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("format", "files"), [(pytorch_rfcs.FORMAT, PYTORCH), (rust_rfcs.FORMAT, RUST), (nixos.FORMAT, NIXOS)]
)
def test_a_damaged_file_is_read_or_refused_and_never_worse(format, files, seed):
    for damaged in mutations({path: text.encode() for path, text in files.items()}, 25, seed):
        assert_read_or_refused(format, damaged)

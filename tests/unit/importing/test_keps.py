"""Kubernetes enhancement proposals: words stay the source's own, and one bad file costs its own proposal only."""

import re
import time
from datetime import date

import pytest

from governance.importing.formats.keps import FORMAT
from governance.importing.reading import Place, SourceRefused
from tests.factories.sources import assert_read_or_refused, assert_whole, mutations, read, read_real

KEP = """\
title: Trim the wick
kep-number: 12
authors:
  - "@AdaInvented"
  - bob-invented
owning-sig: sig-lamps
participating-sigs: [sig-wicks, everyone]
status: implementable
creation-date: 2023-05-14
reviewers:
  - "@cyd-invented"
  - lamp-leads
  - TBD
  - "@lamps/testers"
  - sig-wicks-reviewers
approvers:
  - "@dee-invented - for the oil"
  - TBD
  - lamp-leads
  - "@lamps/people"
editor: Eve Invented
"""
ALIASES = "aliases:\n  lamp-leads: [fay-invented, adainvented]\n"
PATH = "keps/sig-lamps/12-trim/kep.yaml"


def proposal(reading, number="12"):
    return next(found for found in reading.proposals if found.number == number)


def left(reading):
    return {(line.place.line, line.text) for line in reading.unread if line.place.file == PATH}


def test_a_proposal_has_authors_and_reviewers_and_its_approvers_are_shepherds():
    reading = read(FORMAT, {PATH: KEP, "OWNERS_ALIASES": ALIASES})
    assert_whole(reading)
    trim = proposal(reading)
    assert (trim.title, trim.state, trim.created) == ("Trim the wick", "implementable", date(2023, 5, 14))
    assert trim.authors == ("adainvented", "bob-invented")
    assert trim.shepherds == ("dee-invented", "fay-invented", "adainvented")
    assert trim.reviewers == ("cyd-invented", "fay-invented", "adainvented")
    assert trim.areas == ("sig-lamps", "sig-wicks")
    assert trim.url.endswith("/keps/sig-lamps/12-trim")


def test_what_names_no_one_and_what_has_no_place_is_unread_with_its_line():
    reading = read(FORMAT, {PATH: KEP, "OWNERS_ALIASES": ALIASES})
    assert left(reading) == {
        (7, "participating-sigs: everyone"),
        (13, "reviewers: TBD"),
        (14, "@lamps/testers"),
        (15, "sig-wicks-reviewers"),
        (17, "approvers: @dee-invented - for the oil"),
        (18, "approvers: TBD"),
        (20, "@lamps/people"),
        (21, "editor: Eve Invented"),
    }


@pytest.mark.parametrize("day", ["2023-14-05", "2023-02-30", "yyyy-mm-dd", "0000-00-00", "12 May 2023"])
def test_an_impossible_date_is_unread_and_the_proposal_stays(day):
    reading = read(FORMAT, {PATH: KEP.replace("2023-05-14", day)})
    assert proposal(reading).created is None
    assert (9, f"creation-date: {day}") in left(reading)


@pytest.mark.parametrize("word", ["imlpemented", "implemented (alpha)", "removed"])
def test_a_status_that_the_process_does_not_know_is_kept_as_it_is_and_reported(word):
    reading = read(FORMAT, {PATH: KEP.replace("status: implementable", f"status: {word}")})
    assert proposal(reading).state == word
    assert (8, f"status: {word}") in left(reading)


def test_a_status_that_still_offers_all_words_says_none():
    reading = read(FORMAT, {PATH: KEP.replace("status: implementable", "status: provisional|implementable")})
    assert proposal(reading).state == ""
    assert (8, "status: provisional|implementable") in left(reading)


def test_a_broken_proposal_is_unread_and_the_others_are_read():
    reading = read(FORMAT, {PATH: KEP, "keps/a/13-b/kep.yaml": "title: [x\n", "keps/a/14-c/kep.yaml": b"title: \xff"})
    assert [found.number for found in reading.proposals] == ["12"]
    broken = {line.place.file for line in reading.unread if line.reason == "the proposal cannot be read"}
    assert broken == {"keps/a/13-b/kep.yaml", "keps/a/14-c/kep.yaml"}
    assert Place("keps/a/13-b/kep.yaml", 2) in {line.place for line in reading.unread}


def test_a_broken_list_of_people_refuses_the_source():
    with pytest.raises(SourceRefused, match="OWNERS_ALIASES:1: not YAML"):
        read(FORMAT, {PATH: KEP, "OWNERS_ALIASES": "aliases: b: c"})


def test_a_proposal_told_by_its_readme_alone():
    header = f"---\n{KEP}---\n\n# Trim\n"
    files = {
        "keps/sig-lamps/12-trim/README.md": header,
        "keps/sig-lamps/0007-oil.md": "# KEP-7: Buy oil\n",
        "keps/sig-lamps/8-jar/README.md": "# KEP-8: Jars\n",
        "keps/sig-lamps/8-jar/kep.yaml": "title: Jar\nkep-number: 8\n",
    }
    reading = read(FORMAT, files)
    assert {found.number: found.title for found in reading.proposals} == {
        "12": "Trim the wick",
        "7": "Buy oil",
        "8": "Jar",
    }
    assert (proposal(reading).created, proposal(reading).place.line) == (date(2023, 5, 14), 2)


def test_a_second_proposal_of_one_number_takes_its_folders_name():
    reading = read(FORMAT, {PATH: KEP, "keps/sig-oil/12-oil/kep.yaml": KEP})
    assert [found.number for found in reading.proposals] == ["12", "12-oil"]
    assert any("taken by" in line.reason for line in reading.unread)


def test_a_name_that_reads_like_another_ones_login_is_another_person():
    text = KEP.replace("bob-invented", "Eve Invented").replace("TBD", '"@eve-invented"')
    reading = read(FORMAT, {PATH: text})
    assert_whole(reading)
    assert proposal(reading).authors == ("adainvented", "eve-invented-without-login")
    assert "eve-invented" in proposal(reading).shepherds


def test_who_reviews_production_readiness_is_a_reviewer():
    reading = read(FORMAT, {PATH: KEP + 'prr-approvers: ["@gil-invented", "@cyd-invented"]\n'})
    assert proposal(reading).reviewers == ("cyd-invented", "lamp-leads", "gil-invented")


def test_a_reviewer_whose_name_reads_like_anothers_login_is_another_person():
    reading = read(FORMAT, {PATH: KEP.replace('"@cyd-invented"', "Dee Invented")})
    assert_whole(reading)
    assert proposal(reading).reviewers[0] == "dee-invented-without-login"


def test_examples_and_templates_are_no_proposals():
    assert not FORMAT.wants("pkg/testdata/keps/1-a/kep.yaml")
    reading = read(FORMAT, {"keps/NNNN-kep-template/kep.yaml": KEP})
    assert not reading.proposals
    assert len(reading.unread) == 1


@pytest.mark.parametrize("seed", range(3))
def test_a_damaged_file_is_read_or_refused_and_never_worse(seed):
    whole = {PATH: KEP, "OWNERS_ALIASES": ALIASES, "keps/a/1-b/README.md": f"---\n{KEP}---\n"}
    for damaged in mutations({path: text.encode() for path, text in whole.items()}, 40, seed):
        assert_read_or_refused(FORMAT, damaged)


def test_real_proposals_agree_with_a_count_by_grep():
    started = time.process_time()
    reading, files = read_real(FORMAT, "kubernetes-enhancements")
    assert time.process_time() - started < 10
    assert_whole(reading)
    keps = [file for file in files if file.path.endswith("kep.yaml")]
    assert len(reading.proposals) == len([file for file in keps if "template" not in file.path])
    numbers = {found.place.file: found.number for found in reading.proposals}
    for file in keps:
        said = re.search(r"^kep-number: *\"?(\d+)", file.text(), re.MULTILINE)
        if file.path in numbers and said and int(said[1]) and numbers[file.path].isdigit():
            assert numbers[file.path] == str(int(said[1]))


def test_real_states_and_dates_are_the_files_own_words():
    reading, files = read_real(FORMAT, "kubernetes-enhancements")
    texts = {file.path: file.text() for file in files}
    unread = {(line.place.file, line.text) for line in reading.unread}
    for found in reading.proposals:
        text = texts[found.place.file]
        status = re.search(r"^status: *([\w() |]*)", text, re.MULTILINE)
        word = status[1].strip() if status else ""
        assert found.state == word or (found.place.file, f"status: {word}") in unread
        day = re.search(r"^creation-date: *[\"']?([^\"'\s#]+)", text, re.MULTILINE)
        if day and (found.place.file, f"creation-date: {day[1]}") not in unread:
            assert found.created is not None
            assert [found.created.year, found.created.month, found.created.day] == [int(n) for n in day[1].split("-")]
    assert any("2023-14-05" in text for _, text in unread)
    assert {"removed", "superseded"} <= {found.state for found in reading.proposals}


def test_every_real_login_with_an_at_sign_is_a_person_or_unread():
    reading, files = read_real(FORMAT, "kubernetes-enhancements")
    aliases = {office.name.split()[0] for office in reading.offices if office.role == "alias"}
    people = {person.key for person in reading.people} | aliases
    unread = {(line.place.file, line.place.line) for line in reading.unread}
    templates = {line.place.file for line in reading.unread if "template" in line.reason}
    seen = 0
    for file in files:
        for number, line in enumerate(file.text().splitlines(), 1):
            item = re.match(r"\s*- *[\"']?@([\w-]+)[\"']?\s*(?:#|$)", line)
            if item and file.path not in templates:
                seen += 1
                assert item[1].lower() in people or (file.path, number) in unread, f"{file.path}:{number} {line}"
    assert seen > 1000

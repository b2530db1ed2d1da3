"""PyTorch's persons of interest: small pages of our own for each trap, then the real ones beside another count."""

import re
from pathlib import Path

import pytest

from governance.importing.formats.pytorch import FORMAT, of_revision
from governance.importing.reading import SourceFile, SourceRefused
from tests.unit.importing.pytorch_sources import (
    BEFORE_MAY,
    COMMUNITY,
    INVENTED_PAGE,
    REAL,
    RELEASE,
    SINCE_MAY,
    active_maintainers,
    in_office,
    lines_told,
    names,
    needs_real_files,
    read,
    read_text,
)

IN_RST = """\
Loom Governance | Maintainers
=============================

Lead Core Maintainer (BDFL)
---------------------------

* Ada Example (`AdaEx <https://github.com/AdaEx>`__)

Core Maintainers
-------------------

-  Ada Example (`adaex <https://github.com/adaex>`__)
-  Bert Example (`bert <https://github.com/bert>`_)

Module-level maintainers
------------------------

Shuttle
~~~~~~~
-  (emeritus) Cora Example (`cora <https://github.com/cora>`__)


XLB
~~~

-  Bert Example (`bert <https://github.com/bert>`__)
"""


def module(*entries: str) -> str:
    """Return a page with one module of these entries."""
    return "\n".join(["## Core Module maintainers", "### Shuttle", *entries])


# --- who holds what -----------------------------------------------------------------------------------------------


def test_a_page_gives_the_lead_the_core_and_each_modules_maintainers():
    reading = read_text(INVENTED_PAGE)
    assert in_office(reading, "lead") == ["adaex"]
    assert in_office(reading, "core-maintainer") == ["bert", "adaex"]
    assert in_office(reading, "core-maintainer", "emeritus") == ["cora"]
    assert in_office(reading, "shuttle-loom-shuttle-maintainer") == ["adaex", "bert"]
    assert {office.slug: office.kind for office in reading.offices} == {
        "lead": "lead",
        "core-maintainer": "core",
        "shuttle-loom-shuttle-maintainer": "area",
        "bobbins-maintainer": "area",
        "heddle-maintainer": "area",
        "punch-cards-maintainer": "area",
    }


def test_restructured_text_gives_the_same_facts():
    reading = read_text(IN_RST, "persons_of_interest.rst")
    assert in_office(reading, "lead") == ["adaex"]
    assert in_office(reading, "core-maintainer") == ["adaex", "bert"]
    assert active_maintainers(reading) == {"Shuttle": 0, "XLB": 1}
    assert reading.unread == ()


def test_an_emeritus_amid_the_list_does_not_end_the_active_ones():
    reading = read_text(
        module("- (emeritus) Ada Ex ([a](https://github.com/a))", "- Bo Ex ([b](https://github.com/b))")
    )
    assert in_office(reading, "shuttle-maintainer") == ["b"]
    assert in_office(reading, "shuttle-maintainer", "emeritus") == ["a"]


@pytest.mark.parametrize("bullet", ["-", "*", "+", "-  "])
def test_any_bullet_makes_an_entry(bullet):
    reading = read_text(module(f"{bullet} Ada Example ([adaex](https://github.com/adaex))"))
    assert in_office(reading, "shuttle-maintainer") == ["adaex"]


def test_a_module_below_another_is_a_part_of_it():
    areas = {area.name: area for area in read_text(INVENTED_PAGE).areas}
    assert areas["Bobbins"].parent == areas["Shuttle (loom.shuttle)"].slug
    assert areas["Heddle"].parent == ""


def test_sunset_modules_are_told_apart():
    reading = read_text(INVENTED_PAGE)
    assert [area.name for area in reading.areas if area.sunset] == ["Punch Cards"]
    assert active_maintainers(reading) == {"Shuttle (loom.shuttle)": 2, "Bobbins": 1, "Heddle": 0}


# --- the lead among the core: the denominator of 75 % -------------------------------------------------------------


def page_of_core(*core: str) -> str:
    lead = "## Lead Core Maintainer\n- Ada Example ([AdaEx](https://github.com/AdaEx))\n## Core Maintainers\n"
    return lead + "\n".join(core)


BERT = "- Bert Example ([bert](https://github.com/bert))"


@pytest.mark.parametrize("repeated", [[], ["- Ada Example ([adaex](https://github.com/adaex))"]])
def test_the_lead_is_one_core_maintainer_whether_or_not_repeated(repeated):
    assert sorted(in_office(read_text(page_of_core(*repeated, BERT)), "core-maintainer")) == ["adaex", "bert"]


def test_a_former_lead_is_no_core_maintainer_by_that():
    page = "## Lead Core Maintainer\n- (emeritus) Ada Example ([a](https://github.com/a))\n## Core Maintainers\n" + BERT
    reading = read_text(page)
    assert in_office(reading, "core-maintainer") == ["bert"]
    assert in_office(reading, "lead", "emeritus") == ["a"]


def test_a_lead_listed_as_emeritus_core_is_told_as_a_contradiction():
    reading = read_text(page_of_core("- (emeritus) Ada Example ([adaex](https://github.com/adaex))", BERT))
    assert sorted(in_office(reading, "core-maintainer")) == ["adaex", "bert"]
    assert [(left.place.line, "leads" in left.reason) for left in reading.unread] == [(4, True)]


def test_the_lead_has_one_seat():
    reading = read_text("## Lead Core Maintainer\n- Ada Ex ([a](https://github.com/a))\n" + BERT)
    assert in_office(reading, "lead") == ["a"]
    assert [left.place.line for left in reading.unread] == [3]


# --- who is who ---------------------------------------------------------------------------------------------------


def test_logins_compare_without_case_and_other_spellings_are_kept():
    people = {person.key: person for person in read_text(INVENTED_PAGE).people}
    assert people["adaex"].github == "AdaEx"
    assert (people["bert"].name, people["bert"].also_named) == ("Bert Example", ("Bertram Example",))


def test_the_links_login_is_the_identity_where_its_label_differs():
    reading = read_text(module("- Ada Example ([exada](https://github.com/adaex))"))
    assert in_office(reading, "shuttle-maintainer") == ["adaex"]
    (left,) = reading.unread
    assert "exada" in left.reason
    assert "adaex" in left.reason


def test_a_label_in_another_case_is_no_difference():
    assert read_text(module("- Ada Example ([ADAEX](https://github.com/adaex))")).unread == ()


def test_a_person_without_login_and_one_of_one_word_are_people():
    reading = read_text(module("- Evert Unlinked", "- Dora ([dora](https://github.com/dora))"))
    assert in_office(reading, "shuttle-maintainer") == ["evert-unlinked", "dora"]
    assert names(reading) == {"evert-unlinked": "Evert Unlinked", "dora": "Dora"}


def test_a_name_that_reads_like_somebodys_login_is_somebody_else():
    reading = read_text(module("- Dora", "- Theodora Example ([dora](https://github.com/dora))"))
    assert names(reading) == {"dora-without-login": "Dora", "dora": "Theodora Example"}
    assert in_office(reading, "shuttle-maintainer") == ["dora-without-login", "dora"]


@pytest.mark.parametrize(
    ("entry", "because"),
    [
        ("- Ada Example ([ada](https://example.org/ada))", "leads to no GitHub account"),
        ("- Ada Example ([ada](https://github.com/loom/ada))", "leads to no GitHub account"),
        ("- Ada Example ([ada](https://[half))", "leads to no GitHub account"),
        ("- emeritus: Ada Example", "not in brackets"),
        ("- ([ada](https://github.com/ada))", "not a name"),
        ("- Ada ([a](https://github.com/a)), Bert ([b](https://github.com/b))", "not a name"),
        ("- Triage all that is asked of the people of this module soon", "not a name"),
        ("- 42", "not a name"),
    ],
)
def test_an_entry_that_cannot_be_placed_is_told_with_its_line(entry, because):
    reading = read_text(module(entry))
    assert reading.holdings == ()
    (left,) = reading.unread
    assert (left.place.line, left.text) == (3, entry)
    assert because in left.reason


def test_a_second_entry_of_a_person_is_told_not_doubled():
    entry = "- Ada Example ([ada](https://github.com/ada))"
    reading = read_text(module(entry, entry.replace("Ada", "(emeritus) Ada", 1)))
    assert [held.standing for held in reading.holdings] == ["active"]
    assert [left.place.line for left in reading.unread] == [4]


def test_an_entry_may_go_on_in_the_next_line():
    reading = read_text(module("- Ada Example", "  ([ada](https://github.com/ada))"))
    assert in_office(reading, "shuttle-maintainer") == ["ada"]


@pytest.mark.parametrize(
    "hidden",
    [
        "<!--\n- Ada Example ([ada](https://github.com/ada))\n-->",
        "```\n- Ada Example ([ada](https://github.com/ada))\n```",
    ],
)
def test_what_a_reader_does_not_see_makes_nobody_maintainer(hidden):
    reading = read_text(module(hidden))
    assert reading.holdings == ()
    assert {left.place.line for left in reading.unread} == {3, 4, 5}


def test_who_follows_a_heading_that_lost_its_underline_is_not_put_under_the_module_above():
    page = IN_RST.replace("XLB\n~~~\n", "XLB\n")
    reading = read_text(page, "persons_of_interest.rst")
    assert active_maintainers(reading) == {"Shuttle": 0}
    assert any("Bert Example" in left.text for left in reading.unread)


def test_two_modules_whose_names_slug_alike_are_two():
    page = module(BERT, "### Shuttle!", "- Cora Example ([cora](https://github.com/cora))")
    assert active_maintainers(read_text(page)) == {"Shuttle": 1, "Shuttle!": 1}


def test_no_address_is_repeated_of_a_line_that_is_told():
    (left,) = read_text(module("- Ada Example <ada@example.org>")).unread
    assert "ada@example.org" not in left.text
    assert "Ada Example" in left.text


# --- which files --------------------------------------------------------------------------------------------------


def test_files_are_known_by_name_with_or_without_a_revision():
    wanted = [
        f"{COMMUNITY}/persons_of_interest.rst",
        "persons_of_interest.7f149bc3.md",
        "CODEOWNERS",
        ".github/CODEOWNERS",
        ".github/merge_rules.yaml",
        ".github/merge_rules.json",
    ]
    assert [path for path in wanted if not FORMAT.wants(path)] == []
    assert not FORMAT.wants(f"{COMMUNITY}/governance.rst")
    assert FORMAT.recognises(["README.md", f"{COMMUNITY}/persons_of_interest.0c2702b7.md"])
    assert FORMAT.recognises(["CODEOWNERS"])
    assert not FORMAT.recognises(["CODEOWNERS", "sigs.yaml"])


def test_several_revisions_at_once_are_refused_by_name():
    page = INVENTED_PAGE.encode()
    paths = ["persons_of_interest.aaaaaaaa.md", "persons_of_interest.bbbbbbbb.md"]
    with pytest.raises(SourceRefused, match=r"persons_of_interest\.aaaaaaaa\.md, persons_of_interest\.bbbbbbbb\.md"):
        FORMAT.read([SourceFile(path, page) for path in paths])
    with pytest.raises(SourceRefused, match=r"name one of 1\.0, 2\.0"):
        FORMAT.read([SourceFile(f"{root}/{COMMUNITY}/persons_of_interest.md", page) for root in ("1.0", "2.0")])
    assert of_revision(paths, "bbbbbbbb") == paths[1:]
    assert of_revision(["1.0/CODEOWNERS", "11.0/CODEOWNERS"], "1.0") == ["1.0/CODEOWNERS"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no heading names maintainers"),
        (b"# Loom\n\n## Responsibilities\n- Weave\n", "no heading names maintainers"),
        (b"## Core Maintainers\n- \xff\xfe\n", "not UTF-8 at byte"),
        (b"a" * 4_000_001, "larger than 4 MB"),
    ],
)
def test_a_page_that_cannot_be_read_is_refused_in_one_line(content, says):
    with pytest.raises(SourceRefused, match=says) as refused:
        FORMAT.read([SourceFile("persons_of_interest.md", content)])
    assert "\n" not in str(refused.value)


def test_a_source_without_any_of_the_files_is_refused():
    with pytest.raises(SourceRefused, match="name the root of the project"):
        FORMAT.read([SourceFile("README.md", b"")])


# --- the real pages -----------------------------------------------------------------------------------------------


def counted_by_hand(path: Path) -> dict[str, int]:
    """Count active entries below each module heading with two expressions: another program than the reader."""
    text = path.read_text().partition("Sunsetted Modules")[0]
    text = re.split(r"(?m)^(?:## )?(?:Core Module|Module-level) maintainers", text)[1]
    if path.suffix == ".rst":
        text = re.sub(r"(?m)^(\S.*)\n~~~+$", r"### \1", text)
    parts = [part.partition("\n") for part in re.split(r"(?m)^### ", text)[1:]]
    return {title: len(re.findall(r"(?m)^- +(?![ (])", body)) for title, _, body in parts}


@needs_real_files
@pytest.mark.parametrize("page", [BEFORE_MAY, SINCE_MAY], ids=["0c2702b7", "7f149bc3"])
def test_in_2026_forty_modules_are_active_eight_without_and_six_with_one_maintainer(page):
    modules = active_maintainers(read(page))
    assert modules == counted_by_hand(page)
    without = {name for name, count in modules.items() if count == 0}
    assert {re.sub(r" \(.*", "", name).replace("Fast Fourier Transform", "FFT") for name in without} == {
        "Sparse",
        "NestedTensor",
        "MaskedTensor",
        "FFT",
        "Windows",
        "PowerPC",
        "TorchText",
        "TorchAudio",
    }
    assert (len(modules), len(without), list(modules.values()).count(1)) == (40, 8, 6)


@needs_real_files
def test_at_2_6_0_eleven_modules_have_nobody_and_six_one_maintainer():
    modules = active_maintainers(read(RELEASE))
    assert modules == counted_by_hand(RELEASE / COMMUNITY / "persons_of_interest.rst")
    assert (list(modules.values()).count(0), list(modules.values()).count(1)) == (11, 6)
    # XLA's underline is as long as its name, three marks; who looks for four or more counts 46.
    page = (RELEASE / COMMUNITY / "persons_of_interest.rst").read_text()
    assert len(modules) == len(re.findall(r"(?m)^~~~+$", page)) == len(re.findall(r"(?m)^~~~~+$", page)) + 1


@needs_real_files
def test_the_lead_changes_in_may_and_the_core_keeps_its_number():
    before, since = read(BEFORE_MAY), read(SINCE_MAY)
    leads = [names(reading)[person] for reading in (before, since) for person in in_office(reading, "lead")]
    sections = [path.read_text().partition("## Lead Core Maintainer")[2] for path in (BEFORE_MAY, SINCE_MAY)]
    assert leads == [re.search(r"(?m)^- (.+?) \(", section)[1] for section in sections]
    assert leads == ["Soumith Chintala", "Alban Desmaison"]
    assert set(in_office(before, "core-maintainer")) == set(in_office(since, "core-maintainer"))
    in_section = [len(re.findall(r"(?m)^- (?!\(emer)", re.split(r"## Core [MG]", section)[1])) for section in sections]
    # The section repeats the lead in one revision and not in the other: counting it gives two denominators.
    assert in_section == [len(in_office(before, "core-maintainer")), len(in_office(since, "core-maintainer")) - 1]


@needs_real_files
@pytest.mark.parametrize(
    "page", [BEFORE_MAY, SINCE_MAY, RELEASE / COMMUNITY / "persons_of_interest.rst"], ids=lambda page: page.name
)
def test_every_entry_of_a_real_page_is_placed_or_told(page):
    entries = {n for n, line in enumerate(page.read_text().split("\n"), 1) if re.match(r"\s*[-*] ", line)}
    reading = read(page)
    assert entries <= lines_told(reading, page.name)
    logins = {login.lower() for login in re.findall(r"github\.com/([\w-]+)", page.read_text())}
    assert {person.key for person in reading.people if person.github} == logins
    linked = [line for line in page.read_text().split("\n") if re.match(r"[-*] .*github\.com/", line)]
    implied = in_office(reading, "core-maintainer")[-1:] == in_office(reading, "lead")
    without_login = [person for person in reading.people if not person.github]
    assert len(reading.holdings) == len(linked) + len(without_login) + implied


@needs_real_files
def test_the_real_pages_traps():
    before, since, release = read(BEFORE_MAY), read(SINCE_MAY), read(RELEASE)
    people = {person.key: person for person in since.people}
    assert people["gchanan"].also_named == ("Gregory Chanan",)
    assert people["aelavender"].name == "Lavender"
    assert people["dhanasekar-karuppasamy"].github == ""
    assert [person.github.lower() for person in since.people].count("alband") == 1
    assert [person.github.lower() for person in since.people].count("eikanwang") == 1
    assert [left.reason for left in before.unread if "shangdiy" in left.reason]
    assert "yushangdi" in {person.key for person in before.people}
    assert {person.key for person in release.people} >= {"dhanainme", "alband"}
    distributed = [held.standing for held in before.holdings if held.office == "distributed-maintainer"]
    assert distributed.index("emeritus") < len(distributed) - 1 - distributed[::-1].index("active")
    assert len([area for area in since.areas if area.sunset]) == len(
        re.findall(r"(?m)^### ", SINCE_MAY.read_text().partition("## Sunsetted Modules")[2])
    )


@needs_real_files
def test_the_folder_of_all_revisions_is_refused_and_one_revision_can_be_named():
    with pytest.raises(SourceRefused, match=r"2\.6\.0, main-2026, merge_rules-1\.13\.1"):
        read(REAL)
    paths = [str(path.relative_to(REAL)) for path in REAL.rglob("*") if FORMAT.wants(path.name)]
    assert of_revision(paths, "7f149bc3") == [str(SINCE_MAY.relative_to(REAL))]

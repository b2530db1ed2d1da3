"""People and teams of Rust: who the files say they are, in the offices that the teams give them."""

import re
import time

import pytest

from governance.importing.formats.rust import FORMAT
from governance.importing.reading import Place, SourceRefused
from tests.factories.sources import assert_read_or_refused, assert_whole, line_of, mutations, read, read_real

TEAM = """\
name = "lamps"
subteam-of = "light" # the "oil" team was first

[people]
leads = ["AdaInvented"]
members = [
    # "gone-invented" left
    "adainvented",
    { github = "bob-invented", roles = ["trimmer", "unheard-of"] },
    { name = "nobody" },
    12,
]
alumni = ["cyd-invented", { github = "dee-invented", roles = ["trimmer"] }]
included-teams = ["oil"]

[permissions]
bors.rust.review = true

[website]
name = "Lamp team"

[[roles]]
id = "trimmer"
description = "Wick trimmer"

[[lists]]
address = "lamps@example.invalid"
extra-people = [
    "eve-invented",
]
"""
FILES = {
    "people/ada.toml": 'name = "Ada Invented"\ngithub = "AdaInvented"\ngithub-id = 11\nemail = false\n',
    "people/bob.toml": 'name = "Bob Invented"\ngithub = "bob-invented"\ngithub-id = "12"\nemail = "b@lamps.invalid"\n',
    "people/cyd-invented.toml": 'name = "Cyd Invented"\ngithub = "cyd-invented"\n',
    "teams/lamps.toml": TEAM,
    "teams/light.toml": 'name = "light"\n[people]\nleads = []\nmembers = []\n',
    "teams/archive/oil.toml": 'name = "oil"\nsubteam-of = "core"\n[people]\nmembers = ["fay-invented"]\n',
    "teams/leadership-council.toml": (
        'name = "leadership-council"\n[people]\nleads = []\n'
        'members = [{ github = "AdaInvented", roles = ["rep-lamps"] }]\n'
        '[[roles]]\nid = "rep-lamps"\ndescription = "Lamps"\n'
    ),
}


def held_in(reading, office):
    return {(holding.person, holding.standing) for holding in reading.holdings if holding.office == office}


@pytest.fixture
def reading():
    found = read(FORMAT, FILES)
    assert_whole(found)
    return found


def test_a_person_is_who_the_file_says_and_not_who_it_is_named_for(reading):
    people = {person.key: person for person in reading.people}
    ada = people["adainvented"]
    assert (ada.name, ada.github, ada.github_number) == ("Ada Invented", "AdaInvented", 11)
    assert ada.place == Place("people/ada.toml", 2)
    assert people["cyd-invented"].github_number is None


def test_an_address_false_or_absent_or_there_is_never_read(reading):
    assert ".invalid" not in str(reading)


def test_members_are_words_or_tables_and_leads_members_and_alumni_hold_offices(reading):
    assert held_in(reading, "lamps-lead") == {("adainvented", "active")}
    assert held_in(reading, "lamps-member") == {
        ("adainvented", "active"),
        ("bob-invented", "active"),
        ("cyd-invented", "emeritus"),
        ("dee-invented", "emeritus"),
    }
    assert held_in(reading, "lamps-role-trimmer") == {("bob-invented", "active"), ("dee-invented", "emeritus")}
    names = {office.slug: office.name for office in reading.offices}
    assert names["lamps-role-trimmer"] == "Lamp team: Wick trimmer"


def test_teams_lie_within_teams_and_archived_ones_are_sunset(reading):
    areas = {area.slug: area for area in reading.areas}
    assert areas["lamps"].parent == "light"
    assert (areas["oil"].sunset, areas["lamps"].sunset) == (True, False)
    assert "leadership-council" not in areas


def test_a_team_without_name_has_its_files_and_a_ring_of_teams_is_cut_once():
    ring = {f"teams/{a}.toml": f'name = "{a}"\nsubteam-of = "{b}"' for a, b in ("ab", "bc", "ca")}
    reading = read(FORMAT, {**ring, "teams/oil.toml": "[people]\nmembers = ['fay-invented']"})
    assert_whole(reading)
    assert sorted(area.parent for area in reading.areas) == ["", "", "b", "c"]
    assert held_in(reading, "oil-member") == {("fay-invented", "active")}
    assert len(reading.unread) == 2


def test_the_leadership_council_is_a_council_of_one_office(reading):
    councils = [office.slug for office in reading.offices if office.kind == "council"]
    assert councils == ["leadership-council-member"]
    assert held_in(reading, "leadership-council-role-rep-lamps") == {("adainvented", "active")}


def test_what_could_not_be_placed_is_told_with_its_line(reading):
    left = {(str(line.place), line.text) for line in reading.unread}
    assert left == {
        ("people/bob.toml:3", "github-id = 12"),
        ("teams/archive/oil.toml:2", "subteam-of = core"),
        ("teams/archive/oil.toml:4", "fay-invented"),
        ("teams/lamps.toml:9", "bob-invented: unheard-of"),
        ("teams/lamps.toml:10", "member.name = nobody"),
        ("teams/lamps.toml:9", "member = 12"),
        ("teams/lamps.toml:13", "dee-invented"),
        ("teams/lamps.toml:14", "included-teams = ['oil']"),
        ("teams/lamps.toml:16", "permissions.bors.rust.review = True"),
        ("teams/lamps.toml:29", "extra-people: eve-invented"),
    }


def test_a_comment_is_no_place(reading):
    places = {holding.person: holding.place.line for holding in reading.holdings if holding.office == "lamps-member"}
    assert (places["adainvented"], places["bob-invented"]) == (8, 9)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('name = "lamps', "teams/x.toml:1: not TOML"),
        ('name = "a"\nname = "b"', "not TOML"),
        ("x = " + "[" * 20_000, "nested beyond reason"),
        ("x = " + "{a = " * 20_000, "nested beyond reason"),
        ("a." * 50_000 + "a = 1", "more than twelve parts"),
        ("x = { " + '"b".' * 20_000 + 'a = "1" }', "more than twelve parts"),
        ("#" * 500_000, "larger than"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_a_file_that_is_not_toml_is_refused_in_one_line_with_its_place(text, says):
    started = time.process_time()
    with pytest.raises(SourceRefused) as refused:
        read(FORMAT, {"teams/x.toml": text})
    assert time.process_time() - started < 2
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("seed", range(3))
def test_a_damaged_file_is_read_or_refused_and_never_worse(seed):
    for damaged in mutations({path: text.encode() for path, text in FILES.items()}, 50, seed):
        assert_read_or_refused(FORMAT, damaged)


@pytest.mark.parametrize(
    "text",
    [
        'name = 3\n[people]\nmembers = "ada"',
        'name = "a"\npeople = [1, 2]',
        'name = "a"\nroles = 5\nlists = 4\nrfcbot = [1]\n[people]\nmembers = [["x"]]\nleads = {github = "y"}',
        'name = "a"\nsubteam-of = "a"\npermissions = 1979-05-27',
        'name = "a"\n[people]\nmembers = [{github = 4}, {github = "b", roles = "c"}, {github = "b", roles = [1]}]',
    ],
)
def test_values_of_an_unexpected_kind_are_unread(text):
    reading = read(FORMAT, {"teams/a.toml": text})
    assert_whole(reading)
    assert reading.unread


def people_section(text: str) -> str:
    """Return the [people] section of a team without comments, by regex."""
    section = re.search(r"(?ms)^\[people\]$(.*?)(?=^\[|\Z)", re.sub(r"(?m)#.*$", "", text))
    return section[1] if section else ""


def test_real_people_and_teams_agree_with_a_count_by_grep():
    reading, files = read_real(FORMAT, "rust-lang-team")
    assert_whole(reading)
    own = {file.path: file.text() for file in files}
    logins = [re.search(r"(?m)^github *= *['\"](.*?)['\"]", text) for path, text in own.items() if "people/" in path]
    assert {person.key for person in reading.people} == {login[1].lower() for login in logins if login}
    numbers = [re.search(r"(?m)^github-id *= *(\d+)", text) for path, text in own.items() if "people/" in path]
    assert {person.github_number for person in reading.people} == {int(number[1]) for number in numbers if number}
    teams = [path for path in own if path.startswith("teams/")]
    assert len(reading.areas) == len(teams) - 1  # the leadership council is no area
    assert len([area for area in reading.areas if area.sunset]) == len([path for path in teams if "/archive/" in path])
    parents = [text for path, text in own.items() if re.search(r"(?m)^subteam-of", text) and path in teams]
    told = [line for line in reading.unread if line.text.startswith("subteam-of")]
    assert len([area for area in reading.areas if area.parent]) + len(told) == len(parents)


def test_every_real_member_lead_and_alumnus_is_placed():
    reading, files = read_real(FORMAT, "rust-lang-team")
    named = 0
    for file in files:
        section = people_section(file.text()) if file.path.startswith("teams/") else ""
        lists = re.findall(r"(?ms)^(leads|members|alumni) *= *\[(.*?)\](?= *$)", section)
        people = {h.person for h in reading.holdings if h.place.file == file.path}
        told = {line.text for line in reading.unread if line.place.file == file.path}
        for _, body in lists:
            for login in re.findall(r"['\"]([^'\"]+)['\"]", re.sub(r"roles *= *\[.*?\]", "", body)):
                named += 1
                assert login.lower() in people or login in told, f"{file.path}: {login}"
    assert named > 1000


def test_real_holdings_stand_where_the_reading_says():
    reading, files = read_real(FORMAT, "rust-lang-team")
    logins = {person.key: person.github.lower() for person in reading.people}
    for holding in reading.holdings:
        assert logins[holding.person] in line_of(files, holding.place.file, holding.place.line).lower()

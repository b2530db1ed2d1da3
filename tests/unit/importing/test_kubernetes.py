"""Groups, owners and teams of Kubernetes: what each entry becomes, and that none is lost."""

import re
import time
from collections import Counter

import pytest

from governance.importing.employers import spelled_alike
from governance.importing.formats.kubernetes import FORMAT
from governance.importing.reading import Place, SourceRefused
from tests.factories.sources import assert_read_or_refused, assert_whole, line_of, mutations, read, read_real

SIGS = """\
sigs:
  - dir: sig-lamps
    name: Lamps
    leadership:
      chairs:
        - github: AdaInvented
          name: Ada Invented
          company: Kindle Works
          email: ada@example.invalid
        - github: bob-invented
          name: Bob Invented
      tech_leads:
        - github: adainvented
          name: Ada Invented
          company: Kindle Works GmbH
      emeritus_leads:
        - github: cyd-invented
          name: Cyd Invented
    contact:
      slack: sig-lamps
      liaison:
        github: dee-invented
        name: Dee Invented
    subprojects:
      - name: wick
        owners:
          - https://raw.githubusercontent.com/lamps/wick/refs/heads/main/trim/OWNERS
          - https://example.invalid/elsewhere
        leads:
          - github: bob-invented
            name: Bob Invented
workinggroups: []
usergroups:
committees:
  - dir: committee-steering
    name: Steering
    leadership:
      chairs:
        github: dee-invented
        name: Dee Invented
    contact:
gb_rep:
  github: eve-invented
  name: Eve Invented
"""


def held_in(reading, office):
    return {(holding.person, holding.standing) for holding in reading.holdings if holding.office == office}


def test_a_group_is_an_area_and_its_leads_hold_offices_of_it():
    reading = read(FORMAT, {"sigs.yaml": SIGS})
    assert_whole(reading)
    areas = {area.slug: area for area in reading.areas}
    assert areas["sig-lamps"].name == "SIG Lamps"
    assert areas["sig-lamps-wick"].parent == "sig-lamps"
    assert areas["sig-lamps-wick"].paths == ("/lamps/wick/trim/",)
    assert held_in(reading, "sig-lamps-chair") == {("adainvented", "active"), ("bob-invented", "active")}
    assert held_in(reading, "sig-lamps-tech-lead") == {("adainvented", "active")}
    assert held_in(reading, "sig-lamps-lead") == {("cyd-invented", "emeritus")}
    assert held_in(reading, "sig-lamps-liaison") == {("dee-invented", "active")}
    assert held_in(reading, "sig-lamps-wick-lead") == {("bob-invented", "active")}


def test_the_steering_committee_is_a_council_and_no_part_of_the_framework():
    reading = read(FORMAT, {"sigs.yaml": SIGS})
    council = next(office for office in reading.offices if office.kind == "council")
    assert (council.role, council.area) == ("steering", "")
    assert "committee-steering" not in {area.slug for area in reading.areas}


def test_a_mapping_where_a_list_is_expected_names_one_person_and_empty_lists_name_none():
    reading = read(FORMAT, {"sigs.yaml": SIGS})
    assert held_in(reading, "committee-steering-member") == {("dee-invented", "active")}
    assert held_in(reading, "gb-rep") == {("eve-invented", "active")}
    assert {line.text for line in reading.unread} == {"https://example.invalid/elsewhere", "Kindle Works GmbH"}


def test_an_entry_without_a_company_has_an_unknown_employer():
    employers = {person.key: person.employer for person in read(FORMAT, {"sigs.yaml": SIGS}).people}
    assert employers["bob-invented"] == ""
    assert employers["adainvented"] == "Kindle Works"


def test_a_second_employer_of_one_person_is_unread_with_its_line():
    reading = read(FORMAT, {"sigs.yaml": SIGS})
    second = next(line for line in reading.unread if line.text == "Kindle Works GmbH")
    assert SIGS.splitlines()[second.place.line - 1].split() == ["-", "github:", "adainvented"]


def test_spellings_of_one_employer_are_listed_and_not_joined():
    assert spelled_alike(["Kindle", "Kindle GmbH", "Kindle, Inc.", "Lamp Co", "", "Wick"]) == [
        ("Kindle", "Kindle GmbH", "Kindle, Inc.")
    ]


def test_no_address_is_read_or_shown():
    broken = SIGS.replace("        - github: bob-invented\n", "        - ada@example.invalid\n        - x: 1\n", 1)
    assert "example.invalid" not in str(read(FORMAT, {"sigs.yaml": SIGS}).people)
    assert "ada@" not in str(read(FORMAT, {"sigs.yaml": broken}))


def test_a_key_that_is_not_known_is_unread_word_by_word():
    reading = read(FORMAT, {"sigs.yaml": SIGS.replace("tech_leads:", "shadow_leads:")})
    lost = {line.text for line in reading.unread if "kind of lead" in line.reason}
    assert {"shadow_leads: github: adainvented", "shadow_leads: name: Ada Invented"} <= lost


def test_a_mapping_of_mappings_where_people_are_listed_is_unread():
    text = "sigs:\n- dir: sig-a\n  name: A\n  leadership:\n    chairs:\n      ada-invented:\n        since: 2020\n"
    reading = read(FORMAT, {"sigs.yaml": text})
    assert not reading.holdings
    assert [(line.place.line, line.text) for line in reading.unread] == [(7, "ada-invented: since: 2020")]


OWNERS = {
    "OWNERS_ALIASES": "aliases:\n  lamp-leads:\n    - AdaInvented\n    - bob-invented\n  nobody: []\n",
    "OWNERS": "approvers:\n  - Lamp-Leads\n  - cyd-invented\nemeritus_approvers: [dee-invented]\nlabels: [a/b]\n",
    "wick/trim/OWNERS": (
        "filters:\n"
        "  '.*':\n    reviewers: [lamp-leads, lamps/people, nobody]\n"
        "  '\\.md$':\n    approvers:\n      - eve-invented\n"
        "  'x':\n    labels: [y]\n"
    ),
    "generator/testdata/OWNERS": "approvers: [nobody-real]\n",
}


def test_aliases_are_written_out_without_regard_to_case_and_each_is_an_office():
    reading = read(FORMAT, OWNERS)
    assert_whole(reading)
    assert held_in(reading, "owners-approver") == {
        ("adainvented", "active"),
        ("bob-invented", "active"),
        ("cyd-invented", "active"),
        ("dee-invented", "emeritus"),
    }
    assert held_in(reading, "alias-lamp-leads") == {("adainvented", "active"), ("bob-invented", "active")}
    through = {h.place for h in reading.holdings if h.office == "owners-approver" and h.person == "adainvented"}
    assert through == {Place("OWNERS", 2)}


def test_a_directory_with_owners_lies_within_the_next_above_and_a_pattern_within_it():
    areas = {area.slug: area for area in read(FORMAT, OWNERS).areas}
    assert areas["owners-wick-trim"].parent == "owners"
    assert areas["owners-wick-trim"].paths == ("/wick/trim/",)
    assert areas["owners-wick-trim-md"].parent == "owners-wick-trim"
    assert len(areas) == 3


def test_a_team_and_an_alias_without_people_are_unread():
    left = {line.text: str(line.place) for line in read(FORMAT, OWNERS).unread}
    assert left == {"lamps/people": "wick/trim/OWNERS:3", "nobody": "wick/trim/OWNERS:3"}


def test_who_is_named_emeritus_and_active_is_active_and_the_other_line_unread():
    text = "approvers: [ada-invented]\nemeritus_approvers:\n- Ada-Invented\n"
    reading = read(FORMAT, {"OWNERS": text})
    assert held_in(reading, "owners-approver") == {("ada-invented", "active")}
    assert [line.place for line in reading.unread] == [Place("OWNERS", 3)]


TEAMS = """\
admins: [ada-invented, '249043']
members:
- bob-invented
billing_email: money@example.invalid
teams:
  lamp-admins:
    maintainers: [ada-invented]
    members: []
    previously: [lamp-owners]
    repos: {lamp: admin, wick: read}
    teams:
      lamp-reviewers:
        members: [bob-invented]
"""


def test_a_team_is_an_area_within_its_parent_team():
    reading = read(FORMAT, {"config/lamps/org.yaml": TEAMS})
    assert_whole(reading)
    areas = {area.slug: area for area in reading.areas}
    assert areas["lamps-team-lamp-admins"].paths == ("/lamps/lamp/",)
    assert areas["lamps-team-lamp-reviewers"].parent == "lamps-team-lamp-admins"
    assert held_in(reading, "lamps-team-lamp-admins-maintainer") == {("ada-invented", "active")}
    assert held_in(reading, "lamps-owner") == {("ada-invented", "active"), ("249043", "active")}
    assert [line.text for line in reading.unread] == ["previously: lamp-owners"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("approvers: [a", "OWNERS:2: not YAML"),
        ("a: b: c", "OWNERS:1: not YAML"),
        ("[" * 20_000, "nested"),
        ("a:\n" + "".join(f"{' ' * 2 * depth}- a:\n" for depth in range(1, 400)), "nested"),
        ("approvers: [a]\n---\napprovers: [b]\n", "OWNERS:3: a second YAML document"),
        (b"approvers: [\xff]", "not UTF-8 at byte 12"),
        ("approvers: [\x07]", "not YAML"),
    ],
)
def test_a_file_that_is_not_yaml_is_refused_in_one_line_with_its_place(text, says):
    with pytest.raises(SourceRefused) as refused:
        read(FORMAT, {"OWNERS": text})
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_alias_of_yaml_is_not_followed_so_that_no_bomb_goes_off():
    layers = ["a0: &a0 [ada-invented, bob-invented]"]
    layers += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    started = time.process_time()
    reading = read(FORMAT, {"OWNERS": "\n".join([*layers, "approvers: *a29", "reviewers: [*a0, cyd-invented]"])})
    assert time.process_time() - started < 2
    assert held_in(reading, "owners-reviewer") == {("cyd-invented", "active")}
    assert {"*a29", "*a0"} <= {line.text for line in reading.unread}


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_file_is_read_or_refused_and_never_worse(seed):
    whole = {"sigs.yaml": SIGS, "config/lamps/org.yaml": TEAMS, **OWNERS}
    for damaged in mutations({path: text.encode() for path, text in whole.items()}, 60, seed):
        assert_read_or_refused(FORMAT, damaged)


def test_a_source_of_groups_owners_or_teams_is_recognised_and_no_other():
    assert FORMAT.recognises(["sigs.yaml"])
    assert FORMAT.recognises(["a/OWNERS", "README.md"])
    assert not FORMAT.recognises(["CODEOWNERS", "generator/testdata/sigs.yaml"])
    assert not FORMAT.recognises(["OWNERS_ALIASES", "keps/sig-a/1-b/kep.yaml"])


def logins_by_grep(text: str) -> Counter[str]:
    return Counter(login.lower() for login in re.findall(r"^[ -]*github: *['\"]?([\w-]+)", text, re.MULTILINE))


def test_the_real_groups_agree_with_a_count_by_grep():
    reading, files = read_real(FORMAT, "kubernetes-community")
    assert_whole(reading)
    sigs = next(file for file in files if file.path == "sigs.yaml").text()
    named = logins_by_grep(sigs)
    of_sigs = [person for person in reading.people if person.place.file == "sigs.yaml"]
    assert {person.key for person in of_sigs} == set(named)
    # Each mention of a login is a holding, but for one who is named twice in one office.
    held = [holding for holding in reading.holdings if holding.place.file == "sigs.yaml"]
    left = [line for line in reading.unread if line.place.file == "sigs.yaml" and "github" in line.text]
    assert len(held) + len(left) == sum(named.values())
    groups = re.findall(r"^  - dir: (.*)", sigs, re.MULTILINE)
    parts = re.findall(r"^      - name: ", sigs, re.MULTILINE)
    areas = [area for area in reading.areas if area.place.file == "sigs.yaml"]
    assert len(areas) == len(groups) - 1 + len(parts)
    assert all(area.paths for area in areas if area.parent)


def test_real_people_stand_where_the_reading_says():
    reading, files = read_real(FORMAT, "kubernetes-community")
    logins = {person.key: person.github for person in reading.people}
    aliases = {office.name.split()[0] for office in reading.offices if office.role == "alias"}
    for holding in reading.holdings:
        line = line_of(files, holding.place.file, holding.place.line).lower()
        assert logins[holding.person].lower() in line or any(alias in line for alias in aliases)


def test_real_entries_without_a_company_are_unknown_and_two_spellings_of_one_employer_are_found():
    reading, files = read_real(FORMAT, "kubernetes-community")
    text = next(file for file in files if file.path == "sigs.yaml").text()
    entries = re.findall(r"github: (\S+)\n +name: .*(?:\n +company: (.*))?", text)
    employed = {login.lower() for login, company in entries if company.strip()}
    assert {person.key for person in reading.people if person.employer} == employed
    assert {person.employer for person in reading.people} == {company.strip() for _, company in entries}
    assert ("Kubermatic", "Kubermatic GmbH") in spelled_alike(person.employer for person in reading.people)


@pytest.mark.parametrize("name", ["kubernetes-community", "kubernetes-org", "kubernetes-enhancements"])
def test_every_listed_login_of_real_owners_and_teams_is_placed_or_unread(name):
    reading, files = read_real(FORMAT, name)
    people = {person.key for person in reading.people}
    unread = {(line.place.file, line.place.line) for line in reading.unread}
    aliases = {office.name.split()[0] for office in reading.offices if office.role == "alias"}
    seen = 0
    for file in files:
        for number, line in enumerate(file.text().splitlines(), 1):
            item = re.fullmatch(r"\s*- *[\"']?@?([A-Za-z0-9][\w-]*)[\"']?\s*(#.*)?", line)
            if not item or file.path == "sigs.yaml":
                continue
            seen += 1
            login = item[1].lower()
            assert login in people or login in aliases or (file.path, number) in unread, f"{file.path}:{number} {line}"
    assert seen > 100


def test_real_teams_and_organisations_agree_with_a_count_by_grep():
    reading, files = read_real(FORMAT, "kubernetes-org")
    texts = [file.text() for file in files if file.path.endswith(("org.yaml", "teams.yaml"))]
    descriptions = sum(len(re.findall(r"^ +privacy: ", text, re.MULTILINE)) for text in texts)
    assert len([area for area in reading.areas if "-team-" in area.slug]) == descriptions
    items = {
        item.strip("'\"").lower()
        for file in files
        for item in re.findall(r"^ *- *(['\"\w-]+)$", file.text(), re.MULTILINE)
    }
    aliases = {office.name.split()[0] for office in reading.offices if office.role == "alias"}
    former = {line.text.split()[-1] for line in reading.unread if "former name" in line.reason}
    assert {person.key for person in reading.people} == items - aliases - former

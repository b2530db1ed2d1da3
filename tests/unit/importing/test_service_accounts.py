"""Accounts that programs act by become no person and none is lost; a login that only sounds so is a person's."""

from datetime import date
from pathlib import Path

from governance.importing.formats.kubernetes import FORMAT
from governance.importing.read_source import read_source
from governance.importing.reading import HoldingRead, OfficeRead, PersonRead, Place, Reading, SourceFile, Unread
from governance.importing.service_accounts import KNOWN, REASON, is_service_account, without_service_accounts

TEAMS = """\
admins:
- ada
- k8s-ci-robot
members:
- Bot-weaver
- loomery-builds
teams:
  bots:
    description: accounts that programs of the loomery act by
    maintainers:
    - Loomery-Builds
    privacy: closed
  weavers:
    members:
    - ada
    - loomery-builds
    privacy: closed
"""


def person(login: str) -> PersonRead:
    return PersonRead(login.lower(), login, Place("a", 1), github=login)


def test_what_is_told_by_the_login_alone() -> None:
    for login in ("dependabot[bot]", "Renovate[bot]", "k8s-ci-robot", "K8s-Publishing-Bot", "pytorchmergebot"):
        assert is_service_account(person(login)), login
    for login in ("Bot-wxt1221", "abbot", "robotics-ada", "mborsz", "talbot", "kikisdeliveryservice"):
        assert not is_service_account(person(login)), login


def test_each_known_account_has_its_source_and_is_written_as_it_is_compared() -> None:
    assert all(login == login.lower() and source.startswith("https://") for login, source in KNOWN.items())


def test_a_team_of_service_accounts_says_what_its_members_are() -> None:
    reading = without_service_accounts(FORMAT.read([SourceFile("config/loomery/org.yaml", TEAMS.encode())]))
    assert sorted(one.github for one in reading.people) == ["Bot-weaver", "ada"]
    assert {one.person for one in reading.holdings} == {"ada", "bot-weaver"}
    left = sorted((one.place.line, one.text.lower()) for one in reading.unread if one.reason == REASON)
    assert left == [(3, "k8s-ci-robot"), (6, "loomery-builds"), (11, "loomery-builds"), (16, "loomery-builds")]


def test_none_is_lost_every_mention_is_told_once() -> None:
    place, office = Place("b", 7), OfficeRead("weavers", "weavers", "core", Place("b", 6))
    read = Reading(
        "loomery", "roster", (person("k8s-ci-robot"), person("ada")), (), (office,),
        (HoldingRead("weavers", "k8s-ci-robot", place), HoldingRead("weavers", "ada", Place("b", 8))), (), (),
    )  # fmt: skip
    kept = without_service_accounts(read)
    assert kept.unread == (Unread(Place("a", 1), "k8s-ci-robot", REASON), Unread(place, "k8s-ci-robot", REASON))
    assert [one.person for one in kept.holdings] == ["ada"]
    assert without_service_accounts(kept) == kept


def test_a_source_is_read_without_them(tmp_path: Path) -> None:
    (tmp_path / "org.yaml").write_text(TEAMS)
    dated = read_source(str(tmp_path), today=date(2026, 1, 1))
    assert dated.counts()["people"] == 2
    assert sum(one.reason == REASON for one in dated.reading.unread) == 4

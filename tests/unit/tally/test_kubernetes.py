"""Recount every published Kubernetes election: the official winners are read from the results, never written here."""

import csv
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from governance.tally import EmployerCap, candidates_employers, count, read_ballots
from tests.unit.tally import official

FOLDERS = official.elections()
STEERING = official.ELECTIONS / "steering"
pytestmark = pytest.mark.skipif(not FOLDERS, reason="../shared/data/governance is not here")
each_election = pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: f"{path.parent.name}-{path.name}")


def test_every_steering_election_with_ballots_is_recounted() -> None:
    with_ballots = {path for path in STEERING.glob("*") if official.ballots_of(path)}
    assert with_ballots == {path for path in FOLDERS if path.parent == STEERING}
    assert len(with_ballots) >= 7


@each_election
def test_the_recount_elects_the_official_winners_in_order(folder: Path) -> None:
    ballots = read_ballots(official.ballots_of(folder))
    cap = cap_of_2017(folder) if folder.name == "2017" else None
    result = count(ballots, "schulze", seats=sum(official.seats(folder)), cap=cap)
    announced = official.winners(folder, ballots.candidates)
    assert sorted(result.winners) == sorted(announced)
    assert not official.in_order(folder) or list(result.winners) == announced
    assert result.decided


@each_election
def test_the_recount_ranks_as_announced(folder: Path) -> None:
    ballots = read_ballots(official.ballots_of(folder))
    ranking = count(ballots).ranking
    announced = official.ranking(folder, ballots.candidates)
    if announced:
        assert ranking == tuple((name,) for name in announced)
    else:
        first = official.winners(folder, ballots.candidates)
        assert {name for group in ranking[: len(first)] for name in group} == set(first)


@each_election
def test_the_number_of_ballots_is_the_announced_one(folder: Path) -> None:
    announced = official.results_of(folder).read_text().partition("votes cast: ")[2].split()[0]
    assert str(read_ballots(official.ballots_of(folder)).number) == announced


def test_unranked_last_elects_another_than_announced_in_2021() -> None:
    """Trap 1: the default decides a seat."""
    folder = STEERING / "2021"
    ballots = read_ballots(official.ballots_of(folder))
    announced = official.winners(folder, ballots.candidates)
    counted = count(ballots, seats=len(announced), unranked="last").winners
    assert set(counted) != set(announced)
    assert counted[: len(announced) - 2] == tuple(announced[: len(announced) - 2])


def test_2017_passes_over_whom_the_announcement_names_and_gives_the_first_the_long_terms() -> None:
    """Trap 2: the cap, the staggered terms, and a name spelled two ways."""
    folder = STEERING / "2017"
    ballots = read_ballots(official.ballots_of(folder))
    long, short = official.seats(folder)
    result = count(ballots, seats=long + short, cap=cap_of_2017(folder), long_term_seats=long)
    company, name = official.committee_2017(folder)
    (excluded,) = result.excluded
    assert excluded.candidate == name
    assert company in excluded.reason
    announced = official.winners(folder, ballots.candidates)
    assert (list(result.long_terms), list(result.short_terms)) == (announced[:long], announced[long:])
    assert any(each not in ballots.candidates for each in official.sections(folder)["winners"])


def test_2017_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = STEERING / "2017"
    ballots = read_ballots(official.ballots_of(folder))
    cap = cap_of_2017(folder)
    seats = str(sum(official.seats(folder)))
    affiliations, sitting = tmp_path / "affiliations.csv", tmp_path / "sitting.csv"
    write(affiliations, cap.employers)
    write(sitting, cap.sitting)
    asked = ["--affiliations", affiliations, "--sitting", sitting, "--employer-cap", str(cap.most)]
    call_command("tally", official.ballots_of(folder), "--seats", seats, *map(str, asked), "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["winners"] == official.winners(folder, ballots.candidates)
    assert [each["candidate"] for each in told["excluded"]] == [official.committee_2017(folder)[1]]
    assert (told["method"], told["ballots"]) == ("schulze", ballots.number)


def test_the_other_spelling_of_2017_is_refused_with_the_right_one(tmp_path: Path) -> None:
    folder = STEERING / "2017"
    ballots = read_ballots(official.ballots_of(folder))
    write(tmp_path / "a.csv", official.employers_2017(folder))
    with pytest.raises(ValueError, match="no candidate") as refused:
        candidates_employers(tmp_path / "a.csv", ballots.candidates)
    unknown = [problem for problem in refused.value.problems if problem.line]
    spelled = [
        official.as_on_ballots(name, folder, ballots.candidates) for name in official.sections(folder)["winners"]
    ]
    assert any(name in problem.remedy for problem in unknown for name in spelled)


def cap_of_2017(folder: Path) -> EmployerCap:
    """Take the rule of 2017, a third of the committee.

    Seven had sat from the beginning and stayed. Their names are not in the data: those of the company that the
    announcement names are invented here, so many that one more reaches the third.
    """
    candidates = read_ballots(official.ballots_of(folder)).candidates
    company, _ = official.committee_2017(folder)
    listed = official.employers_2017(folder)
    employers = {official.as_on_ballots(name, folder, candidates): employer for name, employer in listed.items()}
    most = (sum(official.seats(folder)) + 7) // 3
    return EmployerCap(most, employers, {f"Sitting Member {number}": company for number in range(1, most)})


def write(path: Path, employers: dict[str, str]) -> None:
    with path.open("w", newline="") as out:
        csv.writer(out).writerows([("candidate", "employer"), *employers.items()])

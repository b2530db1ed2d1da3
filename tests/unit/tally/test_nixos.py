"""NixOS's steering committee of 2025, counted beside pyrankvote."""

from pathlib import Path

import pyrankvote
import pytest

from governance.tally import Ballots, count, read_ballots
from governance.tally.ballots import order

NIXOS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "governance" / "nixos-sc-2025"
FILES = sorted(NIXOS.glob("*.blt"))
pytestmark = pytest.mark.skipif(not FILES, reason="../shared/data/governance is not here")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_stv_elects_whom_pyrankvote_elects_in_its_order(path: Path) -> None:
    ballots = read_ballots(path)
    seats = int(path.read_text().split()[1])
    result = count(ballots, "stv")
    assert list(result.winners) == by_pyrankvote(ballots, seats)
    assert (result.seats, result.variant) == (seats, "gregory")


@pytest.mark.parametrize("variant", ["scottish", "meek"])
def test_the_other_variants_elect_the_same_seven(variant: str) -> None:
    ballots = read_ballots(NIXOS / "opavote-ballots.blt")
    assert set(count(ballots, "stv", variant=variant).winners) == set(by_pyrankvote(ballots, ballots.seats))


def by_pyrankvote(ballots: Ballots, seats: int) -> list[str]:
    people = [pyrankvote.Candidate(name) for name in ballots.candidates]
    papers = [
        pyrankvote.Ballot([people[one] for group in order(ballot) for one in group])
        for ballot in ballots.cast
        for _ in range(ballot.weight)
    ]
    counted = pyrankvote.single_transferable_vote(people, papers, seats)
    return [person.name for person in counted.get_winners()]

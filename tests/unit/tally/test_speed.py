"""Large elections are counted while one waits; ties by the hundred do not make a count endless."""

import time
from random import Random

import pytest

from governance.tally import Ballots, count

NAMES = [f"candidate {number}" for number in range(30)]


def test_schulze_counts_5000_ballots_of_30_candidates_in_two_seconds() -> None:
    random = Random(5)
    ballots = Ballots.ranked(NAMES, [random.sample(NAMES, random.randint(3, 30)) for _ in range(5000)])
    began = time.process_time()
    result = count(ballots, "schulze", seats=7)
    assert time.process_time() - began < 2
    assert len(result.winners) + sum(tie.seats for tie in result.ties) == 7


@pytest.mark.parametrize("method", ["ranked-pairs", "irv", "stv scottish", "stv gregory", "stv meek"])
def test_thirty_equal_candidates_are_told_as_a_tie_in_seconds(method: str) -> None:
    """Every candidate is first on as many ballots, each followed by the next: 30! ways to exclude."""
    circle = Ballots.ranked(NAMES, [NAMES[start:] + NAMES[:start] for start in range(30)])
    name, _, variant = method.partition(" ")
    began = time.process_time()
    result = count(circle, name, variant=variant or "gregory")
    assert time.process_time() - began < 5
    assert (result.winners, result.ties[0].candidates) == ((), tuple(NAMES))
    drawn = count(circle, name, variant=variant or "gregory", tie_break=NAMES)
    assert len(drawn.winners) == 1

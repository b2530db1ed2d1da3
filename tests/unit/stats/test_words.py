import math

import numpy as np
import pytest

from benchmarks_runner.stats import PointRule, words
from benchmarks_runner.stats.evidence import Evidence, boldly


@pytest.mark.parametrize(
    ("ratio", "told"),
    [
        (1.031, "3.1 % slower"),
        (0.976, "2.4 % faster"),
        (2.4, "2.4 times as long"),
        (0.25, "4.0 times as fast"),
        (1.0003, "no change"),
    ],
)
def test_sizes_read_as_people_say_them(ratio, told):
    assert words.size(math.log(ratio)) == told


@pytest.mark.parametrize("shift", [0.7, 1.5, 4.0])
def test_the_foreseen_number_of_pairs_is_the_one_it_takes(shift):
    rng, series, threshold = np.random.default_rng(9), 4000, 320.0
    wager, taken = boldly((series,)), np.zeros(series)
    for k in range(1, 200):
        wager.play(rng.normal(shift, 1, series), np.ones(series), np.full(series, 1.5), np.ones(series, dtype=bool))
        taken[(taken == 0) & (wager.wealth >= threshold)] = k
    foreseen = words.pairs_to_go(shift, 1.5, math.log(threshold))
    assert foreseen == pytest.approx(np.median(taken), rel=0.35)


def test_between_nothing_and_the_margin_no_number_of_pairs_is_foreseen():
    assert words.pairs_to_go(0.0, 1.5, math.log(320)) is None
    told = words.undecided(0.01, 0.05, 0.005, 40, -1.0, -1.0, 320.0, 50.0, finished=True)
    assert told == (
        "Not decided after 40 pairs: it looks like 0.5 % slower, between nothing and its margin of 1.0 %, where pairs"
        " that scatter by 5.1 % can show neither. A quieter machine would decide it."
    )


def test_an_open_point_says_how_many_pairs_would_decide_it():
    told = words.undecided(0.02, 0.014, 0.025, 3, 1.5, -2.0, 320.0, 50.0, finished=False)
    assert told.startswith("Still being measured after 3 pairs: it looks like 2.5 % slower; if so, about ")
    assert told.endswith("more pairs at this scale (1.4 %) would show that it is slower.")
    nothing = words.undecided(0.02, 0.014, None, 0, 0.0, 0.0, 320.0, 50.0, finished=True)
    assert "no pair was measured" in nothing


def test_a_point_too_noisy_for_its_machine_says_so():
    told = words.cannot_judge(PointRule("p", 0.09, None), np.array([1.1]))
    assert "Cannot be judged on this machine" in told
    assert "One pair looked like 3.0 times as long." in told


def test_whose_fault_it_is_stands_in_the_words():
    assert words.broken("candidate", "crash").startswith("Broken in the candidate and never in the baseline: crash")
    assert words.broken("baseline", "crash").startswith("The baseline is broken")
    assert words.broken("both", "crash").startswith("Both builds are broken")


def test_evidence_that_was_never_taken_bounds_nothing():
    low, high = Evidence(np.ones(2), 50.0).limits(np.full(2, 0.05), np.zeros(2, dtype=bool))
    assert (low == -np.inf).all()
    assert (high == np.inf).all()

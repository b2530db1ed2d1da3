import numpy as np

from benchmarks_runner.stats import PointRule, standing_proof
from tests.unit.stats.nights import rules


def test_swapping_the_arms_of_recorded_pairs_shows_how_often_the_verdict_errs():
    rng = np.random.default_rng(1)
    pairs = {f"p{i}": (0.01 * rng.standard_t(3, 30)).tolist() for i in range(8)}
    proof = standing_proof(rules(8), pairs, nights=20, seed=3)
    assert proof.nights == 20
    assert proof.nights_with_a_fail <= 3
    assert proof.suite_fails <= 2
    assert 6 <= proof.pairs_a_point <= 30
    assert proof == standing_proof(rules(8), pairs, nights=20, seed=3)


def test_a_wrong_scale_costs_pairs_and_no_error():
    rng = np.random.default_rng(2)
    pairs = {f"p{i}": (0.05 * rng.normal(0, 1, 30)).tolist() for i in range(8)}
    wrong = [PointRule(f"p{i}", 0.005, 0.02) for i in range(8)]
    proof = standing_proof(wrong, pairs, nights=25, seed=3)
    assert proof.nights_with_a_fail <= 4
    assert proof.pairs_a_point > 9

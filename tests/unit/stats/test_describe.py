import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks_runner.stats.describe import middle, skew, weighted_middle


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=25))
def test_the_middle_is_the_median_of_the_means_of_two(values):
    means = sorted((a + b) / 2 for a, b in itertools.combinations_with_replacement(values, 2))
    assert middle(np.array(values)) == pytest.approx(np.median(means), abs=1e-12)


def test_nothing_measured_has_no_middle():
    assert middle(np.array([])) is None


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=25), st.floats(1e-3, 10))
def test_among_equals_the_weighted_middle_is_the_middle(values, scale):
    pairs = np.array(values) / 1000
    assert weighted_middle(pairs, np.full(pairs.size, scale)) == pytest.approx(middle(pairs), abs=1e-12)


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=25))
def test_of_pairs_of_unlike_scatter_the_sure_ones_say_most(values):
    pairs, scales = np.array(values) / 1000, np.full(len(values), 0.5)
    scales[0] = 0.001
    assert weighted_middle(pairs, scales) == pytest.approx(pairs[0], abs=1e-4)
    assert weighted_middle(np.array([]), np.array([])) is None


def by_definition(values):
    """Third over second L-moment, as expectations of order statistics over all samples of three and of two."""
    triples = [sorted(t) for t in itertools.combinations(values, 3)]
    pairs = [sorted(p) for p in itertools.combinations(values, 2)]
    third = np.mean([t[2] - 2 * t[1] + t[0] for t in triples]) / 3
    return third / (np.mean([p[1] - p[0] for p in pairs]) / 2)


@given(st.lists(st.integers(-50, 50), min_size=8, max_size=12, unique=True))
def test_skew_is_the_third_l_moment_ratio(values):
    assert skew(np.array(values, dtype=float)) == pytest.approx(by_definition(values), abs=1e-9)


def test_the_skew_of_a_lopsided_sample_is_that_of_an_exponential():
    assert skew(np.random.default_rng(1).exponential(1, 20_000)) == pytest.approx(1 / 3, abs=0.02)


@pytest.mark.parametrize("values", [np.arange(7.0), np.ones(20)])
def test_too_few_pairs_or_no_scatter_show_no_skew(values):
    assert skew(values) is None

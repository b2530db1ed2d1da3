"""Intervals hold what they promise, at any stopping time, and agree with a slow search."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks_runner.stats.evidence import Evidence, boldly
from benchmarks_runner.stats.interval import lower_limit, upper_limit
from tests.unit.stats.noises import NOISES


def richest_at(theta, pairs, scale, shift):
    wager, most = boldly((1,)), 1.0
    for d in pairs:
        wager.play(np.array([d - theta]), np.array([scale]), np.array([shift]), np.array([True]))
        most = max(most, float(wager.wealth[0]))
    return most


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=6, max_size=14), st.floats(0.3, 3))
def test_the_limit_is_the_edge_of_what_is_ruled_out(pairs, shift):
    held = np.array([pairs])
    ones = np.ones_like(held)
    (limit,) = lower_limit(held, ones, shift * ones, np.array([40.0]), boldly)
    if math.isinf(limit):
        assert richest_at(min(pairs) - 100, pairs, 1.0, shift) < 40
    else:
        assert richest_at(limit, pairs, 1.0, shift) >= 40
        step = (max(pairs) - min(pairs) + shift + 3) / 4000
        assert any(richest_at(limit + k * step, pairs, 1.0, shift) < 40 for k in range(1, 8))


def test_the_upper_limit_mirrors_the_lower():
    pairs = np.random.default_rng(1).normal(0.2, 1, (30, 12))
    ones = np.ones_like(pairs)
    threshold = np.full(30, 40.0)
    low, high = (limit(pairs, ones, 1.5 * ones, threshold, boldly) for limit in (lower_limit, upper_limit))
    mirrored = -lower_limit(-pairs, ones, 1.5 * ones, threshold, boldly)
    assert (high == mirrored).all()
    assert (low < high).all()


def test_too_few_pairs_bound_nothing():
    pairs = np.array([[0.1] * 5 + [np.nan], [0.1] * 6, [np.nan] * 6])
    low = lower_limit(pairs, np.full(pairs.shape, 0.01), np.full(pairs.shape, 0.02), np.full(3, 40.0), boldly)
    assert low[0] == -np.inf
    assert -0.1 < low[1] < 0.1
    assert low[2] == -np.inf


@pytest.mark.parametrize("wrong", [1.0, 0.3], ids=["true scale", "scale a third"])
@pytest.mark.parametrize("noise", NOISES)
def test_intervals_cover_the_shift_whenever_one_stops(noise, wrong):
    series, rounds, shift = 1500, 24, 0.4
    pairs = shift + NOISES[noise](series, rounds, np.random.default_rng(8))
    evidence = Evidence(np.full(series, 1.5), 50.0)
    for column in pairs.T:
        evidence.take(column, np.full(series, wrong))
    low, high = evidence.limits(np.full(series, 0.05), np.zeros(series, dtype=bool))
    # limits only tighten, so an interval that holds after the last pair has held after each
    assert ((low <= shift) & (shift <= high)).mean() >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / series)


def test_more_pairs_only_tighten_it():
    rng = np.random.default_rng(4)
    evidence, before = Evidence(np.full(50, 1.5), 50.0), (np.full(50, -np.inf), np.full(50, np.inf))
    for _ in range(20):
        evidence.take(rng.normal(0, 1, 50), np.ones(50))
        low, high = evidence.limits(np.full(50, 0.05), np.zeros(50, dtype=bool))
        grain = 0.01  # of the search
        assert (low >= before[0] - grain).all()
        assert (high <= before[1] + grain).all()
        before = low, high


@pytest.mark.parametrize("shift", [2.0, 50.0])
def test_an_interval_never_contradicts_its_verdict(shift):
    rng, series = np.random.default_rng(6), 300
    slower, level = Evidence(np.full(series, 1.5), 50.0), 0.05 / 16
    quiet = Evidence(np.full(series, 1.5), 50.0)
    for _ in range(12):
        slower.take(rng.normal(shift, 1, series), np.ones(series))
        quiet.take(rng.normal(0, 1, series), np.ones(series))
    found = slower.slower >= 2 / level
    low, _ = slower.limits(np.full(series, level), np.ones(series, dtype=bool))
    assert found.sum() > 100
    assert (low[found] > -1e-9).all()
    passed = quiet.no_worse >= 50
    _, high = quiet.limits(np.full(series, 0.05), np.zeros(series, dtype=bool))
    assert passed.sum() > 100
    assert (high[passed] < 1.5 + 1e-9).all()

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from benchmarks_runner.stats import aa_scale, choose_clock, margin, scale
from benchmarks_runner.stats.scale import updated


def test_the_tuning_makes_the_scale_that_of_gaussian_noise():
    def density(z):
        return float(scale._biweight(np.array(z / scale._TUNING))) * stats.norm.pdf(z)

    expected = 2 * (integrate.quad(density, 0, scale._TUNING)[0] + stats.norm.sf(scale._TUNING))
    assert expected == pytest.approx(scale._EXPECTED, abs=1e-4)


@pytest.mark.parametrize("pairs", [5, 8, 12, 20, 40])
def test_the_scale_is_right_on_average_from_five_pairs_on(pairs):
    rng = np.random.default_rng(1)
    scales = [aa_scale(rng.normal(0, 0.02, pairs)) for _ in range(3000)]
    assert np.exp(np.mean(np.log(scales))) == pytest.approx(0.02, rel=0.02)
    efficiency = 1 / (2 * pairs * np.var(np.log(scales)))
    assert 0.7 < efficiency < 1


def test_of_five_pairs_one_may_be_anything():
    quiet = [0.01, -0.012, 0.008, -0.011]
    assert aa_scale([*quiet, 1e6]) == pytest.approx(aa_scale([*quiet, 10.0]), rel=0.01)
    assert aa_scale([*quiet, 1e6]) < 0.05


@given(st.lists(st.floats(-0.5, 0.5), min_size=5, max_size=40), st.floats(0.1, 10))
@example([0.0, 0.0, 0.5, 0.5, 1e-5], 0.5)  # half of them nearly nought, whatever the unit
def test_a_scale_follows_its_unit_and_ignores_signs(values, factor):
    one = aa_scale(values)
    assert aa_scale([-abs(value) for value in values]) == one
    if one > 1e-3:
        assert aa_scale([value * factor for value in values]) == pytest.approx(factor * one, rel=1e-4)


def test_a_clock_that_repeats_itself_exactly_still_has_a_scale():
    assert aa_scale([0.0] * 20) == scale.FLOOR
    assert aa_scale([0.0] * 4 + [0.02]) == scale.FLOOR, "of five pairs one may be anything"
    assert aa_scale([0.0] * 3 + [0.02, -0.02]) > scale.FLOOR


@pytest.mark.parametrize("values", [[], [0.01] * 4, [0.01, float("nan"), 0, 0, 0], [float("inf")] * 5])
def test_no_scale_from_too_few_pairs_or_from_no_numbers(values):
    with pytest.raises(ValueError, match="A/A"):
        aa_scale(values)


@pytest.mark.parametrize(
    ("s", "expected"), [(0.001, 0.02), (0.02, 0.02 * 2**0.5), (0.07, 0.07 * 2**0.5), (0.0708, None)]
)
def test_margins_are_two_percent_or_what_the_noise_allows_up_to_ten(s, expected):
    assert margin(s) == (expected and pytest.approx(expected))


def test_the_quietest_clock_is_chosen_only_when_clearly_quieter():
    rng = np.random.default_rng(2)
    wall = rng.normal(0, 0.11, 5).tolist()
    much, little = [d / 4 for d in wall], [d / 1.2 for d in wall]
    assert choose_clock({"wall": wall, "cpu": little}).clock == "wall"
    chosen = choose_clock({"wall": wall, "cpu": little, "cpu/sentinel": much})
    assert chosen.clock == "cpu/sentinel"
    assert chosen.scale == aa_scale(much)
    assert "quietest over 5 A/A pairs" in chosen.reason
    assert choose_clock({"wall": wall * 20, "cpu": little * 20}).clock == "cpu"


def test_a_clock_that_lacks_pairs_is_no_candidate():
    pairs = [0.1, -0.1, 0.12, -0.09, 0.1, 0.11]
    silent = {"wall": pairs, "cpu": [0.001] * 5, "device": [], "cpu/sentinel": [float("nan")] * 6}
    chosen = choose_clock(silent)
    assert chosen.clock == "wall"
    assert set(chosen.scales) == {"wall"}
    with pytest.raises(ValueError, match="at least 5"):
        choose_clock({"wall": [0.1], "device": []})


def one_by_one(expected, past, past_scales):
    """Update one series' scale as the docstring says it."""
    kept = np.isfinite(past)
    pairs, n = past[kept], int(kept.sum())
    if n < 3:
        return expected
    spread = 1.2533 * np.abs(pairs - np.median(pairs)).sum() / (n - 1)
    excess = spread**2 / np.mean(past_scales[kept] ** 2)
    return expected * np.sqrt((20 + (n - 1) * excess) / (20 + n - 1))


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(1, 12), st.floats(0, 0.6), st.integers(0, 2**32 - 1))
def test_scales_learn_from_the_night_series_by_series(series, rounds, gaps, seed):
    rng = np.random.default_rng(seed)
    past, past_scales = rng.normal(0.3, 1, (series, rounds)), rng.uniform(0.5, 2, (series, rounds))
    past[rng.random(past.shape) < gaps] = np.nan
    expected = rng.uniform(0.5, 2, series)
    wanted = [one_by_one(*row) for row in zip(expected, past, past_scales, strict=True)]
    assert updated(expected, past, past_scales) == pytest.approx(np.array(wanted))

"""A bet is odd and never falls, so wealth cannot grow on average where the shift is not beyond theta."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks_runner.stats.evidence import Evidence
from benchmarks_runner.stats.wager import Gamblers, Wager, bet
from tests.unit.stats.noises import NOISES

ROUNDS, SERIES = 40, 20_000
scales = st.floats(0.01, 100)


@given(u=st.floats(-1e6, 1e6), v=st.floats(-1e6, 1e6), delta=st.floats(0, 50))
def test_a_bet_is_odd_bounded_and_never_falls(u, v, delta):
    low, high = (bet(np.array(x), np.array(delta)) for x in sorted((u, v)))
    assert -1 < low <= high < 1 or u == v
    assert bet(np.array(-u), np.array(delta)) == -bet(np.array(u), np.array(delta))


def wealths(differences, *, scale, margin):
    """Take each row as a series; return e-values (rounds, series) slower, no worse."""
    evidence = Evidence(np.full(len(differences), margin), 50.0)
    seen = []
    for column in differences.T:
        evidence.take(column, np.full(len(differences), scale))
        seen.append((evidence.slower.copy(), evidence.no_worse.copy()))
    return np.array([s for s, _ in seen]), np.array([n for _, n in seen])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 20), min_size=7, max_size=9), scales, st.floats(0.02, 20))
def test_over_all_outcomes_of_the_coin_the_mean_wealth_is_one(sizes, scale, margin):
    # every sequence of signs, each as likely as any other: an exact expectation, not a simulation
    signs = np.array(list(itertools.product([-1.0, 1.0], repeat=len(sizes))))
    slower, _ = wealths(signs * sizes, scale=scale, margin=margin)
    _, no_worse = wealths(margin + signs * sizes, scale=scale, margin=margin)
    assert slower.mean(axis=1) == pytest.approx(np.ones(len(sizes)))
    assert no_worse.mean(axis=1) == pytest.approx(np.ones(len(sizes)))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 20), min_size=7, max_size=9), scales, st.floats(0.02, 20), st.floats(0, 5))
def test_a_shift_inside_the_null_only_loses(sizes, scale, margin, inside):
    signs = np.array(list(itertools.product([-1.0, 1.0], repeat=len(sizes))))
    slower, _ = wealths(signs * sizes - inside, scale=scale, margin=margin)
    _, no_worse = wealths(margin + inside + signs * sizes, scale=scale, margin=margin)
    assert (slower.mean(axis=1) <= 1 + 1e-9).all()
    assert (no_worse.mean(axis=1) <= 1 + 1e-9).all()


@pytest.mark.parametrize("wrong", [1.0, 0.1, 10.0], ids=["true scale", "scale a tenth", "scale tenfold"])
@pytest.mark.parametrize("noise", NOISES)
def test_looking_after_every_pair_does_not_make_it_lie(noise, wrong):
    differences = NOISES[noise](SERIES, ROUNDS, np.random.default_rng(5))
    slower, _ = wealths(differences, scale=wrong, margin=1.5)
    _, no_worse = wealths(1.5 + differences, scale=wrong, margin=1.5)
    for richest in (slower.max(axis=0), no_worse.max(axis=0)):
        for level in (1e-2, 1e-3):
            allowed = level + 4 * np.sqrt(level / SERIES)
            # "no worse" stops at 50, so that at 1e-2 and beyond it has nothing to say; its own level is checked below
            assert (richest >= 1 / level).mean() <= allowed
    assert (no_worse.max(axis=0) >= 50).mean() <= 0.02 + 4 * np.sqrt(0.02 / SERIES)


def test_the_simulation_would_notice_evidence_that_leans_on_gaussian_noise():
    """Show that the check above can fail: a Gaussian mixture with the sample's own variance, on nearly constant |Y|."""
    y = NOISES["nearly constant"](SERIES, 10, np.random.default_rng(5))
    n, squares = y.shape[1], (y**2).sum(axis=1)
    t_squared = y.sum(axis=1) ** 2 / squares
    mixture = (n + 1) ** -0.5 * ((1 - t_squared / (n + 1)) / 1.0) ** (-n / 2)
    assert mixture.mean() > 2


def test_no_wealth_more_than_doubles():
    wager = Wager((1,), Gamblers((1.0, 3.0), (0.5, 0.5)))
    for k in range(1, 13):
        wager.play(np.array([1e9]), np.array([1.0]), np.array([1.5]), np.array([True]))
        assert 1.9**k < wager.wealth[0] < 2.0**k


def test_bets_are_cut_to_what_reaches_the_target():
    wager = Wager((1,), Gamblers((5.0,), (1.0,)), target=3.0)
    for _ in range(4):
        wager.play(np.array([100.0]), np.array([1.0]), np.array([1.0]), np.array([True]))
    assert wager.wealth[0] == pytest.approx(3.0)
    assert wager.wealth[0] >= 3.0


@pytest.mark.parametrize(
    ("strengths", "stakes"),
    [((1.0,), (0.5,)), ((), ()), ((1.0,), (0.5, 0.5)), ((-1.0,), (1.0,)), ((1.0, 2.0), (1.0, 0.0))],
)
def test_gamblers_who_start_with_more_than_one_are_refused(strengths, stakes):
    with pytest.raises(ValueError, match=r"gambler|stakes"):
        Gamblers(strengths, stakes)

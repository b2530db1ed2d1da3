"""A bet is odd and never falls, so wealth cannot grow on average where the shift is not beyond theta."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks_runner.stats.evidence import Evidence
from benchmarks_runner.stats.looking_ahead import LookingAhead
from benchmarks_runner.stats.wager import Gamblers, Wager, bet
from tests.unit.stats.noises import NOISES

ROUNDS, SERIES = 40, 20_000
scales = st.floats(0.01, 100)


@given(u=st.floats(-1e6, 1e6), v=st.floats(-1e6, 1e6), delta=st.floats(0, 50))
def test_a_bet_is_odd_bounded_and_never_falls(u, v, delta):
    low, high = (bet(np.array(x), np.array(delta)) for x in sorted((u, v)))
    assert -1 < low <= high < 1 or u == v
    assert bet(np.array(-u), np.array(delta)) == -bet(np.array(u), np.array(delta))


@settings(deadline=None)
@given(
    st.lists(st.floats(-5, 5), max_size=12),
    st.lists(st.floats(-50, 50), min_size=2, max_size=30),
    st.floats(0.1, 6),
    st.floats(2, 1000),
)
def test_whatever_the_past_a_higher_pair_never_earns_less(past, now, delta, target):
    for make in (
        lambda shape: LookingAhead(shape, target),
        lambda shape: Wager(shape, Gamblers((1.3, 0.4), (0.7, 0.3))),
    ):
        ordered = np.array(sorted(now))
        ups, downs = (make((len(now),)) for _ in range(2))
        always, one = np.ones(len(now), dtype=bool), np.ones(len(now))
        for y in past:
            for bettor in (ups, downs):
                bettor.play(y * one, one, delta * one, always)
        before = ups.wealth.copy()
        ups.play(ordered, one, delta * one, always)
        downs.play(-ordered, one, delta * one, always)
        assert (np.diff(ups.wealth) >= -1e-9 * ups.wealth[1:]).all()
        assert ups.wealth + downs.wealth == pytest.approx(2 * before)


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


@pytest.mark.parametrize(
    ("strengths", "stakes"),
    [((1.0,), (0.5,)), ((), ()), ((1.0,), (0.5, 0.5)), ((-1.0,), (1.0,)), ((1.0, 2.0), (1.0, 0.0))],
)
def test_gamblers_who_start_with_more_than_one_are_refused(strengths, stakes):
    with pytest.raises(ValueError, match=r"gambler|stakes"):
        Gamblers(strengths, stakes)

"""The bet that looks ahead reaches its target sooner than one that does not, and no sooner than can be."""

import numpy as np
import pytest

from benchmarks_runner.stats.evidence import boldly
from benchmarks_runner.stats.looking_ahead import Following, LookingAhead, pairs_left, stakes


def taken(bettor, shift, series=20_000, target=50.0):
    """Count the pairs to the target, for Gaussian noise and a true shift of so many scales."""
    rng, count, one = np.random.default_rng(4), np.zeros(series), np.ones(series)
    for k in range(1, 61):
        bettor.play(shift + rng.normal(0, 1, series), one, shift * one, np.ones(series, dtype=bool))
        count[(count == 0) & (bettor.wealth >= target)] = k
    return np.where(count == 0, 60, count)


@pytest.mark.parametrize(("shift", "saved"), [(2**0.5, 0.15), (2.0, 0.0)])
def test_it_needs_fewer_pairs_than_the_gamblers(shift, saved):
    ahead = taken(LookingAhead((20_000,), 50.0), shift).mean()
    assert ahead < taken(boldly((20_000,)), shift).mean() - saved


def test_it_comes_near_the_least_that_dynamic_programming_allows():
    least = np.interp(np.log2(50), *pairs_left())
    assert least < taken(LookingAhead((20_000,), 50.0), 2**0.5).mean() < least + 0.3


def test_the_least_is_more_than_doubling_allows_and_grows_with_what_is_to_go():
    to_go, pairs = pairs_left()
    assert (np.diff(pairs) >= 0).all()
    assert (pairs >= np.maximum(to_go, 1) - 1e-9).all()


def test_the_least_agrees_with_playing_every_bet_of_a_coarse_game():
    # one pair to play: the best stake reaches the target if it can, so the mean is one plus the chance of needing more
    to_go, pairs = pairs_left(away=6.0)  # so clear that every pair wins
    for bits in (0.5, 0.9, 1.9, 2.9, 5.0):
        assert np.interp(bits, to_go, pairs) == pytest.approx(np.ceil(bits / np.log2(1.985)), abs=0.1)


def test_stakes_never_fall_with_confidence():
    table = stakes()
    assert (np.diff(table, axis=1) >= 0).all()
    assert table.min() >= 0
    assert table.max() < 1


def test_it_stops_at_its_target():
    bettor, one = LookingAhead((1,), 50.0), np.ones(1)
    for _ in range(12):
        bettor.play(9 * one, one, 1.5 * one, np.array([True]))
    assert bettor.wealth[0] == pytest.approx(50.0)
    assert bettor.wealth[0] >= 50.0
    bettor.play(-9 * one, one, 1.5 * one, np.array([True]))
    assert bettor.wealth[0] >= 50.0


def test_following_plays_the_same_bets_and_falls_as_theta_comes_nearer():
    rng, one = np.random.default_rng(2), np.ones(200)
    bettor, pairs = LookingAhead((200,), 50.0), rng.normal(1.0, 1, (12, 200))
    for y in pairs:
        bettor.play(y, one, 1.5 * one, np.ones(200, dtype=bool))
    everyone = np.ones(200, dtype=bool)
    thetas = np.array([-1.0, 0.0, 0.5, 2.0])
    following = Following((200, 4), [stake.for_thetas(everyone) for stake in bettor.played])
    for y in pairs:
        following.play(y[:, None] - thetas, one[:, None], one[:, None], everyone[:, None])
    assert following.wealth[:, 1] == pytest.approx(bettor.wealth)
    assert (np.diff(following.wealth, axis=1) <= 1e-9).all()

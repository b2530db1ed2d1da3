"""Symmetric noises on which the evidence must stay honest: (series, rounds) of differences without a shift."""

from collections.abc import Callable

import numpy as np

Noise = Callable[[int, int, np.random.Generator], np.ndarray]


def gaussian(series, rounds, rng):
    return rng.normal(0, 1, (series, rounds))


def heavy_tailed(series, rounds, rng):
    return rng.standard_t(2, (series, rounds))


def two_moded(series, rounds, rng):
    modes = rng.normal(0, 0.3, (series, rounds, 2)) + 1.7 * (rng.random((series, rounds, 2)) < 0.5)
    return modes[..., 0] - modes[..., 1]


def nearly_constant(series, rounds, rng):
    return rng.choice([-1.0, 1.0], (series, rounds)) * rng.normal(1, 0.01, (series, rounds))


def drifting(series, rounds, rng):
    return rng.normal(0, 1, (series, rounds)) * np.exp(np.cumsum(rng.normal(0, 0.5, (series, rounds)), axis=1))


def fed_back(series, rounds, rng):
    """Let the size of each difference depend on the signs before it: dependent, yet symmetric given the past."""
    signs = rng.choice([-1.0, 1.0], (series, rounds))
    before = np.concatenate([np.zeros((series, 1)), np.cumsum(signs, axis=1)[:, :-1]], axis=1)
    return signs * np.exp(0.7 * before) * np.abs(rng.normal(1, 0.3, (series, rounds)))


NOISES: dict[str, Noise] = {
    "gaussian": gaussian,
    "heavy-tailed": heavy_tailed,
    "two-moded": two_moded,
    "nearly constant": nearly_constant,
    "drifting scale": drifting,
    "fed back": fed_back,
}

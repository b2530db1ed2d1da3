"""Bound a shift by every theta that the evidence has not yet ruled out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from benchmarks_runner.stats.arrays import Flags, Floats
from benchmarks_runner.stats.wager import NU, Bettor

_CELLS: Final = 16
_PASSES: Final = 3


def lower_limit(
    differences: Floats, scales: Floats, shifts: Floats, threshold: Floats, bettor: Callable[[Sequence[int]], Bettor]
) -> Floats:
    """Find for each point the smallest theta that "the shift is at most theta" has not been ruled out.

    Parameters
    ----------
    differences : (m, n) ln ratios in the order of the rounds, NaN where a round has no pair of the point.
    scales, shifts : (m, n) the scale and the shift looked for as known before each round, ln ratios > 0.
    threshold : (m,) the wealth at which theta is ruled out, 2 / alpha for an interval that misses with alpha.
    bettor : makes the bets for a shape of thetas; the wealth they earn is the evidence.

    Returns
    -------
    (m,) ln ratios; -inf where so few pairs can rule nothing out. A theta once ruled out stays so (Ville's inequality
    holds for the greatest wealth so far), so more pairs only ever tighten the limit. Error: the searched range / 4096,
    outward. Cost: 51 wagers a point.

    The bettor's wealth must fall as theta rises: that of `Wager` and `Following` does, whose bets depend on no theta's
    wealth or are mixed from such; that of `LookingAhead` does not.
    """
    paired = np.isfinite(differences)
    far = np.where(paired, differences, np.inf).min(axis=1, initial=np.inf)
    near = np.where(paired, differences, -np.inf).max(axis=1, initial=-np.inf)
    some = paired.any(axis=1)
    # beyond this distance every bet is at its greatest, so a theta further out is not ruled out either
    reach = np.where(paired, shifts + math.sqrt(NU) * scales, 0.0).max(axis=1, initial=0.0)
    far, near = np.where(some, far - reach, 0.0), np.where(some, near, 0.0)
    for attempt in range(_PASSES):
        grid = far[:, None] + (near - far)[:, None] * np.linspace(0.0, 1.0, _CELLS + 1)
        richest = _richest(differences, paired, scales, shifts, grid, bettor)
        ruled_out = richest >= threshold[:, None]
        if attempt == 0:
            some &= ruled_out[:, 0]
        edge = np.maximum(np.argmin(ruled_out, axis=1) - 1, 0)[:, None]
        far = np.take_along_axis(grid, edge, axis=1)[:, 0]
        near = np.take_along_axis(grid, edge + 1, axis=1)[:, 0]
    return np.where(some, far, -np.inf)


def _richest(
    differences: Floats,
    paired: Flags,
    scales: Floats,
    shifts: Floats,
    grid: Floats,
    bettor: Callable[[Sequence[int]], Bettor],
) -> Floats:
    wager, richest = bettor(grid.shape), np.ones(grid.shape)
    for k in range(differences.shape[1]):
        y = np.where(paired[:, k], differences[:, k], 0.0)[:, None] - grid
        wager.play(y, scales[:, k, None], shifts[:, k, None], paired[:, k, None])
        np.maximum(richest, wager.wealth, out=richest)
    return richest


def upper_limit(
    differences: Floats, scales: Floats, shifts: Floats, threshold: Floats, bettor: Callable[[Sequence[int]], Bettor]
) -> Floats:
    """Find for each point the largest theta that "the shift is at least theta" has not been ruled out."""
    return -lower_limit(-differences, scales, shifts, threshold, bettor)

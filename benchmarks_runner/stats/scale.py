"""Estimate from A/A pairs how noisy a point is here, which clock reads it best, and what margin follows.

In an A/A pair both arms are the same build, so the coin alone makes the difference D symmetric about zero: the centre
is known, and every pair counts in full for the scale.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import brentq

from benchmarks_runner.stats.arrays import Floats

FLOOR: Final = 1e-5  # ln ratio; a clock that repeats itself exactly still has a resolution
LEAST_MARGIN: Final = 0.02
LARGEST_MARGIN: Final = 0.10
FEWEST_PAIRS: Final = 5
FEWEST_TO_LEARN: Final = 3
EXPECTATION_WEIGHS: Final = 20.0  # pairs, as many as four weekly A/A nights of five

# Tukey's biweight tuned to a breakdown of one quarter: of five pairs one may be anything (computed by
# tests/unit/stats/test_scale.py against its definition, E[rho(Z / C)] = 1/4 for a standard normal Z).
_TUNING: Final = 2.9370
_EXPECTED: Final = 0.25


def _biweight(u: Floats) -> Floats:
    inside = np.minimum(u * u, 1.0)
    return inside * (3.0 - inside * (3.0 - inside))


def aa_scale(differences: Sequence[float] | Floats) -> float:
    """Estimate the standard deviation of a pair difference from A/A pairs, not misled by a quarter of wild ones.

    Parameters
    ----------
    differences : (n,) ln ratios of A/A pairs, n >= 5; a missing pair is left out, never given as NaN.

    Returns
    -------
    The M-scale about zero with Tukey's biweight (breakdown 1/4, efficiency 88 % for Gaussian noise), consistent for the
    standard deviation of Gaussian noise and enlarged by 1 + 0.34 / n, so that from five pairs on it is right on average
    as a ratio (simulated in tests/unit/stats/test_scale.py). Never below 1e-5. Cost: about 12 passes over n numbers.

    Notes
    -----
    Source: Maronna, Martin, Yohai & Salibián-Barrera, Robust Statistics (2019), section 2.5.
    """
    values = np.abs(np.asarray(differences, dtype=float))
    if values.ndim != 1 or values.size < FEWEST_PAIRS:
        raise ValueError(f"at least {FEWEST_PAIRS} A/A pairs are needed for a scale, got {values.size}")
    if not np.isfinite(values).all():
        raise ValueError("an A/A difference is not a finite number")

    def excess(log_scale: float) -> float:
        """Say how much too wild the pairs are for a scale: it falls as the scale grows, so it has one root at most."""
        return float(np.mean(_biweight(values / (_TUNING * math.exp(log_scale))))) - _EXPECTED

    lowest = math.log(FLOOR)
    if excess(lowest) <= 0:
        return FLOOR
    # There even the wildest pair counts for less than is expected of it.
    highest = math.log(2.0 * float(values.max()))
    return math.exp(float(brentq(excess, lowest, highest, xtol=1e-9))) * (1.0 + 0.34 / values.size)


def updated(scales: Floats, past: Floats, past_scales: Floats) -> Floats:
    """Correct each series' scale by how its pairs of this night scatter, so that a wrong A/A scale costs less power.

    Parameters
    ----------
    scales : (m,) the scale expected of the next pair.
    past, past_scales : (m, n) the pairs so far, NaN where there is none, and the scales expected of them.

    Returns
    -------
    (m,) the root of a mean of squares: the expectation weighs as much as twenty pairs, the night as many as it has. The
    night's scatter is the mean absolute deviation from its median, which a shift leaves as it is. Below three pairs the
    expectation stands alone. Only the past is used, so bets by this scale stay predictable.
    """
    paired = np.isfinite(past)
    n = paired.sum(axis=1)
    if not (n >= FEWEST_TO_LEARN).any():
        return scales
    held, many = np.where(paired, past, 0.0), np.maximum(n, FEWEST_TO_LEARN)
    ordered = np.where(np.isnan(past), np.inf, past)
    ordered.sort(axis=1)
    halves = np.stack([np.maximum(n - 1, 0) // 2, np.minimum(n // 2, past.shape[1] - 1)], axis=1)
    centre = np.where(n > 0, np.take_along_axis(ordered, halves, axis=1).mean(axis=1), 0.0)
    spread = 1.2533 * (np.abs(held - centre[:, None]) * paired).sum(axis=1) / (many - 1)
    expected = (past_scales**2 * paired).sum(axis=1) / many
    excess = spread**2 / np.where(n > 0, expected, 1.0)
    factor = np.sqrt((EXPECTATION_WEIGHS + (many - 1) * excess) / (EXPECTATION_WEIGHS + many - 1))
    return np.asarray(np.where(n >= FEWEST_TO_LEARN, scales * factor, scales))


def margin(scale: float) -> float | None:
    """Say which slowdown (ln ratio) can be ruled out at this scale: max(2 %, sqrt(2) scales), or None above 10 %."""
    wanted = max(LEAST_MARGIN, 2.0 * scale / math.sqrt(2.0))
    return None if wanted > LARGEST_MARGIN else wanted


@dataclass(frozen=True)
class ClockChoice:
    """Name the clock that reads a point, its A/A scale, and in words why this one."""

    clock: str
    scale: float
    scales: Mapping[str, float]
    reason: str


def choose_clock(differences: Mapping[str, Sequence[float]]) -> ClockChoice:
    """Choose the clock whose A/A pairs scatter least.

    Parameters
    ----------
    differences : for each clock ("wall", "cpu", "device", "cpu/sentinel", ...), in order of preference, the ln ratios
        of the same A/A pairs. A clock that lacks a pair the others have is no candidate; nor is an empty or
        non-finite one.

    Notes
    -----
    Few pairs cannot tell two scales apart: the ratio of two independent scales from n pairs scatters by about
    exp(1 / sqrt(n)). So a later clock must beat an earlier one by that factor, or the earlier stays. That also keeps
    the choice from picking luck: the smallest of several noisy scales is too small.
    """
    usable = {name: list(values) for name, values in differences.items() if len(values) and np.isfinite(values).all()}
    pairs = max((len(values) for values in usable.values()), default=0)
    if pairs < FEWEST_PAIRS:
        raise ValueError(f"at least {FEWEST_PAIRS} A/A pairs are needed to choose a clock, got {pairs}")
    scales = {name: aa_scale(values) for name, values in usable.items() if len(values) == pairs}
    needed = math.exp(-1.0 / math.sqrt(pairs))
    chosen, *others = scales
    first = chosen
    for name in others:
        if scales[name] < needed * scales[chosen]:
            chosen = name
    return ClockChoice(chosen, scales[chosen], scales, _why(chosen, first, scales, pairs))


def _why(chosen: str, first: str, scales: Mapping[str, float], pairs: int) -> str:
    told = ", ".join(f"{name} {math.expm1(scale):.2%}" for name, scale in scales.items())
    if len(scales) == 1:
        return f"the only clock with all {pairs} A/A pairs; they scatter by {told}"
    if chosen == first:
        return f"no other clock is clearly quieter over {pairs} A/A pairs ({told})"
    return f"clearly the quietest over {pairs} A/A pairs ({told})"

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
from numpy.typing import NDArray

FLOOR: Final = 1e-5  # ln ratio; a clock that repeats itself exactly still has a resolution
LEAST_MARGIN: Final = 0.02
LARGEST_MARGIN: Final = 0.10
FEWEST_PAIRS: Final = 5

# Tukey's biweight tuned to a breakdown of one quarter: of five pairs one may be anything (computed by
# tests/unit/stats/test_scale.py against its definition, E[rho(Z / C)] = 1/4 for a standard normal Z).
_TUNING: Final = 2.9370
_EXPECTED: Final = 0.25


def _biweight(u: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.minimum(u * u, 1.0)
    return inside * (3.0 - inside * (3.0 - inside))


def aa_scale(differences: Sequence[float] | NDArray[np.float64]) -> float:
    """Estimate the standard deviation of a pair difference from A/A pairs, not misled by a quarter of wild ones.

    Parameters
    ----------
    differences : (n,) ln ratios of A/A pairs, n >= 5; a missing pair is left out, never given as NaN.

    Returns ------- The M-scale about zero with Tukey's biweight (breakdown 1/4, efficiency 76 % for Gaussian noise),
    consistent for the standard deviation of Gaussian noise and corrected for small n by 1 + 0.6 / n, so that its
    median is right from five pairs on (simulated in tests/unit/stats/test_scale.py). Cost: about 30 passes over n
    numbers. Never below 1e-5.

    Notes
    -----
    Source: Maronna, Martin, Yohai & Salibián-Barrera, Robust Statistics (2019), section 2.5.
    """
    values = np.abs(np.asarray(differences, dtype=float))
    if values.ndim != 1 or values.size < FEWEST_PAIRS:
        raise ValueError(f"at least {FEWEST_PAIRS} A/A pairs are needed for a scale, got {values.size}")
    if not np.isfinite(values).all():
        raise ValueError("an A/A difference is not a finite number")
    scale = 1.4826 * float(np.median(values)) or float(np.mean(values))
    if scale <= FLOOR:
        return FLOOR
    for _ in range(50):
        ratio = math.sqrt(float(np.mean(_biweight(values / (_TUNING * scale)))) / _EXPECTED)
        scale *= ratio
        if abs(ratio - 1.0) < 1e-6:
            break
    return max(FLOOR, scale * (1.0 + 0.6 / values.size))


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

    Notes ----- Few pairs cannot tell two scales apart: the ratio of two independent scales from n pairs scatters by
    about exp(1 / sqrt(n)). So a later clock must beat an earlier one by that factor, or the earlier stays. That also
    keeps the choice from picking luck: the smallest of several noisy scales is too small.
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

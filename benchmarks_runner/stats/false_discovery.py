"""Choose which of many e-values are discoveries, and how sure an interval about a discovery must be."""

from __future__ import annotations

import numpy as np

from benchmarks_runner.stats.arrays import Flags, Floats


def e_bh(evidence: Floats, q: float) -> Flags:
    """Reject the largest k e-values such that each of them is at least m / (q k), for the largest such k.

    Parameters
    ----------
    evidence : (m,) non-negative e-values, 0 for what is settled otherwise; none is missing, none is NaN.

    Notes
    -----
    The expected share of false ones among the rejected is at most q under any dependence between the e-values
    (Wang & Ramdas, False discovery rate control with e-values, 2022, theorem 5.1). Cost: one sort.
    """
    order = np.sort(evidence)[::-1]
    enough = order * np.arange(1, evidence.size + 1) * q >= evidence.size
    if not enough.any():
        return np.zeros(evidence.size, dtype=bool)
    return np.asarray(evidence >= order[np.flatnonzero(enough)[-1]])


def selected_alpha(alpha: float, rejected: int, points: int) -> float:
    """Give the error each discovery's interval may have so that alpha of the discoveries' intervals miss (e-BY).

    Source: Xu, Wang & Ramdas, Post-selection inference for e-value based confidence intervals (2022).
    """
    return alpha * rejected / points

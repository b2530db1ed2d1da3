"""Measure what a lopsided candidate does to evidence that leans on symmetry: same median, one long tail.

    .venv/bin/python -m tests.performance.verdict_skew

The median of each arm is the same; beyond it the candidate's Gaussian ln time is stretched. The scale is that of equal
arms; forty pairs, looked at after each.
"""

from __future__ import annotations

import numpy as np

from benchmarks_runner.stats.describe import skew
from benchmarks_runner.stats.evidence import Evidence

SERIES, PAIRS = 20_000, 40


def main() -> None:
    rng = np.random.default_rng(7)
    baseline = rng.normal(0, 1, (SERIES, PAIRS))
    print("| the candidate's upper tail | L-skew of D | E(slower) reaches 100 | E(slower) reaches 2,200 |")
    print("|---|---|---|---|")
    for tail in (1.0, 1.5, 2.0, 3.0):
        noise = rng.normal(0, 1, (SERIES, PAIRS))
        candidate = np.where(noise > 0, noise * tail, noise)
        evidence, richest = Evidence(np.full(SERIES, 2.0), 50.0), np.zeros(SERIES)
        for column in (candidate - baseline).T:
            evidence.take(column, np.full(SERIES, np.sqrt(2.0)))
            np.maximum(richest, evidence.slower, out=richest)
        lopsided = skew((candidate - baseline)[:500].ravel())
        reached = [(richest >= level).mean() for level in (100, 2200)]
        print(f"| {tail:g} times as long | {lopsided:.2f} | {reached[0]:.2%} | {reached[1]:.2%} |")


if __name__ == "__main__":
    main()

"""Compare the night's verdict with what others do, on the same simulated nights.

    .venv/bin/python -m tests.performance.verdict_peers --nights 300

Fixed designs take 15 processes of each build: interleaved by coin, or blocked (all of one build, then all of the
other).
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

import numpy as np
from scipy import stats

from tests.performance.verdict_nights import Bench, Machine, decide

EACH, CAP = 15, 40
Test = Callable[[np.ndarray, np.ndarray], np.ndarray]  # baseline, candidate (points, 15) → which points fail


def by_p_value(test: Callable[..., object]) -> Test:
    def fails(baseline: np.ndarray, candidate: np.ndarray) -> np.ndarray:
        return stats.false_discovery_control(test(candidate, baseline)) <= 0.05

    return fails


def mann_whitney(candidate: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    return stats.mannwhitneyu(candidate, baseline, alternative="greater", axis=1).pvalue


def welch(candidate: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    return stats.ttest_ind(candidate, baseline, equal_var=False, alternative="greater", axis=1).pvalue


def signed_rank(candidate: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    return stats.wilcoxon(candidate - baseline, alternative="greater", axis=1).pvalue


def five_percent(baseline: np.ndarray, candidate: np.ndarray) -> np.ndarray:
    return np.median(candidate, axis=1) - np.median(baseline, axis=1) > math.log(1.05)


PEERS: dict[str, tuple[str, Test]] = {
    "Mann-Whitney + BH, interleaved": ("interleaved", by_p_value(mann_whitney)),
    "Wilcoxon signed rank + BH, interleaved": ("interleaved", by_p_value(signed_rank)),
    "Welch + BH, interleaved": ("interleaved", by_p_value(welch)),
    "Mann-Whitney + BH, blocked": ("blocked", by_p_value(mann_whitney)),
    "Welch + BH, blocked": ("blocked", by_p_value(welch)),
    "5 % on medians, interleaved": ("interleaved", five_percent),
}


def night(shift: np.ndarray, rng: np.random.Generator) -> tuple[Bench, dict[str, tuple[np.ndarray, int]]]:
    """Play one night in every way; return which points failed and how many processes ran."""
    bench = Bench.draw(Machine(), rng)
    rules = bench.rules(20, rng)
    baseline, candidate = bench.arms(CAP, shift, rng)
    verdict = decide(rules, candidate - baseline)
    told = {
        "this engine": (
            np.array([p.verdict == "fail" for p in verdict.points]),
            sum(2 * p.pairs_used for p in verdict.points),
        )
    }
    slots = bench.slots(2 * EACH, rng)
    designs = {
        "interleaved": (baseline[:, :EACH], candidate[:, :EACH]),
        "blocked": (slots[:, :EACH], slots[:, EACH:] + shift[:, None]),
    }
    for name, (design, test) in PEERS.items():
        told[name] = test(*designs[design]), 2 * EACH * shift.size
    return bench, told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    planted = np.zeros(Machine().points)
    planted[:35:7], planted[3:38:7] = math.log(1.03), math.log(1.05)
    rows: dict[str, dict[str, list[float]]] = {}
    for shift in (np.zeros_like(planted), planted):
        for _ in range(options.nights):
            bench, told = night(shift, rng)
            for name, (failed, processes) in told.items():
                row = rows.setdefault(name, {key: [] for key in ("quiet", "false", "recall", "processes")})
                wrong = bool(failed[shift == 0].any())
                if shift.any():
                    row["false"].append(wrong)
                    row["recall"] += failed[(shift > 0) & (bench.noise <= 0.015)].tolist()
                else:
                    row["quiet"].append(wrong)
                    row["processes"].append(processes)
    print("| | unchanged nights with a false fail | nights with 10 slower that also fail falsely "
          "| recall (at least 3 %, noise at most 1.5 %) | processes × points in an unchanged night |")  # fmt: skip
    print("|---|---|---|---|---|")
    for name, row in rows.items():
        figures = [np.mean(row[key]) for key in ("quiet", "false", "recall")]
        print(f"| {name} | {figures[0]:.1%} | {figures[1]:.1%} | {figures[2]:.1%} | {np.mean(row['processes']):.0f} |")


if __name__ == "__main__":
    main()

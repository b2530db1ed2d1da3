"""Measure what a real small night can show: 16 points, one shard, a scale from few A/A pairs.

    .venv/bin/python -m tests.performance.verdict_small_nights --nights 400

"quiet": the median scale of a pair is 1 %; "noisy": 5 %, as on a shared two-core host. Four points are slowed.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter

import numpy as np

from benchmarks_runner.stats import NightVerdict
from tests.performance.verdict_nights import Bench, Machine, decide

POINTS, SLOWED, CAP = 16, 4, 40
SHIFTS = {"unchanged": 1.0, "3 % slower": 1.03, "5 % slower": 1.05, "three times": 3.0}
COLUMNS = (
    "host, A/A pairs",
    "four points",
    "fail",
    "pass",
    "inconclusive",
    "pairs to fail",
    "others: nights with a false fail",
    "others: inconclusive",
    "of these without margin",
    "others: pairs",
    "rounds",
    "suite fail",
    "suite pass",
)


def play(pair_noise: float, ratio: float, aa_pairs: int, rng: np.random.Generator) -> NightVerdict:
    bench = Bench.draw(Machine(POINTS, shards=1, noise=pair_noise / math.sqrt(2), spread=0.5), rng)
    rules = bench.rules(aa_pairs, rng)
    shift = np.where(np.arange(POINTS) < SLOWED, math.log(ratio), 0.0)
    baseline, candidate = bench.arms(CAP, shift, rng)
    return decide(rules, candidate - baseline)


def told(nights: list[NightVerdict]) -> list[str]:
    slowed = [point for night in nights for point in night.points[:SLOWED]]
    others = [point for night in nights for point in night.points[SLOWED:]]
    shares = Counter(point.verdict for point in slowed)
    caught = [point.pairs_used for point in slowed if point.verdict == "fail"]
    wrong = [any(point.verdict == "fail" for point in night.points[SLOWED:]) for night in nights]
    suite = Counter(night.suite.verdict for night in nights)
    return [
        *(f"{shares[verdict] / len(slowed):.3f}" for verdict in ("fail", "pass", "inconclusive")),
        f"{np.median(caught):.0f}" if caught else "",
        f"{np.mean(wrong):.4f}",
        f"{np.mean([point.verdict == 'inconclusive' for point in others]):.3f}",
        f"{np.mean([point.margin is None for point in others]):.3f}",
        f"{np.mean([point.pairs_used for point in others]):.1f}",
        f"{np.median([max(point.pairs_used for point in night.points) for night in nights]):.0f}",
        *(f"{suite[verdict] / len(nights):.3f}" for verdict in ("fail", "pass")),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    print("| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|")
    for host, noise, aa_pairs in (("quiet", 0.01, 5), ("quiet", 0.01, 20), ("noisy", 0.05, 5), ("noisy", 0.05, 20)):
        for name, ratio in SHIFTS.items():
            rng = np.random.default_rng([options.seed, aa_pairs])
            nights = [play(noise, ratio, aa_pairs, rng) for _ in range(options.nights)]
            print(f"| {host}, {aa_pairs} | {name} | " + " | ".join(told(nights)) + " |", flush=True)


if __name__ == "__main__":
    main()

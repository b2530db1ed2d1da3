"""Measure what a real small night can show: few points, one shard, a scale from five A/A pairs.

    .venv/bin/python -m tests.performance.verdict_small_nights --nights 400

Each night has 16 points in one shard (one process, one coin), Gaussian, heavy-tailed and two-moded noise, a third of its
variance shared by the shard, and a drift. "quiet": median scale of a pair 1 %; "noisy": 5 %, as on a shared two-core host.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter

import numpy as np

from benchmarks_runner.stats import NightEngine, NightVerdict, PointRule, aa_scale, margin

POINTS, CAP, SLOWED = 16, 40, 4
SHIFTS = {
    "unchanged": 0.0,
    "4 of 16 slower by 3 %": math.log(1.03),
    "by 5 %": math.log(1.05),
    "three times": math.log(3),
}


def own_noise(kind: int, rounds: int, rng: np.random.Generator) -> np.ndarray:
    if kind == 0:
        return rng.normal(0, 1, rounds)
    if kind == 1:
        return rng.standard_t(3, rounds) / math.sqrt(3)
    return (rng.normal(0, 0.5, rounds) + 1.7 * (rng.random(rounds) < 0.5) - 0.85) / 0.986


def differences(scale: np.ndarray, kinds: np.ndarray, rounds: int, rng: np.random.Generator) -> np.ndarray:
    """Draw D (point, round) of a night in which nothing changed."""
    slots = 2 * rounds
    shared, drift = rng.normal(0, 1, slots), np.cumsum(rng.normal(0, 0.1, slots))
    own = np.array([own_noise(kind, slots, rng) for kind in kinds])
    noise = scale[:, None] / math.sqrt(2) * (math.sqrt(1 / 3) * shared + math.sqrt(2 / 3) * own + drift)
    coin = np.where(rng.random(rounds) < 0.5, 1.0, -1.0)
    return coin * (noise[:, 0::2] - noise[:, 1::2])


def play(median: float, shift: float, pairs: int, rng: np.random.Generator) -> NightVerdict:
    scale = np.exp(rng.normal(math.log(median), 0.5, POINTS))
    kinds = rng.integers(0, 3, POINTS)
    history = differences(scale, kinds, pairs, rng)
    night = differences(scale, kinds, CAP, rng)
    night[:SLOWED] += shift
    scales = [aa_scale(row) for row in history]
    engine = NightEngine([PointRule(str(i), s, margin(s)) for i, s in enumerate(scales)], cap=CAP)
    for number in range(CAP):
        if engine.finished:
            break
        for point in engine.undecided:
            engine.feed(point, number + 1, night[int(point), number])
        engine.close_round(number + 1)
    return engine.result()


def told(nights: list[NightVerdict]) -> str:
    slowed = [point for night in nights for point in night.points[:SLOWED]]
    others = [point for night in nights for point in night.points[SLOWED:]]
    verdicts = Counter(point.verdict for point in slowed)
    caught = [point.pairs_used for point in slowed if point.verdict == "fail"]
    wrong = sum(any(point.verdict == "fail" for point in night.points[SLOWED:]) for night in nights)
    suite = Counter(night.suite.verdict for night in nights)
    rounds = [max(point.pairs_used for point in night.points) for night in nights]
    return (
        f"{verdicts['fail'] / len(slowed):.3f} | {verdicts['pass'] / len(slowed):.3f} | "
        f"{verdicts['inconclusive'] / len(slowed):.3f} | {np.median(caught) if caught else math.nan:.0f} | "
        f"{wrong / len(nights):.4f} | {np.mean([p.verdict == 'inconclusive' for p in others]):.3f} | "
        f"{np.mean([p.margin is None for p in others]):.3f} | {np.mean([p.pairs_used for p in others]):.1f} | "
        f"{np.median(rounds):.0f} | {suite['fail'] / len(nights):.3f} / {suite['pass'] / len(nights):.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    print("| host, A/A pairs | four points | fail | pass | inconcl. | pairs to fail | nights with a false fail "
          "| others inconcl. | others without margin | pairs a point, others | rounds | suite fail / pass |")  # fmt: skip
    print("|---" * 12 + "|")
    for host, median, pairs in (("quiet", 0.01, 5), ("quiet", 0.01, 20), ("noisy", 0.05, 5), ("noisy", 0.05, 20)):
        for name, shift in SHIFTS.items():
            rng = np.random.default_rng([options.seed, pairs])
            nights = [play(median, shift, pairs, rng) for _ in range(options.nights)]
            print(f"| {host}, {pairs} | {name} | {told(nights)} |", flush=True)


if __name__ == "__main__":
    main()

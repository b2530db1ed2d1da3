"""Compare ways of betting, each as fair as the other: what a verdict costs under each.

    .venv/bin/python -m tests.performance.verdict_bets --nights 150

Points as in verdict_nights.py with 20 A/A pairs. "Slowed" points are 3 % slower; "all 1 %" is a night in which every
point is. The scale does not learn here, and no point fails in the first table.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

import numpy as np

from benchmarks_runner.stats.evidence import BOLD, BROAD
from benchmarks_runner.stats.looking_ahead import LookingAhead
from benchmarks_runner.stats.wager import Bettor, Gamblers, Wager
from tests.performance.verdict_nights import Bench, Machine

CAP, POINTS, PASS_AT, FAIL_AT = 40, 110, 50.0, 110 / 0.05
Growth = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]  # y, scale, margin → wealth after each round


def nights(count: int, shift: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw differences (count * points, CAP), scales and margins."""
    rng, drawn = np.random.default_rng(seed), []
    while len(drawn) < count:
        bench = Bench.draw(Machine(), rng)
        rules = bench.rules(20, rng)
        baseline, candidate = bench.arms(CAP, np.full(POINTS, shift), rng)
        margins = [math.nan if rule.margin is None else rule.margin for rule in rules]
        drawn.append((candidate - baseline, np.array([rule.scale for rule in rules]), np.array(margins)))
    differences, scales, margins = (np.concatenate(parts) for parts in zip(*drawn, strict=True))
    judged = np.isfinite(margins)
    return differences[judged], scales[judged], margins[judged]


def played(make: Callable[[tuple[int, ...]], Bettor]) -> Growth:
    def grow(y: np.ndarray, scale: np.ndarray, margin: np.ndarray) -> np.ndarray:
        bettor, everywhere, wealth = make(scale.shape), np.ones(scale.shape, dtype=bool), []
        for column in y.T:
            bettor.play(column, scale, margin, everywhere)
            wealth.append(bettor.wealth.copy())
        return np.array(wealth)

    return grow


def gamblers(strengths: tuple[float, ...], stakes: tuple[float, ...]) -> Growth:
    return played(lambda shape: Wager(shape, Gamblers(strengths, stakes)))


ahead = played(lambda shape: LookingAhead(shape, PASS_AT))


def first_design(y: np.ndarray, scale: np.ndarray, margin: np.ndarray) -> np.ndarray:
    strengths = np.array([0.5, 1.0, 2.0, 4.0])
    return np.cumprod(1 + np.tanh(strengths[:, None, None] * (y / scale[:, None]).T), axis=1).mean(axis=0)


def single_tanh(y: np.ndarray, scale: np.ndarray, margin: np.ndarray) -> np.ndarray:
    return np.cumprod(1 + np.tanh((margin / scale**2)[:, None] * y).T, axis=0)


def stopped(wealth: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return after how many pairs each series reached the level (CAP if never), and whether it did."""
    reached = wealth >= level * (1 - 1e-9)
    return np.where(reached.any(axis=0), reached.argmax(axis=0) + 1, CAP), reached.any(axis=0)


PASSES: dict[str, Growth] = {
    "first design: tanh, c of 0.5, 1, 2, 4": first_design,
    "one tanh gambler at the margin": single_tanh,
    "one t gambler, strength 1": gamblers((1.0,), (1.0,)),
    "one t gambler, strength 1.3": gamblers((1.3,), (1.0,)),
    "two t gamblers, 1.3 and 0.65 (`BOLD`)": gamblers(BOLD.strengths, BOLD.stakes),
    "four t gamblers, 2, 1, 0.5, 0.25": gamblers((2.0, 1.0, 0.5, 0.25), (0.25,) * 4),
    "**looking ahead**": ahead,
}
FAILS: dict[str, Growth] = {
    "first design: tanh, c of 0.5, 1, 2, 4": first_design,
    "two t gamblers, 1.3 and 0.65 (`BOLD`)": gamblers(BOLD.strengths, BOLD.stakes),
    "one t gambler, strength 1": gamblers((1.0,), (1.0,)),
    "**two t gamblers, 1 and 0.5 (`BROAD`)**": gamblers(BROAD.strengths, BROAD.stakes),
    "two t gamblers, 0.7 and 0.35": gamblers((0.7, 0.35), (0.5, 0.5)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=150)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    same, one, three = (
        nights(options.nights, math.log(ratio), options.seed + k) for k, ratio in enumerate((1.0, 1.01, 1.03))
    )
    columns = ("measurements, unchanged", "not passed of 110", "measurements, all 1 %", "not passed of 110")
    print('| "no worse" by | ' + " | ".join(columns) + " |\n" + "|---" * 5 + "|")
    for name, growth in PASSES.items():
        told = []
        for d, scale, margin in (same, one):
            used, passed = stopped(growth(margin[:, None] - d, scale, margin), PASS_AT)
            told.append(f"{2 * POINTS * used.mean():.0f} | {POINTS * (1 - passed.mean()):.2f}")
        print(f"| {name} | {' | '.join(told)} |", flush=True)
    columns = ("unchanged points that reach m/10q before they pass, per 1,000", "slowed that reach m/q", "pairs")
    print('\n| "slower" by | ' + " | ".join(columns) + " |\n" + "|---" * 4 + "|")
    d, scale, margin = same
    until, _ = stopped(ahead(margin[:, None] - d, scale, margin), PASS_AT)
    for name, growth in FAILS.items():
        used, failed = stopped(growth(d, scale, margin), FAIL_AT / 10)
        wrong = 1000 * (failed & (used <= until)).mean()
        used, failed = stopped(growth(three[0], three[1], three[2]), FAIL_AT)
        quiet = three[1] <= 0.02
        print(f"| {name} | {wrong:.2f} | {failed[quiet].mean():.4f} | {used[quiet].mean():.1f} |", flush=True)


if __name__ == "__main__":
    main()

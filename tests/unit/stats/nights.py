"""Small nights with known truth, and one way to play them live."""

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks_runner.stats import NightEngine, NightVerdict, PointRule, aa_scale, margin


def rules(count: int, scale: float = 0.01, shards: int = 1) -> list[PointRule]:
    return [PointRule(f"p{i}", scale, margin(scale), i % shards) for i in range(count)]


def live(engine: NightEngine, pairs: Mapping[str, Sequence[float]], rng: np.random.Generator) -> NightVerdict:
    """Measure only what is undecided; pairs of a round arrive in any order, provisional answers are asked for."""
    for round in range(1, engine.cap + 1):
        for point in rng.permutation(engine.undecided).tolist():
            if round <= len(pairs[point]):
                engine.feed(point, round, pairs[point][round - 1])
            if rng.random() < 0.1:
                engine.result()
        engine.close_round(round)
    return engine.result()


def recorded(seed: int, points: int = 12, pairs: int = 40) -> dict:
    """Make one line of `replay_verdict`'s input: noisy, quiet, slow and unjudgeable benchmarks."""
    rng = np.random.default_rng(seed)
    scale = np.exp(rng.normal(np.log(0.012), 0.8, points))
    shift = rng.choice([0.0, 0.01, 0.03, 1.1], points)
    return {
        "night": f"night {seed}",
        "benchmarks": [
            {
                "id": f"b{i}",
                "shard": i % 3,
                "aa": (scale[i] * rng.normal(0, 1, 20)).tolist(),
                "pairs": (shift[i] + scale[i] * rng.normal(0, 1, pairs)).tolist(),
            }
            for i in range(points)
        ],
    }


def rules_of(night: dict) -> list[PointRule]:
    found = [(row, aa_scale(row["aa"])) for row in night["benchmarks"]]
    return [PointRule(row["id"], scale, margin(scale), row["shard"]) for row, scale in found]

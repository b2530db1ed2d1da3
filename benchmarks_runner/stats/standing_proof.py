"""Show from recorded A/A pairs how often the verdict is wrong here, on this very noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks_runner.stats.night import NightEngine
from benchmarks_runner.stats.policy import PointRule, Policy


@dataclass(frozen=True)
class StandingProof:
    """Count what went wrong in nights in which, by construction, nothing changed."""

    nights: int
    nights_with_a_fail: int
    suite_fails: int
    pairs_a_point: float


def standing_proof(
    rules: Sequence[PointRule],
    pairs: Mapping[str, Sequence[float]],
    *,
    nights: int,
    seed: int,
    policy: Policy | None = None,
) -> StandingProof:
    """Decide many nights made of recorded A/A pairs whose arms are swapped by new coins.

    Parameters
    ----------
    pairs : for each point the ln ratios of its recorded A/A pairs; the k-th pairs of all points come from one round.
        The night's cap is the length of the longest; a point with fewer runs out of pairs, as in a night with voids.

    Notes
    -----
    In an A/A pair the arms are the same build, so swapping them by a coin per shard and round (the coin of the night
    itself) gives a night that was just as likely: its fails are errors, whatever the noise of this machine. The nights
    share their absolute values, so more of them than a few hundred tell little more.
    """
    rng = np.random.default_rng(seed)
    cap = max(len(values) for values in pairs.values())
    shards = sorted({rule.shard for rule in rules})
    results = []
    for _ in range(nights):
        coins = {shard: np.where(rng.random(cap) < 0.5, 1.0, -1.0) for shard in shards}
        swapped = {rule.id: coins[rule.shard][: len(pairs[rule.id])] * np.array(pairs[rule.id]) for rule in rules}
        engine = NightEngine(rules, cap=cap, policy=policy)
        for round in range(1, cap + 1):
            for point in engine.undecided:
                if round <= swapped[point].size:
                    engine.feed(point, round, float(swapped[point][round - 1]))
            engine.close_round(round)
        results.append(engine.result())
    return StandingProof(
        nights=nights,
        nights_with_a_fail=sum(any(point.verdict == "fail" for point in result.points) for result in results),
        suite_fails=sum(result.suite.verdict == "fail" for result in results),
        pairs_a_point=float(np.mean([point.pairs_used for result in results for point in result.points])),
    )

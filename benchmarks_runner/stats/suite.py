"""Follow the suite as a series of its own: in each round the weighted mean of the points that were measured."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from benchmarks_runner.stats import words
from benchmarks_runner.stats.arrays import Floats
from benchmarks_runner.stats.describe import weighted_middle
from benchmarks_runner.stats.evidence import Evidence
from benchmarks_runner.stats.policy import PointRule, Policy
from benchmarks_runner.stats.verdicts import SuiteVerdict


class SuiteSeries:
    """Decide whether the suite as a whole became slower.

    A round's difference is the mean of D over the points measured in it, weighted by 1 / s**2. Which points those are
    and how they weigh is known before the round, so when nothing changed the coins make the mean symmetric about
    zero, whatever the points share. (A pair voided for a cause outside both builds leaves its round; swapping the
    arms would have voided it too.)
    """

    def __init__(self, rules: Sequence[PointRule], policy: Policy) -> None:
        self._policy = policy
        self._scales = np.array([rule.scale for rule in rules])
        self._shards = np.unique([rule.shard for rule in rules], return_inverse=True)[1]
        self._evidence = Evidence(np.array([policy.suite_margin]), 1.0 / policy.suite_pass)
        self._last_scale: float | None = None
        self.verdict: str | None = None

    def take(self, differences: Floats) -> None:
        """Take one round: (points,), NaN for each point that was not measured in it."""
        members = np.isfinite(differences)
        if self.verdict is not None or not members.any():
            return
        weights = members / self._scales**2
        weights /= weights.sum()
        self._last_scale = self._scale_of(weights)
        mean = float(np.where(members, differences, 0.0) @ weights)
        self._evidence.take(np.array([mean]), np.array([self._last_scale]))
        self._decide()

    def _scale_of(self, weights: Floats) -> float:
        """Expect this scatter of the mean when points of one shard share part of their noise, shards none."""
        parts = weights * self._scales
        by_shard = np.bincount(self._shards, parts)
        shared = self._policy.shard_correlation
        return math.sqrt(shared * float(by_shard @ by_shard) + (1.0 - shared) * float(parts @ parts))

    def _decide(self) -> None:
        if self._evidence.slower[0] >= 1.0 / self._policy.suite_fail:
            self.verdict = "fail"
        elif self._evidence.no_worse[0] >= 1.0 / self._policy.suite_pass:
            self.verdict = "pass"

    def result(self, *, finished: bool) -> SuiteVerdict:
        """Answer from the rounds taken so far."""
        pairs = self._evidence.differences().ravel()
        slower, no_worse = self._evidence.curves(0)
        low, high = self._evidence.limits(np.array([self._policy.alpha]), np.array([self.verdict == "fail"]))
        verdict, shift = self.verdict or "inconclusive", self._shift(pairs, low[0], high[0])
        return SuiteVerdict(
            verdict=verdict,  # type: ignore[arg-type]
            estimate=shift,
            low=_finite(low[0]),
            high=_finite(high[0]),
            rounds_used=pairs.size,
            scale=self._last_scale,
            margin=self._policy.suite_margin,
            evidence_slower=slower,
            evidence_no_worse=no_worse,
            differences=tuple(pairs.tolist()),
            reason=words.of_suite(
                verdict, self._policy, shift, pairs.size, self._last_scale, slower, no_worse, finished=finished
            ),
        )

    def _shift(self, pairs: Floats, low: float, high: float) -> float | None:
        """Estimate the shift: a round in which the precise points were still measured says most.

        The rounds are of unlike points, so their shifts may differ; what the evidence has ruled out is no estimate.
        """
        shift = weighted_middle(pairs, self._evidence.scales().ravel())
        return shift if shift is None or low > high else min(max(shift, low), high)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None

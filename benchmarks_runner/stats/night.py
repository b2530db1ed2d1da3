"""Decide a night, fed one pair at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from benchmarks_runner.stats import words
from benchmarks_runner.stats.arrays import Flags, Floats
from benchmarks_runner.stats.describe import middle, skew
from benchmarks_runner.stats.evidence import Evidence
from benchmarks_runner.stats.false_discovery import e_bh, selected_alpha
from benchmarks_runner.stats.policy import PointRule, Policy
from benchmarks_runner.stats.suite import SuiteSeries
from benchmarks_runner.stats.verdicts import Arm, NightVerdict, PointVerdict, Verdict


class _State(IntEnum):
    OPEN = 0  # measured in the next round
    LINGERING = 1  # failed, measured a little longer for the sake of its interval
    FAILED = 2
    PASSED = 3
    CAPPED = 4  # the night's rounds are used up
    UNJUDGED = 5  # too noisy on this machine to pass, and no slowdown so large that it shows all the same


class NightEngine:
    """Decide every point of a night and the suite, from pairs in any order of arrival.

    Pairs wait until their round is closed; rounds are read in their order and each at once, so neither the order of
    messages nor who asks for a provisional result meanwhile can change a verdict. Nothing is read before its round is
    closed.

    A point leaves the schedule as failed when its e-value against "not slower" reaches m / q, and as passed when the
    evidence against "slower by the margin or more" reaches 1 / beta first. Its e-value is frozen as it leaves (0 for
    one that passed): a stopped supermartingale is an e-value whatever the other points did, so e-BH over the stopped
    values holds the false discovery rate. Later ones can only add to what it rejects: no fail is ever taken back.
    """

    def __init__(self, rules: Sequence[PointRule], *, cap: int = 40, policy: Policy | None = None) -> None:
        if not rules:
            raise ValueError("a night needs at least one point")
        if len({rule.id for rule in rules}) != len(rules):
            raise ValueError("two points have the same id")
        if cap < 1:
            raise ValueError(f"the cap must be at least one round, got {cap}")
        self.rules, self.cap, self.policy = tuple(rules), cap, policy or Policy()
        self._index = {rule.id: i for i, rule in enumerate(rules)}
        self._scales = np.array([rule.scale for rule in rules])
        margins = np.array([math.nan if rule.margin is None else rule.margin for rule in rules])
        self._judged = np.isfinite(margins)
        self._state = np.full(len(rules), _State.OPEN)
        self._evidence = Evidence(
            np.where(self._judged, margins, math.sqrt(2.0) * self._scales), 1.0 / self.policy.beta
        )
        self._suite = SuiteSeries(rules, self.policy)
        self._stopped = np.zeros(len(rules))  # e-values of failed points, as they failed
        self._lingered = np.zeros(len(rules), dtype=int)
        self._waiting: dict[int, Floats] = {}
        self._closed: set[int] = set()
        self._read = 0
        self._breaks: dict[str, list[tuple[Arm, str]]] = {}

    def feed(self, point: str, round: int, difference: float) -> None:
        """Hand over one pair: ln(candidate / baseline). A pair of a point that is already decided is ignored.

        Raises ValueError for an unknown point, a closed or impossible round, a second pair of the same round, or no
        number.
        """
        if point not in self._index:
            raise ValueError(f"{point} is not a point of this night")
        if round < 1 or round in self._closed or round <= self._read:
            raise ValueError(
                f"{point}: round {round} takes no pair: it {'is closed' if round >= 1 else 'does not exist'}"
            )
        if not math.isfinite(difference):
            raise ValueError(f"{point}: the difference of round {round} is not a finite number")
        row = self._waiting.setdefault(round, np.full(len(self.rules), np.nan))
        if not math.isnan(row[self._index[point]]):
            raise ValueError(f"{point}: round {round} already has a pair")
        row[self._index[point]] = difference

    def broken(self, point: str, arm: Arm, reason: str) -> None:
        """Take note that no pair of this point can be made, and in which arm; it leaves the schedule."""
        if point not in self._index:
            raise ValueError(f"{point} is not a point of this night")
        if arm not in ("candidate", "baseline", "both"):
            raise ValueError(f"{point}: {arm} is not an arm")
        self._breaks.setdefault(point, []).append((arm, reason))

    def close_round(self, round: int) -> None:
        """Take note that no more pairs of this round will come, and decide what can be decided.

        Raises ValueError for a round that is closed already. A round closed before an earlier one waits for it.
        """
        if round < 1 or round in self._closed or round <= self._read:
            raise ValueError(f"round {round} {'is closed already' if round >= 1 else 'does not exist'}")
        self._closed.add(round)
        while self._read + 1 in self._closed:
            self._read += 1
            self._closed.remove(self._read)
            self._read_round(self._waiting.pop(self._read, np.full(len(self.rules), np.nan)))

    def end(self) -> None:
        """Take note that no further round will come, as at the cap: what is undecided now stays so."""
        for state, final in ((_State.OPEN, _State.CAPPED), (_State.LINGERING, _State.FAILED)):
            self._state[self._state == state] = final

    def _read_round(self, differences: Floats) -> None:
        measured = np.isin(self._state, (_State.OPEN, _State.LINGERING))
        if self._read > self.cap or not measured.any():
            return
        held = np.where(measured, differences, np.nan)
        self._suite.take(held)
        self._evidence.take(held, self._scales)
        self._lingered[(self._state == _State.LINGERING) & np.isfinite(held)] += 1
        self._decide()

    def _decide(self) -> None:
        failing = (self._state == _State.OPEN) & (self._evidence.slower >= len(self.rules) / self.policy.q)
        self._stopped[failing] = self._evidence.slower[failing]
        self._state[failing] = _State.LINGERING
        passing = self._judged & (self._evidence.no_worse >= 1.0 / self.policy.beta)
        self._state[(self._state == _State.OPEN) & passing] = _State.PASSED
        bounded = self._evidence.slower >= 2.0 / self._selected_alpha(self._failed())
        over = bounded | (self._lingered >= self.policy.linger) | (self._read >= self.cap)
        self._state[(self._state == _State.LINGERING) & over] = _State.FAILED
        if self._read >= self._rounds_to_show(self.cap):
            self._state[(self._state == _State.OPEN) & ~self._judged] = _State.UNJUDGED
        if self._read >= self.cap:
            self._state[self._state == _State.OPEN] = _State.CAPPED

    def _rounds_to_show(self, most: int) -> int:
        """Count the rounds in which the largest slowdown fails: all the time a point gets that cannot pass anyway."""
        # a bet on a far-off pair is about 0.96 of the wealth, where the shift looked for is sqrt(2) scales
        return min(most, math.ceil(math.log(len(self.rules) / self.policy.q) / math.log(1.95)))

    def _failed(self) -> Flags:
        """Reject by e-BH over the stopped e-values; what is still measured counts 0, so no fail is ever taken back."""
        stopped = np.isin(self._state, (_State.CAPPED, _State.UNJUDGED))
        return e_bh(self._stopped + np.where(stopped, self._evidence.slower, 0.0), self.policy.q)

    def _selected_alpha(self, failed: Flags) -> float:
        return selected_alpha(self.policy.alpha, int(failed.sum()) or 1, len(self.rules))

    @property
    def undecided(self) -> tuple[str, ...]:
        """Name the points that the next round must measure."""
        open_ = np.isin(self._state, (_State.OPEN, _State.LINGERING))
        return tuple(rule.id for i, rule in enumerate(self.rules) if open_[i] and rule.id not in self._breaks)

    @property
    def finished(self) -> bool:
        """Say whether every point has left the schedule."""
        return not self.undecided

    def result(self) -> NightVerdict:
        """Answer from the rounds closed so far; provisional until `finished`."""
        failed = self._failed()
        limits = self._evidence.limits(np.where(failed, self._selected_alpha(failed), self.policy.alpha), failed)
        pairs = self._evidence.differences()
        points = tuple(
            self._point(i, pairs[i][np.isfinite(pairs[i])], float(low), float(high), failed)
            for i, (low, high) in enumerate(zip(*limits, strict=True))
        )
        return NightVerdict(suite=self._suite.result(finished=self.finished), points=points, finished=self.finished)

    def _point(self, i: int, pairs: Floats, low: float, high: float, failed: Flags) -> PointVerdict:
        rule, (slower, no_worse) = self.rules[i], self._evidence.curves(i)
        verdict, reason = self._verdict(i, pairs, failed)
        return PointVerdict(
            point=rule.id,
            verdict=verdict,
            estimate=middle(pairs),
            low=low if math.isfinite(low) else None,
            high=high if math.isfinite(high) else None,
            pairs_used=pairs.size,
            scale=rule.scale,
            margin=rule.margin,
            skew=skew(pairs),
            evidence_slower=slower,
            evidence_no_worse=no_worse,
            reason=reason,
        )

    def _verdict(self, i: int, pairs: Floats, failed: Flags) -> tuple[Verdict, str]:
        rule, state = self.rules[i], _State(self._state[i])
        arm, why = self._broken_arm(rule.id)
        if arm == "candidate":
            return "broken", words.broken(arm, why)
        if failed[i]:
            needed = len(self.rules) / (self.policy.q * int(failed.sum()))
            return "fail", words.failed(middle(pairs), needed, float(self._stopped[i] or self._evidence.slower[i]))
        if rule.margin is None:
            return "inconclusive", words.cannot_judge(rule, pairs)
        if state is _State.PASSED:
            return "pass", words.passed(rule.margin, pairs.size)
        if arm is not None:
            return "inconclusive", words.broken(arm, why)
        return "inconclusive", self._undecided(i, rule.margin, pairs)

    def _undecided(self, i: int, margin: float, pairs: Floats) -> str:
        return words.undecided(
            margin,
            self.rules[i].scale,
            middle(pairs),
            pairs.size,
            math.log(max(float(self._evidence.slower[i]), 1e-300)),
            math.log(max(float(self._evidence.no_worse[i]), 1e-300)),
            len(self.rules) / self.policy.q,
            1.0 / self.policy.beta,
            finished=self._state[i] == _State.CAPPED,
        )

    def _broken_arm(self, point: str) -> tuple[Arm | None, str]:
        breaks = self._breaks.get(point, [])
        arms = {arm for arm, _ in breaks}
        if not arms:
            return None, ""
        arm: Arm = "both" if len(arms) > 1 else next(iter(arms))
        return arm, "; ".join(sorted({reason for _, reason in breaks}))

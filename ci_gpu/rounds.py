"""Say which processes a round still needs: pure decisions, shared by `python3 -m ci_gpu night` and the site.

A round measures each point as a *pair*: both builds, one fresh process each, one after the other. One group of points
measured by both arms is an *attempt*. After a crash the pairs that are lacking are measured anew as pairs, the suspect
alone in a process of its own, so that it takes nobody with it again. Half pairs are void, and so is all that a process
said whose clock cannot be believed. A point may spoil two attempts a round.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Arm = Literal["baseline", "candidate"]
Coin = Literal["baseline_first", "candidate_first"]
ARMS: tuple[Arm, Arm] = ("baseline", "candidate")

SHARD = 20  # points that one process measures
LIMIT = 2  # attempts that a point may spoil in one round
# Why an arm can be broken (VERDICT.md, rule 4). An impossible timing or an operation that the device lacks is no break.
BREAKING = frozenset({"crash", "timeout", "out_of_memory", "garbage", "error", "numerics"})
FINAL = frozenset({"unsupported"})  # measuring again would say the same

# How wrong an arm may be before it counts (relative to the largest value): four roundings of the type.
EPSILON: Mapping[str, float] = {
    "float64": 4 * 2.0**-52,
    "float32": 4 * 2.0**-23,
    "float16": 4 * 2.0**-10,
    "bfloat16": 4 * 2.0**-7,
}


def _draw(*key: object) -> bytes:
    return hashlib.sha256("/".join(str(part) for part in key).encode()).digest()


def seed_of(seed: int, night: str, round_number: int, shard: int) -> int:
    """Return the seed from which both arms draw their inputs in this round."""
    return int.from_bytes(_draw("inputs", seed, night, round_number, shard)[:6], "big")


def coin(seed: int, night: str, round_number: int, shard: int, attempt: int = 1) -> Coin:
    """Return which build's process goes first: the same answer for the same arguments, otherwise a fair coin."""
    heads = _draw("coin", seed, night, round_number, shard, attempt)[0] & 1
    return "baseline_first" if heads else "candidate_first"


def arms_in_order(drawn: Coin) -> tuple[Arm, Arm]:
    """Return the arms in the order that the coin says."""
    return ARMS if drawn == "baseline_first" else (ARMS[1], ARMS[0])


def point_order(points: Iterable[str], seed: int, night: str, round_number: int, shard: int) -> tuple[str, ...]:
    """Return the points in the order in which both arms measure them in this round, drawn anew for each round."""
    drawn = sorted(points)
    random.Random(_draw("order", seed, night, round_number, shard)).shuffle(drawn)  # noqa: S311 (no secret)
    return tuple(drawn)


def shards(points: Sequence[str], size: int = SHARD) -> list[list[str]]:
    """Return the points in groups that one process can measure, in the order given."""
    return [list(points[start : start + size]) for start in range(0, len(points), size)]


@dataclass(frozen=True)
class ArmRun:
    """What one process of one build did with the points it was given."""

    points: tuple[str, ...]
    measured: Mapping[str, float | None]  # point -> error against float64 (None: not known)
    failed: Mapping[str, str] = field(default_factory=dict)  # point -> reason that the process itself gave
    ended: str = "done"
    last_point: str | None = None  # the point it was at when it ended otherwise than "done"

    def reasons(self) -> dict[str, str]:
        """Return what went wrong here and is a point's own doing: point -> reason."""
        reasons = dict(self.failed)
        if self.ended in ("done", "cancelled"):
            return reasons
        blamed = (self.last_point,) if self.last_point is not None else self._unreached()
        return {**dict.fromkeys(blamed, self.ended), **reasons}

    @property
    def disbelieved(self) -> bool:
        """Say whether it came to its end and was garbage all the same: its clock ran wrong, so no time of it counts."""
        return self.ended == "garbage" and self.last_point is None and not self._pending()

    def _unreached(self) -> tuple[str, ...]:
        """Return whom to blame for an end between points: the next one, or all where nothing of it can be used."""
        if self.disbelieved:
            return self.points
        return self._pending()[:1] if self.measured or self.failed else self._pending()

    def _pending(self) -> tuple[str, ...]:
        return tuple(p for p in self.points if p not in self.measured and p not in self.failed)


@dataclass(frozen=True)
class Attempt:
    """One group of points, measured by both arms; an arm that was not run to an end by anybody's doing is None."""

    baseline: ArmRun | None
    candidate: ArmRun | None
    dtypes: Mapping[str, str] = field(default_factory=dict)  # point -> dtype; float32 where it is not said

    @property
    def void(self) -> bool:
        """Say whether this attempt counts for nothing: an arm is missing or was stopped from outside."""
        return any(run is None or run.ended == "cancelled" for run in (self.baseline, self.candidate))

    def pairs(self) -> set[str]:
        """Return the points that both arms measured, rightly, and in a process that can be believed."""
        if self.void:
            return set()
        return set(self._errors()) - set(self.reasons("baseline")) - set(self.reasons("candidate"))

    def suspects(self) -> set[str]:
        """Return the points that went wrong themselves, without those that shared a process nobody can believe."""
        if self.void:
            return set()
        runs = [run for run in (self.baseline, self.candidate) if run]
        return self._wrong() | {point for run in runs for point in (run.failed if run.disbelieved else run.reasons())}

    def reasons(self, arm: Arm) -> dict[str, str]:
        """Return what went wrong in one arm: point -> reason."""
        run = self.baseline if arm == "baseline" else self.candidate
        if self.void or run is None:
            return {}
        wrong = dict.fromkeys(self._wrong(), "numerics") if arm == "candidate" else {}
        return {**run.reasons(), **wrong}

    def _wrong(self) -> set[str]:
        return {p for p, errors in self._errors().items() if not as_exact(*errors, self.dtypes.get(p, "float32"))}

    def _errors(self) -> dict[str, tuple[float | None, float | None]]:
        """Return both arms' errors at the points that both measured."""
        one = self.baseline.measured if self.baseline else {}
        other = self.candidate.measured if self.candidate else {}
        return {point: (one[point], other[point]) for point in one if point in other}


def as_exact(baseline: float | None, candidate: float | None, dtype: str) -> bool:
    """Say whether the candidate is as exact as the baseline: its error at most twice as large, and a little."""
    if baseline is None or candidate is None:
        return True
    return candidate <= 2 * baseline + EPSILON[dtype]


def complete(attempts: Sequence[Attempt]) -> dict[str, int]:
    """Return the points that have a pair in this round, with the index of the attempt that holds it."""
    found: dict[str, int] = {}
    for index, attempt in enumerate(attempts):
        for point in attempt.pairs():
            found.setdefault(point, index)
    return found


def spoiled(attempts: Iterable[Attempt]) -> Counter[str]:
    """Return how many attempts each point spoiled by its own doing, in either arm."""
    counts: Counter[str] = Counter()
    for attempt in attempts:
        counts.update(set(attempt.reasons("baseline")) | set(attempt.reasons("candidate")))
    return counts


def given_up(attempts: Sequence[Attempt]) -> set[str]:
    """Return the points that this round will not measure again although they have no pair."""
    final = {p for a in attempts for arm in ARMS for p, reason in a.reasons(arm).items() if reason in FINAL}
    return {point for point, count in spoiled(attempts).items() if count >= LIMIT} | final


def next_orders(points: Sequence[str], attempts: Sequence[Attempt]) -> list[list[str]]:
    """Return the groups of points to measure next in this round, in order; empty when the round is complete.

    `attempts` are those of this round so far. The first group holds every point that is no suspect; each suspect
    follows alone. A clock that ran wrong points at nobody, so such a group is measured again together: a process of
    one point would be too short to show it. Run the groups one after the other, or ask again after each: the answer
    agrees.
    """
    finished = set(complete(attempts)) | given_up(attempts)
    missing = [point for point in points if point not in finished]
    suspects = {point for attempt in attempts for point in attempt.suspects()}
    together = [point for point in missing if point not in suspects]
    return [group for group in [together, *([p] for p in missing if p in suspects)] if group]


@dataclass(frozen=True)
class Breakage:
    """A point that breaks, and in which build."""

    arm: Literal["baseline", "candidate", "both"]
    reason: str


def breakages(attempts: Iterable[Attempt]) -> dict[str, Breakage]:
    """Return the points broken so far in a night: twice in an arm; the candidate's only if never in the baseline."""
    reasons: dict[Arm, dict[str, list[str]]] = {arm: defaultdict(list) for arm in ARMS}
    for attempt in attempts:
        for arm in ARMS:
            for point, reason in attempt.reasons(arm).items():
                if reason in BREAKING:
                    reasons[arm][point].append(reason)
    found = {p: _breakage(reasons["baseline"][p], reasons["candidate"][p]) for p in _points(reasons.values())}
    return {point: breakage for point, breakage in found.items() if breakage}


def _points(maps: Collection[Mapping[str, object]]) -> list[str]:
    return sorted({point for reasons in maps for point in reasons})


def _breakage(baseline: list[str], candidate: list[str]) -> Breakage | None:
    if max(len(baseline), len(candidate)) < LIMIT:
        return None
    if not baseline:
        return Breakage("candidate", candidate[-1])
    if not candidate:
        return Breakage("baseline", baseline[-1])
    return Breakage("both", f"baseline: {baseline[-1]}; candidate: {candidate[-1]}")

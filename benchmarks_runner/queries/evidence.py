"""Read a night's evidence back from its rows: attempts, pairs, and what broke.

Everything here is a function of the rows and sorted by their identity, so that the order in which messages arrived
cannot change it.
"""

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks_runner.models import Attempt, Night, Sample
from benchmarks_runner.queries.clocks import Reading, read
from ci_gpu import rounds
from ci_gpu.catalogue import POINTS, SUITES
from ci_gpu.rounds import ARMS, Arm, ArmRun

# How an attempt ended that says nothing of its build: its worker died, or somebody stopped it.
OUTSIDE = ("", "lost", "cancelled")


@dataclass(frozen=True)
class Measured:
    """One attempt of one shard in one round: what both processes did."""

    round: int
    shard: int
    number: int
    outcome: rounds.Attempt
    readings: Mapping[Arm, Mapping[str, Reading]] = field(default_factory=dict)
    first: Arm = "baseline"
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """Both builds at one point in one round, measured side by side."""

    round: int
    point: str
    shard: int
    attempt: int
    first: Arm
    baseline: Reading
    candidate: Reading
    flags: tuple[str, ...] = ()

    def difference(self, clock: str) -> float | None:
        """Return ln(candidate / baseline) by this clock; None where it has no reading."""
        before, after = read(self.baseline, clock), read(self.candidate, clock)
        return None if before is None or after is None else math.log(after) - math.log(before)


def dtypes_of(night: Night) -> dict[str, str]:
    """Return the number type of each point on the night's device, as far as this version's catalogue knows it."""
    known = SUITES[night.suite].points if night.suite in SUITES else POINTS.values()
    return {point.id: point.on(night.device.address).dtype for point in known if night.device.kind in point.variants}


def attempts_of(night: Night, *, up_to: int | None = None, only: int | None = None) -> list[Measured]:
    """Return the night's attempts in order of round, shard and number; all, up to a round, or of one round only."""
    rows = Attempt.objects.filter(round__night=night).select_related("round").order_by("round", "shard", "number")
    if up_to is not None:
        rows = rows.filter(round__number__lte=up_to)
    if only is not None:
        rows = rows.filter(round__number=only)
    grouped: dict[tuple[int, int, int], dict[str, Attempt]] = defaultdict(dict)
    for row in rows:
        grouped[row.round.number, row.shard, row.number][row.arm] = row
    readings = readings_of([row.pk for arms in grouped.values() for row in arms.values()])
    dtypes = dtypes_of(night)
    return [_measured(key, arms, readings, dtypes) for key, arms in sorted(grouped.items())]


SAMPLE_FIELDS = ("wall_ns", "cpu_ns", "device_ns", "sentinel_ns", "measurement__sentinel_wall_ns", "error")


def readings_of(attempt_ids: Collection[int]) -> dict[int, dict[str, Reading]]:
    """Return what each attempt measured: attempt → point → reading."""
    found: dict[int, dict[str, Reading]] = defaultdict(dict)
    rows = Sample.objects.filter(attempt_id__in=attempt_ids).values_list("attempt_id", "point", *SAMPLE_FIELDS)
    for attempt_id, point, *values in rows:
        found[attempt_id][point] = Reading(*values)
    return found


def _measured(
    key: tuple[int, int, int],
    arms: Mapping[str, Attempt],
    readings: Mapping[int, Mapping[str, Reading]],
    dtypes: Mapping[str, str],
) -> Measured:
    of_arm: dict[Arm, Mapping[str, Reading]] = {a: readings.get(arms[a].pk, {}) for a in ARMS if a in arms}
    voided = any(row.void_reason for row in arms.values())
    runs = {arm: None if voided or arm not in arms else _run(arms[arm], of_arm[arm]) for arm in ARMS}
    outcome = rounds.Attempt(runs["baseline"], runs["candidate"], dtypes)
    first: Arm = "candidate" if any(a == "candidate" and row.position == 0 for a, row in arms.items()) else "baseline"
    flags = tuple(sorted({flag for row in arms.values() for flag in row.flags}))
    return Measured(*key, outcome, of_arm, first, flags)


def _run(row: Attempt, readings: Mapping[str, Reading]) -> ArmRun | None:
    """Return what a process did with its points; None where it was not run to an end by the build's own doing."""
    if row.ended in OUTSIDE:
        return None
    failed = {failure["point"]: failure["reason"] for failure in row.failures}
    errors = {point: reading.error for point, reading in readings.items()}
    return ArmRun(tuple(row.points), errors, failed, row.ended, row.last_point or None)


def pairs_in(attempts: Iterable[Measured]) -> list[Pair]:
    """Return the pairs that count, at most one a point and round, in order of round and point."""
    grouped: dict[tuple[int, int], list[Measured]] = defaultdict(list)
    for attempt in attempts:
        grouped[attempt.round, attempt.shard].append(attempt)
    found = [_pair(point, group[index]) for group in grouped.values() for point, index in _complete(group)]
    return sorted(found, key=lambda pair: (pair.round, pair.point))


def _complete(group: Sequence[Measured]) -> Iterable[tuple[str, int]]:
    return rounds.complete([attempt.outcome for attempt in group]).items()


def _pair(point: str, attempt: Measured) -> Pair:
    baseline, candidate = (attempt.readings[arm][point] for arm in ARMS)
    return Pair(attempt.round, point, attempt.shard, attempt.number, attempt.first, baseline, candidate, attempt.flags)


REASONS = {
    "crash": "its process crashed",
    "timeout": "it did not finish in time",
    "out_of_memory": "it ran out of memory",
    "garbage": "its process wrote what the protocol does not know",
    "error": "it raised an error",
    "numerics": "its result is wrong by more than twice the baseline's error against float64",
    "unsupported": "it cannot be measured there",
    "invalid_timing": "its time is shorter than the device can be",
}


def in_words(reason: str) -> str:
    """Write the reasons in a harness's answer as people say them."""
    for name, words in REASONS.items():
        reason = re.sub(rf"\b{name}\b", words, reason)
    return reason


@dataclass(frozen=True)
class Stop:
    """A point that is not measured any further, since when, and why."""

    point: str
    round: int
    arm: Any  # "candidate", "baseline" or "both"
    reason: str


def stops_in(attempts: Sequence[Measured]) -> list[Stop]:
    """Return the points that broke, or that no attempt can measure, each with the round in which that was certain."""
    found: dict[str, Stop] = {}
    for number in sorted({attempt.round for attempt in attempts}):
        so_far = [attempt.outcome for attempt in attempts if attempt.round <= number]
        for point, breakage in rounds.breakages(so_far).items():
            found.setdefault(point, Stop(point, number, breakage.arm, in_words(breakage.reason)))
        for point, reason in _unmeasurable([a.outcome for a in attempts if a.round == number]).items():
            found.setdefault(point, Stop(point, number, "both", reason))
    return sorted(found.values(), key=lambda stop: (stop.round, stop.point))


def _unmeasurable(of_round: Sequence[rounds.Attempt]) -> dict[str, str]:
    """Return the points that a round gave up for a reason that speaks against no build: point → in words."""
    reasons: dict[str, str] = {}
    for point in rounds.given_up(of_round) - set(rounds.complete(of_round)):
        said = {arm: [a.reasons(arm)[point] for a in of_round if point in a.reasons(arm)] for arm in ARMS}
        if not any(reason in rounds.BREAKING for words in said.values() for reason in words):
            reasons[point] = "; ".join(f"{arm}: {in_words(words[-1])}" for arm, words in said.items() if words)
    return reasons

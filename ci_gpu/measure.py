"""Measure one prepared call: warm up until steady, then time it in turn with the sentinel."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from ci_gpu.sentinel import Sentinel
from ci_gpu.timers import Batch, Call, Timer, wall_ns

BATCH_NS = 2_000_000  # long against the clocks' grain, short against the machine's moods
WARM_SHARE = 0.35  # of a point's time, at most, goes to warming up
WINDOW = 4  # batches compared with as many before them
STEADY = 0.02
LEAST = 5  # batches timed even when the time is spent
MOST_DURATIONS = 50  # sent with a sample


@dataclass(frozen=True)
class Measurement:
    """What one process measured at one point."""

    batches: tuple[Batch, ...]
    sentinel_cpu_ns: tuple[int, ...]
    sentinel_wall_ns: tuple[int, ...]
    calls_per_batch: int
    warmups: int
    steady: bool


def calls_for(call: Call, timer: Timer, target_ns: int = BATCH_NS) -> int:
    """Return how many calls fill one batch, found by doubling."""
    calls = 1
    while calls < timer.most_calls:
        taken = timer.batch(call, calls).wall_ns * calls
        if taken >= target_ns / 2:
            return min(timer.most_calls, max(1, round(calls * min(target_ns / taken, 2))))
        calls *= 2
    return timer.most_calls


def is_steady(durations: Sequence[float]) -> bool:
    """Say whether the last batches were as fast as those before them."""
    if len(durations) < 2 * WINDOW:
        return False
    before = statistics.median(durations[-2 * WINDOW : -WINDOW])
    after = statistics.median(durations[-WINDOW:])
    return abs(before - after) <= STEADY * after


def _warm_up(call: Call, timer: Timer, calls: int, until: int) -> tuple[int, bool]:
    durations: list[float] = []
    while not is_steady(durations):
        if wall_ns() >= until and len(durations) >= 2:
            return len(durations), False
        durations.append(timer.batch(call, calls).cpu_ns)
    return len(durations), True


def measure(call: Call, timer: Timer, sentinel: Sentinel, budget_s: float) -> Measurement:
    """Return the batches of a call timed for about `budget_s`, garbage collection held back meanwhile."""
    call()  # the first call may import and compile, which is not what is timed
    gc.collect()
    gc.disable()
    try:
        started = wall_ns()
        calls = calls_for(call, timer)
        warmups, steady = _warm_up(call, timer, calls, started + int(budget_s * WARM_SHARE * 1e9))
        batches, cpu, wall = _timed(call, timer, sentinel, calls, started + int(budget_s * 1e9))
    finally:
        gc.enable()
    return Measurement(tuple(batches), tuple(cpu), tuple(wall), calls, warmups, steady)


def _timed(
    call: Call, timer: Timer, sentinel: Sentinel, calls: int, until: int
) -> tuple[list[Batch], list[int], list[int]]:
    batches: list[Batch] = []
    cpu: list[int] = []
    wall: list[int] = []
    while len(batches) < LEAST or wall_ns() < until:
        batches.append(timer.batch(call, calls))
        sentinel_cpu, sentinel_wall = sentinel.time()
        cpu.append(max(1, sentinel_cpu))
        wall.append(max(1, sentinel_wall))
    return batches, cpu, wall


def spread(durations: Sequence[float]) -> float | None:
    """Return the relative spread: the interquartile range as a standard deviation of a normal, over the median."""
    if len(durations) < 4:
        return None
    low, middle, high = statistics.quantiles(durations, n=4)
    return (high - low) / 1.349 / middle


def skew(durations: Sequence[float]) -> float | None:
    """Return Bowley's skewness of the quartiles, -1 to 1: above 0 where the slow side is longer."""
    if len(durations) < 4:
        return None
    low, middle, high = statistics.quantiles(durations, n=4)
    return max(-1.0, min(1.0, (high + low - 2 * middle) / (high - low))) if high > low else 0.0


def thinned(durations: Sequence[float]) -> list[int]:
    """Return at most fifty of the durations, evenly taken in their order, in whole nanoseconds."""
    step = max(1, -(-len(durations) // MOST_DURATIONS))
    return [round(duration) for duration in durations[::step]]


def sample_fields(measured: Measurement) -> dict[str, object]:
    """Return the part of a sample message that comes from timing alone."""
    wall = [batch.wall_ns for batch in measured.batches]
    return {
        "wall_ns": statistics.median(wall),
        "cpu_ns": statistics.median(batch.cpu_ns for batch in measured.batches),
        "device_ns": _median([batch.device_ns for batch in measured.batches]),
        "host_ns": _median([batch.host_ns for batch in measured.batches]),
        "sentinel_ns": statistics.median(measured.sentinel_cpu_ns),
        "sentinel_wall_ns": statistics.median(measured.sentinel_wall_ns),
        "iterations": len(wall) * measured.calls_per_batch,
        "warmups": measured.warmups * measured.calls_per_batch,
        "steady": measured.steady,
        "durations_ns": thinned(wall),
        "spread": spread(wall),
        "skew": skew(wall),
    }


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None

"""Time a call on a processor: wall clock and CPU clock.

`Batch` is what every timer returns, per call. The clocks are taken when this module is imported, which the
child does before it imports the framework: a build that replaces `time.perf_counter` does not reach them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

wall_ns = time.perf_counter_ns
cpu_ns = time.process_time_ns

Call = Callable[[], object]


@dataclass(frozen=True)
class Batch:
    """What a number of calls took, per call."""

    wall_ns: float
    cpu_ns: float
    device_ns: float | None = None
    host_ns: float | None = None  # until the work was handed to the device


class Timer(Protocol):
    """Something that can time a batch of calls, up to so many at a time."""

    most_calls: int

    def batch(self, call: Call, calls: int) -> Batch: ...


class CpuTimer:
    """Wall and CPU time of calls that have done their work when they return."""

    most_calls = 1 << 16

    def batch(self, call: Call, calls: int) -> Batch:
        """Return the time per call; CPU time is that of all threads of the process."""
        turns = range(calls)
        wall, cpu = wall_ns(), cpu_ns()
        for _ in turns:
            call()
        cpu, wall = cpu_ns() - cpu, wall_ns() - wall
        return Batch(max(wall, 1) / calls, max(cpu, 1) / calls)

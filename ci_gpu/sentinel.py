"""Time a fixed piece of work that no build under test can change.

The C library computes one Bessel function by a recurrence of sixty thousand steps: the same instructions in both arms
whatever framework or interpreter they carry, next to no memory, no branch that could be guessed wrong. How long it
takes says how fast the processor was just then; it is timed in turn with the point. (Sorting strings was tried first
and differed by 7 % from process to process on a quiet machine; this differs by 0.7 %.)
"""

from __future__ import annotations

import ctypes
import time
from typing import Any

# Taken before a framework is imported, so that a build that replaces time.* does not reach them.
_wall_ns = time.perf_counter_ns
_cpu_ns = time.process_time_ns

STEPS, ARGUMENT = 60_000, 200_000.0  # more than the steps: the recurrence then runs forward, one step each


def _bessel() -> Any:
    """Return the C library's `jn`, from wherever this system keeps it."""
    for name in (None, "libm.so.6", "libm.so", "libSystem.dylib"):
        try:
            function = ctypes.CDLL(name).jn
        except (OSError, AttributeError):
            continue
        function.restype, function.argtypes = ctypes.c_double, (ctypes.c_int, ctypes.c_double)
        return function
    raise OSError("this system's C library has no jn")


_work = _bessel()


class Sentinel:
    """The fixed work, ready to be done again and again."""

    def work(self) -> float:
        """Do it once and return what came out."""
        return float(_work(STEPS, ARGUMENT))

    def time(self) -> tuple[int, int]:
        """Return the CPU and the wall nanoseconds of one piece of work.

        A little of it is done before, untimed: else the state that the point left the processor in would be timed.
        """
        _work(STEPS // 8, ARGUMENT)
        wall, cpu = _wall_ns(), _cpu_ns()
        self.work()
        return _cpu_ns() - cpu, _wall_ns() - wall

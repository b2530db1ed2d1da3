"""Points in plain Python, for the suite `selftest`: a whole night in seconds, with any bundle and without a framework.

It answers whether an installation can run nights at all. SELFTEST_SLOWDOWN names a kernel that then does its work three
times, so that a bundle that carries it is really slower at that point.
"""

from __future__ import annotations

import math
import os
import platform
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ci_gpu import memory
from ci_gpu.catalogue import Variant, device_kind
from ci_gpu.timers import CpuTimer, Timer

SLOWDOWN = "SELFTEST_SLOWDOWN"
Sizes = Mapping[str, int]
Pair = tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True)
class Source:
    """Where a kernel draws its inputs."""

    device: str
    dtype: str
    seed: int

    def numbers(self, n: int) -> list[float]:
        drawn = random.Random(self.seed)  # noqa: S311 (inputs, not secrets)
        return [drawn.random() for _ in range(n)]


@dataclass(frozen=True)
class Kernel:
    """How a point is prepared for timing, and what it gave beside what it should have given."""

    prepare: Callable[[Sizes, Source], Callable[[], object]]
    check: Callable[[Source], Pair] | None


def _kernel(name: str, work: Callable[[list[float]], object], check: Callable[[Source], Pair] | None = None) -> Kernel:
    """Return a kernel whose work is done thrice where the environment names it."""

    def prepare(sizes: Sizes, source: Source) -> Callable[[], object]:
        values = source.numbers(sizes["n"])
        turns = range(3 if os.environ.get(SLOWDOWN) == name else 1)
        return lambda: [work(values) for _ in turns]

    return Kernel(prepare, check)


def _sum_check(source: Source) -> Pair:
    values = source.numbers(64)
    return [sum(values)], [math.fsum(values)]


KERNELS: Mapping[str, Kernel] = {
    "sum": _kernel("sum", sum, _sum_check),
    "sort": _kernel("sort", sorted),
    "table": _kernel("table", lambda values: dict.fromkeys(values, 0)),
    "square": _kernel("square", lambda values: [value * value for value in values]),
}


def settle(threads: int) -> None:
    """Set what every point is measured under: nothing, plain Python has one thread."""


def facts(device: str) -> dict[str, object]:
    """Return what stands in a framework's place."""
    return {"name": "python", "version": platform.python_version(), "cpu_capability": "none", "device": None}


def has(device: str) -> bool:
    """Say whether the device can be used: only the processor."""
    return device_kind(device) == "cpu"


def device_uuid(device: str) -> str | None:
    return None


def timer_for(variant: Variant, device: str) -> Timer:
    return CpuTimer()


def reset_peak(device: str) -> None:
    memory.reset_peak()


def peak_bytes(device: str, timer: Timer) -> int | None:
    return memory.peak_bytes()


def is_fatal(error: BaseException) -> bool:
    return False

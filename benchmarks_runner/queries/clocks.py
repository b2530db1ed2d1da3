"""The clocks that can judge a point: what each reads off a sample, and which come into question on a device."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """The times of one sample, in nanoseconds per call, and its error against float64."""

    wall_ns: float
    cpu_ns: float
    device_ns: float | None = None
    sentinel_ns: float | None = None
    sentinel_wall_ns: float | None = None
    error: float | None = None


def _ratio(value: float, sentinel: float | None) -> float | None:
    return value / sentinel if sentinel else None


CLOCKS: Mapping[str, Callable[[Reading], float | None]] = {
    "cpu": lambda r: r.cpu_ns,
    "cpu/sentinel": lambda r: _ratio(r.cpu_ns, r.sentinel_ns),
    "wall": lambda r: r.wall_ns,
    "wall/sentinel": lambda r: _ratio(r.wall_ns, r.sentinel_wall_ns),
    "device": lambda r: r.device_ns,
}

# In order of preference: a later one is chosen only where it is clearly quieter (stats.choose_clock).
# On a GPU the CPU's time says nothing of asynchronous work; where a point has no device time, its host waits for it.
OF_DEVICE = {"cpu": ("cpu", "cpu/sentinel", "wall", "wall/sentinel"), "cuda": ("device", "wall", "wall/sentinel")}

IN_WORDS = {
    "cpu": "CPU time",
    "cpu/sentinel": "CPU time over that of the sentinel kernel",
    "wall": "wall time",
    "wall/sentinel": "wall time over that of the sentinel kernel",
    "device": "device time",
    "": "not chosen yet",
}


def read(reading: Reading, clock: str) -> float | None:
    """Return what a clock says of a sample: nanoseconds, or a bare number where the sentinel divides; None without."""
    value = CLOCKS[clock](reading)
    return value if value is not None and value > 0 else None


def candidates(kind: str) -> tuple[str, ...]:
    """Return the clocks that come into question on a kind of device, in order of preference."""
    return OF_DEVICE.get(kind, OF_DEVICE["cpu"])

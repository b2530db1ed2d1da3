"""Each quantity that pages show, registered once: name, unit, direction, range and formatter."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

MISSING = "–"


@dataclass(frozen=True)
class Quantity:
    """One measured quantity, as pages and files call it."""

    key: str
    name: str
    unit: str
    better: Literal["lower", "higher", "neither"]
    low: float
    high: float
    format: Callable[[float], str]


def significant(value: float, digits: int = 2) -> str:
    """Write a number with so many significant figures, without an exponent."""
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}"


def duration(seconds: float) -> str:
    """Write a span of time as people say it: 42 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 10 and seconds != round(seconds):
        return f"{significant(seconds)} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def nanoseconds(value: float) -> str:
    """Write a measured time with the unit that keeps it between 1 and 1000, to four figures."""
    for limit, divisor, unit in ((1e3, 1, "ns"), (1e6, 1e3, "µs"), (1e9, 1e6, "ms"), (math.inf, 1e9, "s")):
        if abs(value) < limit:
            return f"{value / divisor:.4g} {unit}"
    return MISSING


def size(value: float) -> str:
    """Write a number of bytes with the unit that keeps it readable (powers of 1000)."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(value) < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"


def count(value: float, of: str = "") -> str:
    """Write a large count of operations, and of which where it is said: 2.1 G, 2.1 GFLOP, 1 FLOP."""
    for prefix in ("", "k", "M", "G"):
        if abs(value) < 1000:
            return f"{value:.3g} {prefix}{of}".rstrip()
        value /= 1000
    return f"{value:.3g} T{of}"


def percent(value: float) -> str:
    """Write a fraction as a percentage with two significant figures."""
    return f"{significant(100 * value)} %"


def ratio(log_ratio: float, low: float | None = None, high: float | None = None) -> str:
    """Write a ln ratio as a ratio: two significant figures, more where the interval earns them.

    The interval alone says how many decimals, so that an estimate and the ends of its interval line up.
    """
    value = math.exp(log_ratio)
    if low is None or high is None or not high > low:
        return significant(value)
    return f"{value:.{_decimals(low, high)}f}"


def _decimals(low: float, high: float) -> int:
    """Return the fewest decimals that tell the ends of an interval apart, and each of them from 1."""
    ends = (math.exp(low), math.exp(high))
    decimals = min(3, max(1, math.floor(-math.log10(ends[1] - ends[0])) + 1))
    while decimals < 3 and any(round(end, decimals) == 1 for end in ends):
        decimals += 1
    return decimals


def change(log_ratio: float) -> str:
    """Say a ln ratio as a reader would: 4.6 × slower, 2.1 % faster, as fast."""
    value = math.exp(abs(log_ratio))
    word = "slower" if log_ratio > 0 else "faster"
    if value < 1.0005:
        return "as fast"
    if value < 1.5:
        return f"{significant(100 * (value - 1))} % {word}"
    return f"{significant(value)} × {word}"


QUANTITIES = {
    quantity.key: quantity
    for quantity in (
        Quantity("wall_ns", "wall time per call", "ns", "lower", 0, math.inf, nanoseconds),
        Quantity("cpu_ns", "CPU time per call, all threads", "ns", "lower", 0, math.inf, nanoseconds),
        Quantity("device_ns", "device time per call", "ns", "lower", 0, math.inf, nanoseconds),
        Quantity("sentinel_ns", "CPU time of the sentinel kernel", "ns", "neither", 0, math.inf, nanoseconds),
        Quantity("peak_memory_bytes", "peak memory", "bytes", "lower", 0, math.inf, size),
        Quantity("roofline_fraction", "fraction of the roofline", "", "higher", 0, 1.1, percent),
        Quantity("error", "largest relative error against float64", "", "lower", 0, math.inf, lambda v: f"{v:.2g}"),
        Quantity("estimate", "candidate / baseline", "ratio", "lower", -math.inf, math.inf, ratio),
        Quantity("scale", "A/A scale", "ln ratio", "lower", 0, math.inf, percent),
        Quantity("margin", "margin", "ln ratio", "lower", 0, 0.1, percent),
    )
}

"""Bound a time from below by what the machine can do, and say when the bound means something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ci_gpu.catalogue import Variant

TOO_FAST = 1.05  # above this fraction of the bound a measurement is impossible, where the bound binds
RESIDENT = 4  # data up to this many last-level caches may be served by them, so bandwidth does not bind


@dataclass(frozen=True)
class Roofline:
    """The fraction of the bound that a time reached, and whether the bound really binds at this point."""

    fraction: float | None
    valid: bool

    @property
    def impossible(self) -> bool:
        return self.valid and self.fraction is not None and self.fraction > TOO_FAST


def rate_name(variant: Variant) -> str:
    """Return the calibrated rate that bounds a point's operations."""
    return f"convolution.{variant.dtype}" if variant.bound == "convolution" else variant.dtype


def roofline(variant: Variant, taken_ns: float, calibration: Mapping[str, Any] | None) -> Roofline:
    """Return t*/t with t* = max(F / P, B / bandwidth); nothing where the machine is not calibrated for it."""
    if calibration is None:
        return Roofline(None, False)
    rate = calibration.get("flops_per_s", {}).get(rate_name(variant))
    bandwidth = calibration.get("bandwidth_bytes_per_s")
    if not rate or not bandwidth:
        return Roofline(None, False)
    compute_ns, memory_ns = variant.flops / rate * 1e9, variant.bytes / bandwidth * 1e9
    binds = compute_ns >= memory_ns or _exceeds_caches(variant, calibration)
    return Roofline(max(compute_ns, memory_ns) / taken_ns, binds and variant.bound != "host")


def fits(calibration: Mapping[str, Any] | None, machine: object, device: str, threads: int) -> bool:
    """Say whether a calibration is this machine's, for this device and as many threads; what it leaves out fits."""
    own = {"machine": machine, "device": device, "threads": threads}
    return calibration is not None and all(calibration.get(name, value) == value for name, value in own.items())


def _exceeds_caches(variant: Variant, calibration: Mapping[str, Any]) -> bool:
    cache = calibration.get("llc_bytes")
    return bool(cache) and variant.bytes > RESIDENT * int(cache or 0)

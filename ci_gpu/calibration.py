"""Find out how fast this machine is at its best: operations a second for each dtype, bytes a second, cache size.

The reference points run in the ordinary supervised child, so a calibration sees what a measurement sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ci_gpu import catalogue, fingerprint
from ci_gpu.supervisor import Interpreter, Order, Outcome, deadline_for, run_order

FORMAT = "flamekeeper-calibration/1"
BUDGET_S = 1.0


class CalibrationError(RuntimeError):
    """The reference points could not all be measured."""


def calibrate(
    interpreter: Interpreter,
    *,
    device: str = "cpu",
    threads: int = 1,
    on_start: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Return the calibration of a device under one (pinned) build; CalibrationError where a point gave nothing.

    `on_start` hears the process group, `cancelled` is asked whether to end it: both as in `run_order`.
    """
    kind = catalogue.device_kind(device)
    points = tuple(p.id for p in catalogue.CALIBRATION.values() if kind in p.variants)
    order = Order(points, seed=1, device=device, threads=threads, budget_s=BUDGET_S)
    deadline_s = 2 * deadline_for(order)
    outcome = run_order(interpreter, order, deadline_s=deadline_s, on_start=on_start, cancelled=cancelled)
    if outcome.ended != "done" or outcome.failures:
        raise CalibrationError(_why(outcome))
    return _document(outcome, device, threads)


def _why(outcome: Outcome) -> str:
    failed = [f"{failure['point']}: {failure['message']}" for failure in outcome.failures]
    last = outcome.stderr_tail.strip().splitlines()[-1:]
    return "; ".join(failed or [outcome.detail, *last])


def _document(outcome: Outcome, device: str, threads: int) -> dict[str, Any]:
    fingerprinted = outcome.fingerprint or {}
    return {
        "format": FORMAT,
        "device": device,
        "threads": threads,
        "flops_per_s": _rates(outcome.samples, device, threads),
        "bandwidth_bytes_per_s": _bandwidth(outcome.samples, device, threads),
        "llc_bytes": _last_level_cache(fingerprinted),
        "machine": fingerprinted["digest"]["machine"],
        "build": fingerprinted["digest"]["build"],
        "framework": fingerprinted["framework"],
    }


def best_ns(sample: Mapping[str, Any], threads: int) -> float:
    """Return the shortest time a call took: what others took from the machine meanwhile is not its own limit."""
    if sample["device_ns"] is not None:
        return float(sample["device_ns"])
    shortest = float(min(sample["durations_ns"]))
    return min(shortest, sample["cpu_ns"]) if threads == 1 else shortest


def _rates(samples: Iterable[Mapping[str, Any]], device: str, threads: int) -> dict[str, float]:
    rates: dict[str, float] = {}
    for sample in samples:
        variant = catalogue.CALIBRATION[sample["point"]].on(device)
        if variant.bound != "bandwidth":
            name = f"convolution.{variant.dtype}" if variant.bound == "convolution" else variant.dtype
            rates[name] = max(rates.get(name, 0.0), sample["flops"] / best_ns(sample, threads) * 1e9)
    return rates


def _bandwidth(samples: Iterable[Mapping[str, Any]], device: str, threads: int) -> float:
    moved = (s for s in samples if catalogue.CALIBRATION[s["point"]].on(device).bound == "bandwidth")
    return max(float(s["bytes"] / best_ns(s, threads) * 1e9) for s in moved)


def _last_level_cache(fingerprinted: Mapping[str, Any]) -> int | None:
    device = fingerprinted["framework"].get("device")
    return int(device["l2_bytes"]) if device else fingerprint.last_level_cache_bytes()

"""The measured process: one order in, one line for each thing that happens out.

Started by the supervisor under a bundle's own interpreter as a plain file, so that nothing but this package
comes with it: neither the site's code nor its dependencies can be imported from here.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def _find_own_package() -> None:
    """Make `ci_gpu` importable without putting the folder around it on the path."""
    folder = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(
        "ci_gpu", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec
    assert spec.loader
    package = importlib.util.module_from_spec(spec)
    sys.modules["ci_gpu"] = package
    spec.loader.exec_module(package)


if __name__ == "__main__" and "ci_gpu" not in sys.modules:
    _find_own_package()

from ci_gpu import catalogue, faults, fingerprint, lifeline, memory, nvml, protocol  # noqa: E402
from ci_gpu.measure import measure, sample_fields  # noqa: E402
from ci_gpu.roofline import fits, roofline  # noqa: E402
from ci_gpu.sentinel import Sentinel  # noqa: E402
from ci_gpu.timers import Timer, wall_ns  # noqa: E402

OUT_OF_MEMORY, SPOILED, BAD_ORDER = 3, 4, 64

# How far from float64 an output may be before it is wrong whatever the baseline says (relative to the largest value).
# Whether a candidate is worse than its baseline is asked of both, in ci_gpu/rounds.py.
GROSS = {"float64": 1e-12, "float32": 1e-4, "float16": 2e-2, "bfloat16": 1e-1, "tf32": 1e-2}


class Line:
    """The supervisor's end of the line: a private descriptor that a printing framework cannot reach."""

    def __init__(self) -> None:
        self.descriptor = os.dup(1)
        os.dup2(2, 1)

    def say(self, kind: str, **fields: object) -> None:
        self.write(protocol.encode(kind, **fields))

    def write(self, line: bytes) -> None:
        while line:
            line = line[os.write(self.descriptor, line) :]


@dataclass(frozen=True)
class Order:
    """What to measure, as the supervisor asked for it."""

    points: tuple[str, ...]
    seed: int
    device: str
    threads: int
    budget_s: float
    calibration: Mapping[str, Any] | None
    fault: faults.Fault | None

    @classmethod
    def read(cls, line: bytes) -> Order:
        """Return the order in one line; ValueError where it is none."""
        plain = json.loads(line)
        if plain.get("protocol") != protocol.VERSION:
            raise ValueError(f"protocol {plain.get('protocol')!r}, expected {protocol.VERSION}")
        catalogue.device_kind(plain["device"])
        return cls(
            points=tuple(plain["points"]),
            seed=int(plain["seed"]),
            device=plain["device"],
            threads=int(plain["threads"]),
            budget_s=float(plain["budget_s"]),
            calibration=plain.get("calibration"),
            fault=faults.Fault.wanted(plain.get("fault")),
        )


class Session:
    """One process's way through its points."""

    def __init__(self, order: Order, line: Line) -> None:
        self._order, self._line = order, line
        self._device, self._kernels, self._source_of = _framework(order.points)
        self._device.settle(order.threads)
        gc.freeze()  # what the framework brought stays; collecting it again before each point would cost seconds
        self._sentinel = Sentinel()
        self._uuid: str | None = None
        self._calibration: Mapping[str, Any] | None = None

    def greet(self) -> None:
        """Say what this machine, interpreter and framework are."""
        if not self._device.has(self._order.device):
            raise ValueError(f"this build finds no device {self._order.device}")
        self._uuid = self._device.device_uuid(self._order.device)
        machine, interpreter = fingerprint.machine(), fingerprint.interpreter()
        if fits(self._order.calibration, machine["digest"], self._order.device, self._order.threads):
            self._calibration = self._order.calibration
        framework = self._device.facts(self._order.device)
        build = fingerprint.of_build(interpreter, framework, _bundle_variables())
        digests = {"machine": machine["digest"], "build": build}
        parts = {"machine": machine, "interpreter": interpreter, "framework": framework, "digest": digests}
        self._line.say("hello", fingerprint=parts)

    def run(self, point: str) -> None:
        """Measure one point and say so, or say why not; SystemExit where nothing after it could be trusted."""
        self._line.say("start", point=point)
        fault = self._order.fault if self._order.fault and self._order.fault.point == point else None
        try:
            if fault:
                fault.strike(self._line)
            self._line.say("sample", **self._sample(catalogue.find(point), fault))
        except Refused as refused:
            self._line.say("failure", point=point, reason=refused.reason, message=str(refused))
        except Exception as error:  # whatever a build raises is what is measured: it becomes the point's failure
            self._fail(point, error)

    def _fail(self, point: str, error: Exception) -> None:
        short = memory.is_out_of_memory(error)
        message = protocol.clean(f"{type(error).__name__}: {error}"[:2000])
        self._line.say("failure", point=point, reason="out_of_memory" if short else "error", message=message)
        if short:
            raise SystemExit(OUT_OF_MEMORY) from error
        if self._device.is_fatal(error):
            raise SystemExit(SPOILED) from error

    def _sample(self, point: catalogue.Point, fault: faults.Fault | None) -> dict[str, object]:
        order, device = self._order, self._order.device
        if catalogue.device_kind(device) not in point.variants:
            raise Refused("unsupported", f"{point.id} is not measured on {device}")
        variant, kernel = point.on(device), self._kernels[point.kernel]
        seed = _seed(order.seed, point.id)
        error = self._error(kernel, variant, seed, fault)
        self._device.reset_peak(device)
        before = nvml.telemetry(self._uuid)
        timer = self._device.timer_for(variant, device)
        call = kernel.prepare(variant.sizes, self._source(variant, seed))
        measured = sample_fields(measure(call, timer, self._sentinel, order.budget_s))
        peak = self._device.peak_bytes(device, timer)
        bound = roofline(variant, _taken(measured), self._calibration)
        if bound.impossible:
            raise Refused("invalid_timing", f"{bound.fraction:.2f} times as fast as this machine can be")
        return {
            "point": point.id,
            **measured,
            "flops": variant.flops,
            "bytes": variant.bytes,
            "roofline_fraction": bound.fraction,
            "roofline_valid": bound.valid,
            "error": error,
            "peak_memory_bytes": peak,
            "telemetry": _telemetry(before, nvml.telemetry(self._uuid), timer),
        }

    def _source(self, variant: catalogue.Variant, seed: int) -> Any:
        return self._source_of(self._order.device, variant.dtype, seed)

    def _error(self, kernel: Any, variant: catalogue.Variant, seed: int, fault: faults.Fault | None) -> float | None:
        """Return how far a small output is from float64; Refused where it is plainly wrong."""
        from ci_gpu.points.references import relative_error

        if kernel.check is None:
            return None
        got, want = kernel.check(self._source(variant, seed))
        error = relative_error(fault.distorted(got) if fault else got, want)
        allowed = GROSS[_arithmetic(variant)]
        if error > allowed:
            raise Refused("numerics", f"error {error:.3g} against float64, allowed {allowed:.3g}")
        return error


def _framework(points: Sequence[str]) -> tuple[Any, Any, Any]:
    """Import what measures these points: its device, its kernels, its source of inputs.

    Only here does the framework come in: everything above has taken its clocks already.
    """
    if points and not any(catalogue.find(point).frameworks for point in points):
        from ci_gpu.points import plain

        return plain, plain.KERNELS, plain.Source
    from ci_gpu.points import pytorch
    from ci_gpu.points.pytorch import device, kernel

    return device, pytorch.KERNELS, kernel.Source


class Refused(Exception):
    """A point that gave no sample for a reason the protocol names."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def _seed(seed: int, point: str) -> int:
    """Return a point's own seed: the same in every process that has the same order (`hash` would not be)."""
    return int(fingerprint.digest([seed, point]), 16) % 2**48


def _arithmetic(variant: catalogue.Variant) -> str:
    """Return in what a point is computed: on GPUs cuDNN rounds float32 convolutions to TF32 unless told not to."""
    tf32 = variant.bound == "convolution" and variant.dtype == "float32" and variant.timer == "device"
    return "tf32" if tf32 else variant.dtype


def _taken(measured: Mapping[str, Any]) -> float:
    """Return the time that the bound is held against: the device's own where there is one."""
    return float(measured["device_ns"] or measured["wall_ns"])


def _telemetry(before: object, after: object, timer: Timer) -> dict[str, object] | None:
    """Return the device's state around the measurement, None where there is no device to ask."""
    ahead = getattr(timer, "queued_ahead", None)
    if before is None and after is None and ahead is None:
        return None
    return {"before": before, "after": after, "queued_ahead": ahead}


def _bundle_variables() -> dict[str, str]:
    """Return the bundle's own variables, whose names the supervisor handed over."""
    names = os.environ.get("FLAMEKEEPER_VARIABLES", "")
    return {name: os.environ.get(name, "") for name in names.split(",") if name}


def _measure(points: Sequence[str], session: Session) -> None:
    session.greet()
    for point in points:
        session.run(point)


def main() -> int:
    """Carry out the order on standard input."""
    started, parent = wall_ns(), os.getppid()
    received = lifeline.read_order()
    lifeline.die_with_parent(parent)
    line = Line()
    try:
        order = Order.read(received)
        [catalogue.find(point) for point in order.points]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"bad order: {error!r}", file=sys.stderr)  # noqa: T201 (standard error is what the supervisor keeps)
        return BAD_ORDER
    _measure(order.points, Session(order, line))
    line.say("done", seconds=(wall_ns() - started) / 1e9)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Measure points once, in one fresh process."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ci_gpu import catalogue
from ci_gpu.commands import arguments
from ci_gpu.supervisor import Interpreter, Order, Outcome, deadline_for, run_order

FORMAT = "flamekeeper-run/1"


def describe(parser: argparse.ArgumentParser) -> None:
    arguments.add_selection(parser)
    parser.add_argument("--point", action="append", default=[], metavar="ID", help="only this point (may be repeated)")
    arguments.add_device(parser)
    parser.add_argument("--python", help="the interpreter that has the framework (default: this one)")
    parser.add_argument("--env", action="append", default=[], metavar="VAR=value", help="a variable of the build")
    parser.add_argument("--seed", type=int, default=1, help="from which inputs are drawn (default: 1)")
    arguments.add_calibration(parser)
    parser.add_argument("--output", type=Path, metavar="FILE", help="also write the JSON document here")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(chosen: argparse.Namespace) -> int:
    interpreter = Interpreter(arguments.python(chosen.python), arguments.variables(chosen.env))
    order = _order(chosen)
    output = arguments.writable(chosen.output)
    on_message = None if chosen.json else _print_message
    try:
        outcome = run_order(interpreter, order, deadline_s=deadline_for(order), on_message=on_message)
    except OSError as error:
        raise ValueError(f"{interpreter.python} cannot be started: {error.strerror}") from error
    _check_started(outcome)
    document = json.dumps(_document(outcome, order), indent=None if chosen.json else 2)
    # Shown before it is kept: a disk that is full by now must not take what was measured.
    print(document if chosen.json else f"{outcome.ended} in {outcome.seconds:.1f} s: {outcome.detail}", flush=True)
    arguments.keep(output, document)
    return 0 if outcome.ended == "done" and not outcome.failures else 1


def _order(chosen: argparse.Namespace) -> Order:
    device = arguments.device(chosen)
    budget_s = arguments.budget(chosen)
    calibration = arguments.calibrated(chosen)
    seed = arguments.seed(chosen.seed)
    return Order(_points(chosen, device), seed, device, chosen.threads, calibration, budget_s)


def _points(chosen: argparse.Namespace, device: str) -> tuple[str, ...]:
    """Return the points asked for, or the suite's that this device can measure."""
    unknown = [point for point in chosen.point if point not in catalogue.POINTS]
    if unknown:
        raise ValueError(f"unknown point {unknown[0]!r}; `python3 -m ci_gpu list` shows them")
    kind = catalogue.device_kind(device)
    return tuple(chosen.point) or tuple(p.id for p in arguments.suite(chosen).points if kind in p.variants)


def _check_started(outcome: Outcome) -> None:
    """Refuse an interpreter that never said what it is: it lacks the framework or the device."""
    if outcome.fingerprint is None and outcome.ended != "timeout":
        lines = [line for line in outcome.stderr_tail.strip().splitlines() if line.strip()]
        raise ValueError(f"the interpreter could not begin: {lines[-1] if lines else outcome.detail}")


def _document(outcome: Outcome, order: Order) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "device": order.device,
        "threads": order.threads,
        "seed": order.seed,
        "ended": outcome.ended,
        "last_point": outcome.last_point,
        "detail": outcome.detail,
        "seconds": outcome.seconds,
        "fingerprint": outcome.fingerprint,
        "samples": outcome.samples,
        "failures": outcome.failures,
    }


def _print_message(message: Mapping[str, Any]) -> None:
    if message["kind"] == "sample":
        print(_line(message), flush=True)
    elif message["kind"] == "failure":
        print(f"{message['point']:28} {message['reason']}: {message['message']}", flush=True)
    elif message["kind"] == "hello":
        framework = message["fingerprint"]["framework"]
        print(f"{framework['name']} {framework['version']}, {framework['cpu_capability']}", file=sys.stderr, flush=True)


def _line(sample: Mapping[str, Any]) -> str:
    taken = sample["device_ns"] or sample["wall_ns"]
    fraction = sample["roofline_fraction"]
    bound = f"  {fraction:6.1%} of the roofline" if sample["roofline_valid"] else ""
    spread = 0.0 if sample["spread"] is None else sample["spread"]
    return f"{sample['point']:28} {taken / 1e3:12.1f} us  cpu {sample['cpu_ns'] / 1e3:12.1f} us  ±{spread:.1%}{bound}"

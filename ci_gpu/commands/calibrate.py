"""Find out how fast this machine is at its best, for roofline fractions."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ci_gpu import calibration
from ci_gpu.commands import arguments
from ci_gpu.supervisor import Interpreter


def describe(parser: argparse.ArgumentParser) -> None:
    arguments.add_device(parser)
    parser.add_argument("--python", help="the interpreter of the pinned reference build (default: this one)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the calibration here")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(chosen: argparse.Namespace) -> int:
    device = arguments.device(chosen)
    interpreter = Interpreter(arguments.python(chosen.python))
    output = arguments.writable(chosen.output)
    try:
        found = calibration.calibrate(interpreter, device=device, threads=chosen.threads)
    except (calibration.CalibrationError, OSError) as error:
        raise ValueError(f"not calibrated: {error}") from error
    # Shown before it is kept: a disk that is full by now must not take what was measured.
    print(json.dumps(found) if chosen.json else _table(found), flush=True)
    arguments.keep(output, json.dumps(found, indent=2))
    return 0


def _table(found: dict[str, Any]) -> str:
    lines = [f"{name:24} {rate / 1e9:12,.1f} GFLOP/s" for name, rate in found["flops_per_s"].items()]
    lines.append(f"{'bandwidth':24} {found['bandwidth_bytes_per_s'] / 1e9:12,.1f} GB/s")
    lines.append(f"{'last-level cache':24} {(found['llc_bytes'] or 0) / 2**20:12,.1f} MiB")
    return "\n".join(lines)

"""Measure a candidate beside a baseline in paired fresh processes, into a results file that can be continued."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ci_gpu import night as nights
from ci_gpu import rounds
from ci_gpu.commands import arguments
from ci_gpu.supervisor import Interpreter


def describe(parser: argparse.ArgumentParser) -> None:
    for arm in rounds.ARMS:
        parser.add_argument(f"--{arm}-python", required=True, metavar="PYTHON", help=f"the {arm}'s interpreter")
        help_text = f"a variable of the {arm} (may be repeated)"
        parser.add_argument(f"--{arm}-env", action="append", default=[], metavar="VAR=value", help=help_text)
    parser.add_argument("--rounds", type=int, required=True, metavar="N", help="pairs to have at each point in the end")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="results; continued if they exist")
    arguments.add_selection(parser)
    arguments.add_device(parser)
    parser.add_argument("--seed", type=int, help="from which coins, orders and inputs are drawn (default: drawn anew)")
    arguments.add_calibration(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(chosen: argparse.Namespace) -> int:
    if chosen.rounds < 1:
        raise ValueError(f"--rounds is {chosen.rounds}, expected 1 or more")
    path, calibration = chosen.output, arguments.calibrated(chosen)
    try:
        with nights.alone_with(path):
            under_way = nights.Night(_plan(chosen, path), path, calibration=calibration, progress=_progress)
            under_way.greet()
            summary = _summary(under_way.measure(chosen.rounds), path)
    except nights.NightError as error:
        raise ValueError(str(error)) from error
    print(json.dumps(summary) if chosen.json else _words(summary))
    return 0


def _plan(chosen: argparse.Namespace, path: Path) -> nights.Plan:
    suite = arguments.suite(chosen)
    return nights.Plan(
        suite=suite.name,
        suite_version=suite.version,
        device=arguments.device(chosen),
        threads=chosen.threads,
        budget_s=arguments.budget(chosen),
        seed=_seed(chosen.seed, path),
        arms={
            "baseline": Interpreter(arguments.python(chosen.baseline_python), arguments.variables(chosen.baseline_env)),
            "candidate": Interpreter(
                arguments.python(chosen.candidate_python), arguments.variables(chosen.candidate_env)
            ),
        },
    )


def _seed(given: int | None, path: Path) -> int:
    """Return the seed that was asked for, else that of the results to continue, else a new one."""
    if given is not None:
        return arguments.seed(given)
    found = nights.read(path)
    return int(found["seed"]) if found else secrets.randbits(48)


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _summary(document: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return what was measured, in numbers: the verdict is another program's."""
    attempts = [nights.attempts_of(entry, {}) for entry in document["rounds"]]
    pairs: dict[str, int] = {}
    for entry in attempts:
        for point in rounds.complete(entry):
            pairs[point] = pairs.get(point, 0) + 1
    broken = rounds.breakages([attempt for entry in attempts for attempt in entry])
    return {
        "output": str(path),
        "rounds": len(document["rounds"]),
        "pairs": dict(sorted(pairs.items())),
        "broken": {point: {"arm": found.arm, "reason": found.reason} for point, found in broken.items()},
    }


def _words(summary: Mapping[str, Any]) -> str:
    total = sum(summary["pairs"].values())
    lines = [f"{summary['rounds']} rounds, {total} pairs at {len(summary['pairs'])} points in {summary['output']}"]
    lines += [
        f"broken in the {found['arm']}: {point} ({found['reason']})" for point, found in summary["broken"].items()
    ]
    return "\n".join(lines)

"""What several commands take, read in one place. ValueError says in one line what is wrong."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ci_gpu import calibration, catalogue


def add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="cpu", help="cpu or cuda:N (default: cpu)")
    parser.add_argument("--threads", type=int, default=1, help="processor threads of the framework (default: 1)")


def add_selection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--suite", default="smoke", help=f"one of: {', '.join(catalogue.SUITES)} (default: smoke)")
    parser.add_argument("--budget", type=float, metavar="SECONDS", help="time for each point (default: the suite's)")


def add_calibration(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--calibration", type=Path, metavar="FILE", help="what `calibrate` wrote, for roofline fractions"
    )


def device(chosen: argparse.Namespace) -> str:
    """Return the device's name, always with a number for a GPU."""
    if chosen.threads < 1:
        raise ValueError(f"--threads is {chosen.threads}, expected 1 or more")
    kind = catalogue.device_kind(chosen.device)
    return "cuda:0" if chosen.device == "cuda" and kind == "cuda" else str(chosen.device)


def suite(chosen: argparse.Namespace) -> catalogue.Suite:
    """Return the chosen suite."""
    if chosen.suite not in catalogue.SUITES:
        raise ValueError(f"unknown suite {chosen.suite!r}; there is {', '.join(catalogue.SUITES)}")
    return catalogue.SUITES[chosen.suite]


def budget(chosen: argparse.Namespace) -> float:
    """Return the seconds for each point."""
    seconds = suite(chosen).budget_s if chosen.budget is None else float(chosen.budget)
    if not 0 < seconds <= 3600:
        raise ValueError(f"--budget is {seconds}, expected seconds above 0")
    return seconds


def python(given: str | None) -> Path:
    """Return the interpreter to measure with: this one unless another is named."""
    if given is None:
        return Path(sys.executable)
    found = shutil.which(given)
    if found is None:
        raise ValueError(f"no interpreter {given}")
    return Path(found).absolute()


def variables(given: Sequence[str]) -> dict[str, str]:
    """Return VAR=value arguments as a mapping."""
    wrong = [text for text in given if "=" not in text or text.startswith("=")]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is not VAR=value")
    return dict(text.split("=", 1) for text in given)


def calibrated(chosen: argparse.Namespace) -> dict[str, Any] | None:
    """Return the calibration in the file that was named; None where none was."""
    if chosen.calibration is None:
        return None
    try:
        document = json.loads(chosen.calibration.read_text())
    except (OSError, ValueError) as error:
        raise ValueError(f"{chosen.calibration} cannot be read: {error}") from error
    if not isinstance(document, dict) or document.get("format") != calibration.FORMAT:
        raise ValueError(f"{chosen.calibration} is no {calibration.FORMAT} file")
    return document


def writable(path: Path) -> Path:
    """Return a path that a file can be written to."""
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise ValueError(f"cannot write {path}")
    return path

"""What several commands take, read in one place. ValueError says in one line what is wrong."""

from __future__ import annotations

import argparse
import json
import os
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


def seed(given: int) -> int:
    """Return a seed that every reader of the results can hold."""
    if not 0 <= given < 2**63:
        raise ValueError(f"--seed is {given}, expected 0 or more, below 2**63")
    return given


def writable(path: Path | None) -> Path | None:
    """Return a path that a file can be written to: tried out now, before there is something to lose."""
    try:
        if path and (path.is_file() or path.is_dir()):
            os.close(os.open(path, os.O_WRONLY))
        elif path and not path.exists():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
            path.unlink()
    except OSError as error:
        raise _unwritten(path, error) from error
    return path


def keep(path: Path | None, document: str) -> None:
    """Write a document into the file that was named, where one was."""
    if path:
        try:
            path.write_text(document + "\n")
        except OSError as error:
            raise _unwritten(path, error) from error


def _unwritten(path: Path | None, error: OSError) -> ValueError:
    return ValueError(f"cannot write {path}: {error.strerror}")

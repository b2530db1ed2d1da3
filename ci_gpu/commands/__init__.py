"""The harness's commands: `list`, `run`, `calibrate`, `night`. Each lies in a module of its own."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from ci_gpu.commands import calibrate, listing, night, run

COMMANDS = {"list": listing, "run": run, "calibrate": calibrate, "night": night}
INTERRUPTED = 130


class OneLineParser(argparse.ArgumentParser):
    """A parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 2 for bad input, 130 when stopped."""
    parser = OneLineParser(prog="python3 -m ci_gpu", description="Measure builds of a tensor framework.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        summary = (module.__doc__ or "").splitlines()[0]
        module.describe(commands.add_parser(name, help=summary, description=summary))
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _stop)
    try:
        return COMMANDS[chosen.command].run(chosen)
    except ValueError as error:
        print(f"{parser.prog} {chosen.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; what was measured is kept, and the same command goes on from there", file=sys.stderr)
        return INTERRUPTED


def _stop(number: int, frame: FrameType | None) -> None:
    """End like Ctrl-C, so that the measured process is ended too."""
    raise KeyboardInterrupt

"""The options of `up`, readable by a bare Python: bad ones are refused before anything is installed."""

import argparse
from collections.abc import Sequence
from pathlib import Path

DEFAULT_PORT = 8000


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options; bad ones end the program with one line and status 2."""
    reader = argparse.ArgumentParser(
        prog="manage.py up",
        description="Start everything: services, site, workers, schedule, and a first night. Ctrl-C stops all of it.",
    )
    reader.add_argument(
        "--once", action="store_true", help="end after the first night's verdict, with the seconds of each phase"
    )
    reader.add_argument(
        "--port",
        type=port,
        default=DEFAULT_PORT,
        help=f"of the site on the loopback address ({DEFAULT_PORT}; 0: a free one)",
    )
    reader.add_argument("--no-night", action="store_true", help="do not run the first night")
    reader.add_argument("--data", type=Path, metavar="DIR", help="the data folder (.flamekeeper in the project)")
    return reader.parse_args(arguments)


def port(word: str) -> int:
    """Read a port."""
    number = int(word)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number

"""What `up` says: what it is doing, how long each phase took."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

# Set by the bootstrap, which had its time before this program began.
SETUP_SECONDS = "FLAMEKEEPER_SETUP_SECONDS"


def tell(message: str) -> None:
    """Show one line of progress; standard output belongs to results."""
    sys.stderr.write(f"  ... {message}\n")
    sys.stderr.flush()


def complain(message: str) -> None:
    """Show why there is no result, in one line."""
    sys.stderr.write(f"Flamekeeper: {message}\n")
    sys.stderr.flush()


def say(message: str) -> None:
    """Show one line of what came out."""
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()


class Phases:
    """The seconds of each phase of a start."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        setup = os.environ.pop(SETUP_SECONDS, "")
        if setup:
            self.seconds["environment"] = float(setup)

    @contextmanager
    def phase(self, name: str, doing: str) -> Iterator[None]:
        """Tell that a phase begins, and keep how long it took."""
        tell(doing)
        began = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - began

    def table(self) -> str:
        """Return the seconds of each phase, one a line, and their sum."""
        rows = [*self.seconds.items(), ("together", sum(self.seconds.values()))]
        return "\n".join(f"  {name:<14}{seconds:8.1f} s" for name, seconds in rows)

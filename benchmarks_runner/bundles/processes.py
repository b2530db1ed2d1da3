"""Start the installer's child processes, watch them, and let none outlive us."""

import os
import selectors
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TETHERED = Path(__file__).with_name("tethered.py")
TICK_S = 0.25


@dataclass(frozen=True)
class Ended:
    """How a child process ended, with all it printed."""

    status: int
    output: str


def run_tethered(
    python: Path,
    target: str,
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    extra_path: str = "",
    deadline_s: float | None = None,
    on_line: Callable[[str], None] = lambda line: None,
    on_tick: Callable[[], None] = lambda: None,
) -> Ended:
    """Run a module or script in an interpreter to its end; call on_tick four times a second meanwhile.

    Raises TimeoutError past the deadline, and whatever a callback raises; the child is dead by then.
    """
    command = [str(python), "-I", "-u", str(TETHERED), str(os.getpid()), extra_path, target, *arguments]
    # A session of its own: Ctrl-C in a terminal reaches us, and we end the child and its children.
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        cwd=folder,
        start_new_session=True,
    )
    try:
        output = _follow(child, deadline_s, on_line, on_tick)
        return Ended(child.wait(), output)
    finally:
        _end(child)


def _follow(
    child: subprocess.Popen[bytes],
    deadline_s: float | None,
    on_line: Callable[[str], None],
    on_tick: Callable[[], None],
) -> str:
    """Read what the child prints until it closes its output."""
    assert child.stdout is not None
    kept: list[str] = []
    began, rest = time.monotonic(), b""
    with selectors.DefaultSelector() as waiting:
        waiting.register(child.stdout, selectors.EVENT_READ)
        while True:
            if waiting.select(TICK_S):
                block = os.read(child.stdout.fileno(), 65536)
                if not block:
                    return "\n".join([*kept, rest.decode(errors="replace")])
                *lines, rest = (rest + block).replace(b"\r", b"\n").split(b"\n")
                for line in lines:
                    kept.append(line.decode(errors="replace"))
                    on_line(kept[-1])
            on_tick()
            if deadline_s is not None and time.monotonic() - began > deadline_s:
                raise TimeoutError


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        os.killpg(child.pid, 9)
        child.wait()
    if child.stdout:
        child.stdout.close()

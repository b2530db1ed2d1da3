"""Processes by identity: a number that the system may give to another process, and the moment it began.

Whoever stops a process by a number read from a file asks here first whether it still is the one that was meant.
"""

import functools
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """One process: its number and when it began, as the system tells it."""

    pid: int
    began: str

    @property
    def alive(self) -> bool:
        """Tell whether exactly this process still runs (an unreaped dead one does not)."""
        return began(self.pid) == self.began

    @property
    def as_row(self) -> dict[str, object]:
        return {"pid": self.pid, "began": self.began}


def process(pid: int) -> Process | None:
    """Return the process that has this number now."""
    moment = began(pid)
    return Process(pid, moment) if moment else None


def from_row(row: object) -> Process | None:
    """Read a process back from a state file; None where the row is not one."""
    if not isinstance(row, dict):
        return None
    pid, moment = row.get("pid"), row.get("began")
    return Process(pid, moment) if isinstance(pid, int) and pid > 1 and isinstance(moment, str) else None


def began(pid: int) -> str:
    """Return when a running process began, empty where none has this number or it is dead."""
    if PROC.joinpath("self", "stat").exists():
        fields = stat_fields(pid)
        return f"{boot()}:{fields[19]}" if fields and fields[0] not in ("Z", "X") else ""
    shown = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, moment = shown.stdout.strip().partition(" ")
    return "" if not state or state.startswith("Z") else moment.strip()


def stat_fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name, whose blanks and brackets would confuse a split."""
    try:
        return PROC.joinpath(str(pid), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def command_line(pid: int) -> str:
    """Return what a process was started with, empty where it is gone."""
    if PROC.joinpath("self", "stat").exists():
        try:
            return PROC.joinpath(str(pid), "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    shown = subprocess.run(["ps", "-o", "args=", "-ww", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout


@functools.cache
def boot() -> str:
    """Name this run of the machine: start times count from its beginning."""
    try:
        return PROC.joinpath("sys", "kernel", "random", "boot_id").read_text().strip()
    except OSError:
        return "boot"


def group_members(leader: int) -> list[int]:
    """Return the living processes of a process group."""
    if PROC.joinpath("self", "stat").exists():
        numbers = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
        rows = ((pid, stat_fields(pid)) for pid in numbers)
        return [pid for pid, fields in rows if fields and fields[2] == str(leader) and fields[0] not in ("Z", "X")]
    shown = subprocess.run(["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=False)
    rows_shown = (line.split() for line in shown.stdout.splitlines())
    return [int(pid) for pid, group, state in rows_shown if group == str(leader) and not state.startswith("Z")]


def ours(leader: Process) -> bool:
    """Tell whether the group that this process led is still the one we started.

    A system gives no number to a new process while a group has it; so where the leader is dead and its number names
    no process, the members that are left are ours. Where the number names another process, nothing is.
    """
    if leader.alive:
        return True
    return leader.began.startswith(f"{boot()}:") and not stat_fields(leader.pid) and bool(group_members(leader.pid))


def signal_group(leader: Process, number: signal.Signals) -> bool:
    """Send a signal to the group that we started; nothing where it is gone."""
    if not ours(leader):
        return False
    try:
        os.killpg(leader.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def signal_process(target: Process, number: signal.Signals) -> bool:
    """Send a signal to this very process; nothing where it is gone."""
    if not target.alive:
        return False
    try:
        os.kill(target.pid, number)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition: Callable[[], bool], seconds: float, every: float = 0.05) -> bool:
    """Wait for something to become true; tell whether it did."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold back Ctrl-C and a termination until a process that was just started is written down."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda got, frame: arrived.append(got)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for got in arrived:
            signal.raise_signal(got)


# Children that were left running when their Popen went out of sight would be reported as a mistake of ours.
LAUNCHED: list[subprocess.Popen[bytes]] = []


def reap() -> None:
    """Let the system forget our children that ended: a number of a dead child still counts as taken."""
    LAUNCHED[:] = [child for child in LAUNCHED if child.poll() is None]


def launch(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str], **user: object
) -> subprocess.Popen[bytes]:
    """Start a program that outlives the terminal's Ctrl-C: in a session of its own, with its words in a log."""
    with log.open("ab") as output:
        started = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd="/",
            start_new_session=True,
            **user,  # type: ignore[call-overload]
        )
    LAUNCHED.append(started)
    return started

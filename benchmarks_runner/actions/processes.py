"""Tell a measured process from another that was given its number later, and end it where its worker is gone."""

import os
import signal
import subprocess
import time
from functools import cache
from pathlib import Path

PROC = Path("/proc")


@cache
def place() -> str:
    """Name where a process number means something: this boot and this namespace of numbers."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink(PROC / 'self/ns/pid')}"
    except OSError:
        return "here"


def identity(pid: int) -> str:
    """Return where and when a living process began; empty where none has this number, or it is dead."""
    if (PROC / "self/stat").exists():
        fields = _fields(pid)
        return f"{place()}/{fields[19]}" if fields and fields[0] not in "ZX" else ""
    shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return f"{place()}/{shown.stdout.strip()}" if shown.stdout.strip() else ""


def _fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name, whose blanks and brackets would confuse a split."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def seen_from_here(recorded: str) -> bool:
    """Say whether a recorded identity can be checked from this process, or is over with another boot."""
    return _place_of(recorded) == place() or _boot_of(recorded) != _boot_of(place() + "/")


def _place_of(recorded: str) -> str:
    return recorded.rpartition("/")[0]


def _boot_of(recorded: str) -> str:
    return recorded.partition("/")[0]


def alive(pid: int, recorded: str) -> bool:
    """Say whether exactly this process still runs."""
    return bool(recorded) and identity(pid) == recorded


def members(group: int) -> list[int]:
    """Return the living processes of a process group."""
    if (PROC / "self/stat").exists():
        rows = ((int(entry.name), _fields(int(entry.name))) for entry in PROC.iterdir() if entry.name.isdigit())
        return [pid for pid, fields in rows if fields and fields[2] == str(group) and fields[0] not in "ZX"]
    shown = subprocess.run(["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=False)
    lines = (line.split() for line in shown.stdout.splitlines())
    return [int(pid) for pid, pgid, state in lines if pgid == str(group) and not state.startswith("Z")]


def end_group(leader: int, recorded: str, *, patience_s: float = 10.0) -> bool:
    """End the process group that a recorded process led, and say whether it is gone.

    The system gives no number to a new process while a group still has it. So where the leader is dead and its number
    names nobody, members that are left are its own; where the number names another process, they are not.
    """
    if not recorded or _boot_of(recorded) != _boot_of(place() + "/"):
        return True
    if identity(leader) not in ("", recorded):
        return True
    end = time.monotonic() + patience_s
    while members(leader):
        try:
            os.killpg(leader, signal.SIGKILL)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True

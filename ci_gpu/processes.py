"""End a process group and everything that came out of it, and see that it is gone.

Every child carries a mark in its environment, which its own children inherit:
on Linux even one that left the group and the session is found by it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from ci_gpu import nvml

MARK = "FLAMEKEEPER_RUN"
PATIENCE_S = 10.0


def marked(token: str) -> set[int]:
    """Return the living processes that carry the mark; empty where the system does not show environments."""
    wanted = f"{MARK}={token}".encode()
    return {int(entry.name) for entry in Path("/proc").glob("[0-9]*") if wanted in _environment(entry)}


def _environment(entry: Path) -> list[bytes]:
    try:
        return (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _only_zombies(group)


def _only_zombies(group: int) -> bool:
    """Say whether whoever is left in the group is dead and merely not collected by its parent."""
    members = [
        fields for entry in Path("/proc").glob("[0-9]*") if (fields := _status(entry)) and fields[2] == str(group)
    ]
    return bool(members) and all(fields[0] == "Z" for fields in members)


def _status(entry: Path) -> list[str]:
    """Return state, parent, group and so on of one process; empty where it is gone."""
    try:
        return (entry / "stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []


def _kill(group: int, token: str) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    for pid in marked(token):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def end_group(process: subprocess.Popen[bytes], token: str, device_uuid: str | None) -> bool:
    """End the process's group and its marked descendants; return whether all are gone, from the device too."""
    pids = marked(token) | {process.pid}
    until = time.monotonic() + PATIENCE_S
    while True:
        pids |= marked(token)
        if process.poll() is None or _group_lives(process.pid) or marked(token):
            _kill(process.pid, token)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        gone = process.returncode is not None and not _group_lives(process.pid) and not marked(token)
        if gone and not _on_device(pids, device_uuid):
            return True
        if time.monotonic() > until:
            return False
        time.sleep(0.05)


def _on_device(pids: set[int], device_uuid: str | None) -> bool:
    """Say whether NVML still lists one of the processes; without NVML there is no device to be on."""
    if device_uuid is None:
        return False
    running = nvml.processes(device_uuid)
    return running is not None and bool(running & pids)

"""One `up` per data folder: who holds it, at which address, and which processes it started."""

import fcntl
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config.launcher.folders import make_data_folder
from config.launcher.processes import Process, from_row, group_members, ours, process, signal_group, wait_until

Progress = Callable[[str], None]


class UpError(Exception):
    """The site cannot be started; the message is one line that says what to do."""


class Instance:
    """The running `up` of a data folder, as written down for whoever comes next."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.file = data / "run" / "up.json"

    def read(self) -> dict[str, object]:
        try:
            found = json.loads(self.file.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def write(self, address: str, children: dict[str, Process]) -> None:
        """Write down the address and every process that was started, before anything else happens."""
        me = process(os.getpid())
        state = {
            "up": me.as_row if me else None,
            "address": address,
            "children": {name: child.as_row for name, child in children.items()},
        }
        draft = self.file.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(state, indent=1) + "\n")
        draft.replace(self.file)

    def left_behind(self) -> dict[str, Process]:
        """Return the processes of a killed `up` that still run."""
        rows = self.read().get("children")
        found = {name: from_row(row) for name, row in rows.items()} if isinstance(rows, dict) else {}
        return {name: leader for name, leader in found.items() if leader and ours(leader)}


@contextmanager
def claimed(data: Path, progress: Progress) -> Iterator[Instance]:
    """Hold a data folder for one `up`, and end what a killed one left behind.

    Raises:
        UpError: where another `up` holds it.
    """
    make_data_folder(data)
    instance = Instance(data)
    lock = os.open(data / "run" / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = instance.read().get("address") or "an address that it has not told yet"
            raise UpError(
                f"it runs already, at {where}. Stop it there with Ctrl-C, or start another one with its own "
                f"--data DIR and --port."
            ) from None
        end_left_behind(instance.left_behind(), progress)
        try:
            yield instance
        finally:
            if not instance.left_behind():
                instance.file.unlink(missing_ok=True)
    finally:
        os.close(lock)


def end_left_behind(children: dict[str, Process], progress: Progress) -> None:
    """End the processes of a killed `up`, each only if it is still the one that was written down."""
    for name, leader in children.items():
        progress(f"ending {name} (process {leader.pid}), which a killed start left behind")
        end_group(leader)


def end_group(leader: Process, seconds: float = 5) -> None:
    """End a process group that we started: first asked, then made to."""
    if leader.alive:
        signal_group(leader, signal.SIGTERM)
        wait_until(lambda: not leader.alive, seconds)
    signal_group(leader, signal.SIGKILL)
    wait_until(lambda: not group_members(leader.pid) or not ours(leader), 5)

"""Both services of one data folder: who needs them, which of them run, and who may stop them.

Everybody who uses the services holds a shared lock on `run/users`; the system drops it when they end, however they
end. The last one to leave stops what runs, unless somebody asked to keep it.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from config.launcher import postgres, redis
from config.launcher.folders import LaunchError, make_data_folder
from config.launcher.processes import Process, from_row, reap, undisturbed

Progress = Callable[[str], None]


def silent(message: str) -> None:
    """Show nothing."""


class Services:
    """The embedded services of one data folder; those that an address in the environment replaces are left out."""

    def __init__(self, data: Path) -> None:
        # As the settings name it: a socket's path must be the same for everybody.
        self.data = Path(data).resolve()

    @property
    def parts(self) -> dict[str, ModuleType]:
        """Return the services that are embedded, by name."""
        embedded = {}
        if not os.environ.get("DATABASE_URL"):
            embedded["postgres"] = postgres
        if not os.environ.get("CELERY_BROKER_URL"):
            embedded["redis"] = redis
        return embedded

    def environment(self) -> dict[str, str]:
        """Return the variables that lead a child process to this data folder and its services."""
        return {
            "FLAMEKEEPER_DATA": str(self.data),
            "DATABASE_URL": os.environ.get("DATABASE_URL") or postgres.url(self.data),
            "CELERY_BROKER_URL": os.environ.get("CELERY_BROKER_URL") or redis.url(self.data),
        }

    def start(self, progress: Progress = silent, *, keep: bool = True) -> list[str]:
        """Start what does not run, and return the names of what was started.

        What is started to be kept goes on until `stop`; the rest ends with its last user.

        Raises:
            LaunchError: with one line that says what to do.
        """
        make_data_folder(self.data)
        with self._alone(progress):
            started = [name for name in self.parts if self._start(name, progress)]
            if keep:
                self._write({**self._state(), "kept": True})
            return started

    def _start(self, name: str, progress: Progress) -> bool:
        """Start one service unless it runs, wait until it answers, and tell whether it was started."""
        part = self.parts[name]
        found = self._running(name)
        if not found:
            progress(f"starting {part.NAME}")
        with undisturbed():
            server = found or part.start(self.data, progress)
            # Recorded before it answers: whoever kills us now can still be cleaned up after.
            self._record(name, server)
        part.complete(self.data, server, progress)
        return not found

    def stop(self, progress: Progress = silent) -> list[str]:
        """Stop what runs, whoever uses it, and return the names of what was stopped."""
        if not (self.data / "run").is_dir():
            return []
        with self._alone(progress):
            return self._stop_all(progress)

    def running(self) -> bool:
        """Tell whether every embedded service runs and answers."""
        return all(self._running(name) and part.answers(self.data) for name, part in self.parts.items())

    def processes(self) -> dict[str, Process]:
        """Return the running services' processes by name."""
        found = {name: self._running(name) for name in self.parts}
        return {name: running for name, running in found.items() if running}

    @contextmanager
    def used(self, progress: Progress = silent) -> Iterator["Services"]:
        """Have the services running inside, and stop them afterwards if nobody else uses them."""
        make_data_folder(self.data)
        users = self._open("users")
        try:
            # Held before anything is started: a last user who leaves now sees that it is not the last.
            fcntl.flock(users, fcntl.LOCK_SH)
            self.start(progress, keep=False)
            yield self
        finally:
            fcntl.flock(users, fcntl.LOCK_UN)
            self._stop_unless_used(users, progress)
            os.close(users)

    def _stop_unless_used(self, users: int, progress: Progress) -> None:
        with self._alone(progress):
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            if not self._state().get("kept"):
                self._stop_all(progress)

    def _stop_all(self, progress: Progress) -> list[str]:
        stopped = []
        for name, part in reversed((("postgres", postgres), ("redis", redis))):
            found = self._running(name)
            if found:
                progress(f"stopping {part.NAME}")
                part.stop(found, progress)
                stopped.append(name)
        self._write({})
        return stopped

    def _running(self, name: str) -> Process | None:
        """Find the process of a service: as recorded, or, where the record is lost, as the service itself tells."""
        reap()
        recorded = from_row(self._state().get(name))
        if recorded and recorded.alive:
            return recorded
        part = {"postgres": postgres, "redis": redis}[name]
        found: Process | None = part.server_of(self.data)
        return found

    @contextmanager
    def _alone(self, progress: Progress) -> Iterator[None]:
        """Hold the lock under which services are started and stopped."""
        lock = self._open("lock")
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                progress("waiting for another start or stop of the services")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _open(self, name: str) -> int:
        path = self.data / "run" / name
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LaunchError(
                f"{path} cannot be opened ({error.strerror}): start as the data folder's owner."
            ) from None

    @property
    def _state_file(self) -> Path:
        return self.data / "run" / "services.json"

    def _state(self) -> dict[str, object]:
        try:
            found = json.loads(self._state_file.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _record(self, name: str, running: Process) -> None:
        self._write({**self._state(), name: running.as_row})

    def _write(self, state: dict[str, object]) -> None:
        """Replace the state file as a whole: a killed writer leaves the old one."""
        draft = self._state_file.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(state, indent=1) + "\n")
        draft.replace(self._state_file)


@contextmanager
def services_running(data: Path, progress: Progress = silent) -> Iterator[Services]:
    """Have the services of a data folder inside; what this started is stopped afterwards, unless others use it."""
    with Services(data).used(progress) as services:
        yield services

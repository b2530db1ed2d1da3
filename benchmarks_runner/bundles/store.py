"""The folder of bundles: what lies where, who may change it now, and what a crash left behind.

lock                                   held by whoever changes anything here
wheels/<sha256 of the file>/<abi>/     one wheel as pip unpacked it (in tree/), for one kind of interpreter
environments/<digest>-a, <digest>-b    an environment: hard links into wheels/ (a), files of its own (b)
partial/                               work under way; what lies here while the lock is free is rubbish
logs/                                  pip's own words, for the operator
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks_runner.bundles.errors import Busy
from benchmarks_runner.bundles.lock import LockedWheel

Copy = Literal["a", "b"]
TREE = "tree"
COPIES: tuple[Copy, ...] = ("a", "b")


@dataclass(frozen=True)
class Store:
    """The folder of bundles below the data folder."""

    root: Path

    @property
    def wheels(self) -> Path:
        """Say where unpacked wheels lie."""
        return self.root / "wheels"

    @property
    def environments(self) -> Path:
        """Say where environments lie."""
        return self.root / "environments"

    @property
    def partial(self) -> Path:
        """Say where unfinished work lies."""
        return self.root / "partial"

    def wheel(self, wheel: LockedWheel, abi: str) -> Path:
        """Say where a wheel lies unpacked for a kind of interpreter."""
        return self.wheels / wheel.sha256 / abi

    def environment(self, digest: str, copy: Copy = "a") -> Path:
        """Say where a copy of an environment lies; the paths of both copies have the same length."""
        return self.environments / f"{digest}-{copy}"

    def log(self, name: str) -> Path:
        """Return an empty log file for an installation."""
        folder = self.root / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.log"
        path.write_text("")
        return path

    @contextlib.contextmanager
    def changing(self, on_wait: Callable[[], None] = lambda: None, *, wait: bool = True) -> Iterator[None]:
        """Hold the store for changes; wait for whoever holds it, then sweep what a crash left behind.

        The kernel gives the lock back when its holder dies, however it dies.
        Raises Busy where somebody holds it and we are not to wait.
        """
        for folder in (self.wheels, self.environments, self.partial):
            folder.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:
            while not _taken(lock.fileno()):
                if not wait:
                    raise Busy("another installation is under way")
                on_wait()
                time.sleep(0.25)
            self._sweep()
            yield

    @contextlib.contextmanager
    def workplace(self) -> Iterator[Path]:
        """Have a folder for unfinished work, on the same filesystem as what it becomes; it goes with the work."""
        folder = Path(tempfile.mkdtemp(dir=self.partial))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def discard(self, path: Path) -> None:
        """Take something away at once, then delete it; a crash between leaves only rubbish in partial/."""
        with self.workplace() as folder, contextlib.suppress(FileNotFoundError):
            path.rename(folder / path.name)

    def settle(self, built: Path, place: Path) -> None:
        """Put finished work in its place in one step, over whatever unfit thing stands there."""
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            self.discard(place)
        built.rename(place)

    def _sweep(self) -> None:
        for leftover in self.partial.iterdir():
            shutil.rmtree(leftover, ignore_errors=True)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def own_bytes(path: Path) -> int:
    """Measure what deleting a tree would free: files that have another name elsewhere are not counted."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in (".", *names):
            status = os.lstat(os.path.join(folder, name))
            if name == "." or status.st_nlink == 1:
                total += status.st_blocks * 512
    return total

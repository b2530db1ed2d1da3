"""Wheels unpacked by pip, each once, under the hash of its file."""

import functools
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks_runner.bundles.errors import BundleError
from benchmarks_runner.bundles.failures import explain
from benchmarks_runner.bundles.inventory import is_whole, seal
from benchmarks_runner.bundles.lock import Lock, LockedWheel
from benchmarks_runner.bundles.pip import Pip, Say
from benchmarks_runner.bundles.processes import Ended, run_tethered
from benchmarks_runner.bundles.store import TREE, Store

# A pool of compilers costs half a second to start; torch has 2,400 modules, most wheels fewer than a hundred.
MODULES_WORTH_A_POOL = 400
# sh reads the second line as a command, Python reads it as a string: a script that finds the interpreter beside it.
_BESIDE = b"#!/bin/sh\n'''exec' \"$(dirname \"$0\")/python\" \"$0\" \"$@\"\n' '''\n"


@dataclass(frozen=True)
class Unpacking:
    """Unpacks what a lock needs and the store lacks."""

    store: Store
    pip: Pip
    python: Path

    def missing(self, lock: Lock) -> list[LockedWheel]:
        """List the wheels of a lock that are not in the store, or not whole."""
        return [wheel for wheel in lock if not is_whole(self.store.wheel(wheel, self.pip.python.abi))]

    def unpack(self, wheels: list[LockedWheel], folder: Path, say: Say) -> None:
        """Unpack downloaded wheels one by one; each that is done stays, whatever happens to the next."""
        for number, wheel in enumerate(wheels):
            words = f"unpacking {wheel.title} ({number + 1} of {len(wheels)})"
            self._unpack(wheel, folder, functools.partial(say, words, number / len(wheels)))

    def _unpack(self, wheel: LockedWheel, folder: Path, tick: Callable[[], None]) -> None:
        with self.store.workplace() as workplace:
            place = workplace / "wheel"
            self._let_pip_unpack(wheel, folder, place / TREE, tick)
            self._compile(wheel, place / TREE, tick)
            _free_scripts(place / TREE / "bin", self.python)
            seal(place, asdict(wheel))
            self.store.settle(place, self.store.wheel(wheel, self.pip.python.abi))

    def _let_pip_unpack(self, wheel: LockedWheel, folder: Path, tree: Path, tick: Callable[[], None]) -> None:
        # Ignored: what lies beside pip itself, which is not ours.
        pip = ["--isolated", "install", "--no-index", "--find-links", str(folder), "--no-deps", "--ignore-installed"]
        pip += ["--no-compile", "--no-warn-script-location", "--prefix", str(tree), f"{wheel.name}=={wheel.version}"]
        ended = self._run("pip", pip, tree.parents[1], tick)
        if ended.status:
            self.pip.log.write_text(ended.output)
            raise explain(ended.output, relocking=False, log=f"logs/{self.pip.log.name}")
        if not tree.is_dir():
            raise BundleError(f"{wheel.title} holds no files: ask for another version")

    def _compile(self, wheel: LockedWheel, tree: Path, tick: Callable[[], None]) -> None:
        """Compile every module once, in a form that never asks the clock: a link or a copy is as good."""
        modules = sum(1 for _ in tree.rglob("*.py"))
        workers = "0" if modules > MODULES_WORTH_A_POOL else "1"
        how = ["-qq", "-j", workers, "--invalidation-mode", "unchecked-hash", "-s", str(tree), str(tree / "lib")]
        # Status 1: some file is a template rather than Python. It stays as it is, as with pip.
        if self._run("compileall", how, tree.parent, tick).status not in (0, 1):
            raise BundleError(f"compiling {wheel.title} was cut short: try again")

    def _run(self, module: str, arguments: list[str], folder: Path, tick: Callable[[], None]) -> Ended:
        # pip is told nothing by configuration here: the file is known, and lies beside us.
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
        tick()
        return run_tethered(
            self.python,
            module,
            arguments,
            environment={**plain, "PIP_CONFIG_FILE": os.devnull, "TMPDIR": str(folder)},
            folder=folder,
            extra_path=str(self.pip.python.pip) if module == "pip" else "",
            on_tick=tick,
        )


def _free_scripts(folder: Path, python: Path) -> None:
    """Let scripts find the interpreter beside them: pip wrote the path of the one that unpacked them."""
    for script in folder.iterdir() if folder.is_dir() else ():
        content = script.read_bytes()
        first, _, rest = content.partition(b"\n")
        if first == b"#!/bin/sh" and rest.startswith(b"'''exec'"):  # pip's own form for long paths
            rest = rest.split(b"\n", 2)[2]
        elif first != b"#!" + bytes(python):
            continue
        script.write_bytes(_BESIDE + rest)

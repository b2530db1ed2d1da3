"""Environments: an interpreter of their own, and the unpacked wheels of one lock laid over it."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks_runner.bundles.errors import BundleError
from benchmarks_runner.bundles.inventory import is_whole, marker_of, seal
from benchmarks_runner.bundles.lock import Lock, environment_digest, lock_from_rows, lock_rows
from benchmarks_runner.bundles.pip import Say
from benchmarks_runner.bundles.processes import run_tethered
from benchmarks_runner.bundles.python import Python
from benchmarks_runner.bundles.store import TREE, Copy, Store
from benchmarks_runner.bundles.trees import copy as copy_file
from benchmarks_runner.bundles.trees import lay_over, link

IMPORT = Path(__file__).with_name("try_import.py")
IMPORT_DEADLINE_S = 600.0


def python_of(environment: Path) -> Path:
    """Say where the interpreter of an environment is."""
    return environment / "bin" / "python"


def usable(store: Store, digest: str, copy: Copy = "a") -> bool:
    """Tell whether a copy of an environment is sealed under its own digest, and its interpreter still there."""
    environment = store.environment(digest, copy)
    marker = marker_of(environment)
    if marker is None or not python_of(environment).exists():
        return False
    try:
        return environment_digest(lock_from_rows(marker["lock"]), marker["interpreter"]) == marker["digest"] == digest
    except (KeyError, TypeError):
        return False


def complete(store: Store, digest: str, copy: Copy = "a") -> bool:
    """Tell whether a copy is usable and none of its files is missing or cut short."""
    return usable(store, digest, copy) and is_whole(store.environment(digest, copy))


@dataclass(frozen=True)
class Blueprint:
    """What an environment is made of."""

    lock: Lock
    python: Python
    framework: str

    @property
    def digest(self) -> str:
        """Return the environment's address."""
        return environment_digest(self.lock, self.python.tag)


def build(store: Store, blueprint: Blueprint, copy: Copy, bare: Path, say: Say) -> None:
    """Lay the wheels over a bare interpreter, import the framework, seal, and only then put it in its place."""
    files = _counter(say, f"putting {len(blueprint.lock)} wheels together")
    for wheel in blueprint.lock:
        tree = store.wheel(wheel, blueprint.python.abi) / TREE
        lay_over(tree, bare, link if copy == "a" else copy_file, files)
    say(f"importing {blueprint.framework} for the first time", 0.5)
    try_import(bare, blueprint.framework, lambda: say(f"importing {blueprint.framework} for the first time", 0.5))
    facts = {"digest": blueprint.digest, "interpreter": blueprint.python.tag, "lock": lock_rows(blueprint.lock)}
    seal(bare, {**facts, "copy": copy})
    store.settle(bare, store.environment(blueprint.digest, copy))


def make_bare(python: Python, folder: Path) -> Path:
    """Make an environment that holds an interpreter and nothing else, and can be moved."""
    bare = folder / "environment"
    ended = run_tethered(
        python.path,
        "venv",
        ["--without-pip", "--symlinks", str(bare)],
        environment=_plain(os.environ),
        folder=folder,
    )
    if ended.status:
        raise BundleError("this Python cannot make environments: install its venv module (on Debian python3-venv)")
    _forget_place(bare)
    return bare


def try_import(environment: Path, framework: str, tick: Callable[[], None] = lambda: None) -> None:
    """Import the framework in a fresh interpreter; raise BundleError where that fails."""
    try:
        ended = run_tethered(
            python_of(environment),
            str(IMPORT),
            [framework],
            environment=_plain(os.environ),
            folder=environment,
            deadline_s=IMPORT_DEADLINE_S,
            on_tick=tick,
        )
    except TimeoutError:
        raise BundleError(f"importing {framework} takes more than {IMPORT_DEADLINE_S:.0f} s: try again") from None
    if ended.status:
        why = _without_paths(ended.output.strip().rpartition("\n")[2])
        how = f"killed by signal {-ended.status}" if ended.status < 0 else why
        raise BundleError(f"{framework} was installed but cannot be imported ({how}): ask for a build that fits here")


def _forget_place(bare: Path) -> None:
    """Remove from a new environment what names the folder it was made in."""
    for script in (bare / "bin").iterdir():
        if script.name.lower().startswith("activate"):
            script.unlink()
    settings = bare / "pyvenv.cfg"
    lines = settings.read_text().splitlines(keepends=True)
    settings.write_text("".join(line for line in lines if not line.startswith(("command", "prompt"))))


def _counter(say: Say, words: str) -> Callable[[], None]:
    """Make a function that is called for each file and speaks for every five hundredth."""
    count = 0

    def one_more() -> None:
        nonlocal count
        count += 1
        if count % 500 == 0:
            say(words, None)

    return one_more


def _plain(outer: Mapping[str, str]) -> dict[str, str]:
    """Leave out what would show the interpreter other code than its own."""
    return {
        name: value
        for name, value in outer.items()
        if not name.startswith(("PYTHON", "PIP_")) and name not in ("LD_PRELOAD", "VIRTUAL_ENV")
    }


def _without_paths(words: str) -> str:
    return re.sub(r"(?<![\w.])/[\w.+-]+/\S*", "…", words)[:200]

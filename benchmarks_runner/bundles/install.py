"""Install the environment of a bundle: resolve, download, unpack, put together, import, seal.

Nothing here knows of Django: what is found on disk is the whole truth, and the next try mends a crash at any moment.
"""

import errno
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks_runner.bundles.collection import holdings_of
from benchmarks_runner.bundles.environments import Blueprint, build, complete, make_bare, python_of
from benchmarks_runner.bundles.errors import BundleError
from benchmarks_runner.bundles.failures import NO_DISK
from benchmarks_runner.bundles.lock import Lock, lock_from_rows, lock_rows
from benchmarks_runner.bundles.pip import Pip, Say
from benchmarks_runner.bundles.python import Python, bundle_python
from benchmarks_runner.bundles.specification import Specification, parse
from benchmarks_runner.bundles.store import Copy, Store
from benchmarks_runner.bundles.wheels import Unpacking

# Where on the whole way a stage begins and ends; torch's two minutes on a slow line are mostly the download.
RESOLVE, DOWNLOAD, UNPACK, ASSEMBLE = (0.0, 0.1), (0.1, 0.6), (0.6, 0.85), (0.85, 1.0)


# What those hear who wait for somebody else's installation.
WAITING = "waiting for another installation to end"


@dataclass(frozen=True)
class Installed:
    """An environment that is ready, and what it holds."""

    digest: str
    lock: Lock
    python: Path
    python_version: str
    version: str
    sizes: Mapping[str, int]  # of all environments now on disk, by digest


def nobody(text: str, fraction: float | None) -> None:
    """Tell progress to nobody."""


def install(
    store: Store,
    specification: Specification,
    *,
    copy: Copy = "a",
    known_lock: Callable[[], Lock | None] = lambda: None,
    on_progress: Say = nobody,
    wait: bool = True,
) -> Installed:
    """Make sure that a copy of the specification's environment stands ready, and say where.

    `known_lock` is asked once nobody else is installing: the lock that an earlier installation of the same
    requirements left. Its files are then installed again, by their hashes, and no others.
    Raises BundleError with one line that says what to do, and Busy where somebody else is at it and `wait` is false.
    """
    try:
        python = bundle_python()
        with store.changing(lambda: on_progress(WAITING, None), wait=wait):
            return _install(store, specification, copy, python, known_lock(), on_progress)
    except OSError as problem:
        raise BundleError(_disk_words(problem)) from problem


def ensure_environment(requirements: Sequence[str], folder: Path, *, on_progress: Say = nobody) -> Path:
    """Return the interpreter of an environment with these requirements below a folder; install it where it lacks.

    For tests and tools without a database: the lock is remembered in the folder itself.
    """
    specification = parse(",".join(requirements))
    memory = folder / "requests" / f"{_short_digest(specification.canonical)}.json"

    def remembered() -> Lock | None:
        return lock_from_rows(json.loads(memory.read_text())) if memory.exists() else None

    installed = install(Store(folder), specification, known_lock=remembered, on_progress=on_progress)
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps(lock_rows(installed.lock)))
    return installed.python


def _install(
    store: Store, specification: Specification, copy: Copy, python: Python, lock: Lock | None, on_progress: Say
) -> Installed:
    if lock is not None:
        blueprint = Blueprint(lock, python, specification.framework[0])
        if complete(store, blueprint.digest, copy):
            return _installed(store, blueprint, copy)
    with store.workplace() as folder:
        pip = Pip(python, folder, store.log(_short_digest(specification.canonical)))
        return _make(store, specification, copy, pip, lock, on_progress)


def _make(
    store: Store, specification: Specification, copy: Copy, pip: Pip, known: Lock | None, on_progress: Say
) -> Installed:
    """Make what is lacking, from a known lock or from what pip decides now."""
    lock = known or pip.resolve(specification.requirements, _within(RESOLVE, on_progress))
    blueprint = Blueprint(lock, pip.python, specification.framework[0])
    if not complete(store, blueprint.digest, copy):
        bare = make_bare(pip.python, pip.folder)
        _fetch(Unpacking(store, pip, python_of(bare)), lock, known is not None, on_progress)
        build(store, blueprint, copy, bare, _within(ASSEMBLE, on_progress))
    return _installed(store, blueprint, copy)


def _fetch(unpacking: Unpacking, lock: Lock, relocking: bool, on_progress: Say) -> None:
    """Bring into the store what it lacks of a lock."""
    missing = unpacking.missing(lock)
    if not missing:
        return
    downloads = unpacking.pip.folder / "downloads"
    downloads.mkdir()
    unpacking.pip.download(missing, downloads, _within(DOWNLOAD, on_progress), relocking=relocking)
    unpacking.unpack(missing, downloads, _within(UNPACK, on_progress))


def _installed(store: Store, blueprint: Blueprint, copy: Copy) -> Installed:
    versions = {wheel.name: wheel.version for wheel in blueprint.lock}
    return Installed(
        digest=blueprint.digest,
        lock=blueprint.lock,
        python=python_of(store.environment(blueprint.digest, copy)),
        python_version=blueprint.python.version,
        version=versions[blueprint.framework],
        sizes=holdings_of(store).sizes(),
    )


def _short_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _within(stage: tuple[float, float], on_progress: Say) -> Say:
    """Place a stage's own progress on the whole way."""
    begin, end = stage

    def say(text: str, part: float | None) -> None:
        on_progress(text, None if part is None else begin + (end - begin) * part)

    return say


def _disk_words(problem: OSError) -> str:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return NO_DISK
    what = problem.strerror or type(problem).__name__
    return f"the folder of bundles cannot be written ({what}): check its owner and permissions, then try again"

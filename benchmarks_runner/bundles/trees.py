"""Put file trees together: by hard links, or as true copies that share blocks where the filesystem can."""

import contextlib
import fcntl
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

_FICLONE = 0x40049409  # Linux's request to share a file's blocks: btrfs, XFS, bcachefs

Put = Callable[[str, str], None]


def lay_over(tree: Path, onto: Path, put: Put, on_file: Callable[[], None] = lambda: None) -> None:
    """Lay a tree over another; where both have a file the later one counts, as with pip.

    Directories are made anew, so that packages which share one (nvidia.*) grow together.
    """
    for folder, folders, names in os.walk(tree):
        target = os.path.join(onto, os.path.relpath(folder, tree))
        os.makedirs(target, exist_ok=True)
        linked = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in (*names, *linked):
            place = os.path.join(target, name)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(place)
            put(os.path.join(folder, name), place)
            on_file()


def link(source: str, target: str) -> None:
    """Give a file a second name; a copy where the filesystem has no hard links left or none at all."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as problem:
        if os.path.exists(target) or not os.path.lexists(source) or _is_full(problem):
            raise
        copy(source, target)


def copy(source: str, target: str) -> None:
    """Make a file of its own with the same bytes and times, sharing blocks on disk where that can be."""
    if os.path.islink(source) or not _cloned(source, target):
        shutil.copyfile(source, target, follow_symlinks=False)
    shutil.copystat(source, target, follow_symlinks=False)


def _cloned(source: str, target: str) -> bool:
    if sys.platform != "linux":
        return False
    with open(source, "rb") as old, open(target, "wb") as new:
        try:
            fcntl.ioctl(new.fileno(), _FICLONE, old.fileno())
        except OSError:
            return False
    return True


def _is_full(problem: OSError) -> bool:
    import errno

    return problem.errno in (errno.ENOSPC, errno.EDQUOT)

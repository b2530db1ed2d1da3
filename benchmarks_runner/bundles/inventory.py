"""What a finished folder must hold: the marker that says so, checked before the folder is used."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks_runner.bundles.store import own_bytes

MARKER = "flamekeeper.json"
FILES = "flamekeeper-files.txt"


def seal(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write down every file with its size, and the marker last: a folder with a marker is complete."""
    listing = "".join(f"{size} {name}\n" for name, size in sorted(_files(folder)))
    (folder / FILES).write_text(listing, encoding="utf-8", errors="surrogateescape")
    marker = {**facts, "files": _sha256(listing), "bytes": own_bytes(folder)}
    (folder / MARKER).write_text(json.dumps(marker, indent=1, sort_keys=True) + "\n")


def marker_of(folder: Path) -> dict[str, Any] | None:
    """Read a folder's marker; None where there is none or it is not whole."""
    try:
        marker = json.loads((folder / MARKER).read_text())
    except (OSError, ValueError):
        return None
    return marker if isinstance(marker, dict) else None


def is_whole(folder: Path) -> bool:
    """Tell whether every file of a sealed folder is there in its size; files added since do not matter.

    Reads no contents: about 50 ms for torch's 20,000 files.
    """
    marker = marker_of(folder)
    if marker is None:
        return False
    try:
        listing = (folder / FILES).read_text(encoding="utf-8", errors="surrogateescape")
        return _sha256(listing) == marker.get("files") and all(map(_is_there(folder), listing.split("\n")[:-1]))
    except (OSError, ValueError):
        return False


def _is_there(folder: Path) -> Callable[[str], bool]:
    def there(line: str) -> bool:
        size, _, name = line.partition(" ")
        return os.lstat(os.path.join(folder, name)).st_size == int(size)

    return there


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            yield os.path.relpath(path, folder), os.lstat(path).st_size


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="surrogateescape")).hexdigest()

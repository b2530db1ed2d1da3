"""Whether anything has changed since this data folder was last prepared: then the site may be served at once."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from config.up.programs import ROOT

ROOMS = ("config", "governance", "ecosystem", "benchmarks_runner", "record", "static", "templates")
KINDS = {".py", ".json", ".css", ".js", ".svg", ".html", ".txt", ".toml", ".csv"}


def prepared_before(data: Path, database: str) -> bool:
    """Tell whether these very files were prepared for this very database."""
    try:
        return stamp(data).read_text() == digest(data, database)
    except OSError:
        return False


def note_prepared(data: Path, database: str) -> None:
    """Write down what was prepared, for the next start."""
    stamp(data).write_text(digest(data, database))


def stamp(data: Path) -> Path:
    return data / "run" / "prepared"


def digest(data: Path, database: str) -> str:
    """Sum up the project's files, the database's address and the cluster's and the static files' identity."""
    summed = hashlib.sha256(database.encode())
    for path in (*files(), data / "postgres" / "PG_VERSION", data / "static" / "staticfiles.json"):
        if path.exists():
            found = path.stat()
            summed.update(f"{path} {found.st_size} {found.st_mtime_ns} {found.st_ino}\n".encode())
    return summed.hexdigest()


def files() -> Iterator[Path]:
    """Name the files that a site is made of."""
    for room in ROOMS:
        yield from sorted(path for path in (ROOT / room).rglob("*") if path.suffix in KINDS)

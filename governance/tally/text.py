"""Read text as lines with their numbers, whatever wrote it."""

from __future__ import annotations

from pathlib import Path

from governance.tally.faults import refuse

# More than any election's file; a wrong path to something huge is refused before it is read.
LARGEST_BYTES = 200 * 2**20


def read_text(path: Path) -> str:
    """Read a file as UTF-8, or refuse it in one line."""
    try:
        # Read no further than that: a device has no size, and no end.
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1) if path.stat().st_size <= LARGEST_BYTES else None
        if data is None or len(data) > LARGEST_BYTES:
            raise refuse(str(path), "larger than any election's ballots", "give the file of one election")
        return decoded(data, str(path))
    except OSError as error:
        raise refuse(str(path), f"cannot be read ({error.strerror})", "check the path") from error
    except ValueError as error:
        if "null" in str(error):
            raise refuse(repr(str(path)), "is no path", "check the path") from error
        raise


def decoded(data: bytes, source: str) -> str:
    """Decode UTF-8, with or without a byte order mark."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise refuse(source, "not UTF-8 text", "save the file as UTF-8", line) from error


def lines_of(path: Path) -> list[tuple[int, str]]:
    """Give a file's lines with their numbers, from 1."""
    return numbered(read_text(path))


def numbered(text: str) -> list[tuple[int, str]]:
    """Split at line feeds only: other separators may stand inside names."""
    return [(number, line.rstrip("\r")) for number, line in enumerate(text.split("\n"), start=1)]

"""Follow what pip says and how far its download is, for every pip: none of them tells bytes to a pipe."""

import re
from pathlib import Path
from urllib.parse import unquote

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

MEGABYTE = 1_000_000
# Below this a download is over before anyone could read of it.
WORTH_COUNTING = 2 * MEGABYTE
_UNITS = {"bytes": 1, "kB": 1000, "MB": MEGABYTE, "GB": 1000 * MEGABYTE}
_DOWNLOADING = re.compile(r"^\s*Downloading (\S+\.whl)(?: \((?:[\d.]+/)?([\d.]+) ?(bytes|kB|MB|GB)\))?")
_FOUND = re.compile(r"^\s*(?:Processing|Collecting|Using cached|Obtaining) (?:\S*/)?([A-Za-z0-9][\w.+%-]*)")


class DownloadWatch:
    """What pip does now, in words, from its lines and from the files that grow in its temporary folder."""

    def __init__(self, temporary: Path, doing: str) -> None:
        """Watch pip's temporary folder; `doing` is what to say until pip has said something."""
        self._temporary = temporary
        self._doing = doing
        self._size: int | None = None
        self._file = ""
        self.begun = 0

    def feed(self, line: str) -> None:
        """Take one line that pip printed."""
        if found := _DOWNLOADING.match(line):
            file, number, unit = found.groups()
            self._file = unquote(file.rpartition("/")[2])
            self._size = int(float(number) * _UNITS[unit]) if number else None
            self._doing = f"downloading {wheel_title(self._file)}"
        elif found := _FOUND.match(line):
            self._file, self._size = "", None
            name = found.group(1)
            self._doing = f"looking at {wheel_title(name)}"
            # "Using cached" follows a "Collecting" of the same package.
            self.begun += not line.lstrip().startswith("Using")

    @property
    def words(self) -> str:
        """Say what happens now: downloading torch 2.13.0, 71 of 184 MB."""
        if not self._file or (self._size or WORTH_COUNTING) < WORTH_COUNTING:
            return self._doing
        here = self._bytes_here() / MEGABYTE
        return (
            f"{self._doing}, {here:.0f} of {self._size / MEGABYTE:.0f} MB"
            if self._size
            else f"{self._doing}, {here:.0f} MB"
        )

    @property
    def part(self) -> float:
        """Return the part of the present file that is here; 0 where its size is unknown."""
        return min(1.0, self._bytes_here() / self._size) if self._file and self._size else 0.0

    def _bytes_here(self) -> int:
        try:
            return max((path.stat().st_size for path in self._temporary.glob(f"pip-*/{self._file}")), default=0)
        except OSError:  # pip moved it away meanwhile
            return 0


def wheel_title(file: str) -> str:
    """Name a wheel file for people: torch 2.13.0+cpu."""
    try:
        name, version, *_ = parse_wheel_filename(unquote(file))
    except InvalidWheelFilename:
        return file
    return f"{name} {version}"

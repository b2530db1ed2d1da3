"""Read sources in which each proposal is a file with a header of its own: one that cannot be read costs no other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date

from governance.importing.gathering import Gathering
from governance.importing.reading import Place, SourceFile, SourceRefused


def read_each(files: Iterable[SourceFile], to: Gathering, read: Callable[[SourceFile, Gathering], None]) -> None:
    """Read each file in the order of their paths; one that is refused is unread as a whole."""
    for file in sorted(files, key=lambda file: file.path):
        try:
            read(file, to)
        except SourceRefused as refusal:
            to.leave(Place(file.path), str(refusal), "the proposal cannot be read")


def day_of(entry: tuple[str, Place] | None, called: str, untold: Collection[str], to: Gathering) -> date | None:
    """Return the day that an entry of a header tells, or nothing where no calendar has it: then it is unread."""
    if entry is None or entry[0].lower() in untold:
        return None
    try:
        return date.fromisoformat(entry[0])
    except ValueError:
        to.leave(entry[1], f"{called}: {entry[0]}", "no day of any calendar")
        return None

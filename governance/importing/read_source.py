"""Read a source as what it is: choose the format, choose among several revisions side by side, read, and sum it up."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath

from governance.importing.coverage import families_covered, root_of, told_apart
from governance.importing.formats.github_teams import FORMAT as GITHUB_TEAMS
from governance.importing.formats.github_teams import read_teams
from governance.importing.formats.pytorch import PERSONS
from governance.importing.formats.pytorch import root_of as revision_root
from governance.importing.keeping import as_json, clean, fitted
from governance.importing.reading import Format, Reading, SourceRefused, Unread
from governance.importing.registry import format_named, known_formats, recognising
from governance.importing.service_accounts import without_service_accounts
from governance.importing.sources import Source, candidates, open_source

AUTO = "auto"


@dataclass(frozen=True)
class Dated:
    """A reading with all that an import keeps of it."""

    reading: Reading
    label: str
    revision: str
    on: date
    dated_by: str
    digest: str
    root: str
    covered: frozenset[str]
    url: str
    files_read: tuple[str, ...]

    def counts(self) -> dict[str, int]:
        """Return how much the reading holds."""
        read = self.reading
        return {
            "people": len(read.people),
            "offices": len(read.offices),
            "terms": len(read.holdings),
            "areas": len(read.areas),
            "proposals": len(read.proposals),
        }


def read_source(
    name: str,
    *,
    format_name: str = AUTO,
    revision: str = "",
    as_of: date | None = None,
    today: date,
    among: dict[str, Format] | None = None,
) -> Dated:
    """Read a file, a folder, a revision, or `github:ORG`.

    Raises:
        SourceRefused: when it cannot be opened, is of no known format, or cannot be read; in one line.
    """
    if as_of is not None and as_of > today:
        raise SourceRefused(f"--as-of {as_of} is not yet: no revision is dated later than today, {today}.")
    if name.startswith("github:"):
        return read_organisation(name, revision, as_of, today)
    known = among or known_formats()
    asked = None if format_name == AUTO else format_named(format_name, known)
    source, format = recognised(open_source(name, revision=revision), name, asked, known)
    wanted = chosen(source, [path for path in source.paths if format.wants(path)], format)
    files = list(source.files(wanted))
    if not files:
        raise SourceRefused(f"{source.label}: nothing in it is a file of the format {format.name}.")
    reading = format.read(files)
    unread = {line.place.file for line in source.unread}
    root = root_of(format.name, source.paths)
    reading = told_apart(replace(reading, unread=tuple(sorted({*reading.unread, *source.unread}))), root)
    reading = fitted(without_service_accounts(reading))
    covered = families_covered(replace(reading, unread=told_by(reading, unread)), root)
    on, dated_by = as_of or source.on or today, said_by(as_of, source.on)
    return Dated(
        reading,
        clean(source.label),
        source.revision,
        on,
        dated_by,
        digest_of(reading),
        root,
        covered,
        source.url,
        tuple(wanted),
    )


def read_organisation(name: str, revision: str, as_of: date | None, today: date) -> Dated:
    """Read an organisation's teams from GitHub, which tells only what is so today."""
    if revision or (as_of is not None and as_of != today):
        raise SourceRefused(f"{name}: GitHub tells its teams as they are today; leave --revision and --as-of out.")
    reading = fitted(without_service_accounts(read_teams(name)))
    root = reading.project
    covered = frozenset({root})
    dated_by = "read from GitHub on that day"
    return Dated(
        reading, name, "", today, dated_by, digest_of(reading), root, covered, f"https://github.com/orgs/{root}", ()
    )


def told_by(reading: Reading, left_out: set[str]) -> tuple[Unread, ...]:
    """Return the unread lines of the files that were opened; a file left out for its newer one hides nothing."""
    return tuple(line for line in reading.unread if line.place.file not in left_out)


def said_by(as_of: date | None, of_commit: date | None) -> str:
    """Say where the day of a reading comes from."""
    if as_of is not None:
        return "as --as-of says"
    return "the day of the commit" if of_commit is not None else "the day it was read: the source tells none"


def recognised(source: Source, name: str, asked: Format | None, known: dict[str, Format]) -> tuple[Source, Format]:
    """Return the format of a source, and the source as that format names its files.

    Raises:
        SourceRefused: when no format knows it.
    """
    for named in candidates(source, name):
        if asked is not None:
            if any(asked.wants(path) for path in named.paths):
                return named, asked
        elif (format := recognising(named.paths, known)) is not None:
            return named, format
    if asked is not None:
        raise SourceRefused(f"{source.label}: nothing in it is a file of the format {asked.name}.")
    looked_for = ", ".join(name for name in known if name != GITHUB_TEAMS.name)
    raise SourceRefused(
        f"{source.label}: no known format. Looked for {looked_for}; name one by --format, or the folder that holds it."
    )


def chosen(source: Source, wanted: Sequence[str], format: Format) -> list[str]:
    """Return the files of one revision where PyTorch's stand side by side in several; the others are unread as a whole.

    It is the newest that lists the persons of interest: what comes last when names are sorted, numbers as numbers.
    """
    if format.name != "pytorch":
        return list(wanted)
    pages = [path for path in wanted if PERSONS.fullmatch(PurePosixPath(path).name)]
    newest = max(pages or wanted, key=by_numbers, default="")
    root = revision_root(newest)
    taken = [path for path in wanted if revision_root(path) == root and (path == newest or path not in pages)]
    for path in sorted(set(wanted) - set(taken)):
        source.leave(path, f"another revision; {newest} was read. Import this by its own name, with its own date")
    return taken


def by_numbers(path: str) -> list[tuple[int, int, str]]:
    """Return a path's sorting key in which 10 comes after 9, and words after numbers."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", path) if part]


def digest_of(reading: Reading) -> str:
    """Return the SHA-256 of all that was read and not read: equal readings change nothing a second time."""
    told = repr((as_json(reading), [(str(line.place), line.text, line.reason) for line in reading.unread]))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()

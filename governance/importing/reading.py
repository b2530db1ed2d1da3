"""Hold what one source said at one revision: plain facts with their places, and every line that could not be placed.

A format reads a tree or a file into a `Reading`; it knows neither Django nor what the site already holds. The
difference to what is held, and applying it, are other modules' work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

OfficeKind = Literal["lead", "core", "area", "council", "other"]
Standing = Literal["active", "emeritus"]


class SourceRefused(ValueError):
    """A source that cannot be read at all; the message names the place and the remedy in one line."""


@dataclass(frozen=True, order=True)
class Place:
    """Where in the source something stands: the file below its root, and the line, from 1 (0: the file as a whole)."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class PersonRead:
    """A human as a source names them.

    `key` holds them together within one reading: the login without case, else a slug of the name.
    A source may give several spellings of one name; the first is `name`, the others are `also_named`.
    """

    key: str
    name: str
    place: Place
    github: str = ""
    github_number: int | None = None
    employer: str = ""
    also_named: tuple[str, ...] = ()


@dataclass(frozen=True)
class AreaRead:
    """A part of the project: its slug within the source, and its parent's."""

    slug: str
    name: str
    place: Place
    parent: str = ""
    paths: tuple[str, ...] = ()
    sunset: bool = False


@dataclass(frozen=True)
class OfficeRead:
    """A seat or some seats that the source names: maintainer of an area, chair of a group, core maintainer."""

    slug: str
    name: str
    kind: OfficeKind
    place: Place
    role: str = ""
    area: str = ""
    seats: int | None = None


@dataclass(frozen=True)
class HoldingRead:
    """A person in an office, at the revision's date; from and until where the source itself tells the days."""

    office: str
    person: str
    place: Place
    standing: Standing = "active"
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class ProposalRead:
    """A proposal as the source states it. `state` is the source's own word; `positions` are votes told by name.

    Shepherds decide or lead to the decision; reviewers are asked for their judgement by name.
    """

    number: str
    title: str
    place: Place
    state: str = ""
    authors: tuple[str, ...] = ()
    shepherds: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    created: date | None = None
    url: str = ""
    outcome: str = ""
    positions: Mapping[str, str] = field(default_factory=dict)
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True, order=True)
class Unread:
    """A line that could not be placed: where, what it says, and why it was not understood."""

    place: Place
    text: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """Everything that a source said."""

    project: str
    format: str
    people: tuple[PersonRead, ...] = ()
    areas: tuple[AreaRead, ...] = ()
    offices: tuple[OfficeRead, ...] = ()
    holdings: tuple[HoldingRead, ...] = ()
    proposals: tuple[ProposalRead, ...] = ()
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True)
class SourceFile:
    """One file of the source: its path below the root, with forward slashes, and its bytes."""

    path: str
    content: bytes

    def text(self) -> str:
        """Return the file as text.

        Raises:
            SourceRefused: when it is not UTF-8.
        """
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise SourceRefused(f"{self.path}: not UTF-8 at byte {error.start}; save it as UTF-8.") from error


class Format(Protocol):
    """A kind of source. Each module of `formats` gives one as `FORMAT`."""

    name: str
    project: str

    def recognises(self, paths: Iterable[str]) -> bool:
        """Say whether a source with these files is of this kind; no file is opened."""
        ...

    def wants(self, path: str) -> bool:
        """Say whether a file is to be opened."""
        ...

    def read(self, files: Iterable[SourceFile]) -> Reading:
        """Read a source.

        Nothing in a file makes it raise but `SourceRefused`; what cannot be placed is in `unread`.
        """
        ...

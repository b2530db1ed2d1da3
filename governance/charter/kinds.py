"""The kinds of value a charter's key may hold: each reads one value, or says what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from governance.charter.reader import Reader

LONGEST_TEXT = 2000
PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,6}))?\s*%")
RATIO = re.compile(r"(\d{1,6})\s*/\s*(\d{1,6})")
# Control characters but tab and line ends, and marks that turn the direction of reading or are not seen at all: by
# them a rule can read as another.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

# Roles that every project has without defining an office or a group for them.
EVERYWHERE = {
    "anyone": "anyone",
    "self": "the person concerned",
    "author": "the author",
    "shepherd": "the shepherd",
    "raiser": "whoever raised it",
    "software": "the site itself",
}


@dataclass(frozen=True, order=True)
class Share:
    """An exact part of a whole, and how the rule writes it."""

    fraction: Fraction
    written: str

    def __str__(self) -> str:
        return self.written


@dataclass(frozen=True)
class Source:
    """Where a rule can be read: the document's title, its address, the section; `document` is its key."""

    document: str
    title: str
    url: str
    section: str = ""

    def __str__(self) -> str:
        return f"{self.title}, “{self.section}”" if self.section else self.title


class Kind(Protocol):
    """A kind of value: what it is called in the reference, and how it is read."""

    @property
    def name(self) -> str: ...

    def read(self, reader: Reader, value: Any, path: str) -> Any:
        """Return the value as the charter holds it; report a fault and return None where it is wrong."""
        ...


@dataclass(frozen=True)
class Text:
    """Words."""

    name: str = "text"

    def read(self, reader: Reader, value: Any, path: str) -> str | None:
        if not isinstance(value, str) or not value.strip():
            return reader.wrong(path, f"{shown(value)} is no text", "write some words between quotes")
        if found := UNSEEN.search(value):
            return reader.wrong(
                path, f"the text holds the character U+{ord(found[0]):04X}, which is not seen", "remove it"
            )
        if len(value) > LONGEST_TEXT:
            return reader.wrong(path, f"the text has {len(value)} characters", f"shorten it to at most {LONGEST_TEXT}")
        return " ".join(value.split())


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    name: str = "true or false"

    def read(self, reader: Reader, value: Any, path: str) -> bool | None:
        if not isinstance(value, bool):
            return reader.wrong(path, f"{shown(value)} is neither true nor false", "write true or false, unquoted")
        return value


@dataclass(frozen=True)
class Whole:
    """A whole number between two bounds."""

    least: int = 0
    most: int = 3660

    @property
    def name(self) -> str:
        return f"a whole number, {self.least} to {self.most}"

    def read(self, reader: Reader, value: Any, path: str) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            return reader.wrong(path, f"{shown(value)} is not {self.name}", "write such a number, unquoted")
        return value


@dataclass(frozen=True)
class ShareOf:
    """A share as an exact fraction."""

    name: str = 'a share, "2/3" or "75 %"'

    def read(self, reader: Reader, value: Any, path: str) -> Share | None:
        share = share_of(value) if isinstance(value, str) else None
        if share is None:
            return reader.wrong(
                path, f"{shown(value)} is no share between 0 and 1", 'write a fraction such as "2/3" or "75 %", quoted'
            )
        return share


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def name(self) -> str:
        return "one of " + ", ".join(f"`{word}`" for word in self.words)

    def read(self, reader: Reader, value: Any, path: str) -> str | None:
        if value not in self.words:
            return reader.wrong(
                path, f"{shown(value)} is not known here", f"write one of {', '.join(self.words)}", near=value
            )
        return str(value)


@dataclass(frozen=True)
class ListOf:
    """A list of one kind of value."""

    kind: Kind

    @property
    def name(self) -> str:
        return f"a list of {self.kind.name}"

    def read(self, reader: Reader, value: Any, path: str) -> tuple[Any, ...] | None:
        if not isinstance(value, list):
            return reader.wrong(path, f"{shown(value)} is no list", "put it between square brackets")
        read = [self.kind.read(reader, item, f"{path}.{place}") for place, item in enumerate(value)]
        return tuple(item for item in read if item is not None)


@dataclass(frozen=True)
class Reference:
    """The name of something that the same charter defines."""

    tables: tuple[str, ...]
    name: str
    also: tuple[str, ...] = ()

    def read(self, reader: Reader, value: Any, path: str) -> str | None:
        known = reader.names(*self.tables) | set(self.also)
        if not isinstance(value, str) or value not in known:
            remedy = (
                f"define it under {' or '.join(self.tables)}, or write one of {', '.join(sorted(known)) or 'none yet'}"
            )
            return reader.wrong(path, f"{shown(value)} is not defined in this charter", remedy)
        return value


@dataclass(frozen=True)
class Sources:
    """Where a rule can be read: "document § section", or several of them."""

    name: str = 'a source, "document § section", or a list of them'

    def read(self, reader: Reader, value: Any, path: str) -> tuple[Source, ...] | None:
        several = value if isinstance(value, list) else [value]
        if not several:
            return reader.wrong(path, "the list of sources is empty", 'name at least one, "document § section"')
        read = [self.one(reader, item, path) for item in several]
        return tuple(source for source in read if source is not None)

    def one(self, reader: Reader, value: Any, path: str) -> Source | None:
        if not isinstance(value, str) or not value.strip():
            return reader.wrong(path, f"{shown(value)} names no source", 'write "document § section"')
        key, _, section = (part.strip() for part in value.partition("§"))
        document = reader.document(key)
        if document is None:
            known = ", ".join(sorted(reader.names("documents"))) or "none yet"
            return reader.wrong(
                path, f"the document {shown(key)} is not defined", f"define documents.{key}, or write one of {known}"
            )
        return Source(key, document[0], document[1], section)


@dataclass(frozen=True)
class Paths:
    """A list of key paths of this charter, `*` standing for any one key."""

    name: str = "a list of key paths, `*` for any key"

    def read(self, reader: Reader, value: Any, path: str) -> tuple[str, ...] | None:
        if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
            return reader.wrong(path, f"{shown(value)} is no list of key paths", 'write such as ["decisions.x.quorum"]')
        return tuple(value)


@dataclass(frozen=True)
class PartOf:
    """A table with its own keys."""

    part: type

    @property
    def name(self) -> str:
        return f"a table, [{self.part.__name__}](#{self.part.__name__.lower()})"

    def read(self, reader: Reader, value: Any, path: str) -> Any:
        return reader.part(self.part, value, path)


@dataclass(frozen=True)
class Named:
    """A table of tables, each under a name of the project's choosing."""

    part: type

    @property
    def name(self) -> str:
        return f"named tables, [{self.part.__name__}](#{self.part.__name__.lower()})"

    def read(self, reader: Reader, value: Any, path: str) -> dict[str, Any] | None:
        if not isinstance(value, Mapping):
            return reader.wrong(path, f"{shown(value)} is no table", f"write [{path}.name] and its keys below")
        return {name: part for name, raw in value.items() if (part := self.one(reader, name, raw, f"{path}.{name}"))}

    def one(self, reader: Reader, name: str, raw: Any, path: str) -> Any:
        if not NAME.fullmatch(name):
            return reader.wrong(path, f"{shown(name)} cannot be a name here", "use small letters, digits and _")
        return reader.part(self.part, raw, path)


def share_of(written: str) -> Share | None:
    """Read "2/3" or "75 %" exactly; None where it is neither or not between 0 and 1."""
    text = written.strip()
    if ratio := RATIO.fullmatch(text):
        above, below = int(ratio[1]), int(ratio[2])
        fraction = Fraction(above, below) if below else Fraction(-1)
    elif percent := PERCENT.fullmatch(text):
        fraction = Fraction(f"{percent[1]}.{percent[2] or 0}") / 100
    else:
        return None
    return Share(fraction, text) if 0 < fraction <= 1 else None


def shown(value: Any) -> str:
    """Show a value in a fault, shortened."""
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    text = "".join(f"\\u{ord(sign):04x}" if UNSEEN.match(sign) else sign for sign in " ".join(text.split()))
    return text if len(text) <= 60 else f"{text[:57]}…"


TEXT, TEXTS, FLAG, SHARE, SOURCES, PATHS = Text(), ListOf(Text()), Flag(), ShareOf(), Sources(), Paths()
DAYS = Whole(0, 3660)
COUNT = Whole(0, 100_000)
ROLE = Reference(("offices", "groups"), "role (an office, a group, " + ", ".join(EVERYWHERE) + ")", tuple(EVERYWHERE))
ROLES = ListOf(ROLE)
OFFICE = Reference(("offices",), "office of this charter")
DECISION = Reference(("decisions",), "decision of this charter")
STATE = Reference(("proposal.states",), "state of this charter's proposals")

"""How a part of a charter is declared: each class is a table of the file, each field one of its keys.

The fields' metadata is the schema: the reader validates by it, and docs/reference/charter.md is written from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from governance.charter.kinds import SOURCES, Kind, Source


def key(kind: Kind, words: str, *, default: Any = MISSING, called: str = "") -> Any:
    """Declare a key: its kind of value, what it says, and its default where it may be left out."""
    return field(default=default, metadata={"kind": kind, "words": words, "called": called})


def keys_of(part: type) -> Iterator[tuple[str, Field[Any]]]:
    """Give the keys of a table, as the file names them, with their fields."""
    for declared in fields(part):
        if "kind" in declared.metadata:
            yield declared.metadata["called"] or declared.name, declared


@dataclass(frozen=True, kw_only=True)
class Part:
    """Every table: where in the file it stands, as a key path, and its sources."""

    path: str = ""
    source: tuple[Source, ...] = key(SOURCES, "Where the rule can be read.", default=())


@dataclass(frozen=True, kw_only=True)
class Ruled(Part):
    """A table that stands alone and must name its source."""

    source: tuple[Source, ...] = key(SOURCES, "Where the rule can be read.")

"""Write the schema's tables for docs/reference/charter.md, from the classes that the reader reads by."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import MISSING, Field
from typing import Any

from governance.charter.parts import ALL_PARTS, Charter, keys_of


def tables() -> str:
    """Return a heading and a table for each part of a charter."""
    return "\n".join(line for part in ALL_PARTS for line in table(part))


def table(part: type) -> Iterator[str]:
    """Give the lines about one part."""
    first = (part.__doc__ or "").split("\n")[0]
    yield from (f"### {part.__name__ if part is not Charter else 'The whole file'}", "", first, "")
    if one_of := getattr(part, "one_of", ()):
        yield from (f"Exactly one of {', '.join(f'`{key}`' for key in one_of)}.", "")
    yield from ("| key | value | what it says | left out |", "|---|---|---|---|")
    yield from (row(name, key) for name, key in keys_of(part))
    yield ""


def row(name: str, key: Field[Any]) -> str:
    """Return a key's row."""
    left_out = "**must be there**" if key.default is MISSING else "unsaid"
    if isinstance(key.default, int):
        left_out = f"`{str(key.default).lower()}`"
    return f"| `{name}` | {key.metadata['kind'].name} | {key.metadata['words']} | {left_out} |"


if __name__ == "__main__":
    sys.stdout.write(tables())

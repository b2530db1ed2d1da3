"""Find the line on which a key of a TOML text stands: the standard library's reader does not tell it."""

from __future__ import annotations

import re

HEADER = re.compile(r"^\s*(\[{1,2})\s*(?P<path>[^\[\]]+?)\s*\]{1,2}\s*(#.*)?$")
ASSIGNMENT = re.compile(
    r"""^\s*(?P<path>(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"))*)\s*="""
)
KEY = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def lines_of(text: str) -> dict[str, int]:
    """Map each key path to its line, from 1; a list's items are told by their number, from 0."""
    found: dict[str, int] = {}
    counted: dict[str, int] = {}
    table, inside = "", ""
    for number, line in enumerate(text.splitlines(), start=1):
        if inside:
            inside = "" if line.count(inside) % 2 else inside
            continue
        if header := HEADER.match(line):
            table = opened(header["path"], doubled=header[1] == "[[", counted=counted)
            found.setdefault(table, number)
        elif assignment := ASSIGNMENT.match(line):
            found.setdefault(joined(table, *keys(assignment["path"])), number)
        inside = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), "")
    return found


def line_of(path: str, found: dict[str, int]) -> int:
    """Return the line of a path, or of the nearest key above it; 0 where none is told."""
    while path:
        if path in found:
            return found[path]
        path = path.rpartition(".")[0]
    return 0


def keys(path: str) -> list[str]:
    """Split a dotted key, quotes removed."""
    return [key.strip("\"'") for key in KEY.findall(path)]


def joined(*keys: str) -> str:
    """Join keys to a path."""
    return ".".join(key for key in keys if key)


def opened(header: str, *, doubled: bool, counted: dict[str, int]) -> str:
    """Return the path that a table's header opens; lists of tables are counted."""
    path = ""
    parts = keys(header)
    for place, part in enumerate(parts):
        path = joined(path, part)
        if doubled and place == len(parts) - 1:
            counted[path] = counted.get(path, -1) + 1
        if path in counted:
            path = f"{path}.{counted[path]}"
    return path

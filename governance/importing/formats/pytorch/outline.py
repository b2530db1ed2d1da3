"""Read the headings and list items of a page, written in Markdown or in reStructuredText, with their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

ITEM = re.compile(r"\s*[-*+•]\s+(\S.*)")
ATX = re.compile(r" {0,3}(#{1,6})(?:\s+(.*)|$)")
ADORNED = re.compile(r"([=\-~^\"'`#*+.:_])\1{2,}")


@dataclass(frozen=True)
class Heading:
    line: int
    level: int
    title: str


@dataclass(frozen=True)
class Item:
    """An entry of a list: its text with continued lines joined, and the lines as they stand."""

    line: int
    text: str
    raw: str


@dataclass(frozen=True)
class Prose:
    """A line that is neither; `why` says what it stands in, where that keeps a list from being one."""

    line: int
    raw: str
    why: str = "prose, not an entry of a list"


Piece = Heading | Item | Prose


def outline(lines: list[str], *, markdown: bool) -> list[Piece]:
    """Return a page's headings, items and other lines that are not blank, in order."""
    hidden = hidden_in_markdown(lines) if markdown else hidden_in_restructured(lines)
    found = headings_in_markdown(lines, hidden) if markdown else headings_in_restructured(lines)
    return list(pieces(lines, found, hidden))


def pieces(lines: list[str], headings: dict[int, Heading | None], hidden: dict[int, str]) -> Iterator[Piece]:
    """Walk the lines; an indented line right after an item belongs to it."""
    open_item: Item | None = None
    for number, line in enumerate(lines, start=1):
        match = ITEM.fullmatch(line)
        continues = open_item and line.strip() and line[0] in " \t" and not match
        if open_item and continues and number not in hidden and number not in headings:
            open_item = Item(open_item.line, f"{open_item.text} {line.strip()}", f"{open_item.raw} {line.strip()}")
            continue
        if open_item:
            yield open_item
            open_item = None
        if number in hidden:
            if line.strip():
                yield Prose(number, line, hidden[number])
        elif number in headings:
            if heading := headings[number]:
                yield heading
        elif match:
            open_item = Item(number, match[1].strip(), line)
        elif line.strip():
            yield Prose(number, line)
    if open_item:
        yield open_item


def headings_in_markdown(lines: list[str], hidden: dict[int, str]) -> dict[int, Heading | None]:
    """Return the headings that begin with number signs, by line."""
    found: dict[int, Heading | None] = {}
    for number, line in enumerate(lines, start=1):
        if number not in hidden and (match := ATX.fullmatch(line)):
            title = re.sub(r"(?<=\s)#+$", "", (match[2] or "").strip()).strip()
            found[number] = Heading(number, len(match[1]), title) if title else None
    return found


def headings_in_restructured(lines: list[str]) -> dict[int, Heading | None]:
    """Return the underlined titles, by line; the lines under and over them have no piece of their own.

    Levels are in the order in which the kinds of underline first appear, as docutils has it.
    """
    found: dict[int, Heading | None] = {}
    kinds: list[str] = []
    for number, (title, under) in enumerate(pairwise(lines), start=1):
        if number in found or not is_title(title) or not ADORNED.fullmatch(under.rstrip()):
            continue
        kind = under[0]
        if number > 1 and lines[number - 2].strip() == under.strip():
            found[number - 1] = None
            kind *= 2
        if kind not in kinds:
            kinds.append(kind)
        found[number] = Heading(number, kinds.index(kind) + 1, title.strip())
        found[number + 1] = None
    return found


def is_title(line: str) -> bool:
    """Say whether a line can be a title: words, and no item, indentation or underline itself."""
    return bool(line.strip()) and not line[0].isspace() and not ITEM.fullmatch(line) and not ADORNED.fullmatch(line)


def hidden_in_markdown(lines: list[str]) -> dict[int, str]:
    """Return the lines inside front matter, comments and code, with what they stand in."""
    hidden = front_matter(lines)
    inside = ""
    for number, line in enumerate(lines, start=1):
        if number in hidden:
            continue
        begins = not inside and ("<!--" in line or line.lstrip().startswith(("```", "~~~")))
        if begins:
            inside = "in a comment" if "<!--" in line else "in a block of code"
        if inside:
            hidden[number] = inside
        comment_ends = inside == "in a comment" and "-->" in line
        code_ends = inside == "in a block of code" and not begins and line.strip() in ("```", "~~~")
        if comment_ends or code_ends:
            inside = ""
    return hidden


def front_matter(lines: list[str]) -> dict[int, str]:
    """Return the lines of a page's front matter, which stands between two rules at its very beginning."""
    if not lines or lines[0].strip() != "---":
        return {}
    for number, line in enumerate(lines[1:40], start=2):
        if line.strip() == "---":
            return dict.fromkeys(range(1, number + 1), "front matter of the page")
    return {}


def hidden_in_restructured(lines: list[str]) -> dict[int, str]:
    """Return the lines of comments and directives: two dots, and what is indented beneath."""
    hidden: dict[int, str] = {}
    inside = False
    for number, line in enumerate(lines, start=1):
        if line.startswith(".. ") or line.strip() == "..":
            inside = True
        elif line.strip() and not line[0].isspace():
            inside = False
        if inside and line.strip():
            hidden[number] = "in a comment or directive"
    return hidden

"""Read CODEOWNERS: who is told of changes to which paths.

PyTorch's own file says in its first lines that it only subscribes to notifications, and that no approval of an owner is
needed: so a pattern gives the office of a code owner, and never that of a maintainer or approver.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from governance.importing.gathering import Gathering, digest, is_automatic, is_login, lines_of, slug_of
from governance.importing.reading import OfficeRead, Place, SourceFile

PATTERN_LENGTH = 200
SLUG_LENGTH = 80


@dataclass(frozen=True)
class OwnerLine:
    """One line: its pattern and its owners as written."""

    line: int
    raw: str
    pattern: str
    owners: tuple[str, ...]


def owner_lines(lines: Iterable[str]) -> list[OwnerLine]:
    """Return the lines that hold a pattern; comments go from a number sign on, unless it is escaped."""
    found = []
    for number, raw in enumerate(lines, start=1):
        words = re.split(r"(?<!\\)\s+", re.sub(r"(?:^|(?<=\s))#.*$", "", raw, flags=re.DOTALL).strip())
        if words[0]:
            found.append(OwnerLine(number, raw, words[0], tuple(words[1:])))
    return found


def owners_of(path: str, rules: Sequence[OwnerLine]) -> OwnerLine | None:
    """Return the line that decides who owns a file: the last that matches, even if it names nobody."""
    return next((rule for rule in reversed(rules) if matches(rule.pattern, path)), None)


def matching_nothing(rules: Sequence[OwnerLine], paths: Iterable[str]) -> list[OwnerLine]:
    """Return the lines whose pattern begins at the root and matches none of these files."""
    files = tuple(paths)
    return [
        rule
        for rule in rules
        if rule.pattern.startswith("/") and not any(matches(rule.pattern, file) for file in files)
    ]


def matches(pattern: str, path: str) -> bool:
    """Say whether a pattern takes in a file: as .gitignore has it, without negation and ranges."""
    anchored = "/" in pattern.rstrip("/")
    folder = pattern.endswith("/")
    body = re.sub(r"\\(.)", r"\1", pattern.strip("/"))
    parts = [part_expression(part) for part in body.split("/")]
    expression = "/".join(parts).replace("\0/", "(?:[^/]+/)*").replace("/\0", "/.+").replace("\0", ".*")
    # A last `*` takes the files of the folder, not those of the folders in it.
    below = "/.*" if folder else "" if body.endswith("/*") else "(?:/.*)?"
    return re.fullmatch(("" if anchored else "(?:.*/)?") + expression + below, path) is not None


def part_expression(part: str) -> str:
    """Return one step of a path as an expression; `**` becomes a mark of its own."""
    if part == "**":
        return "\0"
    return re.sub(r"(?:\\\*)+", "[^/]*", re.escape(part)).replace(r"\?", "[^/]")


def read_code_owners(file: SourceFile, to: Gathering) -> None:
    """Read the owners: an office for each pattern. The last line of a pattern counts."""
    lines = owner_lines(lines_of(file))
    last = {line.pattern: line.line for line in lines}
    slugs = office_slugs(last)
    for line in lines:
        place = Place(file.path, line.line)
        if reason := why_not_read(line):
            to.leave(place, line.raw, reason)
        elif last[line.pattern] != line.line:
            to.leave(place, line.raw, f"line {last[line.pattern]} has the same pattern, and the last match wins")
        else:
            place_owners(line, place, slugs[line.pattern], to)


def office_slugs(patterns: Iterable[str]) -> dict[str, str]:
    """Return a slug for each pattern; `/a/b` and `a/b/` would slug alike, so where they do both carry a digest."""
    plain = {pattern: slug_of(pattern, SLUG_LENGTH, tail="-code-owner") for pattern in patterns}
    times = Counter(plain.values())
    return {
        pattern: slug if times[slug] == 1 else slug_of(pattern, SLUG_LENGTH, tail=f"-{digest(pattern)}-code-owner")
        for pattern, slug in plain.items()
    }


def why_not_read(line: OwnerLine) -> str:
    """Say why GitHub, or this site, cannot read a line; nothing where it can."""
    if line.pattern.startswith(("!", "\\#")) or "[" in line.pattern:
        return "GitHub reads no negation, escaped number sign or range in CODEOWNERS, and skips the line"
    if len(line.pattern) > PATTERN_LENGTH or not line.pattern.isprintable():
        return f"the pattern is longer than {PATTERN_LENGTH} characters, or cannot be printed"
    return ""


def place_owners(line: OwnerLine, place: Place, slug: str, to: Gathering) -> None:
    """Put each owner who is a person into the pattern's office; say of the others what they are."""
    to.office(OfficeRead(slug, f"code owner of {line.pattern}", "other", place, "code owner"))
    seen: set[str] = set()
    for owner in line.owners:
        if reason := why_no_person(owner):
            to.leave(place, f"{line.pattern} {owner}", reason)
        elif owner.lower() not in seen:
            seen.add(owner.lower())
            to.hold_once(slug, to.person(place, github=owner[1:]), place, line.raw)


def why_no_person(owner: str) -> str:
    """Say what an owner is that is no person with a GitHub account; nothing where they are one."""
    if not owner.startswith("@"):
        return "an e-mail address names no account" if "@" in owner else "not an owner: no @ before it"
    if "/" in owner:
        return "a team, not a person: its members are not in this file"
    if is_automatic(owner[1:]):
        return "an automatic account, not a person"
    return "" if is_login(owner[1:]) else "no GitHub account can have this login"

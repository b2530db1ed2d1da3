"""Read OWNERS and OWNERS_ALIASES: who approves and reviews the files below a directory, aliases written out.

A directory with an OWNERS file is an area, its parent the next directory above that has one. An alias is an office as
well, so that people whom no OWNERS file of the source names through it are not lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from governance.importing.gathering import login_in, slug_of
from governance.importing.marked_yaml import Node, Scalar
from governance.importing.reading import AreaRead, OfficeRead, Standing
from governance.importing.sheet import Sheet

ROLES: dict[str, tuple[str, Standing]] = {
    "approvers": ("approver", "active"),
    "reviewers": ("reviewer", "active"),
    "required_reviewers": ("required reviewer", "active"),
    "emeritus_approvers": ("approver", "emeritus"),
    "emeritus_reviewers": ("reviewer", "emeritus"),
    "security_contacts": ("security contact", "active"),
}
WITHOUT_NAMES = {"labels", "options"}
LONGEST_PATH = 200


@dataclass
class Aliases:
    """Who stands behind each alias; names compare without case."""

    members: dict[str, dict[str, None]] = field(default_factory=dict)

    def people(self, word: str) -> list[str] | None:
        """Return the keys of an alias's members, or None where the word is no alias."""
        members = self.members.get(word.strip().removeprefix("@").lower())
        return None if members is None else list(members)


def read_aliases(sheet: Sheet, root: Node, aliases: Aliases) -> None:
    """Read an OWNERS_ALIASES file."""
    top = sheet.table(root, "OWNERS_ALIASES")
    for key, _, value in top.items() if top else ():
        table = sheet.table(value, "aliases") if key == "aliases" else None
        if key != "aliases":
            sheet.leave(value, "only aliases are expected in OWNERS_ALIASES", key)
        for alias, line, names in table.items() if table else ():
            _read_alias(sheet, alias, line, names, aliases)


def _read_alias(sheet: Sheet, alias: str, line: int, names: Node, aliases: Aliases) -> None:
    place = sheet.place(line)
    office = OfficeRead(f"alias-{slug_of(alias)}", f"{alias} in OWNERS_ALIASES", "other", place, "alias")
    sheet.to.office(office)
    members = aliases.members.setdefault(alias.lower(), {})
    for word in sheet.words(names, alias):
        person = sheet.login(word, alias)
        if person:
            members[person] = None
            sheet.to.hold(office.slug, person, sheet.place(word.line))


def directory_of(path: str) -> str:
    """Return the directory of a file, without a slash at its end; the root is empty."""
    return path.rpartition("/")[0]


def area_slug(directory: str) -> str:
    """Return the slug of the area that a directory with an OWNERS file is."""
    return slug_of(f"owners {directory}", 64)


def read_owners(sheet: Sheet, root: Node, aliases: Aliases, directories: set[str]) -> None:
    """Read an OWNERS file; `directories` are those that have one."""
    top = sheet.table(root, "OWNERS")
    if top is None:
        return
    directory = directory_of(sheet.path)
    parents = (above for above in _above(directory) if above in directories)
    parent = next((area_slug(above) for above in parents), "")
    whole = AreaRead(
        area_slug(directory), f"/{directory}/".replace("//", "/"), sheet.place(0), parent, _pattern(directory)
    )
    sheet.to.area(whole)
    for key, _, value in top.items():
        if key == "filters":
            _read_filters(sheet, value, whole, aliases)
        else:
            _read_role(sheet, key, value, whole, aliases)


def _above(directory: str) -> Iterator[str]:
    while directory:
        directory = directory_of(directory)
        yield directory


def _pattern(directory: str) -> tuple[str, ...]:
    pattern = f"/{directory}/".replace("//", "/")
    return (pattern,) if len(pattern) <= LONGEST_PATH else ()


def _read_filters(sheet: Sheet, node: Node, whole: AreaRead, aliases: Aliases) -> None:
    """Read owners by pattern: `.*` is the directory itself, another pattern is an area within, if it names anyone."""
    table = sheet.table(node, "filters")
    for pattern, line, value in table.items() if table else ():
        roles = sheet.table(value, pattern)
        if roles is None:
            continue
        area = whole
        if pattern != ".*" and any(key not in WITHOUT_NAMES for key, _, _ in roles.items()):
            slug = slug_of(f"{whole.slug} {pattern}", 64)
            area = AreaRead(slug, f"{whole.name} files like {pattern}"[:120], sheet.place(line), whole.slug)
            sheet.to.area(area)
        for key, _, names in roles.items():
            _read_role(sheet, key, names, area, aliases)


def _read_role(sheet: Sheet, key: str, names: Node, area: AreaRead, aliases: Aliases) -> None:
    if key in WITHOUT_NAMES:
        return
    if key not in ROLES:
        sheet.leave(names, "not a role of OWNERS that is known", key)
        return
    role, standing = ROLES[key]
    office = OfficeRead(f"{area.slug}-{slug_of(role)}", f"{role} of {area.name}", "area", area.place, role, area.slug)
    for word in sheet.words(names, key):
        for person in named(sheet, word, key, aliases):
            sheet.to.hold(sheet.to.office(office), person, sheet.place(word.line), standing)


def named(sheet: Sheet, word: Scalar, what: str, aliases: Aliases) -> list[str]:
    """Return the keys of the people whom a word names: a login, or an alias written out."""
    place = sheet.place(word.line)
    behind = aliases.people(word.text)
    if behind is not None:
        if not behind:
            sheet.to.leave(place, word.text, f"{what}: an alias that names no one")
        return behind
    if "/" in word.text and all(login_in(part) for part in word.text.split("/")):
        sheet.to.leave(place, word.text, f"{what}: a team, not a person")
        return []
    if login_in(word.text).startswith(("sig-", "wg-", "committee-")):
        sheet.to.leave(place, word.text, f"{what}: an alias that OWNERS_ALIASES does not tell, not a person")
        return []
    person = sheet.login(word, what)
    return [person] if person else []

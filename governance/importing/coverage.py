"""Say what a revision is silent about: who is not listed has left only where the whole list was read.

Files of one kind in one repository are a family (all OWNERS of kubernetes/community). A revision covers a family when
it was read from the root and nothing of it failed as a whole; it always covers the offices that it names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from governance.importing.reading import Reading

# What a repository's root holds and its parts do not: the mark, and the name of the family that it opens.
ROOTS: dict[str, tuple[tuple[str, str], ...]] = {
    "kubernetes": (("sigs.yaml", "community"), ("config/", "org")),
    "keps": (("keps/", "enhancements"),),
    "rust": (("teams/", "teams"), ("text/", "rfcs")),
}
# Their files are of several kinds, each a family.
SEVERAL_KINDS = {"kubernetes", "keps"}
# These files stand once in a revision, wherever they are.
SINGLE = {"pytorch"}


def root_of(format: str, paths: Iterable[str]) -> str:
    """Return the name of the repository whose root these paths are below; nothing for a part of it, or one file."""
    found = list(paths)

    def has(mark: str) -> bool:
        return mark in found or (len(found) > 1 and any(path.startswith(mark) for path in found))

    return next((name for mark, name in ROOTS.get(format, ()) if has(mark)), "")


def family_of(format: str, file: str, root: str) -> str:
    """Return the family of a file; where the root is not known, the file is a family of its own."""
    kind = PurePosixPath(file).name.split(".")[0] or file
    if format in SINGLE:
        return kind
    if not root:
        return file
    return f"{root}/{kind}" if format in SEVERAL_KINDS else root


def families_covered(reading: Reading, root: str) -> frozenset[str]:
    """Return the families that were read whole: each gave facts, and no file of it nothing but unread lines."""
    placed = {fact.place.file for facts in (reading.areas, reading.offices, reading.holdings) for fact in facts}
    silent = {line.place.file for line in reading.unread} - placed

    def family(file: str) -> str:
        return family_of(reading.format, file, root)

    return frozenset(map(family, placed)) - frozenset(map(family, silent))


def told_apart(reading: Reading, root: str) -> Reading:
    """Return a reading in which what OWNERS files name is called after their repository, since each has its own."""
    if reading.format not in SEVERAL_KINDS or not root:
        return reading
    areas = {area.slug: f"{root}-{area.slug}" for area in reading.areas if is_owners(area.place.file)}
    offices = {office.slug: f"{root}-{office.slug}" for office in reading.offices if is_owners(office.place.file)}
    named = f" of {reading.project}/{root}"

    def area(slug: str) -> str:
        return areas.get(slug, slug)

    return replace(
        reading,
        areas=tuple(
            replace(
                one,
                slug=area(one.slug),
                parent=area(one.parent),
                name=f"{one.name[: 120 - len(named)]}{named}" if one.slug in areas else one.name,
            )
            for one in reading.areas
        ),
        offices=tuple(
            replace(
                one,
                slug=offices.get(one.slug, one.slug),
                area=area(one.area),
                name=f"{one.name[: 160 - len(named)]}{named}" if one.slug in offices else one.name,
            )
            for one in reading.offices
        ),
        holdings=tuple(replace(one, office=offices.get(one.office, one.office)) for one in reading.holdings),
        proposals=tuple(replace(one, areas=tuple(map(area, one.areas))) for one in reading.proposals),
    )


def is_owners(file: str) -> bool:
    """Say whether a file is OWNERS or OWNERS_ALIASES."""
    return PurePosixPath(file).name.startswith("OWNERS")

"""Propose which areas and offices were renamed between two revisions, and read revisions with what was confirmed.

A source names an area by its name only, so that a renamed one is one that ended and one that is new. Whether they are
the same nobody can tell but a person: here is said what speaks for it, and what follows once it is confirmed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from governance.importing.held import LooksRenamed, Rename, RenamedKind, Sighting
from governance.importing.reading import AreaRead, OfficeRead, Reading

ALL = "all"
# Shares from which on things look like one: of the smaller side's people or paths, and of the letters of two names.
MOST, ALIKE = 0.5, 0.75


# -- what looks renamed ----------------------------------------------------------------------------------------------


def looks_renamed(sightings: Sequence[Sighting], number: int) -> list[LooksRenamed]:
    """Return what one revision looks to call otherwise than those before it; each name in at most one rename.

    `sightings` are in the order of their days, read with what was confirmed before.
    """
    at = next((place for place, one in enumerate(sightings) if one.number == number), None)
    if not at:
        return []
    found = [*_pairs("area", sightings[:at], sightings[at]), *_pairs("office", sightings[:at], sightings[at])]
    taken: set[tuple[str, str]] = set()
    kept = []
    for _, one in sorted(found, key=lambda pair: (-pair[0], pair[1].rename.key)):
        sides = {("old", one.rename.old), ("new", one.rename.new)}
        if not sides & taken:
            kept.append(one)
            taken |= sides
    return sorted(kept, key=lambda one: (one.rename.kind, one.old_name))


def _pairs(kind: RenamedKind, before: Sequence[Sighting], now: Sighting) -> Iterable[tuple[float, LooksRenamed]]:
    """Yield each ended and added pair of a revision that has something in common, with how much."""
    known = {one.slug for sighting in before for one in _of(kind, sighting.reading)}
    here = {one.slug: one for one in _of(kind, now.reading)}
    added = [one for slug, one in here.items() if slug not in known]
    ended: dict[str, tuple[Sighting, Any]] = {}
    for sighting in before:
        listed = {one.slug: (sighting, one) for one in _of(kind, sighting.reading)}
        # Listed by the last revision before that has its family whole, and not by this one that has it whole too.
        covered = sighting.covered & now.covered
        ended = {slug: at for slug, at in ended.items() if at[0].family(at[1].place) not in covered or slug in listed}
        ended |= {slug: at for slug, at in listed.items() if slug not in here}
    for slug, (sighting, old) in ended.items():
        if sighting.family(old.place) not in now.covered:
            continue
        for new in added:
            share, reasons = _in_common(kind, sighting.reading, old, now.reading, new)
            if reasons:
                rename = Rename(kind, slug, new.slug)
                yield share, LooksRenamed(rename, old.name, new.name, tuple(reasons), new.place)


def _of(kind: RenamedKind, reading: Reading) -> Sequence[Any]:
    """Return a reading's areas; or its offices that belong to none, since the others follow their areas."""
    return reading.areas if kind == "area" else [one for one in reading.offices if not one.area]


def _in_common(kind: RenamedKind, before: Reading, old: Any, now: Reading, new: Any) -> tuple[float, list[str]]:
    """Return how much two areas or offices have in common, and in words what; nothing where it is too little."""
    if kind == "office" and (old.kind, old.role) != (new.kind, new.role):
        return 0, []
    people = _people(before, kind, old.slug), _people(now, kind, new.slug)
    paths = (set(old.paths), set(new.paths)) if kind == "area" else (set[str](), set[str]())
    reasons, share = [], 0.0
    for (one, other), fewest, called in ((people, 2, "people named in it"), (paths, 1, "path patterns")):
        common = one & other
        part = len(common) / min(len(one), len(other)) if common else 0
        if len(common) >= fewest and part > MOST:
            reasons.append(f"{len(common)} of {len(one)} {called} are the same")
            share += part
    likeness = alike(old.name, new.name)
    if likeness >= ALIKE and (share or kind == "area" or people[0] & people[1]):
        reasons.append("the names are alike")
        share += likeness
    return share, reasons


def _people(reading: Reading, kind: RenamedKind, slug: str) -> set[str]:
    """Return who is named in an area or office, emeritus or not."""
    offices = {one.slug for one in reading.offices if one.area == slug} if kind == "area" else {slug}
    return {held.person for held in reading.holdings if held.office in offices}


def alike(one: str, other: str) -> float:
    """Return how alike two names are, from 0 to 1: by their letters, or since one's words are the other's and more."""
    words = {frozenset("".join(c if c.isalnum() else " " for c in name.casefold()).split()) for name in (one, other)}
    if len(words) == 1:
        return 1.0
    few, many = sorted(words, key=len)
    inside = ALIKE if few <= many and len(" ".join(few)) > 3 else 0.0
    return max(inside, SequenceMatcher(None, one.casefold(), other.casefold()).ratio())


class NoSuchRename(ValueError):
    """A rename was confirmed that does not look like one."""


def confirmed(proposed: Sequence[LooksRenamed], asked: Collection[str]) -> list[Rename]:
    """Return the renames that somebody names as old=new; all of them where they say so.

    Raises:
        NoSuchRename: for one that is not among those proposed.
    """
    known = {one.rename.key for one in proposed}
    for key in asked:
        if key not in known and key != ALL:
            there = f"these do: {', '.join(sorted(known))}" if known else "nothing does"
            raise NoSuchRename(f"Nothing looks renamed as {key!r}; {there}.")
    return [one.rename for one in proposed if one.rename.key in asked or ALL in asked]


# -- what was confirmed ----------------------------------------------------------------------------------------------


class Renamed:
    """Revisions in which what was renamed bears one key throughout: that of its first name."""

    def __init__(self, sightings: Sequence[Sighting]) -> None:
        self.first: dict[tuple[str, str], str] = {}
        for sighting in sightings:
            for rename in sighting.renames:
                self.first[rename.kind, rename.new] = self.root(rename.kind, rename.old)
        # What each key was called as a source's key, revision by revision.
        self.called: dict[tuple[str, str], list[str]] = {}
        self.sightings = [replace(one, reading=self.read(one)) for one in sightings] if self.first else list(sightings)

    def root(self, kind: str, slug: str) -> str:
        """Return the key of the first name of something."""
        return self.first.get((kind, slug), slug)

    def read(self, sighting: Sighting) -> Reading:
        """Return a revision's reading under first names; one that lists both names means two by them."""
        read = sighting.reading
        areas = self.keys("area", read.areas)
        offices = {**self.keys("office", read.offices), **self.offices_of(read, areas)}
        return replace(
            read,
            areas=tuple(
                replace(one, slug=areas[one.slug], parent=areas.get(one.parent, one.parent)) for one in read.areas
            ),
            offices=tuple(
                replace(one, slug=offices[one.slug], area=areas.get(one.area, one.area)) for one in read.offices
            ),
            holdings=tuple(replace(one, office=offices.get(one.office, one.office)) for one in read.holdings),
            proposals=tuple(
                replace(one, areas=tuple(areas.get(slug, slug) for slug in one.areas)) for one in read.proposals
            ),
        )

    def keys(self, kind: str, read: Iterable[AreaRead | OfficeRead]) -> Mapping[str, str]:
        """Return under which key each area or office of one reading goes."""
        slugs = [one.slug for one in read]
        found = {slug: root if (root := self.root(kind, slug)) not in slugs else slug for slug in slugs}
        for slug, key in found.items():
            if self.is_renamed(kind, key):
                self.called.setdefault((kind, key), []).append(slug)
        return found

    def is_renamed(self, kind: str, key: str) -> bool:
        return key in {root for (of, _), root in self.first.items() if of == kind}

    def offices_of(self, read: Reading, areas: Mapping[str, str]) -> dict[str, str]:
        """Return the keys of the offices of renamed areas: they follow, where their keys name the area."""
        found = {}
        for office in read.offices:
            key = areas.get(office.area, office.area)
            if not office.area or not self.is_renamed("area", key):
                continue
            found[office.slug] = office.slug.replace(office.area, key, 1)
            self.called.setdefault(("office", found[office.slug]), []).append(office.slug)
        return found

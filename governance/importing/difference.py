"""Say how what is held differs from what the revisions of a source list: a function of both, and of nothing else.

What should be held follows from all applied revisions together, in the order of their days. So importing one more,
importing an older one later, and undoing one are the same question with another set of revisions.
What a person entered or changed is never overwritten: it is a conflict, told in words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from governance.importing.held import (
    Change,
    Conflict,
    Difference,
    Fields,
    Held,
    Holdings,
    Kind,
    Ref,
    Sighting,
    iso,
)
from governance.importing.keeping import shortened
from governance.importing.matching import People
from governance.importing.reading import AreaRead, OfficeRead, PersonRead, Place
from governance.importing.renames import Renamed, looks_renamed
from governance.importing.timed_rows import Seats, Timed
from governance.importing.timeline import Clash, Listing, walk
from governance.importing.updates import area_update, as_it_was, best_name, called, office_update, person_update, shown


def difference(sightings: Iterable[Sighting], held: Holdings, *, told_of: int | None = None) -> Difference:
    """Return what must change for the site to hold what these revisions list.

    `told_of` is the revision whose conflicts are told; None tells all.
    """
    ordered = sorted(sightings, key=lambda sighting: (sighting.on, sighting.number))
    return _Reconciling(ordered, held, told_of).run()


class _Reconciling:
    """One comparison, kind by kind: people and areas first, since offices and terms name them."""

    def __init__(self, sightings: Sequence[Sighting], held: Holdings, told_of: int | None) -> None:
        self.renamed = Renamed(sightings)
        self.sightings = self.renamed.sightings
        self.held = held
        self.told_of = told_of
        self.result = Difference()
        self.people: dict[tuple[int, str], Ref] = {}
        self.areas: dict[str, Ref] = {}
        self.offices: dict[str, Ref] = {}
        self.names: dict[tuple[Kind, Ref], str] = {}

    def run(self) -> Difference:
        self.match_people()
        self.areas = self.matched("area", [a for s in self.sightings for a in s.reading.areas], self.held.areas)
        self.offices = self.matched("office", [o for s in self.sightings for o in s.reading.offices], self.held.offices)
        self.compare_people()
        self.compare_areas()
        self.compare_offices()
        self.compare_terms()
        self.seat()
        self.compare_affiliations()
        self.compare_proposals()
        self.result.renames = looks_renamed(self.sightings, self.told_of) if self.told_of is not None else []
        return self.result

    # -- who is who ------------------------------------------------------------------------------------------------

    def match_people(self) -> None:
        """Find each person by GitHub's number, else by login without case, else by name where there is no login."""
        book = People(self.held.people)
        for sighting in self.sightings:
            for person in sighting.reading.people:
                found = book.find(person, sighting.on)
                if isinstance(found, str) and found.startswith("!"):
                    self.conflict("person", person.key, found[1:], person.place, sighting.number)
                else:
                    self.people[sighting.number, person.key] = found
                    self.names.setdefault(("person", found), person.name)
        self.names.update({("person", one.pk): one.fields["name"] for one in self.held.people})

    def matched(self, kind: Kind, read: Sequence[Any], held: Sequence[Held]) -> dict[str, Ref]:
        """Find the row of each slug: the one imports made of it, else by name, else by slug, else by what it is."""
        found: dict[str, Ref] = {one.trace.key: one.pk for one in held if one.trace and one.trace.key}
        taken = set(found.values())
        by_name = {one.fields["name"].casefold(): one.pk for one in held if one.pk not in taken}
        by_slug = {one.fields["slug"]: one.pk for one in held if one.pk not in taken}
        latest = {one.slug: one for one in read}
        for slug, one in latest.items():
            if slug in found:
                continue
            match = self.called_so(kind, slug, one, read, by_name, by_slug)
            if kind == "office" and match is None:
                match = self.alike(one, held, taken)
            if match is not None and match not in taken:
                found[slug] = match
                taken.add(match)
            else:
                found[slug] = slug
        self.names.update({(kind, one.pk): one.fields["name"] for one in held})
        self.names.update({(kind, ref): latest[slug].name for slug, ref in found.items() if isinstance(ref, str)})
        return found

    def called_so(
        self,
        kind: Kind,
        slug: str,
        one: Any,
        read: Sequence[Any],
        by_name: Mapping[str, int],
        by_slug: Mapping[str, int],
    ) -> int | None:
        """Return the row of a name or address; of what was renamed, of any name that it had."""
        called = self.renamed.called.get((kind, slug))
        names = [other.name for other in reversed(read) if other.slug == slug] if called else [one.name]
        addresses = [self.address(kind, other) for other in reversed(called or [slug])]
        rows = [by_name.get(name.casefold()) for name in names] + [by_slug.get(address) for address in addresses]
        return next((row for row in rows if row), None)

    def addressed(self, kind: Kind, key: str, row: Held | None) -> Fields:
        """Return the address of what was renamed, and those that led to it; and of what is renamed no longer."""
        called = self.renamed.called.get((kind, key))
        trace = row.trace if row else None
        before = (trace.before or {}) if trace else {}
        was_renamed = bool(trace and trace.written.get("former_slugs"))
        if called:
            now = self.address(kind, called[-1])
            former = {self.address(kind, slug) for slug in called}
            if row and ("slug" in before or not was_renamed):
                former.add(str(before.get("slug", row.fields["slug"])))
            return {"slug": now, "former_slugs": sorted(former - {now})}
        if not was_renamed:
            return {}
        if trace and trace.before is None:
            return {"slug": self.address(kind, key), "former_slugs": []}
        return {name: before[name] for name in ("slug", "former_slugs", "name") if name in before}

    def readdressed(self, kind: Kind, key: str, row: Held, name: str, changed: Fields) -> Fields:
        """Return what changes of a row, with its address and name where it was renamed or is so no longer."""
        renamed = self.addressed(kind, key, row)
        if (kind, key) in self.renamed.called:
            renamed["name"] = name
        return {of: value for of, value in {**changed, **renamed}.items() if row.fields[of] != value}

    def address(self, kind: Kind, slug: str) -> str:
        """Return the address of an area or office: that of a project that is not kept begins with the project's."""
        return shortened(self.held.prefix + slug, 80 if kind == "area" else 120)

    def alike(self, office: OfficeRead, held: Sequence[Held], taken: set[Ref]) -> int | None:
        """Return the one office that was entered by hand for the same area, or as the project's lead or core."""
        area = self.areas.get(office.area) if office.area else None
        rivals = [
            other
            for sighting in self.sightings
            for other in sighting.reading.offices
            if (other.kind, other.area) == (office.kind, office.area) and other.slug != office.slug
        ]
        fits = [
            one.pk
            for one in held
            if one.pk not in taken and one.fields["kind"] == office.kind and one.fields["area"] == area
            if one.fields["role"] in ("", office.role)
        ]
        known = office.kind in ("lead", "core") or isinstance(area, int)
        return fits[0] if known and len(fits) == 1 and not rivals else None

    # -- rows with the newest revision's values ---------------------------------------------------------------------

    def compare_people(self) -> None:
        """Add people who are not known, and bring up to date what imports wrote of the others."""
        mentions: dict[Ref, list[tuple[Sighting, PersonRead]]] = defaultdict(list)
        for sighting in self.sightings:
            for person in sighting.reading.people:
                if (ref := self.people.get((sighting.number, person.key))) is not None:
                    mentions[ref].append((sighting, person))
        held = {one.pk: one for one in self.held.people}
        for ref, mentioned in mentions.items():
            read = [person for _, person in mentioned]
            newest, place = read[-1], self.place_of(mentioned)
            number = next((one.github_number for one in reversed(read) if one.github_number), None)
            wanted = {"name": best_name(read), "github": newest.github, "number": number}
            if isinstance(ref, str):
                known = f", on GitHub {newest.github}" if newest.github else ""
                self.add("person", ref, wanted, f"{wanted['name']}{known}", place)
            else:
                changed = as_it_was(held[ref], partial(person_update, wanted=wanted), "name")
                self.update("person", held[ref], changed, place)
        self.drop("person", self.held.people, mentions)

    def compare_areas(self) -> None:
        """Add areas, and say since when one is no longer kept up: its section moved, or it is listed no more."""
        mentions: dict[Ref, list[tuple[Sighting, AreaRead]]] = defaultdict(list)
        for sighting in self.sightings:
            for area in sighting.reading.areas:
                mentions[self.areas[area.slug]].append((sighting, area))
        held = {one.pk: one for one in self.held.areas}
        for ref, read in mentions.items():
            newest, place = read[-1][1], self.place_of(read)
            parent = self.areas.get(newest.parent) if newest.parent else None
            known_from, sunset = self.kept_up(read)
            wanted = {
                "name": newest.name,
                "parent": parent,
                "paths": sorted(newest.paths),
                "known_from": iso(known_from),
                "sunset_on": iso(sunset),
            }
            if isinstance(ref, str):
                new = {"slug": self.address("area", ref), **wanted, **self.addressed("area", ref, None)}
                self.add("area", ref, new, newest.name, place)
            else:
                changed = as_it_was(held[ref], partial(area_update, wanted=wanted))
                changed = self.readdressed("area", newest.slug, held[ref], newest.name, changed)
                self.update("area", held[ref], changed, place, newest.slug)
        self.drop("area", self.held.areas, mentions)

    def kept_up(self, read: Sequence[tuple[Sighting, AreaRead]]) -> tuple[date | None, date | None]:
        """Return from when an area is known, and since when it is no longer kept up; None where no revision tells.

        Known from: the first revision that lists it, where an earlier one did not. No longer kept up: since the first
        of the last revisions in a row that list it as sunset, or not at all.
        """
        states = {sighting.number: not area.sunset for sighting, area in read}
        families = {sighting.family(area.place) for sighting, area in read}
        first = read[0][0].on
        known_from, since = None, None
        for sighting in self.sightings:
            kept = states.get(sighting.number)
            if kept is None and not families <= sighting.covered:
                continue
            if sighting.on < first:
                known_from = first
            else:
                since = None if kept else since or sighting.on
        return known_from, since

    def compare_offices(self) -> None:
        """Add offices, and bring up to date what imports wrote of the others."""
        mentions: dict[Ref, list[tuple[Sighting, OfficeRead]]] = defaultdict(list)
        for sighting in self.sightings:
            for office in sighting.reading.offices:
                mentions[self.offices[office.slug]].append((sighting, office))
        held = {one.pk: one for one in self.held.offices}
        names = {one.fields["name"] for one in self.held.offices}
        for ref, read in mentions.items():
            newest, place = read[-1][1], self.place_of(read)
            wanted: Fields = {
                "name": newest.name,
                "role": newest.role,
                "kind": newest.kind,
                "area": self.areas.get(newest.area) if newest.area else None,
                "seats": newest.seats,
            }
            if isinstance(ref, str):
                if newest.name in names:
                    wanted["name"] = f"{newest.name[:100]} ({ref[:56]})"
                names.add(wanted["name"])
                new = {"slug": self.address("office", ref), **wanted, **self.addressed("office", ref, None)}
                self.add("office", ref, new, wanted["name"], place)
            else:
                changed = as_it_was(held[ref], partial(office_update, wanted=wanted))
                changed = self.readdressed("office", newest.slug, held[ref], newest.name, changed)
                self.update("office", held[ref], changed, place, newest.slug)
        self.drop("office", self.held.offices, mentions)

    # -- what lasts from day to day ---------------------------------------------------------------------------------

    def compare_terms(self) -> None:
        """Begin, end and date terms, office by office and person by person."""
        listed = self.term_listings()
        groups = self.held_groups(self.held.terms, ("office", "human"))
        gone = {
            (trace.written["office"], trace.written["person"]) for trace in self.held.gone if "office" in trace.written
        }
        for group in [*listed, *(group for group in groups if group not in listed)]:
            listings, places = listed.get(group, ([], {}))
            rows = groups.get(group, [])
            if not listings and not any(row.trace for row in rows):
                continue
            office, person = group
            title = f"{self.names['person', person]}, {self.names['office', office]}"
            about: Fields = {"office": office, "person": person}
            timed = Timed("term", title, rows, listings, places, about, "standing", self.told_of)
            if group in gone and listings:
                self.conflict("term", title, f"{title}: a term that an import began was removed here", None, None)
                continue
            self.settle(timed)

    def term_listings(self) -> dict[tuple[Ref, Ref], tuple[list[Listing], dict[int, Place]]]:
        """Return what each revision says of each person in each office that it covers."""
        families: dict[Ref, set[str]] = defaultdict(set)
        for sighting in self.sightings:
            for office in sighting.reading.offices:
                families[self.offices[office.slug]].add(sighting.family(office.place))
        said: dict[tuple[Ref, Ref], dict[date, Listing]] = defaultdict(dict)
        places: dict[tuple[Ref, Ref], dict[int, Place]] = defaultdict(dict)
        covering: dict[Ref, list[Sighting]] = defaultdict(list)
        for sighting in self.sightings:
            named = {self.offices[office.slug] for office in sighting.reading.offices}
            for ref, of in families.items():
                if ref in named or of <= sighting.covered:
                    covering[ref].append(sighting)
            for held in sighting.reading.holdings:
                person = self.people.get((sighting.number, held.person))
                if person is None:
                    continue
                group = (self.offices[held.office], person)
                listing = Listing(sighting.on, held.standing, held.since, held.until, sighting.number)
                before = said[group].get(sighting.on)
                # One human under two logins, active under one of them, is active.
                if before is None or before.sighting != sighting.number or before.state != "active":
                    said[group][sighting.on] = listing
                places[group][sighting.number] = held.place
        for row in self.held.terms:
            said.setdefault((row.fields["office"], row.fields["human"]), {})
        found = {}
        for group, by_day in said.items():
            listings = dict(by_day)
            for sighting in covering.get(group[0], []):
                seen = listings.get(sighting.on)
                if seen is None or (seen.sighting < sighting.number and sighting.number not in places.get(group, {})):
                    listings[sighting.on] = Listing(sighting.on, None, sighting=sighting.number)
            if listings:
                found[group] = (list(listings.values()), places.get(group, {}))
        return found

    def compare_affiliations(self) -> None:
        """Date who employed whom; a revision that names no employer says nothing."""
        unnamed = {one.pk for one in self.held.people if one.fields["withheld"] is not None}
        listed: dict[tuple[Ref, ...], tuple[list[Listing], dict[int, Place]]] = {}
        for sighting in self.sightings:
            for person in sighting.reading.people:
                ref = self.people.get((sighting.number, person.key))
                if ref is None or not person.employer or ref in unnamed:
                    continue
                listings, places = listed.setdefault((ref,), ([], {}))
                listings[:] = [one for one in listings if one.on != sighting.on]
                employer = self.held.employers.get(person.employer, person.employer)
                listings.append(Listing(sighting.on, employer, sighting=sighting.number))
                places[sighting.number] = person.place
        groups = self.held_groups(self.held.affiliations, ("human",))
        for group in [*listed, *(group for group in groups if group not in listed)]:
            listings, places = listed.get(group, ([], {}))
            rows = groups.get(group, [])
            if listings or any(row.trace for row in rows):
                title = f"{self.names['person', group[0]]}, employer"
                about: Fields = {"person": group[0]}
                self.settle(Timed("affiliation", title, rows, listings, places, about, "employer", self.told_of))

    def held_groups(self, rows: Sequence[Held], names: tuple[str, ...]) -> dict[Any, list[Held]]:
        """Return the rows that are about the same people and offices, together."""
        groups: dict[Any, list[Held]] = defaultdict(list)
        for row in rows:
            groups[tuple(row.fields[name] for name in names)].append(row)
        return groups

    def settle(self, timed: Timed) -> None:
        """Compare the stretches that should be with the rows that are.

        Who was entered twice and merged has rows under both entries: both are kept up to date, so that the merge can be
        taken back; what is new is added under one of them.
        """
        entries = {row.fields["person"] for row in timed.rows}
        first = timed.about["person"] if timed.about["person"] in entries or not entries else min(entries)
        for entry in sorted(entries, key=str) or [first]:
            of_entry = timed.of(entry)
            wanted, clashes = walk(of_entry.base(), of_entry.listings)
            changes = list(of_entry.changes(wanted))
            self.result.changes += [change for change in changes if entry == first or change.verb != "added"]
            for clash in clashes if entry == first else ():
                self.clash(timed, clash)

    def seat(self) -> None:
        """Give those who begin a numbered seat that is free; who finds none is a conflict."""
        seats: dict[Ref, int | None] = {one.pk: one.fields["seats"] for one in self.held.offices}
        for change in self.result.changes:
            if change.kind == "office" and change.after and "seats" in change.after:
                seats[change.ref] = change.after["seats"]
        seated = Seats(self.held.terms, self.result.changes)
        begun = [c for c in self.result.changes if (c.kind, c.verb) == ("term", "added") and c.after]
        for change in sorted(begun, key=lambda c: (c.after or {})["lower"] or ""):
            after = change.after or {}
            wanted = seats.get(after["office"])
            if not wanted or after["standing"] != "active":
                continue
            free = seated.free(after, wanted)
            at = self.result.changes.index(change)
            if free is None:
                del self.result.changes[at]
                words = f"{change.words}: every seat of the office is taken in that time"
                self.conflict("term", change.ref, words, change.place, None)
            else:
                self.result.changes[at] = replace(change, after={**after, "seat": free})

    def clash(self, timed: Timed, clash: Clash) -> None:
        self.conflict(
            timed.kind, timed.title, f"{timed.title}: {clash.words}", timed.places.get(clash.sighting), clash.sighting
        )

    # -- proposals --------------------------------------------------------------------------------------------------

    def compare_proposals(self) -> None:
        """Add proposals and bring the others up to the newest revision that names them."""
        held = {one.fields["number"].casefold(): one for one in self.held.proposals}
        newest: dict[str, tuple[Fields, Place | None]] = {}
        for sighting in self.sightings:
            for read in sighting.reading.proposals:
                newest[read.number.casefold()] = (
                    self.proposal_fields(sighting, read),
                    self.place_of([(sighting, read)]),
                )
        for number, (wanted, place) in newest.items():
            words = f"{wanted['number']}: {wanted['title']}"
            if (row := held.get(number)) is None:
                self.add("proposal", number, wanted, words, place)
                continue
            # Positions are appended: what somebody took stays theirs, and a source only adds who is not there yet.
            kept = {**wanted["positions"], **row.fields["positions"]}
            changed = {k: v for k, v in {**wanted, "positions": kept}.items() if row.fields[k] != v and k != "number"}
            if row.fields["retracted"]:
                changed["retracted"] = False
            if changed:
                self.update("proposal", row, changed, place)
        for row in self.held.proposals:
            if row.made_here and row.fields["number"].casefold() not in newest and not row.fields["retracted"]:
                self.remove("proposal", row, row.fields["number"])

    def proposal_fields(self, sighting: Sighting, read: Any) -> Fields:
        """Return what a revision says of a proposal, people and areas as references."""

        def people(keys: Iterable[str]) -> list[Ref]:
            found = {self.people.get((sighting.number, key)) for key in keys}
            return sorted((ref for ref in found if ref is not None), key=str)

        positions = {self.people.get((sighting.number, key)): word for key, word in read.positions.items()}
        return {
            "number": read.number,
            "title": read.title,
            "state": read.state or "unknown",
            "outcome": read.outcome,
            "opened_on": iso(read.created),
            "url": read.url,
            "authors": people(read.authors),
            "shepherds": people(read.shepherds),
            "areas": sorted({self.areas[slug] for slug in read.areas if slug in self.areas}, key=str),
            "positions": {str(ref): word for ref, word in positions.items() if ref is not None},
        }

    def place_of(self, mentioned: Sequence[tuple[Sighting, Any]]) -> Place | None:
        """Return the line of the revision that is told of; the lines of others are told by their own imports."""
        return next((read.place for sighting, read in mentioned if sighting.number == self.told_of), None)

    # -- what is told ----------------------------------------------------------------------------------------------

    def add(self, kind: Kind, ref: Ref, fields: Fields, words: str, place: Place | None) -> None:
        self.result.changes.append(Change("added", kind, ref, words, None, fields, place, key=str(ref)))

    def update(self, kind: Kind, row: Held, wanted: Mapping[str, Any], place: Place | None, key: str = "") -> None:
        """Change what differs; a value that a person changed since an import wrote it is a conflict."""
        theirs = row.trace is None and kind == "proposal"
        mine = {name: value for name, value in wanted.items() if not (theirs or row.edited(name))}
        name = row.fields.get("name") or row.fields.get("title") or ""
        for edited in sorted(wanted.keys() - mine.keys() - row.shared):
            here = f"here it is {self.shown(edited, row.fields[edited])}, as somebody changed it"
            words = f"{name}: the source says {called(edited)} {self.shown(edited, wanted[edited])}; {here}"
            self.conflict(kind, row.pk, words, place, None)
        if mine:
            told = (f"{called(k)} {self.shown(k, row.fields[k])} → {self.shown(k, v)}" for k, v in mine.items())
            words = f"{name}: {', '.join(told)}"
            before = {name: row.fields[name] for name in mine}
            self.result.changes.append(Change("changed", kind, row.pk, words, before, dict(mine), place, key))

    def shown(self, name: str, value: Any) -> str:
        """Write a value in a sentence, people and areas by their names."""
        kinds: dict[str, Kind] = {
            "parent": "area",
            "area": "area",
            "areas": "area",
            "authors": "person",
            "shepherds": "person",
        }
        if name in kinds:
            refs = value if isinstance(value, list) else [value]
            value = [self.names.get((kinds[name], ref), str(ref)) for ref in refs if ref]
        return shown(value)

    def drop(self, kind: Kind, rows: Sequence[Held], named: Mapping[Ref, Any]) -> None:
        """Remove what only revisions that no longer count have brought, and give back what they changed."""
        for row in rows:
            if row.trace is None or row.pk in named:
                continue
            if row.trace.before is None:
                self.remove(kind, row, row.fields["name"])
            else:
                back = {k: v for k, v in row.trace.before.items() if row.fields[k] != v}
                self.update(kind, row, back, None)

    def remove(self, kind: Kind, row: Held, words: str) -> None:
        if row.touched_by_hand:
            self.conflict(kind, row.pk, f"{words}: was changed here since an import added it", None, None)
        else:
            self.result.changes.append(Change("removed", kind, row.pk, words, row.fields, None))

    def conflict(self, kind: Kind, ref: Ref, words: str, place: Place | None, sighting: int | None) -> None:
        if self.told_of is None or sighting is None or sighting == self.told_of:
            self.result.conflicts.append(Conflict(kind, ref, words, place))

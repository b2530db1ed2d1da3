"""Say how what is held differs from what the revisions of a source list: a function of both, and of nothing else.

What should be held follows from all applied revisions together, in the order of their days. So importing one more,
importing an older one later, and undoing one are the same question with another set of revisions.
What a person entered or changed is never overwritten: it is a conflict, told in words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from governance.importing.coverage import family_of
from governance.importing.reading import AreaRead, OfficeRead, PersonRead, Place, Reading
from governance.importing.timeline import Clash, Listing, Stretch, walk

Kind = Literal["person", "area", "office", "term", "affiliation", "proposal"]
Verb = Literal["added", "changed", "ended", "removed"]
Ref = int | str  # a row's number, or the key of what has none yet
Fields = dict[str, Any]


@dataclass(frozen=True)
class Sighting:
    """A reading with its day: what one revision lists, and which families of files it lists whole."""

    number: int
    on: date
    reading: Reading
    covered: frozenset[str] = frozenset()
    root: str = ""

    def family(self, place: Place) -> str:
        return family_of(self.reading.format, place.file, self.root)


@dataclass(frozen=True)
class Trace:
    """What imports wrote into a row: under which key of the source, what stood there before, what stands since."""

    key: str
    before: Fields | None
    written: Fields


@dataclass(frozen=True)
class Held:
    """A row as it is held, with the trace of this source's imports in it, if any."""

    pk: int
    fields: Fields
    trace: Trace | None = None

    @property
    def made_here(self) -> bool:
        return self.trace is not None and self.trace.before is None

    def edited(self, name: str) -> bool:
        """Say whether a person changed a value since an import wrote it."""
        written = self.trace.written if self.trace else {}
        return name in written and written[name] != self.fields[name]

    @property
    def touched(self) -> bool:
        return any(self.edited(name) for name in self.fields)


@dataclass(frozen=True)
class Holdings:
    """What the site holds of a project, and of the people whom the source may mean."""

    project: str
    prefix: str
    people: Sequence[Held] = ()
    areas: Sequence[Held] = ()
    offices: Sequence[Held] = ()
    terms: Sequence[Held] = ()
    affiliations: Sequence[Held] = ()
    proposals: Sequence[Held] = ()
    # Traces whose rows somebody removed.
    gone: Sequence[Trace] = ()
    # Under which name each employer is counted.
    employers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One row to add, change, end or remove: values before and after, and the line that says so."""

    verb: Verb
    kind: Kind
    ref: Ref
    words: str
    before: Fields | None = None
    after: Fields | None = None
    place: Place | None = None
    key: str = ""


@dataclass(frozen=True)
class Conflict:
    """What the source says and is not applied, since a person said otherwise here."""

    kind: Kind
    ref: Ref
    words: str
    place: Place | None = None


@dataclass
class Difference:
    """Everything that applying would do, and what it would leave."""

    changes: list[Change] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    def of(self, *verbs: Verb) -> list[Change]:
        return [change for change in self.changes if change.verb in verbs]

    @property
    def empty(self) -> bool:
        return not self.changes


def difference(sightings: Iterable[Sighting], held: Holdings, *, told_of: int | None = None) -> Difference:
    """Return what must change for the site to hold what these revisions list.

    `told_of` is the revision whose conflicts are told; None tells all.
    """
    ordered = sorted(sightings, key=lambda sighting: (sighting.on, sighting.number))
    return _Reconciling(ordered, held, told_of).run()


class _Reconciling:
    """One comparison, kind by kind: people and areas first, since offices and terms name them."""

    def __init__(self, sightings: Sequence[Sighting], held: Holdings, told_of: int | None) -> None:
        self.sightings = sightings
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
        return self.result

    # -- who is who ------------------------------------------------------------------------------------------------

    def match_people(self) -> None:
        """Find each person by GitHub's number, else by login without case, else by name where there is no login."""
        book = _People(self.held.people)
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
            match = by_name.get(one.name.casefold()) or by_slug.get(self.held.prefix + slug)
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
        mentions: dict[Ref, list[PersonRead]] = defaultdict(list)
        for sighting in self.sightings:
            for person in sighting.reading.people:
                if (ref := self.people.get((sighting.number, person.key))) is not None:
                    mentions[ref].append(person)
        held = {one.pk: one for one in self.held.people}
        for ref, read in mentions.items():
            newest = read[-1]
            number = next((one.github_number for one in reversed(read) if one.github_number), None)
            wanted = {"name": best_name(read), "github": newest.github, "number": number}
            if isinstance(ref, str):
                known = f", on GitHub {newest.github}" if newest.github else ""
                self.add("person", ref, wanted, f"{wanted['name']}{known}", newest.place)
            else:
                self.update("person", held[ref], person_update(held[ref], wanted), newest.place)
        self.drop("person", self.held.people, mentions)

    def compare_areas(self) -> None:
        """Add areas, and say since when one is no longer kept up: its section moved, or it is listed no more."""
        mentions: dict[Ref, list[tuple[Sighting, AreaRead]]] = defaultdict(list)
        for sighting in self.sightings:
            for area in sighting.reading.areas:
                mentions[self.areas[area.slug]].append((sighting, area))
        held = {one.pk: one for one in self.held.areas}
        for ref, read in mentions.items():
            newest = read[-1][1]
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
                self.add("area", ref, {"slug": self.held.prefix + ref, **wanted}, newest.name, newest.place)
            else:
                self.update("area", held[ref], area_update(held[ref], wanted), newest.place, newest.slug)
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
        mentions: dict[Ref, list[OfficeRead]] = defaultdict(list)
        for sighting in self.sightings:
            for office in sighting.reading.offices:
                mentions[self.offices[office.slug]].append(office)
        held = {one.pk: one for one in self.held.offices}
        names = {one.fields["name"] for one in self.held.offices}
        for ref, read in mentions.items():
            newest = read[-1]
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
                self.add("office", ref, {"slug": self.held.prefix + ref, **wanted}, wanted["name"], newest.place)
            else:
                self.update("office", held[ref], office_update(held[ref], wanted), newest.place, newest.slug)
        self.drop("office", self.held.offices, mentions)

    # -- what lasts from day to day ---------------------------------------------------------------------------------

    def compare_terms(self) -> None:
        """Begin, end and date terms, office by office and person by person."""
        listed = self.term_listings()
        groups = self.held_groups(self.held.terms, ("office", "person"))
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
            timed = _Timed("term", title, rows, listings, places, {"office": office, "person": person}, "standing")
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
                said[group][sighting.on] = Listing(sighting.on, held.standing, held.since, held.until, sighting.number)
                places[group][sighting.number] = held.place
        for row in self.held.terms:
            said.setdefault((row.fields["office"], row.fields["person"]), {})
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
        listed: dict[tuple[Ref, ...], tuple[list[Listing], dict[int, Place]]] = {}
        for sighting in self.sightings:
            for person in sighting.reading.people:
                ref = self.people.get((sighting.number, person.key))
                if ref is None or not person.employer:
                    continue
                listings, places = listed.setdefault((ref,), ([], {}))
                listings[:] = [one for one in listings if one.on != sighting.on]
                employer = self.held.employers.get(person.employer, person.employer)
                listings.append(Listing(sighting.on, employer, sighting=sighting.number))
                places[sighting.number] = person.place
        groups = self.held_groups(self.held.affiliations, ("person",))
        for group in [*listed, *(group for group in groups if group not in listed)]:
            listings, places = listed.get(group, ([], {}))
            rows = groups.get(group, [])
            if listings or any(row.trace for row in rows):
                title = f"{self.names['person', group[0]]}, employer"
                self.settle(_Timed("affiliation", title, rows, listings, places, {"person": group[0]}, "employer"))

    def held_groups(self, rows: Sequence[Held], names: tuple[str, ...]) -> dict[Any, list[Held]]:
        """Return the rows that are about the same people and offices, together."""
        groups: dict[Any, list[Held]] = defaultdict(list)
        for row in rows:
            groups[tuple(row.fields[name] for name in names)].append(row)
        return groups

    def settle(self, timed: _Timed) -> None:
        """Compare the stretches that should be with the rows that are."""
        wanted, clashes = walk(timed.base(), timed.listings)
        for clash in clashes:
            self.clash(timed, clash)
        self.result.changes += timed.changes(wanted)

    def seat(self) -> None:
        """Give those who begin a numbered seat that is free; who finds none is a conflict."""
        seats: dict[Ref, int | None] = {one.pk: one.fields["seats"] for one in self.held.offices}
        for change in self.result.changes:
            if change.kind == "office" and change.after and "seats" in change.after:
                seats[change.ref] = change.after["seats"]
        seated = _Seats(self.held.terms, self.result.changes)
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

    def clash(self, timed: _Timed, clash: Clash) -> None:
        self.conflict(
            timed.kind, timed.title, f"{timed.title}: {clash.words}", timed.places.get(clash.sighting), clash.sighting
        )

    # -- proposals --------------------------------------------------------------------------------------------------

    def compare_proposals(self) -> None:
        """Add proposals and bring the others up to the newest revision that names them."""
        held = {one.fields["number"].casefold(): one for one in self.held.proposals}
        newest: dict[str, tuple[Fields, Place]] = {}
        for sighting in self.sightings:
            for read in sighting.reading.proposals:
                newest[read.number.casefold()] = (self.proposal_fields(sighting, read), read.place)
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

    # -- what is told ----------------------------------------------------------------------------------------------

    def add(self, kind: Kind, ref: Ref, fields: Fields, words: str, place: Place) -> None:
        self.result.changes.append(Change("added", kind, ref, words, None, fields, place, key=str(ref)))

    def update(self, kind: Kind, row: Held, wanted: Mapping[str, Any], place: Place, key: str = "") -> None:
        """Change what differs; a value that a person changed since an import wrote it is a conflict."""
        theirs = row.trace is None and kind == "proposal"
        mine = {name: value for name, value in wanted.items() if not (theirs or row.edited(name))}
        name = row.fields.get("name") or row.fields.get("title") or ""
        for edited in wanted.keys() - mine.keys():
            here = f"here it is {shown(row.fields[edited])}"
            words = f"{name}: the source says {edited} {shown(wanted[edited])}; {here}, as somebody changed it"
            self.conflict(kind, row.pk, words, place, None)
        if mine:
            words = f"{name}: {', '.join(f'{k} {shown(row.fields[k])} → {shown(v)}' for k, v in mine.items())}"
            before = {key: row.fields[key] for key in mine}
            self.result.changes.append(Change("changed", kind, row.pk, words, before, dict(mine), place, key))

    def drop(self, kind: Kind, rows: Sequence[Held], named: Mapping[Ref, Any]) -> None:
        """Remove what only revisions that no longer count have brought, and give back what they changed."""
        for row in rows:
            if row.trace is None or row.pk in named:
                continue
            if row.trace.before is None:
                self.remove(kind, row, row.fields["name"])
            else:
                back = {k: v for k, v in row.trace.before.items() if row.fields[k] != v}
                self.update(kind, row, back, Place(""))

    def remove(self, kind: Kind, row: Held, words: str) -> None:
        if row.touched:
            self.conflict(kind, row.pk, f"{words}: was changed here since an import added it", None, None)
        else:
            self.result.changes.append(Change("removed", kind, row.pk, words, row.fields, None))

    def conflict(self, kind: Kind, ref: Ref, words: str, place: Place | None, sighting: int | None) -> None:
        if self.told_of is None or sighting is None or sighting == self.told_of:
            self.result.conflicts.append(Conflict(kind, ref, words, place))


class _People:
    """Everyone who is known by number, login or name, and who was met in the revisions so far."""

    def __init__(self, held: Sequence[Held]) -> None:
        self.numbers: dict[int, Ref] = {}
        self.logins: dict[str, Ref] = {}
        self.number_of: dict[str, int] = {}
        self.named: dict[str, list[Ref]] = defaultdict(list)
        self.borne: dict[str, list[tuple[date | None, date | None, Ref]]] = defaultdict(list)
        for one in held:
            for login, number in one.fields["accounts"]:
                self.know(one.pk, login, number)
            for login, lower, upper in one.fields["former"]:
                self.borne[login.lower()].append((day(lower), day(upper), one.pk))
            if one.fields["here"]:
                self.named[one.fields["name"]].append(one.pk)

    def know(self, ref: Ref, login: str, number: int | None) -> None:
        """Remember under which login and number somebody is known."""
        if login:
            self.logins.setdefault(login.lower(), ref)
        if number:
            self.numbers.setdefault(number, ref)
            self.number_of.setdefault(login.lower(), number)

    def bearer(self, login: str, on: date) -> Ref | None:
        """Return who bore a login on a day: by its history, else whoever bears it now."""
        for lower, upper, ref in self.borne.get(login, ()):
            if (lower is None or lower <= on) and (upper is None or on < upper):
                return ref
        return self.logins.get(login)

    def find(self, person: PersonRead, on: date) -> Ref:
        """Return who this is, somebody new by their key; "!" and a reason where it cannot be told."""
        login, number = person.github.lower(), person.github_number
        if number and number in self.numbers:
            ref = self.numbers[number]
            self.know(ref, person.github, None)
            return ref
        bearer = self.bearer(login, on) if login else None
        if bearer is not None:
            known = self.number_of.get(login)
            if number and known and known != number:
                return f"!{person.name}: the login {person.github} is known as account {known}, and here as {number}"
            self.know(bearer, person.github, number)
            return bearer
        if not login and len(self.named.get(person.name, ())) == 1:
            return self.named[person.name][0]
        if not login:
            self.named[person.name] = [person.key]
        self.know(person.key, person.github, number)
        return person.key


class _Seats:
    """Which numbered seat is taken from when to when, once the changes are made."""

    def __init__(self, terms: Sequence[Held], changes: Sequence[Change]) -> None:
        self.taken: dict[Ref, list[Fields]] = defaultdict(list)
        after = {change.ref: change for change in changes if change.kind == "term"}
        for term in terms:
            change = after.get(term.pk)
            if change is None or change.verb != "removed":
                now = {**term.fields, **((change.after or {}) if change else {})}
                self.taken[now["office"]].append(now)

    def free(self, term: Fields, seats: int) -> int | None:
        """Return the first seat that nobody has in a term's time, and take it."""
        clash = {one.get("seat") for one in self.taken[term["office"]] if overlap(one, term)}
        seat = next((number for number in range(1, seats + 1) if number not in clash), None)
        if seat is not None:
            self.taken[term["office"]].append({**term, "seat": seat})
        return seat


def overlap(one: Fields, other: Fields) -> bool:
    """Say whether two half-open ranges of days have a day in common; an open side has no end."""

    def before(upper: str | None, lower: str | None) -> bool:
        return upper is not None and lower is not None and upper <= lower

    return not (before(one["upper"], other["lower"]) or before(other["upper"], one["lower"]))


@dataclass
class _Timed:
    """The rows of one person in one office, or of one person's employers, and what the revisions say of them."""

    kind: Kind
    title: str
    rows: Sequence[Held]
    listings: list[Listing]
    places: dict[int, Place]
    about: Fields
    state: str

    def base(self) -> list[Stretch]:
        """Return what persons entered: rows of their own, what stood before imports, and what they changed since."""
        found = []
        for row in self.rows:
            if row.trace is None or row.touched:
                found.append(self.stretch(row, row.fields))
            elif row.trace.before is not None:
                found.append(self.stretch(row, {**row.fields, **row.trace.before}))
        return found

    def stretch(self, row: Held, fields: Fields) -> Stretch:
        return Stretch(
            fields[self.state],
            day(fields["lower"]),
            day(fields["upper"]),
            fields.get("note", ""),
            row.pk,
            by_hand=True,
            end_is_set=row.edited("upper"),
        )

    def changes(self, wanted: Sequence[Stretch]) -> Iterator[Change]:
        """Return what turns the rows into the stretches: rows keep their number where they can."""
        rows = {row.pk: row for row in self.rows}
        spare = [row for row in self.rows if row.made_here and not row.touched]
        for stretch in wanted:
            row = rows[stretch.row] if stretch.row is not None else self.nearest(stretch, spare)
            if row in spare:
                spare.remove(row)
            change = self.change(stretch, row)
            if change is not None:
                yield change
        for row in spare:
            yield Change("removed", self.kind, row.pk, self.words(self.stretch(row, row.fields)), row.fields, None)

    def nearest(self, stretch: Stretch, spare: Sequence[Held]) -> Held | None:
        """Return the row that comes closest to a stretch, if any is of its state."""

        def distance(row: Held) -> tuple[bool, bool]:
            return row.fields["lower"] != iso(stretch.lower), row.fields["upper"] != iso(stretch.upper)

        return min((row for row in spare if row.fields[self.state] == stretch.state), key=distance, default=None)

    def change(self, stretch: Stretch, row: Held | None) -> Change | None:
        """Return what brings a row to a stretch; None where nothing does, since nothing differs."""
        fields = {self.state: stretch.state, "lower": iso(stretch.lower), "upper": iso(stretch.upper)}
        if self.kind == "term":
            fields["note"] = stretch.note
        place = self.place()
        if row is None:
            return Change("added", self.kind, self.title, self.words(stretch), None, {**self.about, **fields}, place)
        after = {name: value for name, value in fields.items() if row.fields[name] != value}
        if not after:
            return None
        before = {name: row.fields[name] for name in after}
        ends = after.get("upper") is not None and row.fields["upper"] is None
        words = f"{self.words(stretch)}, before: {self.stretch(row, row.fields).said()}"
        return Change("ended" if ends else "changed", self.kind, row.pk, words, before, after, place)

    def words(self, stretch: Stretch) -> str:
        return f"{self.title}: {stretch.said()}"

    def place(self) -> Place | None:
        """Return the line that names the person, in the latest revision that does."""
        return self.places[max(self.places)] if self.places else None


def best_name(read: Sequence[PersonRead]) -> str:
    """Return the newest name that is more than a login."""
    names = [person.name for person in read if person.name.lower() != person.github.lower()]
    return names[-1] if names else read[-1].name


def person_update(row: Held, wanted: Fields) -> Fields:
    """Return what a source adds to a person: a name only where no person gave one, another login, a number."""
    found: Fields = {}
    known = {login.lower(): number for login, number in row.fields["accounts"]}
    nameless = row.fields["name"].lower() in known and wanted["name"].lower() not in known
    if wanted["name"] != row.fields["name"] and (row.made_here or nameless):
        found["name"] = wanted["name"]
    login, number = wanted["github"], wanted["number"]
    borne = {login.lower() for login, _, _ in row.fields["former"]}
    if login and login.lower() not in known.keys() | borne:
        found["github"] = login
    if number and known.get(login.lower()) is None and number not in known.values():
        found["number"] = number
    return found


def area_update(row: Held, wanted: Fields) -> Fields:
    """Return what a source changes of an area; one that was entered by hand only gets what it lacks."""
    changed = {name: value for name, value in wanted.items() if row.fields[name] != value}
    if row.made_here:
        return changed
    filled: Fields = {name: changed[name] for name in ("parent", "paths") if name in changed and not row.fields[name]}
    if "known_from" in changed and row.fields["known_from"] is None:
        filled["known_from"] = changed["known_from"]
    if "sunset_on" in changed and (row.fields["sunset_on"] is None or row.trace is not None):
        filled["sunset_on"] = changed["sunset_on"]
    return filled


def office_update(row: Held, wanted: Fields) -> Fields:
    """Return what a source changes of an office; one that was entered by hand only gets the role it lacks."""
    changed = {name: value for name, value in wanted.items() if row.fields[name] != value}
    if row.made_here:
        return changed
    return {"role": changed["role"]} if changed.get("role") and not row.fields["role"] else {}


def iso(value: date | None) -> str | None:
    return value.isoformat() if value else None


def day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def shown(value: Any) -> str:
    """Write a value in a sentence."""
    if value in (None, "", []):
        return "nothing"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"

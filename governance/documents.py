"""People, offices, areas and coverage as plain documents: what the API answers and the static export writes.

No address of anybody's and nothing of who asked not to be named is in any of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, Q

from ecosystem import queries as facts
from ecosystem.models import Affiliation, Area, Identity, Login, Person
from ecosystem.providers import TermNote
from governance.models import Office, Term
from governance.queries.history import Coverage, areas_with_counts, coverage_on, coverage_over_time
from governance.queries.offices import running
from governance.term_book import notes

Document = dict[str, Any]


@dataclass
class Book:
    """Terms by whom, of which office and of which area they are; read once for many documents."""

    people: dict[str, list[TermNote]] = field(default_factory=lambda: defaultdict(list))
    offices: dict[str, list[TermNote]] = field(default_factory=lambda: defaultdict(list))
    areas: dict[str, list[TermNote]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, found: Iterable[Term]) -> "Book":
        """Return the terms, each under its three keys."""
        book = cls()
        for note in notes(found):
            book.people[note.person_slug].append(note)
            book.offices[note.office_url].append(note)
            book.areas[note.area_slug].append(note)
        return book


def all_terms() -> Iterable[Term]:
    """Return every term of every project, the latest first."""
    terms = Term.objects.select_related("office__area", "person__merged_into")
    return terms.order_by(
        F("held__startswith").desc(nulls_last=True), F("held__endswith").desc(nulls_first=True), "office__slug", "pk"
    )


def term_document(note: TermNote) -> Document:
    """Return a term."""
    return {
        "person": {"slug": note.person_slug, "name": note.person, "url": note.person_url},
        "office": {"name": note.office, "kind": note.kind, "url": note.office_url},
        "area": {"slug": note.area_slug, "name": note.area, "url": note.area_url} if note.area else None,
        "standing": note.standing,
        "since": note.since,
        "until": note.until,
        "expires_on": note.expires_on,
        "source": note.source,
        "end_source": note.end_source or None,
        "note": note.note or None,
    }


def in_order(terms: Iterable[TermNote]) -> list[Document]:
    """Return terms as documents: as they are ordered for every reader."""
    ordered = sorted(terms, key=lambda note: (note.standing, note.office, note.person, str(note.since)))
    return [term_document(note) for note in ordered]


# -- people ----------------------------------------------------------------------------------------------------------


def people_documents(people: Sequence[Person], on: date) -> list[Document]:
    """Return people with the offices they hold on a day, without their history."""
    mine = Q(person__in=people) | Q(person__merged_into__in=people)
    held = Book.of(running(on, *Term.Standing.values).filter(mine)).people
    return [{**named(person), "on": on, "offices": in_order(held[person.slug])} for person in people]


def named(person: Person) -> Document:
    """Return who somebody is."""
    return {"slug": person.slug, "name": person.name, "url": person.get_absolute_url()}


def person_document(person: Person, on: date) -> Document:
    """Return a human: what they hold on a day, everything they held, their public names, who employed them."""
    human = facts.same_human(person)
    history = Term.objects.filter(person__in=human).select_related("office__area", "person__merged_into")
    return {
        **named(person),
        "on": on,
        "offices": in_order(notes(running(on, *Term.Standing.values).filter(person__in=human))),
        "terms": in_order(notes(history)),
        "identities": [identity_document(identity) for identity in facts.public_identities(person)],
        "past_logins": [login_document(login) for login in facts.past_logins(person)],
        "employer": facts.employer_on(person, on),
        "affiliations": [affiliation_document(one) for one in facts.affiliations_of(person)],
        "also_entered_as": sorted(person.merged.filter(unnamed_since=None).values_list("name", flat=True)),
        "source": None if person.unnamed_since else person.source,
    }


def identity_document(identity: Identity) -> Document:
    """Return a public name under which somebody acts."""
    return {
        "kind": identity.kind,
        "value": identity.value,
        "number": identity.number,
        "url": identity.url or None,
        "source": identity.source,
    }


def login_document(login: Login) -> Document:
    """Return a login that an account bore before."""
    return {"login": login.value, "since": login.held.lower, "until": login.held.upper, "source": login.source}


def affiliation_document(one: Affiliation) -> Document:
    """Return who employed somebody; an employer and dates that no source tells are said to be unknown by null."""
    return {
        "employer": one.employer.kept.name if one.employer else None,
        "since": one.held.lower,
        "until": one.held.upper,
        "source": one.source,
    }


# -- offices ---------------------------------------------------------------------------------------------------------


def offices_documents(offices: Sequence[Office], on: date) -> list[Document]:
    """Return offices with who holds them on a day, without their history."""
    held = Book.of(running(on).filter(office__in=offices)).offices
    return [{**defined(office), "on": on, "holders": in_order(held[office.get_absolute_url()])} for office in offices]


def defined(office: Office) -> Document:
    """Return what an office is."""
    return {
        "slug": office.slug,
        "name": office.name,
        "project": office.project.slug,
        "kind": office.kind,
        "role": office.role or None,
        "seats": office.seats,
        "area": office.area.slug if office.area else None,
        "url": office.get_absolute_url(),
        "source": office.source,
    }


def office_document(office: Office, on: date) -> Document:
    """Return an office: who holds it on a day, who is emeritus, everybody who ever held it."""
    history = office.terms.select_related("office__area", "person__merged_into")
    return {
        **defined(office),
        "on": on,
        "holders": in_order(notes(running(on).filter(office=office))),
        "emeriti": in_order(notes(running(on, Term.Standing.EMERITUS).filter(office=office))),
        "terms": in_order(notes(history)),
    }


# -- areas -----------------------------------------------------------------------------------------------------------


def areas_documents(areas: Sequence[Area], on: date) -> list[Document]:
    """Return areas with who maintains them on a day."""
    held = Book.of(running(on).filter(office__area__in=areas, office__kind=Office.Kind.AREA)).areas
    return [{**described(area, on), "on": on, "maintainers": in_order(held[area.slug])} for area in areas]


def described(area: Area, on: date) -> Document:
    """Return what an area is."""
    return {
        "slug": area.slug,
        "name": area.name,
        "project": area.project.slug,
        "parent": area.parent.slug if area.parent else None,
        "paths": list(area.path_patterns),
        "benchmark_tags": list(area.benchmark_tags),
        "known_from": area.known_from,
        "sunset_on": area.sunset_on,
        "kept_up": area.sunset_on is None or area.sunset_on > on,
        "url": area.get_absolute_url(),
        "source": area.source,
    }


def area_document(area: Area, on: date) -> Document:
    """Return an area: who maintains it on a day, and all terms of its offices."""
    history = Term.objects.filter(office__area=area).select_related("office__area", "person__merged_into")
    return {**areas_documents([area], on)[0], "terms": in_order(notes(history))}


# -- coverage --------------------------------------------------------------------------------------------------------


def coverage_document(on: date) -> Document:
    """Return which areas stand on nobody and on one on a day, and how many did whenever that changed until then."""
    counted = areas_with_counts(on)
    return {
        **counts(coverage_on(on)),
        "of_nobody": [area.slug for area, number in counted if number == 0],
        "of_one": [area.slug for area, number in counted if number == 1],
        "changes": [counts(step) for step in coverage_over_time(on)],
    }


def counts(found: Coverage) -> Document:
    """Return the numbers of a day."""
    return {"on": found.day, "areas": found.areas, "nobody": found.nobody, "one": found.one}

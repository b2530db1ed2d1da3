"""Writes about people: who they are, under which names they act, who employs them."""

from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

import record
from ecosystem.models import Affiliation, Employer, Identity, Person
from record.actions import Account


@transaction.atomic
def add_person(*, slug: str, name: str, source: str, github: str = "", by: Account | str | None) -> Person:
    """Add a person who is publicly known in the project, with the GitHub login they act under."""
    person = Person.objects.create(slug=slug, name=name, source=source)
    if github:
        Identity.objects.create(person=person, kind=Identity.Kind.GITHUB, value=github, source=source)
    known_as = f", on GitHub {github}" if github else ""
    record.append(
        "person.added",
        by=by,
        subject=f"person/{slug}",
        summary=f"{name} was added{known_as}.",
        data={"name": name, "github": github, "source": source},
    )
    return person


@transaction.atomic
def record_affiliation(
    *,
    person: Person,
    employer: str,
    employer_slug: str,
    since: date | None,
    until: date | None,
    source: str,
    by: Account | str | None,
) -> Affiliation:
    """Say who employed a person, from a first day to the first day no longer; an unknown start stays open."""
    organisation, _ = Employer.objects.get_or_create(slug=employer_slug, defaults={"name": employer})
    affiliation = Affiliation.objects.create(
        person=person, employer=organisation, held=DateRange(since, until), source=source
    )
    record.append(
        "affiliation.recorded",
        by=by,
        subject=f"person/{person.slug}",
        summary=f"{person.name} was employed by {employer}"
        + (f" from {since}" if since else ", from when is unknown")
        + (f", until {until}." if until else "."),
        data={"employer": employer, "since": since, "until": until, "source": source},
    )
    return affiliation

"""Writes about offices and terms: one transaction each, the record inside it."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

import record
from ecosystem.models import Area, Person, Project
from governance.models import Office, Term
from record.actions import Account


class TermRefused(ValueError):
    """A term that the office, the dates or another term do not allow."""


@transaction.atomic
def define_office(
    *,
    project: Project,
    slug: str,
    name: str,
    kind: str,
    source: str,
    role: str = "",
    area: Area | None = None,
    seats: int | None = None,
    signs_releases: bool = False,
    by: Account | str | None,
) -> Office:
    """Define an office by the rule that a source states."""
    office = Office.objects.create(
        project=project,
        slug=slug,
        name=name,
        kind=kind,
        role=role,
        area=area,
        seats=seats,
        signs_releases=signs_releases,
        source=source,
    )
    how_many = f" with {seats} seat{'s' if seats != 1 else ''}" if seats else ""
    record.append(
        "office.defined",
        by=by,
        subject=f"office/{slug}",
        summary=f"The office {name} was defined{how_many}.",
        data={"name": name, "kind": kind, "seats": seats, "signs_releases": signs_releases, "source": source},
    )
    return office


@transaction.atomic
def begin_term(
    *,
    office: Office,
    person: Person,
    on: date | None,
    source: str,
    standing: str = Term.Standing.ACTIVE,
    expires_on: date | None = None,
    note: str = "",
    by: Account | str | None,
) -> Term:
    """Begin a person's term in an office on a day, None where no source tells the day; or their time as emeritus.

    Raises:
        TermRefused: when the person holds the office then, or all its seats are taken.
    """
    # The office's row is the queue: two beginnings at once never choose the same seat.
    office = Office.objects.select_for_update().get(pk=office.pk)
    held = DateRange(on, None)
    if office.terms.filter(person=person, held__overlap=held).exists():
        raise TermRefused(f"{person.name} holds the office {office.name} in that time already.")
    is_active = standing == Term.Standing.ACTIVE
    term = placed(
        Term(
            office=office,
            person=person,
            standing=standing,
            held=held,
            expires_on=expires_on,
            source=source,
            note=note,
            seat=free_seat(office, held) if is_active else None,
        )
    )
    title = office.name if is_active else f"{office.name}, emeritus"
    began = f"became {title} on {on}" if on else f"was entered as {title}; since when is unknown"
    record.append(
        "term.began",
        by=by,
        subject=f"term/{term.pk}",
        summary=f"{person.name} {began}.",
        data={"office": office.slug, "person": person.slug, "standing": standing, "since": on, "source": source},
    )
    return term


@transaction.atomic
def end_term(*, term: Term, on: date, source: str, note: str = "", by: Account | str | None) -> Term:
    """End a term: the day is the first on which the office is no longer held.

    Raises:
        TermRefused: when the term has ended, or began on that day or later.
    """
    term = Term.objects.select_for_update().select_related("office", "person").get(pk=term.pk)
    if term.held.upper is not None:
        raise TermRefused(f"The term of {term.person.name} as {term.office.name} ended on {term.held.upper}.")
    if term.held.lower is not None and on <= term.held.lower:
        raise TermRefused(
            f"The term of {term.person.name} as {term.office.name} begins on {term.held.lower}, not before {on}."
        )
    term.held = DateRange(term.held.lower, on)
    term.end_source = source
    term.note = "\n".join(part for part in (term.note, note) if part)
    term.save()
    record.append(
        "term.ended",
        by=by,
        subject=f"term/{term.pk}",
        summary=f"{term.person.name} ceased to be {term.office.name} on {on}.",
        data={"office": term.office.slug, "person": term.person.slug, "until": on, "source": source},
    )
    return term


def free_seat(office: Office, held: DateRange) -> int | None:
    """Return the first numbered seat that nobody holds in that time; None where seats have no numbers.

    Raises:
        TermRefused: when every seat is taken.
    """
    if office.seats is None:
        return None
    taken = set(office.terms.filter(held__overlap=held, standing=Term.Standing.ACTIVE).values_list("seat", flat=True))
    for seat in range(1, office.seats + 1):
        if seat not in taken:
            return seat
    raise TermRefused(f"Every seat of the office {office.name} is taken in that time: end a term first.")


def placed(term: Term) -> Term:
    """Store a term; what the database refuses is refused in words."""
    try:
        with transaction.atomic():
            term.save()
    except IntegrityError as error:
        raise TermRefused(
            f"The database refuses this term of {term.person.name} as {term.office.name}: {error}"
        ) from error
    return term

"""The terms as the room of facts may show them on its pages of people and areas."""

from collections.abc import Callable, Iterable
from datetime import date
from itertools import chain

from django.db.models import F, Q, QuerySet

from ecosystem.providers import TermNote
from ecosystem.withholding import redactor
from governance.models import Term
from governance.queries.offices import running


class Terms:
    """Looks terms up in this room's table."""

    def terms(self, *, person: str = "", area: str = "", on: date | None = None) -> list[TermNote]:
        """Return terms of any project: those without an end first, then the latest to end.

        On a day: those that run then, each human once an office.
        """
        if on is None:
            found = narrowed(Term.objects.select_related("office__area", "person__merged_into"), person, area)
            latest = found.order_by(F("held__endswith").desc(nulls_first=True), "person__name")
            return notes(latest)
        standings = (narrowed(running(on, standing), person, area) for standing in Term.Standing.values)
        return notes(chain.from_iterable(standings))


def narrowed(found: QuerySet[Term], person: str, area: str) -> QuerySet[Term]:
    """Return the terms of a human, of an area, or all of the kept project."""
    if person:
        found = found.filter(Q(person__slug=person) | Q(person__merged_into__slug=person))
    if area:
        found = found.filter(office__area__slug=area)
    return found if person or area else found.filter(office__project__kept=True)


def notes(terms: Iterable[Term]) -> list[TermNote]:
    """Return terms as notes, without what people asked not to be shown by."""
    redact = redactor()
    return [noted(term, redact) for term in terms]


def noted(term: Term, redact: Callable[[str], str]) -> TermNote:
    """Return a term as a note."""
    office, area, person = term.office, term.office.area, term.person.kept
    return TermNote(
        person=person.name,
        person_slug=person.slug,
        person_url=person.get_absolute_url(),
        office=office.name,
        kind=office.kind,
        standing=term.standing,
        since=term.held.lower,
        until=term.held.upper,
        source=term.source,
        end_source=term.end_source,
        note="" if person.unnamed_since else redact(term.note),
        area=area.name if area else "",
        area_slug=area.slug if area else "",
        area_url=area.get_absolute_url() if area else "",
        office_url=office.get_absolute_url(),
        expires_on=term.expires_on,
    )


BOOK = Terms()

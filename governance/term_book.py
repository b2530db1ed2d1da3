"""The terms as the room of facts may show them on its pages of people and areas."""

from collections.abc import Callable, Iterable
from datetime import date

from django.db.models import F, QuerySet

from ecosystem.models import Person
from ecosystem.providers import TermNote
from ecosystem.withholding import redactor
from governance.models import Office, Term
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
        return notes(narrowed(running(on, *Term.Standing.values), person, area))


def narrowed(found: QuerySet[Term], person: str, area: str) -> QuerySet[Term]:
    """Return the terms of a human, of an area, or all of the kept project."""
    # The keys are looked up first: with them, the terms' own indexes serve.
    if person:
        kept = list(Person.objects.filter(slug=person).values_list("pk", flat=True))
        merged = list(Person.objects.filter(merged_into__in=kept).values_list("pk", flat=True))
        found = found.filter(person__in=[*kept, *merged])
    if area:
        found = found.filter(office__in=list(Office.objects.filter(area__slug=area).values_list("pk", flat=True)))
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

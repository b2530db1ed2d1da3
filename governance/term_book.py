"""The terms as the room of facts may show them on its pages of people and areas."""

from collections.abc import Callable, Collection, Iterable
from datetime import date

from django.db.models import F, Q, QuerySet

from ecosystem.models import Person
from ecosystem.providers import TermNote
from ecosystem.withholding import redactor
from governance.models import Office, Term
from governance.queries.history import HUMAN, maintainer_counts
from governance.queries.offices import running, terms_on


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

    def running(
        self, on: date, *, kinds: Collection[str], people: Collection[int] | None, areas: Collection[int] | None
    ) -> list[TermNote]:
        """Return the terms by which offices of the kept project are held on a day."""
        found = terms_on(on)
        if kinds:
            found = found.filter(office__kind__in=kinds)
        if people is not None:
            found = found.filter(person__in=entries_of(people))
        if areas is not None:
            found = found.filter(office__area__in=areas)
        return notes(found)

    def holders(self, on: date, kinds: Collection[str]) -> QuerySet[Term, int]:
        """Return the keys of the humans who hold an office of the kept project on a day."""
        held = Term.objects.filter(held__contains=on, standing=Term.Standing.ACTIVE, office__project__kept=True)
        held = held.filter(office__kind__in=kinds) if kinds else held
        return held.order_by().annotate(human=HUMAN).values_list("human", flat=True)

    def maintainer_counts(self, on: date) -> dict[int, int]:
        """Return how many humans maintain each area on a day."""
        return maintainer_counts(on)


def entries_of(people: Collection[int]) -> list[int]:
    """Return the keys of these people and of whoever was merged into them: with keys, the terms' own index serves."""
    entries = Person.objects.filter(Q(pk__in=people) | Q(merged_into__in=people))
    return list(entries.values_list("pk", flat=True))


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

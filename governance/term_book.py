"""The terms as the room of facts may show them on its pages of people and areas."""

from django.db.models import F

from ecosystem.providers import TermNote
from governance.models import Term


class Terms:
    """Looks terms up in this room's table."""

    def terms(self, *, person: str = "", area: str = "") -> list[TermNote]:
        """Return all terms, a person's or an area's: those without an end first, then the latest to end."""
        found = Term.objects.select_related("office__area", "person")
        if person:
            found = found.filter(person__slug=person)
        if area:
            found = found.filter(office__area__slug=area)
        return [noted(term) for term in found.order_by(F("held__endswith").desc(nulls_first=True), "person__name")]


def noted(term: Term) -> TermNote:
    """Return a term as a note."""
    area = term.office.area
    return TermNote(
        person=term.person.name,
        person_slug=term.person.slug,
        person_url=term.person.get_absolute_url(),
        office=term.office.name,
        kind=term.office.kind,
        standing=term.standing,
        since=term.held.lower,
        until=term.held.upper,
        source=term.source,
        end_source=term.end_source,
        note=term.note,
        area=area.name if area else "",
        area_slug=area.slug if area else "",
        area_url=area.get_absolute_url() if area else "",
    )


BOOK = Terms()

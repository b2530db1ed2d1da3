"""What the rooms below may show of this one: the areas of a point's tags, and who maintains them today."""

from collections.abc import Collection

from django.utils import timezone

from benchmarks_runner.providers import AreaNote, PersonNote
from governance.models import Term
from governance.queries.offices import areas_tagged


def area_notes(tags: Collection[str]) -> list[AreaNote]:
    """Return the areas that carry any of these tags, with their maintainers of today."""
    return [
        AreaNote(area.slug, area.name, area.get_absolute_url(), tuple(person_note(term) for term in terms))
        for area, terms in areas_tagged(tags, timezone.localdate())
    ]


def person_note(term: Term) -> PersonNote:
    """Return a term's holder as pages name them."""
    return PersonNote(term.person.name, term.person.get_absolute_url(), term.office.name, term.held.lower)

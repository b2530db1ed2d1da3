"""Reads about check-ins: what awaits a person's answer, and how the last one of each term stands."""

from collections.abc import Iterable

from django.db.models import QuerySet

from ecosystem import queries as facts
from ecosystem.models import Person
from governance.models import CheckIn, Office


def awaiting(person: Person) -> QuerySet[CheckIn]:
    """Return what a human was asked and has not answered, the longest ago first."""
    asked = CheckIn.objects.filter(term__person__in=facts.same_human(person), answer="")
    return asked.select_related("term__office").order_by("asked_on")


def latest_by_person(offices: Iterable[Office]) -> dict[str, CheckIn]:
    """Return the last check-in of each holder of some offices, by the slug of who is kept."""
    asked = CheckIn.objects.filter(term__office__in=offices).select_related("term__person__merged_into")
    return {check_in.term.person.kept.slug: check_in for check_in in asked.order_by("asked_on", "pk")}

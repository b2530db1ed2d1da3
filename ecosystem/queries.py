"""Reads about people and areas, as far as facts go; who holds an office is asked in governance."""

from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from ecosystem.models import Affiliation, Area, Person, Project

UNKNOWN = "unknown"


def kept_project() -> Project | None:
    """Return the project whose flame this site keeps; none before it is named."""
    return Project.objects.filter(kept=True).first()


def kept_areas(on: date) -> QuerySet[Area]:
    """Return the areas of the kept project that are kept up on a day."""
    return Area.objects.filter(Q(sunset_on__isnull=True) | Q(sunset_on__gt=on), project__kept=True)


def areas_tagged(tags: Collection[str]) -> QuerySet[Area]:
    """Return the areas that carry any of these benchmark tags."""
    return Area.objects.filter(project__kept=True, benchmark_tags__overlap=list(tags))


def affiliations_of(person: Person) -> QuerySet[Affiliation]:
    """Return a person's affiliations, the latest first."""
    return person.affiliations.select_related("employer").order_by("-held")


def employer_on(person: Person, on: date) -> str:
    """Return who employed a person on a day; `unknown` where no source tells."""
    held = person.affiliations.select_related("employer").filter(held__contains=on)
    names = sorted(affiliation.employer.name for affiliation in held if affiliation.employer)
    return ", ".join(names) or UNKNOWN

"""Reads about people and areas, as far as facts go; who holds an office is asked in governance."""

from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from ecosystem.lists import named
from ecosystem.models import Affiliation, Area, Employer, Identity, Login, Person, Project

UNKNOWN = "unknown"


def kept_project() -> Project | None:
    """Return the project whose flame this site keeps; none before it is named."""
    return Project.objects.filter(kept=True).first()


def kept_areas(on: date) -> QuerySet[Area]:
    """Return the areas of the kept project that are there and kept up on a day."""
    return known_areas(on).filter(Q(sunset_on__isnull=True) | Q(sunset_on__gt=on))


def sunset_areas(on: date) -> QuerySet[Area]:
    """Return the areas of the kept project that are kept up no longer on a day."""
    return known_areas(on).filter(sunset_on__lte=on)


def known_areas(on: date) -> QuerySet[Area]:
    """Return the areas of the kept project that are known on a day."""
    return Area.objects.filter(Q(known_from__isnull=True) | Q(known_from__lte=on), project__kept=True)


def area_moved(slug: str) -> Area | None:
    """Return the area that had an address before it was renamed."""
    return Area.objects.filter(former_slugs__contains=[slug]).order_by("-pk").first()


def areas_tagged(tags: Collection[str]) -> QuerySet[Area]:
    """Return the areas that carry any of these benchmark tags."""
    return Area.objects.filter(project__kept=True, benchmark_tags__overlap=list(tags))


def people() -> QuerySet[Person]:
    """Return the people, each human once."""
    return Person.objects.filter(merged_into__isnull=True)


def people_called(words: str) -> QuerySet[Person]:
    """Return the people whose name, or whose login on GitHub, holds these words; all where there are none.

    Who asked not to be named is found by no login.
    """
    logins = Identity.objects.filter(kind=Identity.Kind.GITHUB, value__icontains=words, person__unnamed_since=None)
    humans = logins.order_by().values_list(Coalesce("person__merged_into", "person"), flat=True)
    return named(people(), words, Q(pk__in=humans))


def same_human(person: Person) -> QuerySet[Person]:
    """Return all the persons under whom one human was entered, the kept one among them."""
    kept = person.merged_into_id or person.pk
    return Person.objects.filter(Q(pk=kept) | Q(merged_into=kept))


def public_identities(person: Person) -> QuerySet[Identity]:
    """Return the names under which a human acts in public: never an address, nothing of who asked not to be named."""
    identities = Identity.objects.filter(person__in=same_human(person), person__unnamed_since__isnull=True)
    return identities.exclude(kind=Identity.Kind.EMAIL)


def past_logins(person: Person) -> QuerySet[Login]:
    """Return the logins that a human's GitHub accounts bore before, the latest first."""
    logins = Login.objects.filter(identity__in=public_identities(person), held__endswith__isnull=False)
    return logins.order_by("-held__endswith")


def affiliations_of(person: Person) -> QuerySet[Affiliation]:
    """Return a human's affiliations, the latest first; none of who asked not to be named."""
    affiliations = Affiliation.objects.filter(person__in=same_human(person), person__unnamed_since__isnull=True)
    return affiliations.select_related("employer__merged_into").order_by("-held")


def employer_on(person: Person, on: date) -> str:
    """Return who employed a human on a day; `unknown` where no source tells."""
    held = affiliations_of(person).filter(held__contains=on)
    names = {affiliation.employer.kept.name for affiliation in held if affiliation.employer}
    return ", ".join(sorted(names)) or UNKNOWN


def employers() -> QuerySet[Employer]:
    """Return the employers, each organisation once."""
    return Employer.objects.filter(merged_into__isnull=True)

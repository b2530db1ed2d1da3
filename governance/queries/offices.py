"""Reads about offices: who holds them on a day, who held them before, who maintains what."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, When, Window
from django.db.models.functions import Coalesce, RowNumber
from django.db.models.query import ModelIterable

from ecosystem import queries as facts
from ecosystem.models import Area, Person
from governance.models import Office, Term

# The order in which offices are listed.
RANK = {
    Office.Kind.LEAD: 0,
    Office.Kind.CORE: 1,
    Office.Kind.COUNCIL: 2,
    Office.Kind.AREA: 3,
    Office.Kind.OTHER: 4,
}


def terms_on(on: date) -> QuerySet[Term]:
    """Return the terms by which offices of the kept project are held on a day, with their people."""
    return _running(on, Term.Standing.ACTIVE)


def emeriti_on(on: date) -> QuerySet[Term]:
    """Return the terms of those who are emeritus on a day."""
    return _running(on, Term.Standing.EMERITUS)


class Holders(ModelIterable):
    """Terms as rosters show them: held by the person who is kept, where two persons are one human."""

    def __iter__(self) -> Iterator[Term]:
        for term in super().__iter__():
            # For reading only: the row stays the merged person's, so that a merge can be taken back.
            term.person = term.person.kept
            yield term


def running(on: date, *standings: str) -> QuerySet[Term]:
    """Return the terms of any project that run on a day, by name, each human once an office: active ones, or these."""
    held = Term.objects.filter(held__contains=on, standing__in=standings or (Term.Standing.ACTIVE,))
    roster = (
        held.filter(_not_said_twice(on))
        .select_related("office__area", "office__project", "person__merged_into")
        .order_by("person__name")
    )
    roster._iterable_class = Holders
    return roster


def _not_said_twice(on: date) -> Q:
    """Leave out a merged person's term where the same human holds the office by another term that day."""
    kept = OuterRef("person__merged_into")
    twin = Term.objects.filter(
        Q(person=kept) | Q(person__merged_into=kept, pk__lt=OuterRef("pk")),
        office=OuterRef("office"),
        held__contains=on,
        standing=OuterRef("standing"),
    )
    return Q(person__merged_into__isnull=True) | Q(~Exists(twin))


def _running(on: date, standing: str) -> QuerySet[Term]:
    return running(on, standing).filter(office__project__kept=True)


def holders(office: Office, on: date) -> QuerySet[Term]:
    """Return the terms by which people hold an office on a day."""
    return running(on).filter(office=office)


def listed_offices() -> QuerySet[Office]:
    """Return the offices as they are listed: the kept project's first, in each project by what they are, by name."""
    rank = Case(*(When(kind=kind, then=place) for kind, place in RANK.items()), default=len(RANK))
    offices = Office.objects.select_related("project", "area")
    return offices.order_by("-project__kept", "project__name", rank, "name", "pk")


def office_moved(slug: str) -> Office | None:
    """Return the office that had an address before it was renamed."""
    return Office.objects.filter(former_slugs__contains=[slug]).order_by("-pk").first()


def holders_by_office(offices: Iterable[Office], on: date, *, most: int) -> dict[int, tuple[list[Term], int]]:
    """Return each office's first holders on a day by name, at most so many, and how many there are in all."""
    found: dict[int, tuple[list[Term], int]] = {office.pk: ([], 0) for office in offices}
    held = running(on).filter(office__in=list(found))
    numbered = held.annotate(
        place=Window(RowNumber(), partition_by="office", order_by=["person__name", "pk"]),
        many=Window(Count("*"), partition_by="office"),
    )
    for term in numbered.filter(place__lte=most).order_by("place"):
        terms, _ = found[term.office_id]
        found[term.office_id] = ([*terms, term], term.many)
    return found


def vacancies(on: date, *, most: int = 3) -> tuple[int, int, list[str]]:
    """Return how many offices the kept project has, how many nobody holds on a day, and these by name if few."""
    offices = Office.objects.filter(project__kept=True)
    held = Term.objects.filter(held__contains=on, standing=Term.Standing.ACTIVE).order_by().values("office")
    vacant = offices.exclude(pk__in=held)
    number = vacant.count()
    named = listed_offices().filter(pk__in=vacant).values_list("name", flat=True) if 0 < number <= most else ()
    return offices.count(), number, list(named)


def maintainers_of(area: Area, on: date) -> QuerySet[Term]:
    """Return the terms by which people maintain an area on a day."""
    return running(on).filter(office__area=area, office__kind=Office.Kind.AREA)


def maintainers_by_area(areas: Iterable[Area], on: date) -> dict[int, list[Term]]:
    """Return every area's maintainers on a day, by the area's key: one query for a page of areas."""
    found: dict[int, list[Term]] = {area.pk: [] for area in areas}
    for term in running(on).filter(office__area__in=found, office__kind=Office.Kind.AREA):
        found[term.office.area_id].append(term)  # type: ignore[index]
    return found


def leads(on: date) -> QuerySet[Term]:
    """Return the term of whoever leads the project on a day; nothing while the seat is vacant."""
    return terms_on(on).filter(office__kind=Office.Kind.LEAD)


def past_leads(on: date) -> QuerySet[Term]:
    """Return the terms of those who led before a day, the latest first."""
    ended = Term.objects.filter(office__kind=Office.Kind.LEAD, office__project__kept=True, held__fully_lt=(on, None))
    ended = ended.select_related("office", "person__merged_into").order_by("-held__endswith")
    ended._iterable_class = Holders
    return ended


def core_maintainers(on: date) -> QuerySet[Term]:
    """Return the core maintainers' terms on a day."""
    return terms_on(on).filter(office__kind=Office.Kind.CORE)


def thinly_held_areas(on: date) -> QuerySet[Area]:
    """Return the areas with at most one maintainer on a day, the emptiest first; each says its `maintainer_count`."""
    counted = (
        Term.objects.filter(
            office__area=OuterRef("pk"),
            office__kind=Office.Kind.AREA,
            held__contains=on,
            standing=Term.Standing.ACTIVE,
        )
        .order_by()
        .values("office__area")
        .annotate(people=Count(Coalesce("person__merged_into", "person"), distinct=True))
        .values("people")
    )
    areas = facts.kept_areas(on).annotate(maintainer_count=Coalesce(Subquery(counted), 0))
    return areas.filter(maintainer_count__lte=1).order_by("maintainer_count", "name")


def offices_that_sign(person: Person, on: date) -> QuerySet[Office]:
    """Return the offices by which a person may sign a release on a day."""
    return Office.objects.filter(
        signs_releases=True,
        project__kept=True,
        terms__person__in=facts.same_human(person),
        terms__held__contains=on,
        terms__standing=Term.Standing.ACTIVE,
    ).distinct()


def areas_tagged(tags: Collection[str], on: date) -> list[tuple[Area, list[Term]]]:
    """Return the areas of these benchmark tags with their maintainers on a day."""
    areas = list(facts.areas_tagged(tags))
    maintainers = maintainers_by_area(areas, on)
    return [(area, maintainers[area.pk]) for area in areas]

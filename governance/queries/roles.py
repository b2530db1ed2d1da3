"""Reads about roles: which of a charter's roles somebody has on a day, and who has a role."""

from collections.abc import Collection, Iterable
from datetime import date

from ecosystem.models import Area, Person, Project
from governance.charter import Charter
from governance.models import Office, Proposal, Term


def roles_of_office(charter: Charter, office: Office) -> tuple[str, ...]:
    """Return the charter's roles that an office is: the one it names, else those of its kind."""
    if office.role in charter.offices:
        return (office.role,)
    return () if office.role else tuple(charter.offices_of_kind(office.kind))


def terms_in(project: Project, on: date) -> list[Term]:
    """Return the terms by which offices of a project are held on a day; who asks often passes them on."""
    terms = Term.objects.filter(office__project=project, held__contains=on, standing=Term.Standing.ACTIVE)
    return list(terms.select_related("office__area", "person__merged_into").order_by("person__name", "office__name"))


def roles_of(
    person: Person,
    charter: Charter,
    project: Project,
    on: date,
    proposal: Proposal | None = None,
    terms: Iterable[Term] | None = None,
) -> frozenset[str]:
    """Return a person's roles in a project on a day, and towards a proposal: what a table of states asks for."""
    areas = set(proposal.areas.values_list("pk", flat=True)) if proposal else set()
    roles = {"anyone"}
    for term in terms_in(project, on) if terms is None else terms:
        if term.person.kept == person and in_reach(charter, term.office, areas):
            roles.update(roles_of_office(charter, term.office))
    if proposal is not None:
        roles.update(name for name, people in named_on(proposal) if person in people)
    return frozenset(roles)


def named_on(proposal: Proposal) -> tuple[tuple[str, set[Person]], ...]:
    """Return who is named on a proposal, by the role that a charter calls it."""
    return (
        ("author", {one.kept for one in proposal.authors.select_related("merged_into")}),
        ("shepherd", {one.kept for one in proposal.shepherds.select_related("merged_into")}),
    )


def in_reach(charter: Charter, office: Office, areas: Collection[int]) -> bool:
    """Say whether an office has a say: one of an area only on its own, where areas are named."""
    return not (areas and office.area_id and office.area_id not in areas)


def holders_of(
    charter: Charter,
    project: Project,
    roles: Collection[str],
    on: date,
    areas: Iterable[Area] = (),
    terms: Iterable[Term] | None = None,
) -> dict[Person, list[str]]:
    """Return who holds one of some roles on a day, each human once, with the names of their offices."""
    within = {area.pk for area in areas}
    found: dict[Person, list[str]] = {}
    for term in terms_in(project, on) if terms is None else terms:
        if in_reach(charter, term.office, within) and set(roles_of_office(charter, term.office)) & set(roles):
            found.setdefault(term.person.kept, []).append(term.office.name)
    return found

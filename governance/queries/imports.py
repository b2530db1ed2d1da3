"""Reads about imports: what the site holds that a source may speak of, and how the two differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from ecosystem.models import Affiliation, Area, Employer, Identity, Login, Person, Project, Withheld
from governance.actions.imported_proposals import STANDS
from governance.importing.difference import difference
from governance.importing.held import Difference, Fields, Held, Holdings, Rename, Sighting, Trace, iso
from governance.importing.keeping import from_json
from governance.importing.reading import Reading
from governance.models import Import, ImportTrace, Office, Position, Proposal, Term

UNKNOWN = "unknown"


def imports() -> QuerySet[Import]:
    """Return all imports without what was read, the latest first."""
    return Import.objects.select_related("project", "applied_by", "proposed_by", "undone_by").defer("reading")


def imports_applied(project: Project | None, format: str) -> QuerySet[Import]:
    """Return the imports of one format into a project that count now."""
    return Import.objects.filter(project=project, format=format, state=Import.State.APPLIED)


def sighting_of(imported: Import) -> Sighting:
    """Return an import as the comparison reads it."""
    reading = in_our_words(from_json(imported.reading))
    renames = tuple(Rename(kind, old, new) for kind, old, new in imported.renames)
    return Sighting(imported.pk, imported.as_of, reading, frozenset(imported.covered), imported.root, renames)


def in_our_words(reading: Reading) -> Reading:
    """Return a reading with its positions in the words by which they are kept."""
    proposals = tuple(
        replace(
            one, positions={who: str(STANDS.get(word.strip().lower(), word)) for who, word in one.positions.items()}
        )
        for one in reading.proposals
    )
    return replace(reading, proposals=proposals)


def difference_of(imported: Import) -> Difference:
    """Return what applying an import would do now."""
    applied = imports_applied(imported.project, imported.format).exclude(pk=imported.pk)
    sightings = [sighting_of(one) for one in [*applied, imported]]
    return difference(sightings, holdings(imported.project, imported.format, sightings), told_of=imported.pk)


def difference_with(project: Project | None, slug: str, sighting: Sighting) -> Difference:
    """Return what importing a reading would do, without anything of it being stored."""
    format = sighting.reading.format
    applied = imports_applied(project, format) if project else Import.objects.none()
    sightings = [*(sighting_of(one) for one in applied), replace(sighting, reading=in_our_words(sighting.reading))]
    held = (
        holdings(project, format, sightings)
        if project
        else Holdings(slug, f"{slug}-", people(None, sightings, Traces({}, {}), []))
    )
    return difference(sightings, held, told_of=sighting.number)


def difference_without(imported: Import) -> Difference:
    """Return what undoing an import would do now."""
    sightings = [sighting_of(one) for one in imports_applied(imported.project, imported.format).exclude(pk=imported.pk)]
    return difference(sightings, holdings(imported.project, imported.format, sightings), told_of=-1)


# -- what is held ----------------------------------------------------------------------------------------------------


def holdings(project: Project, format: str, sightings: Sequence[Sighting]) -> Holdings:
    """Return what is held of a project and of the people whom these readings may mean."""
    traces = traces_of(project, format)
    same = same_humans()
    terms = [term_held(row, same, traces) for row in Term.objects.filter(office__project=project)]
    known = people(project, sightings, traces, [row.fields["human"] for row in terms], same)
    employers = {one.name: one.kept.name for one in Employer.objects.select_related("merged_into")}
    affiliations = affiliations_held([one.pk for one in known], traces, same, employers)
    rows = {("term", row.pk) for row in terms} | {("affiliation", row.pk) for row in affiliations}
    return Holdings(
        project=project.slug,
        prefix="" if project.kept else f"{project.slug}-",
        people=known,
        areas=[area_held(row, traces) for row in Area.objects.filter(project=project)],
        offices=[office_held(row, traces) for row in Office.objects.filter(project=project)],
        terms=terms,
        affiliations=affiliations,
        proposals=proposals_held(project, traces, same),
        gone=[shown_as(trace, same) for key, trace in traces.items() if key[0] == "term" and key not in rows],
        employers=employers,
    )


def traces_of(project: Project, format: str) -> Traces:
    """Return what the imports of a format wrote, by row."""
    rows = ImportTrace.objects.filter(project=project, format=format)
    known = {(row.kind, row.row): Trace(row.key, row.before, row.written) for row in rows}
    others: dict[tuple[str, int], Fields] = {}
    elsewhere = ImportTrace.objects.exclude(project=project, format=format).filter(
        Q(project=project) | Q(kind__in=["person", "affiliation"])
    )
    for kind, row, written in elsewhere.values_list("kind", "row", "written"):
        if (kind, row) in known:
            others.setdefault((kind, row), {}).update(written)
    return Traces(known, others)


def shown_as(trace: Trace, same: dict[int, int]) -> Trace:
    """Return a trace with the person under whom its human is shown now."""
    person = trace.written.get("person")
    return replace(trace, written={**trace.written, "person": same.get(person, person)}) if person else trace


def same_humans() -> dict[int, int]:
    """Return under whom each merged person is shown."""
    into = dict(Person.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into_id"))
    found = {}
    for pk in into:
        kept, seen = pk, {pk}
        while kept in into and into[kept] not in seen:
            kept = into[kept]
            seen.add(kept)
        found[pk] = kept
    return found


class Traces(dict[tuple[str, int], Trace]):
    """What the imports of a format wrote, by row; beside it what those of other formats and projects wrote there."""

    def __init__(self, known: dict[tuple[str, int], Trace], others: dict[tuple[str, int], Fields]) -> None:
        super().__init__(known)
        self.others = others


def held(kind: str, pk: int, fields: Fields, traces: Traces) -> Held:
    """Return a row with the trace of imports in it."""
    other = traces.others.get((kind, pk), {})
    shared = frozenset(name for name, value in other.items() if name in fields and fields[name] == value)
    return Held(pk, fields, traces.get((kind, pk)), shared)


def people(
    project: Project | None,
    sightings: Iterable[Sighting],
    traces: Traces,
    in_office: Sequence[int],
    same: dict[int, int] | None = None,
) -> list[Held]:
    """Return everybody whom the readings name by account, who holds an office here, or whom imports brought."""
    same = same_humans() if same is None else same
    read = [person for sighting in sightings for person in sighting.reading.people]
    logins = {person.github.lower() for person in read if person.github}
    numbers = {person.github_number for person in read if person.github_number}
    accounts = Identity.objects.filter(kind=Identity.Kind.GITHUB).annotate(low=Lower("value"))
    named = set(accounts.filter(low__in=logins).values_list("person", flat=True))
    borne = Login.objects.annotate(low=Lower("value")).filter(low__in=logins)
    named |= set(borne.values_list("identity__person", flat=True))
    named |= set(accounts.filter(number__in=numbers).values_list("person", flat=True))
    here = set(in_office) | {pk for kind, pk in traces if kind == "person"}
    wanted = {same.get(pk, pk) for pk in named | here}
    rows = Person.objects.filter(pk__in=wanted).values_list("pk", "slug", "name")
    known, former, hidden = accounts_of(wanted, same), former_logins(wanted, same), names_withheld(wanted, same)
    return [
        held(
            "person",
            pk,
            {
                **person_fields(slug, name, known.get(pk, []), former.get(pk, []), pk in here),
                "withheld": hidden.get(pk),
            },
            traces,
        )
        for pk, slug, name in rows
    ]


def names_withheld(wanted: set[int], same: dict[int, int]) -> dict[int, list[str]]:
    """Return the names by which people asked not to be shown: they are known by them, and never called so again."""
    found: dict[int, list[str]] = {}
    for row in Withheld.objects.all():
        kept = same.get(row.person_id, row.person_id)
        if kept in wanted:
            found.setdefault(kept, []).extend(row.names)
    return found


def accounts_of(wanted: set[int], same: dict[int, int]) -> dict[int, list[tuple[str, int | None]]]:
    """Return the GitHub accounts of people, those of persons merged into them with them."""
    all_of_them = wanted | {pk for pk, kept in same.items() if kept in wanted}
    found: dict[int, list[tuple[str, int | None]]] = defaultdict(list)
    rows = Identity.objects.filter(kind=Identity.Kind.GITHUB, person__in=all_of_them).order_by("pk")
    for person, login, number in rows.values_list("person", "value", "number"):
        found[same.get(person, person)].append((login, number))
    return found


def former_logins(wanted: set[int], same: dict[int, int]) -> dict[int, list[tuple[str, str | None, str | None]]]:
    """Return the logins that people's accounts bore, with their days."""
    found: dict[int, list[tuple[str, str | None, str | None]]] = defaultdict(list)
    for login in Login.objects.select_related("identity"):
        kept = same.get(login.identity.person_id, login.identity.person_id)
        if kept in wanted:
            found[kept].append((login.value, iso(login.held.lower), iso(login.held.upper)))
    return found


def person_fields(
    slug: str,
    name: str,
    accounts: list[tuple[str, int | None]],
    former: list[tuple[str, str | None, str | None]],
    here: bool,
) -> Fields:
    """Return what the comparison asks of a person; `here`: known in this project, so that a name alone means them."""
    login, number = accounts[0] if accounts else ("", None)
    return {
        "slug": slug,
        "name": name,
        "github": login,
        "number": number,
        "accounts": accounts,
        "former": former,
        "here": here,
    }


def area_held(row: Area, traces: Traces) -> Held:
    fields = {
        "slug": row.slug,
        "former_slugs": sorted(row.former_slugs),
        "name": row.name,
        "parent": row.parent_id,
        "paths": sorted(row.path_patterns),
        "known_from": iso(row.known_from),
        "sunset_on": iso(row.sunset_on),
    }
    return held("area", row.pk, fields, traces)


def office_held(row: Office, traces: Traces) -> Held:
    names = ("slug", "name", "role", "kind", "seats")
    fields = {**{n: getattr(row, n) for n in names}, "former_slugs": sorted(row.former_slugs), "area": row.area_id}
    return held("office", row.pk, fields, traces)


def term_held(row: Term, same: dict[int, int], traces: Traces) -> Held:
    fields = {
        "office": row.office_id,
        "person": row.person_id,
        "human": same.get(row.person_id, row.person_id),
        "standing": row.standing,
        "lower": iso(row.held.lower),
        "upper": iso(row.held.upper),
        "note": row.note,
        "seat": row.seat,
    }
    return held("term", row.pk, fields, traces)


def affiliations_held(
    wanted: Sequence[int], traces: Traces, same: dict[int, int], employers: dict[str, str]
) -> list[Held]:
    """Return who employed these people, under the names by which employers are kept."""
    everybody = set(wanted) | {pk for pk, kept in same.items() if kept in set(wanted)}
    found = []
    for row in Affiliation.objects.filter(person__in=everybody).select_related("employer"):
        fields = {
            "person": row.person_id,
            "human": same.get(row.person_id, row.person_id),
            "employer": employers[row.employer.name] if row.employer else UNKNOWN,
            "lower": iso(row.held.lower),
            "upper": iso(row.held.upper),
        }
        known, trace = traces, traces.get(("affiliation", row.pk))
        if trace is not None and trace.written.get("employer") in employers:
            written = {**trace.written, "employer": employers[trace.written["employer"]]}
            known = Traces({("affiliation", row.pk): replace(trace, written=written)}, traces.others)
        found.append(held("affiliation", row.pk, fields, known))
    return found


def proposals_held(project: Project, traces: Traces, same: dict[int, int]) -> list[Held]:
    """Return a project's proposals with the people, areas and positions that a source may name."""
    rows = Proposal.objects.filter(project=project).prefetch_related("authors", "shepherds", "areas")
    positions: dict[int, dict[str, str]] = defaultdict(dict)
    for one in Position.objects.filter(proposal__project=project).order_by("taken_at", "pk"):
        word = one.text if one.stand == Position.Stand.COMMENT else one.stand
        positions[one.proposal_id][str(same.get(one.person_id, one.person_id))] = word
    return [held("proposal", row.pk, proposal_fields(row, positions[row.pk], same), traces) for row in rows]


def proposal_fields(row: Proposal, positions: dict[str, str], same: dict[int, int]) -> Fields:
    """Return what the comparison asks of a proposal."""

    def people_of(name: str) -> list[int]:
        return sorted({same.get(one.pk, one.pk) for one in getattr(row, name).all()}, key=str)

    fields: Fields = {name: getattr(row, name) for name in ("number", "title", "state", "outcome", "url")}
    return {
        **fields,
        "opened_on": iso(row.opened_on),
        "authors": people_of("authors"),
        "shepherds": people_of("shepherds"),
        "areas": sorted((area.pk for area in row.areas.all()), key=str),
        "positions": positions,
        "retracted": row.retracted_at is not None,
    }


def leaning_on(model: Any, rows: set[int], *, but: Sequence[type] = ()) -> dict[int, list[tuple[str, int]]]:
    """Return what else points at rows of a model: the pointing model's name and row, by the row pointed at."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for relation in model._meta.related_objects:
        if relation.related_model in but or not rows:
            continue
        if relation.many_to_many:
            through, column = relation.through, relation.field.m2m_reverse_field_name()
        else:
            through, column = relation.related_model, relation.field.name
        for target, pk in through._base_manager.filter(**{f"{column}__in": rows}).values_list(f"{column}_id", "pk"):
            found[target].append((through._meta.model_name, pk))
    return found

"""Writes about imports: propose one, apply it, undo it; each whole or not at all, one event each."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

import record
from ecosystem.actions.projects import add_project
from ecosystem.models import Affiliation, Area, Identity, Project
from governance.actions.import_rows import MODELS, Writing
from governance.actions.imported_proposals import ProposalRefused
from governance.importing.held import Change, Conflict, Difference, Rename
from governance.importing.keeping import as_json
from governance.importing.read_source import Dated
from governance.importing.renames import NoSuchRename, confirmed
from governance.models import Import, ImportChange, ImportTrace, ImportUnread, Office, Position, Term, User
from governance.queries.imports import (
    difference_of,
    difference_without,
    holdings,
    imports_applied,
    leaning_on,
    sighting_of,
)
from record.actions import Account

# How projects are called that formats know; another is called as its source calls it.
NAMES = {
    "pytorch": "PyTorch",
    "kubernetes": "Kubernetes",
    "node": "Node.js",
    "rust": "Rust",
    "python": "Python",
    "nixos": "NixOS",
}
TOLD_IN_THE_RECORD = 60


class ImportRefused(ValueError):
    """An import that cannot be applied or undone as things stand; one line for each thing in the way."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@transaction.atomic
def propose_import(*, dated: Dated, by: User | str | None) -> tuple[Import, bool]:
    """Keep what was read of a source, for somebody to look at and apply; what was kept before is returned again."""
    read = dated.reading
    project = project_of(read.project, by)
    # Of two proposals of the same at once, the second finds the first.
    Project.objects.select_for_update().get(pk=project.pk)
    known = Import.objects.filter(project=project, format=read.format, as_of=dated.on, digest=dated.digest)
    if again := known.exclude(state=Import.State.UNDONE).first():
        return again, False
    imported = Import.objects.create(
        project=project,
        source=dated.label[:300],
        format=read.format,
        revision=dated.revision[:200],
        as_of=dated.on,
        dated_by=dated.dated_by,
        digest=dated.digest,
        url=dated.url[:400],
        root=dated.root,
        covered=sorted(dated.covered),
        files=len(dated.files_read),
        reading=as_json(read),
        counts=dated.counts(),
        proposed_by=by if isinstance(by, User) else None,
    )
    ImportUnread.objects.bulk_create(
        [
            ImportUnread(imported=imported, file=one.place.file, line=one.place.line, text=one.text, reason=one.reason)
            for one in read.unread
        ],
        1000,
    )
    record.append(
        "import.proposed",
        by=by,
        subject=imported.subject,
        summary=f"{imported.source} was read as {read.format} of {imported.as_of}: {counted(imported.counts)}; "
        f"{len(read.unread)} lines could not be placed.",
        data={"revision": dated.revision, "as_of": dated.on, "digest": dated.digest, "counts": imported.counts},
    )
    return imported, True


def project_of(slug: str, by: Account | str | None) -> Project:
    """Return the project that a source is about; one that is not known is added beside the one that is kept."""
    found = Project.objects.filter(slug=slug).first()
    source = f"https://github.com/{slug}"
    return found or add_project(slug=slug, name=NAMES.get(slug, slug), source=source, by=by)


@transaction.atomic
def apply_import(
    *, imported: Import, by: User | str | None, seen: str = "", renames: Collection[str] = ()
) -> tuple[Import, Difference]:
    """Make everything so as an import lists it, but what a person entered otherwise: that is left, and told.

    `seen` is the digest of the difference that was looked at; another one is refused. `renames` are those that the
    person confirms of what looks renamed, as old=new; what is not confirmed has ended, and another is new.

    Raises:
        ImportRefused: when it was applied or undone, when what is held changed since, or when the database refuses.
    """
    imported = queued(imported)
    if imported.state != Import.State.PROPOSED:
        raise ImportRefused(f"Import {imported.pk} is {imported.state}, not proposed.")
    differing = difference_of(imported)
    if seen and seen != difference_digest(differing):
        raise ImportRefused("What the site holds has changed since this page was shown: look at the difference again.")
    if taken := renames_taken(differing, renames):
        imported.renames = [[one.kind, one.old, one.new] for one in taken]
        differing = difference_of(imported)
    made, left = written(imported, differing.changes, by)
    differing.conflicts += left
    told = rows_told(imported, made, differing.conflicts)
    ImportChange.objects.bulk_create(told, 1000)
    imported.state, imported.applied_at = Import.State.APPLIED, timezone.now()
    imported.applied_by = by if isinstance(by, User) else None
    imported.save(update_fields=["state", "applied_at", "applied_by", "renames"])
    done = counted(Counter(change.verb for change in made)) if made else "nothing to change"
    stayed = f"; {len(differing.conflicts)} conflicts were left as they were" if differing.conflicts else ""
    record.append(
        "import.applied",
        by=by,
        subject=imported.subject,
        summary=f"Import {imported.pk} of {imported.source}, dated {imported.as_of}, was applied: {done}{stayed}.",
        data={
            **summed_up(made),
            "conflicts": len(differing.conflicts),
            **({"renames": imported.renames} if imported.renames else {}),
        },
    )
    return imported, differing


def renames_taken(differing: Difference, asked: Collection[str]) -> list[Rename]:
    """Return the renames that somebody confirmed; one that does not look like one is refused."""
    try:
        return confirmed(differing.renames, asked)
    except NoSuchRename as refused:
        raise ImportRefused(str(refused)) from None


@transaction.atomic
def undo_import(*, imported: Import, by: User | str | None) -> Import:
    """Make everything so as it were without an import; all of it or nothing.

    Raises:
        ImportRefused: when it is not applied, or with each thing that stands in the way: what was changed since, and
            what else leans on rows that it added.
    """
    imported = queued(imported)
    if imported.state != Import.State.APPLIED:
        raise ImportRefused(f"Import {imported.pk} is {imported.state}, not applied.")
    differing = difference_without(imported)
    changes, kept, obstacles = removable(imported, differing)
    if obstacles:
        raise ImportRefused(*obstacles)
    made, _ = written(imported, changes, by)
    imported.state, imported.undone_at = Import.State.UNDONE, timezone.now()
    imported.undone_by = by if isinstance(by, User) else None
    imported.save(update_fields=["state", "undone_at", "undone_by"])
    done = counted(Counter(change.verb for change in made)) if made else "nothing had to change"
    stays = f"; {kept} rows stay, since other imports or proposals name them" if kept else ""
    record.append(
        "import.undone",
        by=by,
        subject=imported.subject,
        summary=f"Import {imported.pk} of {imported.source}, dated {imported.as_of}, was undone: {done}{stays}.",
        data=summed_up(made),
    )
    return imported


def queued(imported: Import) -> Import:
    """Return an import, locked with its project: of two at once, the second sees what the first did."""
    Project.objects.select_for_update().get(pk=imported.project_id)
    return Import.objects.select_for_update(of=("self",)).select_related("project").get(pk=imported.pk)


def written(
    imported: Import, changes: Sequence[Change], by: Account | str | None
) -> tuple[list[Change], list[Conflict]]:
    """Write changes, and tell what had to be left; what the database refuses is refused in words, and nothing stays."""
    writing = Writing(imported, by)
    try:
        with transaction.atomic():
            return writing.write(changes), writing.left
    except (DatabaseError, ProposalRefused) as error:
        reason = str(error).strip().splitlines()[0]
        raise ImportRefused(
            f"The database refuses what {imported.source} says, and nothing was written: {reason}"
        ) from error


# -- what stands in the way of undoing -------------------------------------------------------------------------------


def removable(imported: Import, differing: Difference) -> tuple[list[Change], int, list[str]]:
    """Return the changes that undo an import, how many rows stay since others name them, and what is in the way."""
    obstacles = [conflict.words for conflict in differing.conflicts] + changed_since(imported)
    removed = {
        kind: {int(c.ref) for c in differing.changes if (c.kind, c.verb) == (kind, "removed")} for kind in MODELS
    }
    stays: set[tuple[str, int]] = set()
    for kind, but in (
        ("term", ()),
        ("affiliation", ()),
        ("office", ()),
        ("area", ()),
        ("person", (Identity,)),
    ):
        names = {int(c.ref): c.words for c in differing.changes if c.kind == kind and c.verb == "removed"}
        for row, pointing in leaning_on(MODELS[kind], removed[kind], but=but).items():
            others = [(model, pk) for model, pk in pointing if pk not in removed.get(model, ()) or (model, pk) in stays]
            if not others:
                continue
            if all(brought_by_an_import(model, pk, removed) or (model, pk) in stays for model, pk in others):
                stays.add((kind, row))
            else:
                obstacles.append(f"{names[row]}: {others[0][0]} {others[0][1]} leans on it.")
    obstacles += entered_since(removed)
    changes = [
        change for change in differing.changes if change.verb != "removed" or (change.kind, change.ref) not in stays
    ]
    return changes, len(stays), sorted(set(obstacles))


def entered_since(removed: dict[str, set[int]]) -> list[str]:
    """Return, in words, what persons added to rows that would go, in columns that no import writes."""
    offices = Office.objects.filter(pk__in=removed["office"], signs_releases=True)
    areas = Area.objects.filter(pk__in=removed["area"]).exclude(benchmark_tags=[], note="")
    terms = Term.objects.filter(pk__in=removed["term"], expires_on__isnull=False).select_related("office", "person")
    accounts = Identity.objects.filter(person__in=removed["person"]).exclude(kind=Identity.Kind.GITHUB)
    named = accounts.select_related("person")
    return [
        *(f"{office.name}: its holders were made to sign releases since." for office in offices),
        *(f"{area.name}: tags or a note were added since." for area in areas),
        *(f"{term}: a day on which it runs out was added since." for term in terms),
        *(f"{one.person.name}: a {one.get_kind_display()} was added since." for one in named),
    ]


def changed_since(imported: Import) -> list[str]:
    """Return, in words, what of an import's rows a person changed since."""
    wrote = imported.changes.exclude(verb=ImportChange.Verb.CONFLICT).values_list("kind", "row", "words")
    words = {(kind, row): text for kind, row, text in wrote}
    return [f"{words[at]}: was changed here since." for at in edited_rows(imported) if at in words]


def edited_rows(imported: Import) -> list[tuple[str, int]]:
    """Return the rows in which imports of this kind wrote something that reads otherwise now."""
    sightings = [sighting_of(one) for one in imports_applied(imported.project, imported.format)]
    held = holdings(imported.project, imported.format, sightings)
    kinds: dict[str, Any] = {
        "person": held.people,
        "area": held.areas,
        "office": held.offices,
        "term": held.terms,
        "affiliation": held.affiliations,
        "proposal": held.proposals,
    }
    found = [
        (kind, one.pk) for kind, rows in kinds.items() for one in rows if one.trace is not None and one.touched_by_hand
    ]
    return [*found, *gone_rows(imported)]


def gone_rows(imported: Import) -> list[tuple[str, int]]:
    """Return the terms that imports added and somebody removed."""
    traced = ImportTrace.objects.filter(project=imported.project, format=imported.format, kind="term")
    rows = set(traced.values_list("row", flat=True))
    return [("term", row) for row in rows - set(Term.objects.filter(pk__in=rows).values_list("pk", flat=True))]


def brought_by_an_import(model: str, row: int, removed: dict[str, set[int]]) -> bool:
    """Say whether a row that leans on another is itself an import's, or a proposal's, which keep whom they name."""
    if model in (Position._meta.model_name, "proposal_authors", "proposal_shepherds", "proposal_areas"):
        return True
    kind = {
        Term._meta.model_name: "term",
        Affiliation._meta.model_name: "affiliation",
        Office._meta.model_name: "office",
        Area._meta.model_name: "area",
    }.get(model)
    return kind is not None and ImportTrace.objects.filter(kind=kind, row=row, before__isnull=True).exists()


# -- what is told ----------------------------------------------------------------------------------------------------


def rows_told(imported: Import, made: Iterable[Change], conflicts: Iterable[Conflict]) -> list[ImportChange]:
    """Return the list of what an import did and left, as it is kept."""
    done = [
        ImportChange(
            imported=imported,
            verb=change.verb,
            kind=change.kind,
            row=int(change.ref),
            words=change.words,
            before=change.before,
            after=change.after,
            file=change.place.file if change.place else "",
            line=change.place.line if change.place else 0,
        )
        for change in made
    ]
    left = [
        ImportChange(
            imported=imported,
            verb=ImportChange.Verb.CONFLICT,
            kind=conflict.kind,
            row=conflict.ref if isinstance(conflict.ref, int) else None,
            words=conflict.words,
            file=conflict.place.file if conflict.place else "",
            line=conflict.place.line if conflict.place else 0,
        )
        for conflict in conflicts
    ]
    return [*done, *left]


def summed_up(made: Sequence[Change]) -> dict[str, Any]:
    """Return what the record keeps of many changes: how many, who leads, and a digest over all of them."""
    return {
        "changes": dict(Counter(f"{change.kind} {change.verb}" for change in made)),
        "digest": digest([(change.verb, change.kind, change.ref, change.after) for change in made]),
        "leads_and_core": of_the_top(made)[:TOLD_IN_THE_RECORD],
    }


def of_the_top(made: Sequence[Change]) -> list[str]:
    """Return, in words, the changes that are about a project's lead, core or council."""
    kinds = [Office.Kind.LEAD, Office.Kind.CORE, Office.Kind.COUNCIL]
    rows = {int(change.ref): change.words for change in made if change.kind == "term" and change.verb != "removed"}
    top = Term.objects.filter(pk__in=rows, office__kind__in=kinds).order_by("pk").values_list("pk", flat=True)
    return [rows[row] for row in top]


def difference_digest(differing: Difference) -> str:
    """Return the SHA-256 of a difference, by which a page says what it showed."""
    changes = [(c.verb, c.kind, c.ref, c.before, c.after) for c in differing.changes]
    return digest([changes, [conflict.words for conflict in differing.conflicts]])


def digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode("utf-8", "replace")).hexdigest()


def counted(counts: Any) -> str:
    """Write counts by name: people 3, terms 7."""
    return ", ".join(f"{name} {number}" for name, number in counts.items())

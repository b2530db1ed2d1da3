"""Writes about imports: propose one, apply it; each whole or not at all, one event each."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

import record
from ecosystem.actions.projects import add_project
from ecosystem.models import Project
from governance.actions.import_rows import Writing
from governance.actions.imported_proposals import ProposalRefused
from governance.importing.held import Change, Conflict, Difference, Fields, Rename
from governance.importing.keeping import as_json
from governance.importing.read_source import Dated
from governance.importing.renames import NoSuchRename, confirmed
from governance.models import Import, ImportChange, ImportUnread, Office, Term, User
from governance.queries.imports import (
    difference_of,
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
    writing = Writing(imported, by)
    made, left = written(imported, differing.changes, by, writing)
    differing.conflicts += left
    told = rows_told(imported, made, differing.conflicts, writing.beside)
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


def queued(imported: Import) -> Import:
    """Return an import, locked with its project: of two at once, the second sees what the first did."""
    Project.objects.select_for_update().get(pk=imported.project_id)
    return Import.objects.select_for_update(of=("self",)).select_related("project").get(pk=imported.pk)


def written(
    imported: Import, changes: Sequence[Change], by: Account | str | None, writing: Writing | None = None
) -> tuple[list[Change], list[Conflict]]:
    """Write changes, and tell what had to be left; what the database refuses is refused in words, and nothing stays."""
    writing = writing or Writing(imported, by)
    try:
        with transaction.atomic():
            return writing.write(changes), writing.left
    except (DatabaseError, ProposalRefused) as error:
        reason = str(error).strip().splitlines()[0]
        raise ImportRefused(
            f"The database refuses what {imported.source} says, and nothing was written: {reason}"
        ) from error


# -- what is told ----------------------------------------------------------------------------------------------------


def rows_told(
    imported: Import,
    made: Iterable[Change],
    conflicts: Iterable[Conflict],
    beside: Mapping[tuple[str, int], dict[str, list[int]]],
) -> list[ImportChange]:
    """Return the list of what an import did and left, as it is kept; with what it wrote beside each row."""
    done = [
        ImportChange(
            imported=imported,
            verb=change.verb,
            kind=change.kind,
            row=int(change.ref),
            words=change.words,
            before=change.before,
            after=with_beside(change.after, beside.get((change.kind, int(change.ref)))),
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


def with_beside(after: Fields | None, beside: dict[str, list[int]] | None) -> Fields | None:
    """Return a change's values with the numbers of what was written beside its row."""
    return {**(after or {}), "beside": beside} if beside else after


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

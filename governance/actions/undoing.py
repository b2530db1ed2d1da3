"""Undo an import as a whole: its rows, what it wrote beside them; and say what is in the way, or stays."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import transaction
from django.utils import timezone

import record
from ecosystem.models import Affiliation, Area, Employer, Identity, Login
from governance.actions.import_rows import MODELS
from governance.actions.imports import ImportRefused, counted, queued, summed_up, written
from governance.actions.logins_undone import take_back_accounts
from governance.importing.held import Change, Difference
from governance.models import Import, ImportChange, ImportTrace, Office, Position, Term, User
from governance.queries.imports import difference_without, holdings, imports_applied, leaning_on, sighting_of

Row = tuple[str, int]


@transaction.atomic
def undo_import(*, imported: Import, by: User | str | None, keeping: bool = False) -> tuple[Import, list[str]]:
    """Make everything so as it were without an import; return it with what stays all the same, in words.

    What was changed here since, or leans on a row that would go, is in the way; `keeping` leaves it as it is, with
    what it leans on, and undoes all the rest.

    Raises:
        ImportRefused: when it is not applied, or with each thing that stands in the way.
    """
    imported = queued(imported)
    if imported.state != Import.State.APPLIED:
        raise ImportRefused(f"Import {imported.pk} is {imported.state}, not applied.")
    # Refused further down, nothing of this stays either.
    accounts_kept = take_back_accounts(imported)
    found = Undoing(imported, difference_without(imported))
    if found.obstacles and not keeping:
        raise ImportRefused(*sorted(found.obstacles))
    made, _ = written(imported, found.changes(), by)
    remove_employers(imported)
    kept = sorted(found.obstacles | set(accounts_kept))
    imported.state, imported.undone_at = Import.State.UNDONE, timezone.now()
    imported.undone_by = by if isinstance(by, User) else None
    imported.save(update_fields=["state", "undone_at", "undone_by"])
    done = counted(Counter(change.verb for change in made)) if made else "nothing had to change"
    named = f"; {len(found.named)} rows stay, since other imports or proposals name them" if found.named else ""
    stays = f"; {len(kept)} stay as they were changed here since" if kept else ""
    record.append(
        "import.undone",
        by=by,
        subject=imported.subject,
        summary=f"Import {imported.pk} of {imported.source}, dated {imported.as_of}, was undone: {done}{named}{stays}.",
        data={**summed_up(made), **({"kept": kept} if kept else {})},
    )
    return imported, kept


class Undoing:
    """What undoing an import changes, what is in its way, and which rows stay."""

    def __init__(self, imported: Import, differing: Difference) -> None:
        self.differing = differing
        self.removed = {
            kind: {int(c.ref) for c in differing.changes if (c.kind, c.verb) == (kind, "removed")} for kind in MODELS
        }
        self.obstacles = {conflict.words for conflict in differing.conflicts}
        # Rows that stay since other imports or proposals name them, and those that stay for what a person did.
        self.named: set[Row] = set()
        self.kept: set[Row] = set()
        for at, words in (*changed_since(imported), *entered_since(self.removed)):
            self.obstacles.add(words)
            self.kept.add(at)
        before = -1
        # A row that stays keeps what it points at: an area its parent, a term its office and person.
        while before != len(self.named | self.kept):
            before = len(self.named | self.kept)
            self.lean()

    def lean(self) -> None:
        """Find which rows stay since others point at them."""
        for kind in ("term", "affiliation", "office", "area", "person"):
            names = {int(c.ref): c.words for c in self.differing.changes if c.kind == kind and c.verb == "removed"}
            but = (Identity,) if kind == "person" else ()
            for row, pointing in leaning_on(MODELS[kind], self.removed[kind], but=but).items():
                stays = self.named | self.kept
                gone = {(model, pk) for model, pk in pointing if pk in self.removed.get(model, ())}
                others = [at for at in pointing if at not in gone or at in stays]
                if not others:
                    continue
                if any((model, pk) in self.kept for model, pk in others):
                    self.kept.add((kind, row))
                elif all(brought_by_an_import(model, pk) or (model, pk) in self.named for model, pk in others):
                    self.named.add((kind, row))
                else:
                    self.kept.add((kind, row))
                    self.obstacles.add(f"{names[row]}: {others[0][0]} {others[0][1]} leans on it.")

    def changes(self) -> list[Change]:
        """Return the changes that are made."""
        stays = self.named | self.kept
        return [one for one in self.differing.changes if one.verb != "removed" or (one.kind, one.ref) not in stays]


def remove_employers(imported: Import) -> None:
    """Remove the employers that an import added, unless somebody was employed there or another is counted as them."""
    added = rows_beside(imported, "employer")
    Employer.objects.filter(pk__in=added, affiliations=None, aliases=None, merged_into=None).delete()


def rows_beside(imported: Import, kind: str) -> list[int]:
    """Return the rows that an import wrote beside those of its list."""
    kept = imported.changes.exclude(after=None).values_list("after", flat=True)
    return [row for after in kept for row in (after or {}).get("beside", {}).get(kind, [])]


def entered_since(removed: dict[str, set[int]]) -> list[tuple[Row, str]]:
    """Return, in words, what persons added to rows that would go, in columns that no import writes."""
    offices = Office.objects.filter(pk__in=removed["office"], signs_releases=True)
    areas = Area.objects.filter(pk__in=removed["area"]).exclude(benchmark_tags=[], note="")
    terms = Term.objects.filter(pk__in=removed["term"], expires_on__isnull=False).select_related("office", "person")
    accounts = Identity.objects.filter(person__in=removed["person"]).exclude(kind=Identity.Kind.GITHUB)
    named = accounts.select_related("person")
    # Those that imports told are taken back by now.
    logins = Login.objects.filter(identity__person__in=removed["person"]).select_related("identity__person")
    return [
        *(
            (("person", one.identity.person_id), f"{one.identity.person.name}: a login was entered since.")
            for one in logins
        ),
        *((("office", one.pk), f"{one.name}: its holders were made to sign releases since.") for one in offices),
        *((("area", one.pk), f"{one.name}: tags or a note were added since.") for one in areas),
        *((("term", one.pk), f"{one}: a day on which it runs out was added since.") for one in terms),
        *(
            (("person", one.person_id), f"{one.person.name}: a {one.get_kind_display()} was added since.")
            for one in named
        ),
    ]


def changed_since(imported: Import) -> list[tuple[Row, str]]:
    """Return, in words, what of an import's rows a person changed since."""
    wrote = imported.changes.exclude(verb=ImportChange.Verb.CONFLICT).values_list("kind", "row", "words")
    words = {(kind, row): text for kind, row, text in wrote}
    return [(at, f"{words[at]}: was changed here since.") for at in edited_rows(imported) if at in words]


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


def brought_by_an_import(model: str, row: int) -> bool:
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

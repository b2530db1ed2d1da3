"""Import people, offices, areas and proposals from a project's own files; status 2 where they cannot be read."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, transaction
from django.utils import timezone

from ecosystem.models import Project
from governance.actions.imports import ImportRefused, apply_import, propose_import, renames_taken
from governance.importing.held import Change, Difference, Sighting
from governance.importing.read_source import AUTO, Dated, read_source
from governance.importing.reading import SourceRefused
from governance.models import Import
from governance.queries.imports import difference_of, difference_with

SHOWN = 40


class Command(BaseCommand):
    help = (
        "Read a project's governance files at one revision; bring people, offices, terms, areas and proposals up to "
        "them. What a person entered otherwise is told and stays; what could not be read is told with file and line."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="SOURCE", help="a file, a folder, a git repository, or github:ORG")
        parser.add_argument(
            "--format", default=AUTO, help="which kind of source it is (%(default)s: found by its files)"
        )
        parser.add_argument(
            "--revision", default="", help="a commit, tag or branch; read from git, nothing is checked out"
        )
        parser.add_argument("--as-of", metavar="DATE", help="the day of which the source speaks, such as 2026-05-15")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        parser.add_argument(
            "--renames",
            metavar="OLD=NEW",
            action="append",
            default=[],
            help="what is told as looking renamed and is: it keeps its history, and its old address leads to the new "
            "one; once for each, or “all”; what is not named has ended, and another is new",
        )
        parser.add_argument(
            "--propose", action="store_true", help="only put it on /imports/, for somebody to apply there"
        )
        parser.add_argument("--json", action="store_true", help="one JSON document on standard output, nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            dated = read_source(
                options["source"],
                format_name=options["format"],
                revision=options["revision"],
                as_of=day_named(options["as_of"]),
                today=timezone.localdate(),
            )
            imported, differing = self.imported(dated, options)
        except (SourceRefused, ImportRefused) as refused:
            raise CommandError(one_line(str(refused)), returncode=2) from None
        except DatabaseError as error:
            told = one_line(f"{dated.label}: the database refuses it, and nothing was written: {error}")
            raise CommandError(told, returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps(document(dated, imported, differing), ensure_ascii=False))
        else:
            self.stdout.write(words(dated, imported, differing))

    def imported(self, dated: Dated, options: dict[str, Any]) -> tuple[Import | None, Difference]:
        """Propose and apply what was read, as far as the options want it."""
        if options["dry_run"]:
            project = Project.objects.filter(slug=dated.reading.project).first()
            sighting = again(project, dated)
            differing = difference_with(project, dated.reading.project, sighting)
            if taken := renames_taken(differing, options["renames"]):
                sighting = replace(sighting, renames=tuple(taken))
                differing = difference_with(project, dated.reading.project, sighting)
            return None, differing
        with transaction.atomic():
            imported, _ = propose_import(dated=dated, by="import_governance")
            if options["propose"] or imported.state == Import.State.APPLIED:
                return imported, difference_of(imported)
            return apply_import(imported=imported, by="import_governance", renames=options["renames"])


def again(project: Project | None, dated: Dated) -> Sighting:
    """Return a reading for comparison, under the number of the import that holds the same, if one does."""
    known = Import.objects.filter(
        project=project, format=dated.reading.format, as_of=dated.on, digest=dated.digest, state=Import.State.APPLIED
    ).first()
    number = known.pk if known else (Import.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    return Sighting(number, dated.on, dated.reading, dated.covered, dated.root)


def day_named(text: str | None) -> date | None:
    """Return the day that --as-of names."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--as-of {text!r} is no day; write it as 2026-05-15.", returncode=2) from None


def document(dated: Dated, imported: Import | None, differing: Difference) -> dict[str, Any]:
    """Return the one JSON document."""
    unread = dated.reading.unread
    return {
        **dated.counts(),
        "added": [listed(change) for change in differing.of("added")],
        "changed": [listed(change) for change in differing.of("changed", "removed")],
        "ended": [listed(change) for change in differing.of("ended")],
        "conflicts": [
            {"what": one.kind, "words": one.words, "file": one.place.file if one.place else None,
             "line": one.place.line if one.place else None}
            for one in differing.conflicts
        ],
        "renames": [
            {"what": one.rename.kind, "rename": one.rename.key, "words": one.words, "file": one.place.file,
             "line": one.place.line}
            for one in differing.renames
        ],
        "unread": [
            {"file": one.place.file, "line": one.place.line, "text": one.text, "reason": one.reason} for one in unread
        ],
        "project": dated.reading.project,
        "format": dated.reading.format,
        "revision": dated.revision or None,
        "as_of": dated.on.isoformat(),
        "dated_by": dated.dated_by,
        "files": list(dated.files_read),
        "import": imported.pk if imported else None,
        "state": imported.state if imported else "dry run",
    }  # fmt: skip


def listed(change: Change) -> dict[str, Any]:
    """Return one change of the document."""
    place = change.place
    return {
        "what": change.kind,
        "words": change.words,
        "file": place.file if place else None,
        "line": place.line if place else None,
    }


def words(dated: Dated, imported: Import | None, differing: Difference) -> str:
    """Write it for a terminal: what was read, what it changes, what was left, what could not be read."""
    counts = ", ".join(f"{name} {count}" for name, count in dated.counts().items())
    revision = f", revision {dated.revision[:12]}" if dated.revision else ""
    lines = [
        f"{dated.label}{revision}, read as {dated.reading.format} of {dated.on} ({dated.dated_by}): {counts}.",
        outcome(imported, differing),
    ]
    for verb in ("added", "changed", "ended", "removed"):
        lines += some(verb, [change.words for change in differing.changes if change.verb == verb])
    lines += some("conflict", [f"{conflict.words} ({conflict.place})" for conflict in differing.conflicts])
    lines += some("renamed?", [f"{one.words} (--renames {one.rename.key})" for one in differing.renames])
    lines.append(f"Lines that could not be placed: {len(dated.reading.unread)}.")
    lines += [f"  {one.place}: {one.text} ({one.reason})" for one in dated.reading.unread]
    return "\n".join(lines)


def outcome(imported: Import | None, differing: Difference) -> str:
    """Say in one sentence what was done."""
    if differing.empty:
        return "Nothing differs from what is held." + (" Conflicts are below." if differing.conflicts else "")
    done = ", ".join(
        f"{len(differing.of(verb))} {verb}" for verb in ("added", "changed", "ended", "removed") if differing.of(verb)
    )
    if imported is None:
        return f"A dry run; applying it would leave: {done}."
    if imported.state == Import.State.PROPOSED:
        return f"Proposed as import {imported.pk}, to be applied at {imported.get_absolute_url()}: {done}."
    return f"Applied as import {imported.pk}: {done}."


def some(verb: str, told: Iterable[str]) -> list[str]:
    """Return the first lines of a long list, and how many more there are."""
    lines = [f"  {verb:8} {line}" for line in told]
    more = [f"  {verb:8} … and {len(lines) - SHOWN} more; --json lists all"] if len(lines) > SHOWN else []
    return lines[:SHOWN] + more


def one_line(text: str) -> str:
    return " ".join(text.split())

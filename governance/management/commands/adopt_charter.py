"""Enter a version of a project's charter: the first as published, a later one by the decision that made it."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from ecosystem.models import Project
from governance.actions.charters import AdoptionRefused, adopt_charter, publish_charter
from governance.management.commands.check_charter import text_of
from governance.models import CharterVersion


class Command(BaseCommand):
    help = (
        "Enter a version of a project's charter. The first needs no decision: it is as published. "
        "Status 0: entered; 2: refused, and nothing has changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the charter, a TOML file (docs/reference/charter.md)")
        parser.add_argument("--project", help="the project's key; without it, the one that is kept")
        parser.add_argument("--decided-by", default="", help="vote/12, proposal/…, or the address of the decision")
        parser.add_argument("--on", help="the first day in force, such as 2026-05-15")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        project = project_named(options["project"])
        text = text_of(options["file"])
        on = day(options["on"])
        try:
            version = entered(project, text, options["decided_by"], on)
        except (AdoptionRefused, PermissionDenied) as refused:
            raise CommandError(str(refused), returncode=2) from refused
        if options["json"]:
            self.stdout.write(json.dumps(document(version), ensure_ascii=False))
        else:
            self.stdout.write(f"Version {version.number} of the rules of {project.name} was entered.")


def entered(project: Project, text: str, decided_by: str, on: date | None) -> CharterVersion:
    """Enter a text as the first version, or as the next."""
    if not hasattr(project, "charter"):
        return publish_charter(project=project, text=text, on=on, by="adopt_charter")
    if on is None:
        raise CommandError("Name the first day in force: --on 2026-05-15.", returncode=2)
    return adopt_charter(project=project, text=text, decided_by=decided_by, on=on, by="adopt_charter")


def project_named(slug: str | None) -> Project:
    """Return the project of a key, or the kept one.

    Raises:
        CommandError: in one line, when there is none.
    """
    found = Project.objects.filter(slug=slug) if slug else Project.objects.filter(kept=True)
    project = found.first()
    if project is None:
        known = ", ".join(Project.objects.values_list("slug", flat=True)) or "none"
        raise CommandError(f"No project {slug or 'is kept here'}: --project takes one of {known}.", returncode=2)
    return project


def day(written: str | None) -> date | None:
    """Read a day.

    Raises:
        CommandError: in one line, when it is none.
    """
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise CommandError(f"--on {written}: no day; write it as 2026-05-15.", returncode=2) from error


def document(version: CharterVersion) -> dict[str, Any]:
    """Return what was entered."""
    return {
        "project": version.charter.project.slug,
        "number": version.number,
        "digest": version.digest,
        "in_force_from": version.in_force_from.isoformat() if version.in_force_from else None,
        "decided_by": version.decided_by,
    }

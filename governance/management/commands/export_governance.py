"""Write the public facts of people, offices and areas as files."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from governance.exporting import ExportRefused, export


class Command(BaseCommand):
    help = (
        "Write people, offices, areas, coverage and history as JSON files with a page that links them. "
        "The same state and day give the same bytes. Status 2: a folder that holds something else, or no day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="new, empty, or an earlier export, which is replaced")
        parser.add_argument("--on", metavar="DATE", help="as of this day: 2023-05-01 (default: today)")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        on = day(options["on"])
        try:
            counted = export(folder.resolve(), on)
        except ExportRefused as refused:
            raise CommandError(str(refused), returncode=2) from refused
        if options["json"]:
            self.stdout.write(json.dumps({"folder": str(folder), "on": on.isoformat(), "files": counted}))
        else:
            total = ", ".join(f"{kind} {number}" for kind, number in sorted(counted.items()))
            self.stdout.write(f"Written to {folder}, as of {on}: {total}.")


def day(asked: str | None) -> date:
    """Return the day that is asked for."""
    try:
        return date.fromisoformat(asked) if asked else timezone.localdate()
    except ValueError as wrong:
        raise CommandError(f"--on: {asked!r} is no day; write it as 2023-05-01.", returncode=2) from wrong

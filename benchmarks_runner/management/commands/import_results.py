"""Import a night that the harness measured alone."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from benchmarks_runner.actions.importing import import_results
from benchmarks_runner.actions.results_file import ResultsRefused, read_results
from benchmarks_runner.queries import night_document, night_sentence


class Command(BaseCommand):
    help = "Import a results file of `python3 -m ci_gpu night`; the same file again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and the form of the answer."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="one JSON document on standard output, nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check the whole file, then make a night of it."""
        try:
            results = read_results(options["file"])
        except ResultsRefused as refused:
            raise CommandError(str(refused), returncode=2) from None
        night, is_new = import_results(results=results, by="import")
        if options["json"]:
            self.stdout.write(json.dumps({**night_document(night), "new": is_new}))
            return
        told = "imported" if is_new else "was imported before; nothing changed"
        self.stdout.write(f"Night {night.pk} {told}: {night.rounds.count()} rounds on {night.device}.")
        self.stdout.write(night_sentence(night).text)

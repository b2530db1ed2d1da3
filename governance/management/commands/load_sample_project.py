"""Load the project that the site ships with."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from governance.actions.sample_project import load_sample_project


class Command(BaseCommand):
    help = "Add PyTorch's publicly known people, areas, offices and terms; a second run changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load_sample_project(by=None)
        if options["json"]:
            self.stdout.write(json.dumps(loaded.counts()))
        else:
            self.stdout.write(loaded.words())

"""Print the queue of each device of this machine."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from benchmarks_runner.actions.machines import register_this_machine


class Command(BaseCommand):
    help = "Print the queue of each device of this machine, registering the machine where it is new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the form of the answer."""
        parser.add_argument("--json", action="store_true", help="one JSON list on standard output and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one queue a line, or all as JSON."""
        devices = register_this_machine().devices.select_related("machine")
        queues = [device.queue for device in devices]
        self.stdout.write(json.dumps(queues) if options["json"] else "\n".join(queues))

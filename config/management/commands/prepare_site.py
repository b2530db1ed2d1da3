"""Everything a site needs before it can be served, in one process: each start of Django takes seconds."""

import io
import json
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from benchmarks_runner.models import Night
from benchmarks_runner.queries import nights
from config.night_report import table


class Command(BaseCommand):
    help = "Migrate, load the sample project, collect static files, and print what there is to start (JSON)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring everything up to date; a second run changes nothing."""
        call_command("check", databases=["default"], stdout=sys.stderr)
        call_command("migrate", interactive=False, stdout=sys.stderr)
        call_command("load_sample_project", stdout=sys.stderr)
        call_command("collectstatic", interactive=False, stdout=sys.stderr)
        decided = decided_night()
        night = {"number": decided.pk, "table": table(decided)} if decided else None
        self.stdout.write(json.dumps({"queues": device_queues(), "decided_night": night}))


def device_queues() -> list[str]:
    """Return the queue of each device of this machine."""
    shown = io.StringIO()
    call_command("device_queues", json=True, stdout=shown)
    return [str(queue) for queue in json.loads(shown.getvalue())]


def decided_night() -> Night | None:
    """Return the newest comparison with a verdict: then the first one is not repeated."""
    return nights().filter(kind=Night.Kind.COMPARISON, state=Night.State.DECIDED).order_by("-ended_at").first()

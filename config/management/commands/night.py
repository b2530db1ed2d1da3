"""Run one night through Celery and print its verdicts."""

import json
import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from benchmarks_runner.actions.machines import register_this_machine
from benchmarks_runner.actions.nights import NightRefused, out_of_use, request_night
from benchmarks_runner.actions.reconcile import is_held, reconcile
from benchmarks_runner.bundles.specification import SpecificationError
from benchmarks_runner.models import Device, Night
from benchmarks_runner.queries import NightProgress, night_document, night_progress, nights
from config.launcher import LaunchError, Services, services_running
from config.lent_workers import BrokerAway, check_broker, lend_again, workers_running
from config.night_report import ProgressLine, table, where
from config.up.crew import Crew, base_environment

LOOK_S = 0.5
RECONCILE_S = 5.0


class Command(BaseCommand):
    help = (
        "Compare a candidate build with a baseline in one night and print the verdicts."
        " Ends with 1 where a point or the suite failed or broke, else 3 where one is inconclusive, else 0."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the plan and the form of the answer."""
        parser.add_argument("--baseline", required=True, metavar="SPEC", help="torch==2.13.0[,VAR=value], or a build")
        parser.add_argument("--candidate", required=True, metavar="SPEC", help="the same for the build under test")
        parser.add_argument("--suite", default="smoke", metavar="NAME", help="what to measure (smoke)")
        parser.add_argument("--device", default="cpu", help="of this machine: cpu, cuda:0 (cpu)")
        parser.add_argument("--cap", type=int, metavar="N", help="at most so many rounds")
        parser.add_argument("--again", action="store_true", help="measure anew what was decided before")
        parser.add_argument("--json", action="store_true", help="one JSON document on standard output, nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Have what a night needs, follow it to its end, and tell what it found."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)  # a termination stops the workers as Ctrl-C does
        try:
            with services_running(settings.DATA_DIR, tell) as services:
                night = self._run(services, options)
                self._answer(night, as_json=options["json"])
                status = status_of(night)
        except (LaunchError, BrokerAway, NightRefused, SpecificationError) as refused:
            raise CommandError(str(refused), returncode=2) from None
        except KeyboardInterrupt:
            raise CommandError(
                "interrupted; what was measured is kept, and the same command goes on.", returncode=130
            ) from None
        sys.exit(status)

    def _run(self, services: Services, options: dict[str, Any]) -> Night:
        prepare_database()
        check_broker()
        device = device_named(options["device"])
        night = request_night(
            baseline=options["baseline"],
            candidate=options["candidate"],
            suite=options["suite"],
            device=device,
            by="night",
            again=options["again"],
            cap=options["cap"],
        )
        if not night_progress(night).ended:
            with ExitStack() as held:
                environment = base_environment(services.environment())
                crew = held.enter_context(workers_running(settings.DATA_DIR, device.queue, environment, tell))
                follow(night, crew, services)
        return nights().get(pk=night.pk)

    def _answer(self, night: Night, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(night_document(night)))
        if night.state != Night.State.DECIDED:
            raise CommandError(f"{night} is {night.state}: {night.state_reason}", returncode=2)
        if not as_json:
            self.stdout.write(table(night))
            self.stdout.write(where(night, settings.DATA_DIR))


def tell(message: str) -> None:
    """Show one line of what is done; standard output belongs to the result."""
    sys.stderr.write(f"  ... {message}\n")
    sys.stderr.flush()


def prepare_database() -> None:
    """Make the tables and load the sample project where they lack: a night needs no other command before it."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        tell("preparing the database")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_sample_project", verbosity=0, stdout=sys.stderr)


def device_named(address: str) -> Device:
    """Return a device of this machine."""
    devices = {device.address: device for device in register_this_machine().devices.select_related("machine")}
    if address not in devices:
        raise NightRefused(f"This machine has no device {address!r}: it has {', '.join(sorted(devices))}.")
    return devices[address]


def follow(night: Night, crew: Crew, services: Services) -> None:
    """Show a night's progress until it has ended; keep alive what it needs, and wake what is due.

    Raises:
        NightRefused: where its device is out of use, so that nothing will happen by itself.
    """
    line = ProgressLine(sys.stderr, night)
    woken, before = time.monotonic(), None
    try:
        while not (progress := seen(night, services)) or not progress.ended:
            if progress:
                line.show(progress)
            crew.tend(line.interrupted(tell))
            if time.monotonic() - woken > RECONCILE_S:
                revive(services)
                still, before = progress is not None and steps(progress) == before, progress and steps(progress)
                wake_up(night, crew, still=still, tell=line.interrupted(tell))
                woken = time.monotonic()
            time.sleep(LOOK_S)
        line.show(progress)
    finally:
        line.end()


def steps(progress: NightProgress) -> tuple[object, ...]:
    """Return what changes where a night moves."""
    return progress.state, progress.round_number, progress.points_decided, progress.fraction, progress.doing


def wake_up(night: Night, crew: Crew, *, still: bool, tell: Callable[[str], None]) -> None:
    """Wake what is due, as the schedule does where it runs; where nothing moves, see to the workers too."""
    try:
        reconcile()
        device = Device.objects.select_related("machine").get(pk=night.device_id)
        busy = is_held(device)
    except DatabaseError:
        connection.close()
        return
    if device.state == Device.State.QUARANTINED:
        raise NightRefused(f"{str(night).capitalize()} waits: {out_of_use(device)} Then the same command goes on.")
    if still:
        # Who measures just now does not answer, but holds the device.
        lend_again(crew, settings.DATA_DIR, device.queue, tell, but=[device.queue] if busy else [])


def seen(night: Night, services: Services) -> NightProgress | None:
    """Return the night's progress; while the database is away, start it again where it is ours."""
    try:
        return night_progress(nights().get(pk=night.pk))
    except DatabaseError:
        connection.close()
        revive(services)
    return None


def revive(services: Services) -> None:
    """Start again what has died of the services that are ours."""
    lost = set(services.parts) - set(services.processes())
    if lost:
        tell(f"{' and '.join(sorted(lost))} ended; starting again")
        services.start(tell, keep=False)


def status_of(night: Night) -> int:
    """Return the command's status: 1 failed or broken, 3 inconclusive, 0 passed."""
    words = set(night.verdicts.values_list("verdict", flat=True))
    if words & {"fail", "broken"}:
        return 1
    return 3 if "inconclusive" in words else 0

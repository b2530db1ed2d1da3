"""Workers for as long as one command needs them: those that nobody runs yet, stopped again afterwards."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from kombu.exceptions import OperationalError
from kombu.utils.url import maybe_sanitize_url

from config.celery import app
from config.launcher.folders import make_data_folder
from config.launcher.processes import from_row
from config.up.crew import Crew
from config.up.instance import Instance, Progress, end_left_behind
from config.up.programs import Program, default_worker, device_worker

ANSWER_S = 1.0
PATIENCE_S = 5.0
BROKER_ERRORS = (OperationalError, OSError)


class BrokerAway(Exception):
    """The broker does not answer; the message is one line that says what to check."""


class Borrower(Instance):
    """One command's own workers, as written down for the next one should this one be killed."""

    def __init__(self, data: Path, owner: int) -> None:
        super().__init__(data)
        self.file = data / "run" / f"lent-workers-{owner}.json"


@contextmanager
def workers_running(data: Path, queue: str, environment: dict[str, str], progress: Progress) -> Iterator[Crew]:
    """Have a worker of the queue `default` and one of this device's queue; stop what was started for it."""
    make_data_folder(data)
    end_abandoned(data, progress)
    borrower = Borrower(data, os.getpid())
    crew = Crew(borrower, "", environment)
    try:
        for program in lacking(data, queue):
            progress(f"starting {program.name}")
            crew.start(program)
        yield crew
    finally:
        # A round in progress is not waited for long: whoever takes it next goes on with the missing pair.
        crew.stop(list(crew.members), lambda: False)
        borrower.file.unlink(missing_ok=True)


def lend_again(crew: Crew, data: Path, queue: str, progress: Progress, *, but: Collection[str] = ()) -> None:
    """Start what nobody runs any more: the workers that were there may have been another command's, or an `up`'s.

    What cannot be known while the broker is away is asked again later. `but` names queues that are surely served.
    """
    try:
        gone = [program for program in lacking(data, queue, but=but) if program.name not in crew.members]
    except BROKER_ERRORS:
        return
    for program in gone:
        progress(f"starting {program.name}, since nobody runs it any more")
        crew.start(program)


def check_broker() -> None:
    """Refuse to go on without the broker that brings messages to workers.

    Raises:
        BrokerAway: one line that says where it was looked for.
    """
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0.2, timeout=PATIENCE_S)
    except BROKER_ERRORS as error:
        where = maybe_sanitize_url(str(app.conf.broker_url))
        raise BrokerAway(
            f"The message broker at {where} does not answer ({error}): check CELERY_BROKER_URL, or leave it out."
        ) from None


def lacking(data: Path, queue: str, *, but: Collection[str] = ()) -> list[Program]:
    """Return the workers that neither `up` nor anybody else on this broker runs."""
    served = served_queues()
    site = Instance(data).left_behind()
    wanted = {"default": default_worker(), queue: device_worker(queue)}
    return [program for name, program in wanted.items() if name not in {*served, *but} and program.name not in site]


def served_queues() -> Collection[str]:
    """Ask the broker's workers for their queues; one that measures just now does not answer."""
    answers = app.control.inspect(timeout=ANSWER_S).active_queues() or {}
    return {queue["name"] for queues in answers.values() for queue in queues}


def end_abandoned(data: Path, progress: Progress) -> None:
    """End the workers of commands that were killed."""
    for file in (data / "run").glob("lent-workers-*.json"):
        number = file.stem.rpartition("-")[2]
        borrower = Borrower(data, int(number) if number.isdigit() else 0)
        owner = from_row(borrower.read().get("up"))
        if owner is None or not owner.alive:
            end_left_behind(borrower.left_behind(), progress)
            file.unlink(missing_ok=True)

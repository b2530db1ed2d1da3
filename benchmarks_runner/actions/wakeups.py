"""Wake a worker once the transaction is committed: a message carries an id and nothing else.

PostgreSQL is the truth, so a broker that is down loses nothing: the reconciler finds what is due and wakes again.
"""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)
TASKS = "benchmarks_runner.tasks."


def wake(task: str, *arguments: int | str, queue: str = "default", expires: float | None = None) -> None:
    """Publish a task of this app after the commit; a message older than `expires` seconds is not run any more."""
    transaction.on_commit(lambda: _publish(task, arguments, queue, expires), robust=True)


def _publish(task: str, arguments: tuple[int | str, ...], queue: str, expires: float | None) -> None:
    try:
        current_app.send_task(TASKS + task, args=list(arguments), queue=queue, expires=expires, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("%s%r was not published, the reconciler will do it: %s", task, arguments, error)

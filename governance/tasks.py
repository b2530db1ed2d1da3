"""Doorways for the schedule: each writes down what already holds, and may be called as often as anybody likes."""

from celery import shared_task

from governance.actions import reminders
from governance.actions.ended import write_down_what_holds


@shared_task
def write_down() -> None:
    """Write down what the clock has decided: periods and votes that ended, proposals that stalled."""
    write_down_what_holds()


@shared_task
def remind_electors() -> None:
    """Remind who may vote and has not."""
    reminders.remind_electors()

"""Move a night or a round along its table, in the caller's transaction and with the record written."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from benchmarks_runner.models import Night, Round
from benchmarks_runner.models.states import NIGHT_MOVES, ROUND_MOVES, finished, target
from record.actions import Account, append

Actor = Account | str | None

# What the record calls each move of a night.
EVENTS = {
    "await_scale": "night.scaling",
    "freeze": "night.started",
    "decide": "night.decided",
    "extend": "night.extended",
    "cancel": "night.cancelled",
    "give_up": "night.failed",
}


def actor_name(by: Actor) -> str:
    """Return the name that a row keeps of who acted."""
    if by is None or isinstance(by, str):
        return by or ""
    return by.get_username()


def locked_night(night_id: int) -> Night:
    """Read a night and hold it until the transaction ends."""
    return Night.objects.select_for_update().get(pk=night_id)


@transaction.atomic
def move_night(
    *, night: Night, move: str, by: Actor, summary: str, reason: str = "", data: Mapping[str, Any] | None = None
) -> Night:
    """Make one move of a night and write it into the record, both or neither.

    Raises:
        MoveRefused: where the night's state, as the database has it now, does not allow the move.
    """
    fresh = locked_night(night.pk)
    night.state = target(NIGHT_MOVES, move, fresh.state)
    night.state_reason = reason
    night.ended_at = timezone.now() if finished(NIGHT_MOVES, night.state) else None
    night.save(update_fields=["state", "state_reason", "ended_at"])
    append(EVENTS[move], by=by, subject=f"night/{night.pk}", summary=summary, data=data)
    return night


def move_round(*, round: Round, move: str, **changes: Any) -> Round:
    """Make one move of a round that the caller holds; rounds are too many for the record."""
    round.state = target(ROUND_MOVES, move, round.state)
    for name, value in changes.items():
        setattr(round, name, value)
    round.save(update_fields=["state", *changes])
    return round

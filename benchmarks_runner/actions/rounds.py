"""Measure a round: take the device, run one process of each build side by side, store what they say, close it.

Every step can be interrupted: what is stored stays, and the next worker goes on with the next missing pair.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from benchmarks_runner.actions.attempts import MeasuredArm, end_lost_attempts, measure_arm, void_if_changed
from benchmarks_runner.actions.calibrating import calibrate_device
from benchmarks_runner.actions.closing import close_round, stop_night
from benchmarks_runner.actions.installing import unfit, wake_lacking
from benchmarks_runner.actions.leases import (
    DeviceBusy,
    DeviceQuarantined,
    Held,
    LeaseLost,
    fence,
    kept_alive,
    take_lease,
)
from benchmarks_runner.actions.machines import quarantine_device
from benchmarks_runner.actions.moves import locked_night, move_round
from benchmarks_runner.actions.patience import patiently
from benchmarks_runner.actions.wakeups import wake
from benchmarks_runner.models import Night, Round
from benchmarks_runner.models.states import NIGHT_MOVES, allows
from benchmarks_runner.queries.evidence import attempts_of
from ci_gpu import rounds

logger = logging.getLogger(__name__)

# One message's share of a round: far below the broker's visibility timeout, after which it would start a second copy.
TASK_SECONDS = 600.0
# A round that took so many workers with it is not taken again.
MOST_TAKES = 10
# Attempts of one shard in one round: each spoils or measures a point, so only a fault of ours comes near it.
MOST_ATTEMPTS = 100


@dataclass(frozen=True)
class Group:
    """Points that both arms measure next, side by side."""

    shard: int
    number: int
    points: tuple[str, ...]


def measure_round(*, round_id: int) -> None:
    """Measure what a round still lacks, then close it; do nothing where somebody else does, or nothing is lacking."""
    round = Round.objects.select_related("night__device__machine").get(pk=round_id)
    if round.state == Round.State.COMPLETE or round.night.state != Night.State.RUNNING:
        return
    try:
        held = take_lease(device=round.night.device, round=round)
    except (DeviceBusy, DeviceQuarantined) as reason:
        logger.info("round %s waits: %s", round_id, reason)
        return
    with kept_alive(held):
        try:
            _measure_held(held, round_id)
        except LeaseLost as lost:
            logger.warning("round %s was taken over: %s", round_id, lost)


def _measure_held(held: Held, round_id: int) -> None:
    round = _begin(held, round_id)
    if round is None:
        return
    stop = Stop(held, round)
    calibrate_device(held=held, night=round.night, stop=stop)
    while group := next_group(round):
        if stop() or stop.time_is_up():
            return _give_back(held, round)
        _measure_pair(held, round, group, stop)
    if stop():
        return _give_back(held, round)
    patiently(lambda: close_round(held=held, round_id=round_id))


@transaction.atomic
def _begin(held: Held, round_id: int) -> Round | None:
    """Mark a due round as running; first give back what dead workers left running on this device."""
    fence(held)
    locked_night(Round.objects.values_list("night_id", flat=True).get(pk=round_id))
    # Whoever holds the device's lease is the only one who measures there: a round that runs all the same is orphaned.
    running = Round.objects.select_for_update().filter(night__device=held.device, state=Round.State.RUNNING)
    for orphan in running:
        end_lost_attempts(orphan)
        move_round(round=orphan, move="give_back")
    round = Round.objects.select_for_update(of=("self",)).select_related("night__device__machine").get(pk=round_id)
    if round.state != Round.State.DUE or round.night.state != Night.State.RUNNING:
        return None
    if round.takes >= MOST_TAKES:
        _give_up(round)
        return None
    if not ready_to_measure(round.night):
        return None
    started = round.started_at or timezone.now()
    return move_round(round=round, move="take", takes=round.takes + 1, started_at=started)


def _give_up(round: Round) -> None:
    reason = (
        f"Round {round.number} was begun {round.takes} times and never finished: its workers died or ran out of time."
    )
    stop_night(
        night=round.night, move="give_up", by=None, reason=reason, summary=f"Night {round.night_id}: {reason}"
    )  # fmt: skip


def ready_to_measure(night: Night) -> bool:
    """Say whether both builds are still installed; wake their installation where not, stop where it cannot be.

    Nobody collects what a running night needs, but a night that was decided long ago may be given more rounds.
    """
    if reason := unfit(night):
        stop_night(night=night, move="give_up", by=None, reason=reason, summary=f"Night {night.pk}: {reason[:300]}")
        return False
    return not wake_lacking(night)


def next_group(round: Round) -> Group | None:
    """Return the points that the round measures next, side by side; None when it lacks nothing that can be had."""
    shards = dict(round.night.planned_points.values_list("point", "shard"))
    attempts = attempts_of(round.night, only=round.number)
    for shard in sorted({shards[point] for point in round.points}):
        mine = [attempt for attempt in attempts if attempt.shard == shard]
        points = [point for point in round.points if shards[point] == shard]
        groups = rounds.next_orders(points, [attempt.outcome for attempt in mine])
        number = max((attempt.number for attempt in mine), default=0) + 1
        if groups and number <= MOST_ATTEMPTS:
            return Group(shard, number, tuple(groups[0]))
    return None


def _measure_pair(held: Held, round: Round, group: Group, stop: "Stop") -> None:
    """Run one process of each build on the same points, in the order that the coin says."""
    night = round.night
    name = f"night/{night.pk}"
    drawn = rounds.coin(night.seed, name, round.number, group.shard, group.number)
    order = rounds.point_order(group.points, night.seed, name, round.number, group.shard)
    seed = rounds.seed_of(night.seed, name, round.number, group.shard)
    measured: list[MeasuredArm] = []
    for position, arm in enumerate(rounds.arms_in_order(drawn)):
        if stop():
            return
        done = measure_arm(
            held=held, round=round, shard=group.shard, number=group.number, arm=arm, position=position,
            points=order, seed=seed, stop=stop,
        )  # fmt: skip
        measured.append(done)
        if not done.clean:
            _quarantine(held, f"a process of round {round.number} of night {night.pk} could not be ended.")
    patiently(lambda: void_if_changed(held=held, round=round, measured=measured))


def _quarantine(held: Held, reason: str) -> None:
    quarantine_device(device=held.device, reason=reason)
    raise LeaseLost(f"{held.device} was taken out of use: {reason}")


def _give_back(held: Held, round: Round) -> None:
    """Make the round due again, for this worker or another."""
    try:
        patiently(lambda: _given_back(held, round))
    except LeaseLost:
        logger.warning("round %s is somebody else's now", round.pk)


@transaction.atomic
def _given_back(held: Held, round: Round) -> None:
    fence(held)
    fresh = Round.objects.select_for_update().get(pk=round.pk)
    if fresh.state != Round.State.RUNNING:
        return  # given back already, though the answer was lost
    end_lost_attempts(fresh)
    move_round(round=fresh, move="give_back")
    if allows(NIGHT_MOVES, "decide", Night.objects.get(pk=round.night_id).state):
        wake("measure_round", round.pk, queue=held.device.queue)


class Stop:
    """Ask whether a measurement must end: the lease is lost, or the night runs no longer."""

    EVERY_S = 1.0

    def __init__(self, held: Held, round: Round, clock: Callable[[], float] = time.monotonic) -> None:
        self._held, self._round, self._clock = held, round, clock
        self._began = self._asked = clock()
        self._stopped = False

    def __call__(self) -> bool:
        if self._held.lost.is_set():
            return True
        if self._clock() - self._asked >= self.EVERY_S and not self._stopped:
            self._asked = self._clock()
            self._stopped = self._told()
        return self._stopped

    def _told(self) -> bool:
        """Ask the database; while it is away there is no reason to stop."""
        state = patiently(
            lambda: Night.objects.values_list("state", flat=True).get(pk=self._round.night_id),
            seconds=0,
            otherwise=None,
        )
        return state is not None and state != Night.State.RUNNING

    def time_is_up(self) -> bool:
        """Say whether this message has had its share."""
        return self._clock() - self._began > TASK_SECONDS

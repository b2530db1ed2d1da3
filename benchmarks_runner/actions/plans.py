"""Freeze a night's plan: which points, on which shard, by which clock, at which A/A scale and margin."""

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone

from benchmarks_runner.actions.moves import Actor, move_night
from benchmarks_runner.actions.wakeups import wake
from benchmarks_runner.models import Device, Night, PlannedPoint, Round
from benchmarks_runner.queries.replay import replayed
from benchmarks_runner.queries.scales import FEWEST_PAIRS, Noise, noise_of
from benchmarks_runner.stats import Policy, margin
from ci_gpu.catalogue import SUITES, Point

POINTS_PER_SHARD = 20
DEFAULT_CAP = 40
# The quick suite ends sooner: what 30 pairs cannot decide needs a quieter machine rather than a few pairs more.
CAPS = {"smoke": 30, "selftest": 30}
# An A/A night measures five pairs; a point that lost one gets as many rounds more.
AA_ROUNDS = FEWEST_PAIRS
AA_CAP = FEWEST_PAIRS + 3
# What a suite may cost on one machine, in seconds of measuring: a night that cannot decide ends then and says so.
BUDGET_SECONDS = {"selftest": 600, "smoke": 1_500, "nightly": 4 * 3_600}
DEFAULT_BUDGET_SECONDS = 8 * 3_600


def new_policy(*, kind: str, suite: str, cap: int | None = None) -> dict[str, Any]:
    """Return the constants that a new night freezes: the verdict engine's, its cap of rounds and its time."""
    rounds = AA_CAP if kind == Night.Kind.AA else cap or CAPS.get(suite, DEFAULT_CAP)
    budget = BUDGET_SECONDS.get(suite, DEFAULT_BUDGET_SECONDS)
    return {**asdict(Policy()), "cap": rounds, "budget_seconds": budget}


def points_for(night: Night) -> list[Point]:
    """Return the points of the night's suite that its device and its framework have; some need no framework."""
    return points_on(night.suite, night.baseline.framework, night.device)


def points_on(suite: str, framework: str, device: Device) -> list[Point]:
    """Return the points of a suite that a device and a framework have."""
    return [
        point
        for point in SUITES[suite].points
        if device.kind in point.devices and (framework in point.frameworks or not point.frameworks)
    ]


def shard_of(index: int) -> int:
    """Return in whose company a point is measured: about twenty share a process."""
    return index // POINTS_PER_SHARD


@transaction.atomic
def freeze_plan(*, night: Night, by: Actor = None) -> Night:
    """Freeze the plan from the machine's A/A history as it is now, and make the first round due."""
    noise = noise_of(night.device, night.baseline.framework, night.suite, night.suite_version)
    rows = [
        planned_point(night, point.id, shard_of(i), noise.get(point.id)) for i, point in enumerate(points_for(night))
    ]
    now = timezone.now()
    night.plan_frozen_at = night.started_at = now
    night.calibration = night.device.calibration
    night.save(update_fields=["plan_frozen_at", "started_at", "calibration"])
    move_night(night=night, move="freeze", by=by, summary=f"{_title(night)}: the plan of {len(rows)} points is frozen.")
    PlannedPoint.objects.bulk_create(rows)
    plan_round(night=night, number=1, points=_to_measure(night, rows))
    return night


def planned_point(night: Night, point: str, shard: int, noise: Noise | None) -> PlannedPoint:
    """Return a point of a plan: its clock, scale and margin as far as the machine's A/A pairs say."""
    if noise is None:
        return PlannedPoint(night=night, point=point, shard=shard)
    choice = noise.choice
    return PlannedPoint(
        night=night,
        point=point,
        shard=shard,
        clock=choice.clock,
        scale=choice.scale,
        margin=margin(choice.scale),
        scale_pairs=noise.pairs,
    )


def _to_measure(night: Night, rows: list[PlannedPoint]) -> list[str]:
    """Return the points of the first round: in an A/A night all, otherwise those that the verdict engine asks for."""
    if night.kind == Night.Kind.AA:
        return [row.point for row in rows]
    return list(replayed(night).engine.undecided)


def _title(night: Night) -> str:
    return f"Night {night.pk}"


def plan_round(*, night: Night, number: int, points: list[str]) -> Round:
    """Make a round due and wake the device's worker; a second call for the same round changes nothing."""
    round, _ = Round.objects.get_or_create(
        night=night, number=number, defaults={"points": points, "due_at": timezone.now()}
    )
    wake("measure_round", round.pk, queue=night.device.queue)
    return round

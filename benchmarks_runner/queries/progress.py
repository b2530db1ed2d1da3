"""Say how far a night has come, what it is doing, and how long it may still take."""

from dataclasses import dataclass

from django.utils import timezone

from benchmarks_runner.models import Bundle, Device, Night, Round
from benchmarks_runner.queries.evidence import Measured, attempts_of
from benchmarks_runner.queries.replay import rules_of

# What rounds a night took, where nothing is known of this one yet (docs/explanation/nights.md).
USUAL_ROUNDS = 12
# A word of warning where a round is due and nobody comes.
SLOW_SECONDS = 30


@dataclass(frozen=True)
class NightProgress:
    """How far a night has come."""

    state: str
    round_number: int
    rounds_cap: int
    points_decided: int
    points_total: int
    seconds_so_far: float
    seconds_left_estimate: float | None
    doing: str
    fraction: float

    @property
    def ended(self) -> bool:
        """Say whether nothing more will happen by itself."""
        return self.state in (Night.State.DECIDED, Night.State.CANCELLED, Night.State.FAILED)


def night_progress(night: Night) -> NightProgress:
    """Return how far a night has come."""
    rounds = list(night.rounds.order_by("number"))
    decided, total = _decided(night)
    return NightProgress(
        state=night.state,
        round_number=rounds[-1].number if rounds else 0,
        rounds_cap=night.rounds_cap,
        points_decided=decided,
        points_total=total,
        seconds_so_far=_seconds_so_far(night),
        seconds_left_estimate=seconds_left(night, rounds),
        doing=doing(night),
        fraction=_fraction(night, rounds),
    )


def _decided(night: Night) -> tuple[int, int]:
    total = night.planned_points.count()
    return night.verdicts.exclude(point="").exclude(verdict="").count(), total


def _seconds_so_far(night: Night) -> float:
    return ((night.ended_at or timezone.now()) - night.requested_at).total_seconds()


def doing(night: Night) -> str:
    """Say in words what a night is doing."""
    if night.state == Night.State.REQUESTED:
        return _installing(night)
    if night.state == Night.State.SCALING and night.scale_from:
        return f"measuring the baseline against itself first, to learn this machine's noise: {doing(night.scale_from)}"
    if night.state == Night.State.RUNNING:
        return _measuring(night)
    return {"decided": "decided", "cancelled": "cancelled", "failed": "not measured"}.get(night.state, night.state)


def _installing(night: Night) -> str:
    bundles = {b.pk: b for b in (night.baseline.bundle, night.candidate.bundle)}.values()
    waiting = [bundle for bundle in bundles if bundle.state != Bundle.State.READY]
    if not waiting:
        return "preparing the plan"
    told = [f"installing {bundle}" + (f" ({bundle.progress})" if bundle.progress else "") for bundle in waiting]
    return "; ".join(told)


def _measuring(night: Night) -> str:
    round = night.rounds.exclude(state=Round.State.COMPLETE).order_by("number").first()
    if round is None:
        return "reading the verdict"
    if round.state == Round.State.DUE:
        return _waiting(night, round)
    attempts = attempts_of(night, only=round.number)
    return f"round {round.number}: {_measured_so_far(round, attempts)}"


def _waiting(night: Night, round: Round) -> str:
    if night.device.state == Device.State.QUARANTINED:
        return f"round {round.number} waits: {night.device} is out of use: {night.device.state_reason}"
    slow = (timezone.now() - round.due_at).total_seconds() > SLOW_SECONDS
    return f"round {round.number} waits for {'a worker of ' if slow else ''}{night.device}"


def _measured_so_far(round: Round, attempts: list[Measured]) -> str:
    samples = sum(len(readings) for attempt in attempts for readings in attempt.readings.values())
    return f"{min(samples, 2 * len(round.points))} of {2 * len(round.points)} measurements"


def _fraction(night: Night, rounds: list[Round]) -> float:
    """Return how much of a night is done, between 0 and 1: points decided, or rounds, whichever is further."""
    if night.state == Night.State.DECIDED:
        return 1.0
    if night.state == Night.State.SCALING and night.scale_from:
        return 0.3 * _fraction(night.scale_from, list(night.scale_from.rounds.all()))
    decided, total = _decided(night)
    done = sum(round.state == Round.State.COMPLETE for round in rounds)
    if night.kind == Night.Kind.AA:
        return min(1.0, done / 5)
    start = 0.3 if night.scale_from_id else 0.0
    share = max(decided / total if total else 0.0, min(0.95, done / USUAL_ROUNDS))
    return start + (1 - start) * share if night.state == Night.State.RUNNING else 0.0


def seconds_left(night: Night, rounds: list[Round]) -> float | None:
    """Foresee how long a night may still take, from its own rounds; None while nothing is known."""
    if night.state == Night.State.SCALING and night.scale_from:
        scale_rounds = list(night.scale_from.rounds.all())
        per_round = _seconds_per_point(scale_rounds)
        left = seconds_left(night.scale_from, scale_rounds)
        points = night.scale_from.planned_points.count()
        return None if per_round is None or left is None else left + USUAL_ROUNDS * per_round * points
    per_point = _seconds_per_point(rounds)
    if night.state != Night.State.RUNNING or per_point is None:
        return None
    return per_point * _points_to_measure(night, rounds)


def _seconds_per_point(rounds: list[Round]) -> float | None:
    """Return the seconds that a point costs in a round, from the complete rounds."""
    done = [round for round in rounds if round.state == Round.State.COMPLETE]
    spans = [round.ended_at - round.started_at for round in done if round.started_at and round.ended_at]
    points = sum(len(round.points) for round in done)
    return sum(span.total_seconds() for span in spans) / points if points else None


def _points_to_measure(night: Night, rounds: list[Round]) -> float:
    """Foresee how many more times a point will be measured: each undecided one as often as is usual."""
    done = sum(round.state == Round.State.COMPLETE for round in rounds)
    if night.kind == Night.Kind.AA:
        return max(0, 5 - done) * len(rounds[-1].points if rounds else [])
    open_points = len(rounds[-1].points) if rounds else len(rules_of(night))
    more = max(USUAL_ROUNDS - done, 2) if done < night.rounds_cap else 0
    return min(more, night.rounds_cap - done) * open_points

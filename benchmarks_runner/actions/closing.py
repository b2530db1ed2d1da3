"""Close a round: let the verdict engine read the night's rows, write down what it says, and go on or end."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from benchmarks_runner.actions.leases import Held, fence
from benchmarks_runner.actions.moves import Actor, locked_night, move_night, move_round
from benchmarks_runner.actions.plans import AA_ROUNDS, plan_round
from benchmarks_runner.actions.wakeups import wake
from benchmarks_runner.models import Attempt, Night, Round, Verdict
from benchmarks_runner.models.states import NIGHT_MOVES, allows
from benchmarks_runner.queries.evidence import attempts_of, pairs_in, stops_in
from benchmarks_runner.queries.replay import Replay, replayed
from benchmarks_runner.queries.scales import FEWEST_PAIRS
from benchmarks_runner.queries.sentences import verdict_sentence
from benchmarks_runner.stats import PointVerdict, SuiteVerdict

NO_SCALE = (
    "Cannot be judged on this machine yet: the baseline gave fewer than five pairs against itself"
    " ({why}). A baseline that runs there would decide it."
)


@transaction.atomic
def close_round(*, held: Held, round_id: int) -> None:
    """Complete a round, judge the night by all its rounds so far, and make the next one due or end the night.

    Raises:
        LeaseLost: where the device is somebody else's now.
    """
    fence(held)
    night = locked_night(Round.objects.values_list("night_id", flat=True).get(pk=round_id))
    round = Round.objects.select_for_update().get(pk=round_id)
    if round.state != Round.State.RUNNING or night.state != Night.State.RUNNING:
        return
    move_round(round=round, move="complete", ended_at=timezone.now())
    go_on(night=night)


@transaction.atomic
def go_on(*, night: Night) -> None:
    """Judge a night whose due rounds are complete, and make the next round due or end it."""
    if night.kind == Night.Kind.AA:
        _go_on_aa(night)
    else:
        _go_on_comparison(night)


def _go_on_comparison(night: Night) -> None:
    done = night.rounds.filter(state=Round.State.COMPLETE).count()
    if not night.planned_points.filter(scale__isnull=False).exists():
        write_verdicts(night, None)
        return decide(night, "")
    replay = replayed(night)
    if not replay.engine.finished and _time_is_up(night):
        minutes = night.policy["budget_seconds"] / 60
        return decide_here(night, f"Its time of {minutes:.0f} minutes was used up after {done} rounds.")
    if not replay.engine.finished and done >= night.rounds_cap:
        raise AssertionError(f"night {night.pk} is not finished after {done} of {night.rounds_cap} rounds")
    write_verdicts(night, replay)
    if replay.engine.finished:
        return decide(night, "")
    plan_round(night=night, number=done + 1, points=list(replay.engine.undecided))


def decide_here(night: Night, reason: str, *, by: Actor = None) -> None:
    """End a night before its cap with what its complete rounds say.

    They are its cap from now on, which is the same as telling the engine that no round follows: it says of each
    undecided point what would decide it, and so does every replay.
    """
    night.rounds_cap = night.rounds.filter(state=Round.State.COMPLETE).count()
    night.save(update_fields=["rounds_cap"])
    write_verdicts(night, replayed(night))
    decide(night, reason, by=by)


@transaction.atomic
def stop_night(*, night: Night, move: str, by: Actor, reason: str, summary: str) -> Night:
    """Cancel a night or give it up; one that was decided before it got more rounds is decided again.

    Raises:
        MoveRefused: where the night's state does not allow the move.
    """
    fresh = locked_night(night.pk)
    if fresh.extended_after is None or not allows(NIGHT_MOVES, "decide", fresh.state):
        return move_night(night=night, move=move, by=by, reason=reason, summary=summary)
    decide_here(fresh, f"{reason} What was measured until then is decided.", by=by)
    night.refresh_from_db()
    return night


def _time_is_up(night: Night) -> bool:
    """Say whether the night's processes took as long as its plan allows; waiting for the device costs nothing."""
    budget = night.policy.get("budget_seconds")
    return budget is not None and measured_seconds(night) >= budget


def measured_seconds(night: Night) -> float:
    """Return how long the night's processes ran."""
    ended = Attempt.objects.filter(round__night=night, ended_at__isnull=False)
    total: timedelta | None = ended.aggregate(total=Sum(F("ended_at") - F("started_at")))["total"]
    return total.total_seconds() if total else 0.0


def decide(night: Night, reason: str, *, by: Actor = None) -> None:
    """End a night with its verdicts, say so in the record, and wake who waited for it."""
    counts = {word: night.verdicts.exclude(point="").filter(verdict=word).count() for word in Verdict.Word.values}
    suite = night.verdicts.filter(point="").first()
    data = {"points": counts, "suite": suite.verdict if suite else "", "rounds": night.rounds.count()}
    named = [f"{row.point}: {row.verdict}" for row in night.verdicts.exclude(point="").exclude(verdict="pass")]
    move_night(
        night=night, move="decide", by=by, reason=reason, data={**data, "not passed": named},
        summary=f"Night {night.pk}: {verdict_sentence(night).text}",
    )  # fmt: skip
    for waiting in Night.objects.filter(scale_from=night, state=Night.State.SCALING):
        wake("prepare_night", waiting.pk)


def write_verdicts(night: Night, replay: Replay | None) -> None:
    """Write what the engine says of each point and of the suite; the next round writes over what is provisional."""
    rows = [_without_scale(night, point) for point in night.planned_points.filter(scale__isnull=True)]
    if replay:
        result, open_points = replay.engine.result(), set(replay.engine.undecided)
        rows += [_of_point(night, p, p.point in open_points, replay.decided_in.get(p.point)) for p in result.points]
        rows.append(_of_suite(night, result.suite, replay.engine.finished))
    else:
        reason = "No point of the suite can be judged on this machine."
        rows.append(Verdict(night=night, point="", verdict=Verdict.Word.INCONCLUSIVE, reason=reason))
    changed = [f.name for f in Verdict._meta.concrete_fields if f.name not in ("id", "night", "point")]
    Verdict.objects.bulk_create(rows, update_conflicts=True, unique_fields=["night", "point"], update_fields=changed)


def _of_point(night: Night, said: PointVerdict, undecided: bool, decided_in: int | None) -> Verdict:
    return Verdict(
        night=night,
        point=said.point,
        verdict="" if undecided else said.verdict,
        estimate=said.estimate,
        low=said.low,
        high=said.high,
        pairs_used=said.pairs_used,
        decided_in_round=decided_in,
        reason=said.reason,
        skew=said.skew,
        evidence=_evidence(slower=said.evidence_slower, no_worse=said.evidence_no_worse),
    )


def _of_suite(night: Night, said: SuiteVerdict, finished: bool) -> Verdict:
    return Verdict(
        night=night,
        point="",
        verdict=said.verdict if finished else "",
        estimate=said.estimate,
        low=said.low,
        high=said.high,
        pairs_used=said.rounds_used,
        reason=said.reason,
        evidence=_evidence(slower=said.evidence_slower, no_worse=said.evidence_no_worse, differences=said.differences),
    )


def _evidence(**series: Iterable[float]) -> dict[str, Any]:
    """Return series as JSON holds them: ln 0 is written as -700, about the smallest a number can be."""
    return {name: [max(-700.0, float(value)) for value in values] for name, values in series.items()}


def _without_scale(night: Night, planned: Any) -> Verdict:
    scale = night.scale_from
    why = (scale and scale.state_reason) or "no A/A pairs"
    return Verdict(
        night=night, point=planned.point, verdict=Verdict.Word.INCONCLUSIVE, reason=NO_SCALE.format(why=why)
    )  # fmt: skip


def _go_on_aa(night: Night) -> None:
    """Measure until each point that can be has five A/A pairs, or the rounds are used up."""
    attempts = attempts_of(night)
    done = night.rounds.filter(state=Round.State.COMPLETE).count()
    stopped = {stop.point: stop for stop in stops_in(attempts)}
    counts = _pairs_by_point(attempts)
    planned = night.planned_points.values_list("point", flat=True)
    open_points = [point for point in planned if point not in stopped]
    if done >= AA_ROUNDS:
        open_points = [point for point in open_points if counts.get(point, 0) < FEWEST_PAIRS]
    if open_points and done < night.rounds_cap and not _time_is_up(night):
        plan_round(night=night, number=done + 1, points=open_points)
        return
    lacking = [point for point in planned if counts.get(point, 0) < FEWEST_PAIRS]
    told = [f"{point}: {stopped[point].reason if point in stopped else 'too few pairs'}" for point in lacking]
    decide(night, "; ".join(told))


def _pairs_by_point(attempts: Sequence[Any]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for pair in pairs_in(attempts):
        counts[pair.point] = counts.get(pair.point, 0) + 1
    return counts

"""Make a night of a results file that the harness measured alone: all of it or nothing, and once however often."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from benchmarks_runner.actions.attempts import detail_of, failure_from, flags_of, sample_from
from benchmarks_runner.actions.bundles import build_of
from benchmarks_runner.actions.closing import decide, write_verdicts
from benchmarks_runner.actions.machines import register_machine
from benchmarks_runner.actions.moves import Actor, actor_name
from benchmarks_runner.actions.plans import new_policy, planned_point, shard_of
from benchmarks_runner.actions.results_file import ArmFacts, AttemptFacts, Results, RoundFacts
from benchmarks_runner.models import Attempt, Build, Bundle, Device, Lease, Machine, Night, PlannedPoint, Round, Sample
from benchmarks_runner.queries.replay import replayed
from benchmarks_runner.queries.scales import noise_of
from ci_gpu.catalogue import SUITES
from record.actions import append


@transaction.atomic
def import_results(*, results: Results, by: Actor) -> tuple[Night, bool]:
    """Return the night that a results file holds, and whether it is new here."""
    known = Night.objects.filter(results_digest=results.digest).first()
    if known:
        return known, False
    device = _device(register_machine(facts=results.machine, by=by), results)
    night = _night(results, device, by)
    for facts in results.rounds:
        _round(night, facts)
    append(
        "night.imported",
        by=by,
        subject=f"night/{night.pk}",
        summary=f"Night {night.pk} was imported: {night.candidate} against {night.baseline} on {device}.",
        data={"results": results.digest, "rounds": len(results.rounds)},
    )
    _judge(night)
    return night, True


def _device(machine: Machine, results: Results) -> Device:
    """Return the file's device, registering one that the machine's own facts did not name."""
    kind, _, number = results.device.partition(":")
    device, is_new = Device.objects.get_or_create(
        machine=machine, kind=kind, index=int(number or 0), defaults={"model": "unknown"}
    )
    if is_new:
        Lease.objects.create(device=device)
    if device.calibration is None and results.calibration is not None:
        device.calibration = results.calibration
        device.save(update_fields=["calibration"])
    return device


def _build(arm: ArmFacts, by: Actor) -> Build:
    """Return the build of an arm; a new one is a bundle that is not on this site's disk but could be installed."""
    wanted = arm.specification
    bundle, _ = Bundle.objects.get_or_create(
        specification=wanted.canonical,
        defaults={
            "requirements": list(wanted.requirements),
            "variables": dict(wanted.variables),
            "state": Bundle.State.COLLECTED,
            "requested_by": actor_name(by),
        },
    )
    return build_of(bundle, wanted)[0]


def _night(results: Results, device: Device, by: Actor) -> Night:
    kind = Night.Kind.AA if results.is_aa else Night.Kind.COMPARISON
    plan = {
        "kind": kind,
        "baseline": _build(results.arms["baseline"], by),
        "candidate": _build(results.arms["candidate"], by),
        "device": device,
        "suite": results.suite,
        "suite_version": results.suite_version,
    }
    latest = Night.objects.filter(**plan).order_by("-repeat").first()
    now, (began, _) = timezone.now(), _span(results)
    night = Night.objects.create(
        **plan,
        repeat=latest.repeat + 1 if latest else 1,
        seed=results.seed,
        threads=results.threads,
        policy=new_policy(kind=kind, suite=results.suite, cap=len(results.rounds)),
        rounds_cap=len(results.rounds),
        calibration=results.calibration,
        state=Night.State.RUNNING,
        plan_frozen_at=now,
        started_at=began,
        results_digest=results.digest,
        requested_by=actor_name(by),
    )
    PlannedPoint.objects.bulk_create(_plan(night, results))
    return night


def _plan(night: Night, results: Results) -> list[PlannedPoint]:
    """Return the plan's points in the order of the suite, with the machine's scales as far as it has any."""
    measured = list(dict.fromkeys(point for round in results.rounds for point in round.points))
    known = [point.id for point in SUITES[night.suite].points] if night.suite in SUITES else []
    points = sorted(measured, key=lambda point: (known.index(point) if point in known else len(known), point))
    noise = noise_of(night.device, night.baseline.framework, night.suite, night.suite_version)
    shards = {p: attempt.shard for round in results.rounds for attempt in round.attempts for p in attempt.points}
    return [planned_point(night, p, shards.get(p, shard_of(i)), noise.get(p)) for i, p in enumerate(points)]


def _round(night: Night, facts: RoundFacts) -> None:
    began = min(attempt.started_at for attempt in facts.attempts)
    row = Round.objects.create(
        night=night,
        number=facts.number,
        state=Round.State.COMPLETE,
        points=facts.points,
        due_at=began,
        started_at=began,
        ended_at=max(attempt.ended_at for attempt in facts.attempts),
        takes=1,
    )
    for attempt in facts.attempts:
        _attempt(row, attempt)


def _attempt(round: Round, facts: AttemptFacts) -> None:
    row = Attempt.objects.create(
        round=round,
        shard=facts.shard,
        number=facts.number,
        arm=facts.arm,
        position=facts.position,
        points=list(facts.points),
        lease_token=0,
        started_at=facts.started_at,
        ended_at=facts.ended_at,
        ended=facts.ended,
        last_point=facts.last_point,
        detail=detail_of(facts.ended, facts.detail, facts.stderr),
        failures=[failure_from(message) for message in facts.failures],
        fingerprint=facts.fingerprint,
        flags=flags_of(facts.samples),
    )
    Sample.objects.bulk_create([sample_from(row, message) for message in facts.samples])


def _span(results: Results) -> tuple[datetime, datetime]:
    attempts = [attempt for round in results.rounds for attempt in round.attempts]
    return min(a.started_at for a in attempts), max(a.ended_at for a in attempts)


def _judge(night: Night) -> None:
    """Let the verdict engine read the rows, and end the night when its last process did."""
    if night.kind == Night.Kind.COMPARISON:
        scaled = night.planned_points.filter(scale__isnull=False).exists()
        write_verdicts(night, replayed(night) if scaled else None)
    decide(night, "Measured by the harness alone and imported.")
    ended = night.rounds.order_by("-number").values_list("ended_at", flat=True).first()
    Night.objects.filter(pk=night.pk).update(ended_at=ended)
    night.refresh_from_db()

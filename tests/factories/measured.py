"""Nights whose samples are drawn by a random number generator, and everything after them by the real engine.

For tests of pages and for looking at them: rounds, verdicts and intervals come out of the product's own actions.
"""

import math
import random
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from benchmarks_runner.actions.closing import go_on
from benchmarks_runner.actions.plans import plan_round
from benchmarks_runner.models import (
    Attempt,
    Build,
    Bundle,
    Device,
    Environment,
    Machine,
    Night,
    PlannedPoint,
    Round,
    Sample,
)
from benchmarks_runner.stats import Policy, margin
from ci_gpu.catalogue import SUITES, Point

POINTS = ("softmax.float32.rows", "gemm.float32.square", "dispatch.float32.chain", "optimizer.float32.adamw")
CALIBRATION = {
    "flops_per_s": {"float32": 9.6e10, "bfloat16": 2.4e10, "convolution.float32": 5e10},
    "bandwidth_bytes_per_s": 1.4e10,
    "llc_bytes": 33_000_000,
}
LOCK = [
    {"name": "torch", "version": "2.13.0", "sha256": "1" * 64, "file": "torch-2.13.0.whl"},
    {"name": "sympy", "version": "1.14.0", "sha256": "2" * 64, "file": "sympy-1.14.0.whl"},
]


def a_device() -> Device:
    """Return the CPUs of a calibrated machine."""
    fingerprint = {"processor": "an example processor", "logical_processors": 2, "hostname": "never-shown.example"}
    machine, _ = Machine.objects.get_or_create(
        name="machine 1", defaults={"digest": "c" * 64, "fingerprint": fingerprint}
    )
    device, _ = Device.objects.get_or_create(
        machine=machine, kind=Device.Kind.CPU, defaults={"model": "an example processor", "calibration": CALIBRATION}
    )
    return device


def an_installed_build(specification: str = "torch==2.13.0", *, note: str = "") -> Build:
    """Return a build whose bundle is ready."""
    environment, _ = Environment.objects.get_or_create(
        digest="a" * 64,
        defaults={"lock": LOCK, "python_version": "3.11.9", "state": "ready", "size_bytes": 812_000_000},
    )
    package, *variables = specification.split(",")
    bundle, _ = Bundle.objects.get_or_create(
        specification=specification,
        defaults={
            "requirements": [package],
            "variables": dict(pair.split("=", 1) for pair in variables),
            "state": Bundle.State.READY,
            "environment": environment,
            "requested_by": "ada",
        },
    )
    name = specification.replace("==", " ").replace(",", ", ")
    version = package.split("==")[1]
    build, _ = Build.objects.get_or_create(
        bundle=bundle, defaults={"name": name, "framework": "torch", "version": version, "note": note}
    )
    return build


def a_measured_night(
    effects: Mapping[str, float] | None = None,
    *,
    kind: str = Night.Kind.COMPARISON,
    points: Collection[str] = POINTS,
    scale: float = 0.01,
    scales: Mapping[str, float] | None = None,
    cap: int = 40,
    rounds: int | None = None,
    out_of_memory: str = "",
    seed: int = 5,
    ended: datetime | None = None,
) -> Night:
    """Return a night of these effects (ln ratios of the candidate's times), measured to its end or for some rounds."""
    of_points = {point: (scales or {}).get(point, scale) for point in points}
    night = _planned(effects or {}, kind, points, of_points, cap)
    measure_on(night, effects, scales=of_points, rounds=rounds, out_of_memory=out_of_memory, seed=seed)
    if ended and night.ended_at:
        begun = {"requested_at": ended - timedelta(minutes=6), "started_at": ended - timedelta(minutes=5)}
        Night.objects.filter(pk=night.pk).update(**begun, ended_at=ended)
    night.refresh_from_db()
    return night


def measure_on(
    night: Night,
    effects: Mapping[str, float] | None = None,
    *,
    scales: Mapping[str, float] | None = None,
    rounds: int | None = None,
    out_of_memory: str = "",
    seed: int = 5,
) -> None:
    """Measure the rounds of a night that are due, up to a number of them, as its worker would."""
    draw = random.Random(seed)
    known = scales or dict.fromkeys(night.planned_points.values_list("point", flat=True), 0.01)
    done = 0
    while (round := night.rounds.filter(state=Round.State.DUE).first()) and (rounds is None or done < rounds):
        _measure(round, effects or {}, known, out_of_memory, draw)
        with transaction.atomic():
            go_on(night=night)
        night.refresh_from_db()
        done += 1


def _planned(
    effects: Mapping[str, float], kind: str, points: Collection[str], scales: Mapping[str, float], cap: int
) -> Night:
    """Return a running night with its frozen plan and its first round due."""
    baseline = an_installed_build()
    variables = ",ATEN_CPU_CAPABILITY=default" if effects else ""
    note = "The same wheel told to ignore the CPU's vector instructions." if effects else ""
    candidate = an_installed_build(f"torch==2.13.0{variables}", note=note)
    aa = kind == Night.Kind.AA
    night = Night.objects.create(
        kind=kind,
        baseline=baseline,
        candidate=candidate,
        device=a_device(),
        suite="smoke",
        suite_version=SUITES["smoke"].version,
        repeat=Night.objects.count() + 1,
        seed=7,
        policy={**asdict(Policy()), "cap": cap, "budget_seconds": 100_000},
        rounds_cap=8 if aa else cap,
        calibration=CALIBRATION,
        state=Night.State.RUNNING,
        plan_frozen_at=timezone.now(),
        started_at=timezone.now(),
        requested_by="ada",
    )
    PlannedPoint.objects.bulk_create(
        PlannedPoint(night=night, point=point)
        if aa
        else PlannedPoint(
            night=night, point=point, clock="cpu", scale=scales[point], margin=margin(scales[point]), scale_pairs=10
        )
        for point in points
    )
    judged = [point for point in points if aa or margin(scales[point]) is not None]
    with transaction.atomic():
        plan_round(night=night, number=1, points=judged)
    return night


def _measure(
    round: Round,
    effects: Mapping[str, float],
    scales: Mapping[str, float],
    out_of_memory: str,
    draw: random.Random,
) -> None:
    """Fill a round with one attempt, and with a second where a point broke, and complete it."""
    candidate_first = draw.random() < 0.5
    for number, points in enumerate(([*round.points], [p for p in round.points if p == out_of_memory]), 1):
        for arm in ("baseline", "candidate") if points else ():
            broken = [p for p in points if p == out_of_memory and arm == "candidate"]
            attempt = Attempt.objects.create(
                round=round,
                shard=0,
                number=number,
                arm=arm,
                position=int((arm == "candidate") != candidate_first),
                points=points,
                lease_token=round.number,
                started_at=timezone.now(),
                ended_at=timezone.now(),
                ended="done",
                failures=[
                    {"point": p, "reason": "out_of_memory", "message": "tried to allocate 3.1 GB"} for p in broken
                ],
            )
            shift = {p: effects.get(p, 0.0) if arm == "candidate" else 0.0 for p in points}
            Sample.objects.bulk_create(
                _sample(attempt, p, shift[p] + draw.gauss(0, scales[p] / math.sqrt(2)))
                for p in points
                if p not in broken
            )
    round.state, round.started_at = Round.State.COMPLETE, timezone.now()
    round.ended_at = round.started_at + timedelta(seconds=20)
    round.save()


def _sample(attempt: Attempt, point: str, log_shift: float) -> Sample:
    """Return a sample of a plausible size: a little below what the roof allows, shifted."""
    taken = _usual_ns(next(p for p in SUITES["smoke"].points if p.id == point)) * math.exp(log_shift)
    return Sample(
        attempt=attempt,
        point=point,
        wall_ns=1.02 * taken,
        cpu_ns=taken,
        sentinel_ns=100_000,
        peak_memory_bytes=50_000_000,
        error=1e-7,
        measurement={"sentinel_wall_ns": 100_000, "steady": True, "iterations": 400},
    )


def _usual_ns(point: Point) -> float:
    variant = point.on("cpu")
    return max(2_000.0, 1.7e9 * max(variant.flops / 9.6e10, variant.bytes / 1.4e10))

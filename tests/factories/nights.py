"""Devices with a lease, nights of the selftest, and rounds filled with given differences."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from django.utils import timezone

from benchmarks_runner.actions.attempts import insert_sample
from benchmarks_runner.actions.plans import plan_round
from benchmarks_runner.models import (
    Attempt,
    Build,
    Bundle,
    Device,
    Environment,
    Lease,
    Machine,
    Night,
    PlannedPoint,
    Round,
)
from benchmarks_runner.stats import Policy, margin
from ci_gpu.catalogue import SUITES

POINTS = tuple(point.id for point in SUITES["selftest"].points)
BASE_NS = 10_000.0


def leased_device(digest: str = "d" * 16) -> Device:
    """Return the CPUs of a machine, with their lease."""
    machine, _ = Machine.objects.get_or_create(
        digest=digest, defaults={"name": f"machine {digest[:4]}", "fingerprint": {"processor": "an example"}}
    )
    device, _ = Device.objects.get_or_create(machine=machine, kind=Device.Kind.CPU, defaults={"model": "an example"})
    Lease.objects.get_or_create(device=device)
    return device


def ready_build(specification: str = "six==1.17.0") -> Build:
    """Return a build whose bundle says that it is ready."""
    environment, _ = Environment.objects.get_or_create(
        digest="e" * 64, defaults={"lock": [], "python_version": "3.11.9", "state": Environment.State.READY}
    )
    requirement, *variables = specification.split(",")
    bundle, _ = Bundle.objects.get_or_create(
        specification=specification,
        defaults={
            "requirements": [requirement],
            "variables": dict(pair.split("=", 1) for pair in variables),
            "state": Bundle.State.READY,
            "environment": environment,
            "requested_by": "ada",
        },
    )
    name, version = requirement.split("==")
    build, _ = Build.objects.get_or_create(
        bundle=bundle, defaults={"name": specification.replace("==", " "), "framework": name, "version": version}
    )
    return build


def selftest_night(kind: str = Night.Kind.COMPARISON, state: str = Night.State.REQUESTED, **changes: object) -> Night:
    """Return a night of the selftest."""
    baseline = ready_build()
    candidate = baseline if kind == Night.Kind.AA else ready_build("six==1.17.0,SELFTEST_SLOWDOWN=sort")
    values = {
        "kind": kind,
        "baseline": baseline,
        "candidate": candidate,
        "device": leased_device(),
        "suite": "selftest",
        "suite_version": SUITES["selftest"].version,
        "repeat": Night.objects.count() + 1,
        "seed": 7,
        "policy": {**asdict(Policy()), "cap": 30, "budget_seconds": 100_000},
        "rounds_cap": 30,
        "state": state,
        "requested_by": "ada",
    }
    return Night.objects.create(**{**values, **changes})


def running_night(scales: Mapping[str, float | None] | None = None, **changes: object) -> Night:
    """Return a comparison whose plan is frozen and whose first round is due."""
    night = selftest_night(state=Night.State.RUNNING, plan_frozen_at=timezone.now(), **changes)
    of_points = scales or dict.fromkeys(POINTS, 0.02)
    PlannedPoint.objects.bulk_create(
        PlannedPoint(night=night, point=p, clock="cpu" if s else "", scale=s, margin=margin(s) if s else None)
        for p, s in of_points.items()
    )
    plan_round(night=night, number=1, points=[p for p, s in of_points.items() if s])
    return night


def message(point: str, cpu_ns: float, **changes: object) -> dict[str, object]:
    """Return a sample as the harness says it."""
    return {
        "protocol": 1, "kind": "sample", "point": point, "wall_ns": 1.1 * cpu_ns, "cpu_ns": cpu_ns, "device_ns": None,
        "sentinel_ns": 50_000.0, "sentinel_wall_ns": 51_000.0, "iterations": 100, "warmups": 3, "steady": True,
        "durations_ns": [cpu_ns], "spread": 0.01, "skew": 0.0, "flops": 1, "bytes": 8, "roofline_fraction": None,
        "roofline_valid": False, "error": None, "peak_memory_bytes": 10, "host_ns": None, "telemetry": None, **changes,
    }  # fmt: skip


def attempt_of(round: Round, arm: str, number: int = 1, points: Sequence[str] = (), **changes: object) -> Attempt:
    """Return a process that was started in a round; it ended well unless told otherwise."""
    values = {
        "position": int(arm == "candidate"),
        "points": list(points or round.points),
        "lease_token": 1,
        "started_at": timezone.now(),
        "ended_at": timezone.now(),
        "ended": "done",
    }
    return Attempt.objects.create(round=round, shard=0, number=number, arm=arm, **{**values, **changes})


def fill_round(
    round: Round, differences: Mapping[str, float], number: int = 1, *, arms: Sequence[str] = ("baseline", "candidate")
) -> None:
    """Store a pair with these differences (ln ratios of CPU time) at each point, its samples in the order of `arms`."""
    for arm in arms:
        attempt = attempt_of(round, arm, number, list(differences))
        points = differences if arm == arms[0] else reversed(differences)
        for point in points:
            shift = differences[point] if arm == "candidate" else 0.0
            insert_sample(attempt, message(point, BASE_NS * math.exp(shift)))

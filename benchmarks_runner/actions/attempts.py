"""Run one process of one build and store what it says as it says it: fenced, and each sample once."""

import json
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from benchmarks_runner import bundles
from benchmarks_runner.actions.leases import Held, fence, forget_process, note_process
from benchmarks_runner.actions.patience import patiently
from benchmarks_runner.actions.said import bounded, plain, public_fact, public_text, whole
from benchmarks_runner.models import Attempt, Night, Round, Sample
from benchmarks_runner.queries.installed import copy_needed
from ci_gpu.catalogue import SUITES
from ci_gpu.nvml import SLOWING
from ci_gpu.supervisor import Interpreter, Order, Outcome, deadline_for, run_order

logger = logging.getLogger(__name__)

# Pairs of one night that may be voided because the machine changed under them; after that they count, with a flag.
VOIDS = 3
# So much of the last lines that a process wrote is kept.
LONGEST_DETAIL = 2000
FAULTS = "FLAMEKEEPER_FAULTS"
FAULT_PLAN = "FLAMEKEEPER_FAULT_PLAN"


@dataclass(frozen=True)
class MeasuredArm:
    """One process that was run to its end."""

    attempt: Attempt
    clean: bool


def measure_arm(
    *,
    held: Held,
    round: Round,
    shard: int,
    number: int,
    arm: str,
    position: int,
    points: Sequence[str],
    seed: int,
    stop: Callable[[], bool],
) -> MeasuredArm:
    """Run one process of one build on these points, and store its samples and how it ended.

    Raises:
        LeaseLost: where somebody else took the device; nothing of this process is stored from then on.
    """
    night = round.night
    interpreter = interpreter_of(night, arm)
    attempt = patiently(
        lambda: begin_attempt(
            held=held, round=round, shard=shard, number=number, arm=arm, position=position, points=points
        )
    )
    order = Order(
        points=tuple(points),
        seed=seed,
        device=night.device.address,
        threads=night.threads,
        calibration=night.calibration,
        budget_s=SUITES[night.suite].budget_s,
        fault=wanted_fault(night.kind, arm, round.number, number),
    )
    keeper = Storekeeper(held, attempt)
    outcome = run_order(
        interpreter,
        order,
        deadline_s=_deadline(order),
        on_message=keeper.hear,
        on_start=keeper.begin,
        cancelled=lambda: stop() or held.lost.is_set(),
    )
    patiently(keeper.store_all)
    patiently(lambda: end_attempt(held=held, attempt=attempt, outcome=outcome))
    return MeasuredArm(attempt, outcome.clean)


def _deadline(order: Order) -> float:
    """Return the seconds a process may take; tests of hanging children shorten them."""
    return float(os.environ.get("FLAMEKEEPER_DEADLINE_SECONDS") or deadline_for(order))


def interpreter_of(night: Night, arm: str) -> Interpreter:
    """Return the interpreter that measures an arm."""
    build = night.baseline if arm == "baseline" else night.candidate
    return bundles.interpreter(build.bundle, copy_needed(night, arm))


def wanted_fault(kind: str, arm: str, round: int, number: int) -> Mapping[str, Any] | None:
    """Return the fault that a test asked this worker for: none unless the environment allows faults.

    A fault of the plan names its point and kind, and may name the night's kind, the arm, the round and the attempt.
    """
    if os.environ.get(FAULTS) != "1" or not os.environ.get(FAULT_PLAN):
        return None
    for fault in json.loads(os.environ[FAULT_PLAN]):
        wanted = {"night": kind, "arm": arm, "round": round, "attempt": number}
        if all(fault.get(name, value) == value for name, value in wanted.items()):
            return {"point": fault["point"], "kind": fault["kind"]}
    return None


@transaction.atomic
def begin_attempt(
    *, held: Held, round: Round, shard: int, number: int, arm: str, position: int, points: Sequence[str]
) -> Attempt:
    """Write down that a process is about to start."""
    fence(held)
    attempt, _ = Attempt.objects.get_or_create(
        round=round,
        shard=shard,
        number=number,
        arm=arm,
        defaults={
            "position": position,
            "points": list(points),
            "lease_token": held.token,
            "started_at": timezone.now(),
        },
    )
    return attempt


class Storekeeper:
    """Store one process's samples as they come; while the database is away they wait."""

    def __init__(self, held: Held, attempt: Attempt) -> None:
        self._held, self._attempt = held, attempt
        self._waiting: list[dict[str, Any]] = []

    def begin(self, group: int) -> None:
        """Write down which process runs, so that it can be ended should this worker die."""
        patiently(lambda: self._note(group), seconds=20)

    def _note(self, group: int) -> None:
        note_process(self._held, group)
        Attempt.objects.filter(pk=self._attempt.pk).update(process_group=group)

    def hear(self, message: dict[str, Any]) -> None:
        """Store a sample; other messages are told by how the process ended."""
        if message["kind"] == "sample":
            self._waiting.append(message)
            try:
                self.store_all()
            except (OperationalError, InterfaceError) as error:
                logger.warning("%s samples wait for the database: %s", len(self._waiting), error)
                connection.close()

    def store_all(self) -> None:
        """Store what waits, in its order."""
        while self._waiting:
            store_sample(held=self._held, attempt=self._attempt, message=self._waiting[0])
            self._waiting.pop(0)


@transaction.atomic
def store_sample(*, held: Held, attempt: Attempt, message: Mapping[str, Any]) -> bool:
    """Store one sample, once however often it comes; say whether it was new.

    Raises:
        LeaseLost: where the device is somebody else's now.
    """
    fence(held)
    return insert_sample(attempt, message)


def insert_sample(attempt: Attempt, message: Mapping[str, Any]) -> bool:
    """Insert one sample of an attempt unless it is there; the caller holds the transaction."""
    before = Sample.objects.filter(attempt=attempt, point=message["point"]).exists()
    Sample.objects.bulk_create([sample_from(attempt, message)], ignore_conflicts=True)
    return not before


def sample_from(attempt: Attempt, message: Mapping[str, Any]) -> Sample:
    """Return the row of a sample message."""
    columns = ("wall_ns", "cpu_ns", "device_ns", "sentinel_ns", "roofline_fraction", "error")
    rest = {name: value for name, value in message.items() if name not in ("protocol", "kind", "point")}
    values = {name: bounded(message.get(name)) for name in columns}
    memory = whole(message.get("peak_memory_bytes"))
    return Sample(
        attempt=attempt, point=message["point"], measurement=plain(rest), peak_memory_bytes=memory, **values
    )  # fmt: skip


@transaction.atomic
def end_attempt(*, held: Held, attempt: Attempt, outcome: Outcome) -> None:
    """Write down how a process ended, and that it is gone."""
    fence(held)
    attempt.ended_at = timezone.now()
    attempt.ended = outcome.ended
    attempt.last_point = outcome.last_point or ""
    attempt.detail = detail_of(outcome.ended, outcome.detail, outcome.stderr_tail)
    attempt.failures = [failure_from(message) for message in outcome.failures]
    attempt.fingerprint = None if outcome.fingerprint is None else plain(outcome.fingerprint, public_fact)
    attempt.flags = flags_of(outcome.samples)
    attempt.save()
    if outcome.clean:
        forget_process(held)


def detail_of(ended: str, detail: str, stderr: str) -> str:
    """Return what a reader needs to understand how a process ended; nothing where all went well."""
    if ended == "done":
        return ""
    last = stderr.strip()
    if len(last) > LONGEST_DETAIL:  # from the start of a line, for half a path is not known as one
        last = last[-LONGEST_DETAIL:].partition("\n")[2]
    return "\n".join(public_text(part) for part in (detail, last) if part)


def failure_from(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a failure as the attempt keeps it."""
    return {name: public_text(message[name]) for name in ("point", "reason", "message")}


def flags_of(samples: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what a reader must know of samples that count all the same: why the device ran slower than asked."""
    found = {reason for sample in samples for reason in _throttled(sample.get("telemetry"))}
    return [f"throttled: {reason}" for reason in sorted(found)]


def _throttled(telemetry: Mapping[str, Any] | None) -> list[str]:
    after = (telemetry or {}).get("after")
    reasons = after.get("throttle_reasons") if isinstance(after, dict) else None
    return [reason for reason in SLOWING if reason in reasons] if isinstance(reasons, list) else []


def end_lost_attempts(round: Round) -> int:
    """Mark attempts whose worker died: their samples stay, and count for nothing without their other half."""
    open_attempts = Attempt.objects.filter(round=round, ended="")
    return open_attempts.update(ended="lost", ended_at=timezone.now(), detail="Its worker died or was stopped.")


@transaction.atomic
def void_if_changed(*, held: Held, round: Round, measured: Sequence[MeasuredArm]) -> None:
    """Void a pair whose arms ran on different ground, up to a few times a night; then it counts, with a flag."""
    fence(held)
    rows = [Attempt.objects.get(pk=arm.attempt.pk) for arm in measured]
    changes = {row.arm: why for row in rows if (why := _changed(row, rows, round.night))}
    if not changes:
        return
    spent = Attempt.objects.filter(round__night=round.night).exclude(void_reason="").count()
    for row in rows:
        why = changes.get(row.arm, "")
        if why and spent < VOIDS:
            row.void_reason = why
        elif why:
            row.flags = [*row.flags, why]
        row.save(update_fields=["void_reason", "flags"])


def _changed(row: Attempt, rows: Sequence[Attempt], night: Night) -> str:
    """Say in which way this arm's fingerprint is not what it was; empty where it is."""
    mine = digests(row)
    others = [digests(other) for other in rows if other.arm != row.arm]
    if not mine or not all(others):
        return ""
    machine = mine["machine"]
    if any(other["machine"] != machine for other in others) and machine != night.device.machine.digest:
        return "The machine's fingerprint changed within the pair."
    if any(other.get("device") != mine.get("device") for other in others) and row.position == 1:
        return "The pair's processes ran on different GPUs."
    first = Attempt.objects.filter(round__night=night, arm=row.arm, fingerprint__isnull=False).order_by("pk").first()
    if first and digests(first).get("build") != mine["build"]:
        return "The build's own fingerprint changed during the night."
    return ""


def digests(row: Attempt) -> dict[str, Any]:
    """Return what an attempt ran on, in short; empty where it did not live to say so."""
    facts = row.fingerprint or {}
    found = _object(facts, "digest")
    if not {"machine", "build"} <= found.keys():
        return {}
    device = _object(_object(facts, "framework"), "device")
    return {"machine": found["machine"], "build": found["build"], "device": device.get("uuid")}


def _object(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a part of a fingerprint; an empty one where the process said something else there."""
    value = facts.get(name)
    return value if isinstance(value, dict) else {}

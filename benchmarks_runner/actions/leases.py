"""Take, keep and return the right to use a device.

A lease expires, so that a dead worker does not hold a device for ever, and it is fenced: each holder has a larger token
than the one before, and what a former holder still wants to write is refused in the writing transaction itself.
"""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from benchmarks_runner.actions import processes
from benchmarks_runner.actions.machines import quarantine_device
from benchmarks_runner.models import Device, Lease, Round

logger = logging.getLogger(__name__)


class DeviceBusy(Exception):
    """Somebody else holds the device."""


class DeviceQuarantined(Exception):
    """The device is out of use until somebody has looked."""


class LeaseLost(Exception):
    """Somebody else took the device since: what the former holder writes is refused."""


def lease_seconds() -> float:
    """Return how long a lease lives without a heartbeat."""
    return float(getattr(settings, "LEASE_SECONDS", None) or os.environ.get("FLAMEKEEPER_LEASE_SECONDS") or 30)


def this_holder() -> str:
    """Name this process so that another one of the same machine can see whether it is still alive."""
    return f"{os.getpid()} {processes.identity(os.getpid())}"


@dataclass
class Held:
    """A lease in somebody's hands."""

    lease_id: int
    device: Device
    token: int
    lost: threading.Event = field(default_factory=threading.Event)


def take_lease(*, device: Device, round: Round | None = None, holder: str = "") -> Held:
    """Take the device, and end what a dead holder left on it.

    Raises:
        DeviceBusy: while somebody else holds it and lives.
        DeviceQuarantined: where it is out of use, or what a dead holder left cannot be ended.
    """
    held, left_over = _seize(device, round, holder or this_holder())
    if left_over and not processes.seen_from_here(left_over[1]):
        _quarantine(
            held, f"process group {left_over[0]} was started in another container and cannot be looked up here."
        )
    if left_over and not processes.end_group(*left_over):
        _quarantine(held, f"process group {left_over[0]} of a dead worker could not be ended.")
    if left_over:
        forget_process(held)
    return held


@transaction.atomic
def _seize(device: Device, round: Round | None, holder: str) -> tuple[Held, tuple[int, str] | None]:
    """Put the new holder's name and a larger token on the lease; return what the last holder left running."""
    lease = Lease.objects.select_for_update().get(device=device)
    device.refresh_from_db(fields=["state", "state_reason"])
    if device.state == Device.State.QUARANTINED:
        raise DeviceQuarantined(f"{device} is out of use: {device.state_reason}")
    if lease.holder and not is_over(lease):
        raise DeviceBusy(f"{device} is held until {lease.expires_at:%H:%M:%S}.")
    left = (lease.process_group, lease.process_identity) if lease.process_group else None
    now = timezone.now()
    lease.token += 1
    lease.holder, lease.round = holder, round
    lease.heartbeat_at, lease.expires_at = now, now + timedelta(seconds=lease_seconds())
    lease.save()
    return Held(lease.pk, device, lease.token), left


def is_over(lease: Lease) -> bool:
    """Say whether a lease's holder has lost it: it expired, or its process is known to be dead."""
    if not lease.holder or lease.expires_at is None or lease.expires_at <= timezone.now():
        return True
    pid, _, recorded = lease.holder.partition(" ")
    if not pid.isdigit() or not recorded.startswith(processes.place()):
        return False
    return not processes.alive(int(pid), recorded)


def _quarantine(held: Held, reason: str) -> None:
    with transaction.atomic():
        quarantine_device(device=held.device, reason=reason)
        release_lease(held)
    raise DeviceQuarantined(f"{held.device} is out of use: {reason}")


def beat(held: Held) -> None:
    """Say that the holder is alive.

    Raises:
        LeaseLost: where somebody else holds it now.
    """
    now = timezone.now()
    expires_at = now + timedelta(seconds=lease_seconds())
    kept = _own(held).update(heartbeat_at=now, expires_at=expires_at)
    if not kept:
        held.lost.set()
        raise LeaseLost(f"{held.device}: token {held.token} is no longer the current one.")


def _own(held: Held):  # type: ignore[no-untyped-def]  # a queryset of Lease
    return Lease.objects.filter(pk=held.lease_id, token=held.token).exclude(holder="")


def fence(held: Held) -> None:
    """Refuse a former holder: called first in a writing transaction, it keeps the lease as it is until the commit.

    Raises:
        LeaseLost: where somebody else holds it now.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM benchmarks_runner_lease WHERE id = %s AND token = %s AND holder <> '' FOR SHARE",
            [held.lease_id, held.token],
        )
        if cursor.fetchone() is None:
            held.lost.set()
            raise LeaseLost(f"{held.device}: token {held.token} is no longer the current one.")


def note_process(held: Held, group: int) -> None:
    """Write down which process runs on the device, so that it can be ended if this worker dies."""
    updated = _own(held).update(process_group=group, process_identity=processes.identity(group))
    if not updated:
        held.lost.set()


def forget_process(held: Held) -> None:
    """Write down that the process is gone."""
    _own(held).update(process_group=None, process_identity="")


def release_lease(held: Held) -> None:
    """Return the device; nothing happens where it was taken away before.

    A process that is not known to be gone stays written down: whoever takes the device next ends it first.
    """
    _own(held).update(holder="", round=None, heartbeat_at=None, expires_at=None)


@contextmanager
def kept_alive(held: Held) -> Iterator[Held]:
    """Beat in a thread of its own while the device is used, and return the lease afterwards."""
    ended = threading.Event()
    heart = threading.Thread(target=_keep_beating, args=(held, ended), name=f"lease {held.token}", daemon=True)
    heart.start()
    try:
        yield held
    finally:
        ended.set()
        heart.join()
        _release_if_possible(held)


def _release_if_possible(held: Held) -> None:
    """Return the lease; where the database is away it expires by itself, and the first error is the one to tell."""
    try:
        release_lease(held)
    except DatabaseError as error:
        logger.warning("the lease of %s expires by itself: %s", held.device, error)


def _keep_beating(held: Held, ended: threading.Event) -> None:
    """Beat until told to end; a database that is away for a moment is no reason to stop."""
    try:
        while not ended.wait(lease_seconds() / 4):
            try:
                beat(held)
            except LeaseLost:
                return
            except DatabaseError as error:
                logger.warning("heartbeat of %s failed, trying again: %s", held.device, error)
                connection.close()
    finally:
        connection.close()

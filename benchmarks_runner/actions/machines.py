"""Register machines and their devices, and take a device out of use or back into it."""

import logging
import re
from typing import Any

from django.db import IntegrityError, transaction

from benchmarks_runner.actions.moves import Actor
from benchmarks_runner.models import Device, Lease, Machine
from ci_gpu import fingerprint
from record.actions import append

logger = logging.getLogger(__name__)


def register_this_machine(*, by: Actor = None) -> Machine:
    """Return the machine this runs on, with its devices, registering what is new."""
    return register_machine(facts=fingerprint.machine(), by=by)


def register_machine(*, facts: dict[str, Any], by: Actor = None) -> Machine:
    """Return the machine with these facts, registering it and its devices where they are new."""
    known = Machine.objects.filter(digest=facts["digest"]).first()
    if known:
        known.save(update_fields=["last_seen_at"])
        return known
    try:
        return _new_machine(facts, by)
    except IntegrityError:  # another process registered it in the same moment, or took the name
        return Machine.objects.filter(digest=facts["digest"]).first() or _new_machine(facts, by)


@transaction.atomic
def _new_machine(facts: dict[str, Any], by: Actor) -> Machine:
    machine = Machine.objects.create(name=_next_name(), digest=facts["digest"], fingerprint=facts)
    _register_device(machine, Device.Kind.CPU, 0, "", str(facts.get("processor") or "unknown processor"))
    for index, gpu in enumerate(facts.get("gpus") or []):
        _register_device(machine, Device.Kind.CUDA, index, str(gpu.get("uuid") or ""), str(gpu.get("name") or "GPU"))
    devices = ", ".join(device.address for device in machine.devices.all())
    append(
        "machine.registered",
        by=by,
        subject=f"machine/{machine.pk}",
        summary=f"{machine.name} was seen first: {devices}.",
    )
    return machine


def _register_device(machine: Machine, kind: str, index: int, uuid: str, model: str) -> Device:
    device = Device.objects.create(machine=machine, kind=kind, index=index, uuid=uuid, model=model[:120])
    Lease.objects.create(device=device)
    return device


def _next_name() -> str:
    """Return the next free "machine N": a host's own name is nobody's business."""
    names = Machine.objects.filter(name__startswith="machine ").values_list("name", flat=True)
    numbers = [int(found[1]) for name in names if (found := re.fullmatch(r"machine (\d+)", name))]
    return f"machine {max(numbers, default=0) + 1}"


@transaction.atomic
def quarantine_device(*, device: Device, reason: str, by: Actor = None) -> None:
    """Take a device out of use, and say why where everybody reads it."""
    device.state, device.state_reason = Device.State.QUARANTINED, reason[:200]
    device.save(update_fields=["state", "state_reason"])
    logger.error("%s is quarantined: %s", device, reason)
    append(
        "device.quarantined",
        by=by,
        subject=f"device/{device.pk}",
        summary=f"{device} is not used until somebody looks: {reason}",
    )


@transaction.atomic
def lift_quarantine(*, device: Device, by: Actor) -> None:
    """Put a device back into use, after somebody has looked; what its dead holder left is forgotten."""
    device.state, device.state_reason = Device.State.FREE, ""
    device.save(update_fields=["state", "state_reason"])
    Lease.objects.filter(device=device).update(process_group=None, process_identity="")
    append("device.freed", by=by, subject=f"device/{device.pk}", summary=f"{device} is in use again.")


@transaction.atomic
def rename_machine(*, machine: Machine, name: str, by: Actor) -> None:
    """Give a machine the name that public pages show."""
    before, machine.name = machine.name, name
    machine.save(update_fields=["name"])
    append("machine.renamed", by=by, subject=f"machine/{machine.pk}", summary=f"{before} is now called {name}.")

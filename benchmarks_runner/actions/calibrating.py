"""Find out once how fast a device is at its best, so that points can say how near they come to it."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction

from benchmarks_runner.actions.attempts import interpreter_of
from benchmarks_runner.actions.leases import Held, fence, note_process
from benchmarks_runner.actions.patience import patiently
from benchmarks_runner.models import Device, Night
from ci_gpu import calibration, catalogue
from record import append

logger = logging.getLogger(__name__)


def calibrate_device(*, held: Held, night: Night, stop: Callable[[], bool]) -> None:
    """Calibrate a device that never was, under the night's baseline; where it fails, only rooflines are missing.

    Raises:
        LeaseLost: where somebody else took the device meanwhile.
    """
    device = night.device
    if device.calibration is not None or not _measurable(night):
        return
    try:
        found = calibration.calibrate(
            interpreter_of(night, "baseline"),
            device=device.address,
            threads=night.threads,
            on_start=lambda group: patiently(lambda: note_process(held, group), seconds=20),
            cancelled=lambda: stop() or held.lost.is_set(),
        )
    except (calibration.CalibrationError, OSError) as error:
        logger.warning("%s was not calibrated: %s", device, error)
        return
    patiently(lambda: _keep(held, device, night, found))


def _measurable(night: Night) -> bool:
    """Say whether the baseline's framework has the reference points on this device."""
    known = (point for point in catalogue.CALIBRATION.values() if night.device.kind in point.variants)
    return any(night.baseline.framework in point.frameworks for point in known)


@transaction.atomic
def _keep(held: Held, device: Device, night: Night, found: dict[str, Any]) -> None:
    fence(held)
    device.calibration = found
    device.save(update_fields=["calibration"])
    append(
        "device.calibrated",
        by=None,
        subject=f"device/{device.pk}",
        summary=f"{device} was calibrated under {night.baseline}.",
        data={
            "flops_per_s": {name: round(rate) for name, rate in found["flops_per_s"].items()},
            "bandwidth_bytes_per_s": round(found["bandwidth_bytes_per_s"]),
        },
    )

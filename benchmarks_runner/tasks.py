"""Doorways for the workers: an id comes in, one action is called.

A message may be lost or come twice: what is due stands in PostgreSQL, and every action here may be called again.
"""

from celery import shared_task

from benchmarks_runner.actions import bundles, nights, rounds
from benchmarks_runner.actions.reconcile import reconcile as wake_what_is_due
from benchmarks_runner.bundles import Copy


@shared_task
def install_bundle(bundle_id: int, copy: Copy = "a") -> None:
    """Install a copy of a bundle, then let the nights that wait for it go on."""
    bundles.install_bundle(bundle_id=bundle_id, copy=copy, wait=False)
    nights.prepare_waiting_nights(bundle_id=bundle_id, copy=copy)


@shared_task
def prepare_night(night_id: int) -> None:
    """Bring a night as far towards its first round as it can come."""
    nights.prepare_night(night_id=night_id)


@shared_task
def measure_round(round_id: int) -> None:
    """Measure what a round lacks; on the queue of its device only."""
    rounds.measure_round(round_id=round_id)


@shared_task
def reconcile() -> None:
    """Wake what is due and has no message on its way."""
    wake_what_is_due()


@shared_task
def nightly() -> None:
    """Ask for the night that the settings name."""
    nights.request_nightly()


@shared_task
def weekly_aa() -> None:
    """Ask for the A/A nights that keep the scales true."""
    nights.request_weekly_aa()


@shared_task
def collect_bundles() -> None:
    """Remove the bundles that were not used for longest where they cost more than their budget."""
    bundles.collect_bundles(by="schedule")

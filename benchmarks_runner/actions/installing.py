"""Make sure that both builds of a night are installed where it is measured."""

from django.db import transaction

from benchmarks_runner.actions.wakeups import wake
from benchmarks_runner.models import Bundle, Night
from benchmarks_runner.queries import installed
from benchmarks_runner.queries.installed import Copy, copy_needed

# An installation that nobody took up for this long is asked for anew by whoever still waits.
EXPIRES_S = 60.0


def unfit(night: Night) -> str:
    """Say in words which build cannot be installed; empty where both can, as far as is known."""
    for arm, bundle in bundles_of(night).items():
        if bundle.state == Bundle.State.BROKEN:
            return f"The {arm} {bundle} cannot be installed: {bundle.error or 'no reason was given'}"
    return ""


def wake_lacking(night: Night) -> list[tuple[Bundle, Copy]]:
    """Wake the installation of each copy that the night lacks here, and return them."""
    needed = [(bundle, copy_needed(night, arm)) for arm, bundle in bundles_of(night).items()]
    lacking = [(bundle, copy) for bundle, copy in needed if not installed.is_installed(bundle, copy)]
    with transaction.atomic():
        for bundle, copy in lacking:
            wake("install_bundle", bundle.pk, copy, expires=EXPIRES_S)
    return lacking


def bundles_of(night: Night) -> dict[str, Bundle]:
    """Return the bundle of each arm."""
    return {"baseline": night.baseline.bundle, "candidate": night.candidate.bundle}

"""Say which copy of a bundle an arm of a night runs, and whether this machine has it."""

from typing import Literal

from benchmarks_runner import bundles
from benchmarks_runner.models import Bundle, Night

Copy = Literal["a", "b"]


def copy_needed(night: Night, arm: str) -> Copy:
    """Return the copy an arm runs: where both arms are one bundle, the candidate is its second copy.

    Two copies lie at two paths, so that what the place of code in memory does to speed is part of an A/A difference.
    """
    same = night.baseline.bundle_id == night.candidate.bundle_id
    return "b" if same and arm == "candidate" else "a"


def is_installed(bundle: Bundle, copy: Copy) -> bool:
    """Say whether a copy of the bundle is ready on this machine."""
    if bundle.state != Bundle.State.READY:
        return False
    try:
        bundles.interpreter(bundle, copy)
    except bundles.NotInstalled:
        return False
    return True

"""Say who may do what with nights: each rule once, in a raising and a boolean form."""

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied

from benchmarks_runner.models import Night
from benchmarks_runner.models.states import NIGHT_MOVES, MoveRefused, allows

User = AbstractUser | AnonymousUser
RUN_NIGHT = "benchmarks_runner.run_night"


def may_run_nights(user: User) -> bool:
    """Say whether this user may run, cancel and extend nights: a specification is a package install, so code."""
    return bool(user.is_authenticated and user.is_active and user.has_perm(RUN_NIGHT))


def check_may_run_nights(user: User) -> None:
    """Refuse who may not run nights."""
    if not may_run_nights(user):
        raise PermissionDenied("Running a night installs and executes packages: ask an administrator for `run night`.")


def can_be_cancelled(night: Night) -> bool:
    """Say whether the night's state lets it be cancelled."""
    return allows(NIGHT_MOVES, "cancel", night.state)


def check_can_be_cancelled(night: Night) -> None:
    """Refuse to cancel what has ended."""
    if not can_be_cancelled(night):
        raise MoveRefused(f"{night} is {night.state}: only a night that has not ended can be cancelled.")


def can_be_extended(night: Night) -> bool:
    """Say whether the night can be given more rounds: it is decided and a point is left that more could decide."""
    if not allows(NIGHT_MOVES, "extend", night.state) or night.kind != Night.Kind.COMPARISON:
        return False
    if night.results_digest:
        return False
    judged = night.planned_points.filter(margin__isnull=False).values("point")
    return night.verdicts.filter(verdict="inconclusive", point__in=judged).exists()


def check_can_be_extended(night: Night) -> None:
    """Refuse to extend what more rounds could not change."""
    if not can_be_extended(night):
        raise MoveRefused(f"{night} cannot be extended: only a decided night with an inconclusive point can.")


def can_be_run_again(night: Night) -> bool:
    """Say whether the same plan may be measured anew: it has ended, and was measured here."""
    return night.state in (Night.State.DECIDED, Night.State.CANCELLED, Night.State.FAILED) and not night.results_digest


def check_can_be_run_again(night: Night) -> None:
    """Refuse to run again what still runs, or what was measured elsewhere."""
    if not can_be_run_again(night):
        raise MoveRefused(f"{night} cannot be run again: it has not ended, or it was measured elsewhere.")

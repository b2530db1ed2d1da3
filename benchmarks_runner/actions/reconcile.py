"""Wake whatever is due and has no message on its way: lost messages, dead workers, interrupted installations."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from benchmarks_runner.actions.leases import is_over
from benchmarks_runner.actions.wakeups import wake
from benchmarks_runner.models import Bundle, Device, Lease, Night, Round
from benchmarks_runner.models.states import NIGHT_MOVES, finished

# A wake-up that nobody took for this long is dropped by the broker's reader; the next reconciliation sends another.
EXPIRES_S = 30.0
# An installation that gave no sign of life for this long is taken up again.
SILENT_INSTALLATION = timedelta(seconds=60)
ENDED = [state for state in Night.State.values if finished(NIGHT_MOVES, state)]


@transaction.atomic
def reconcile() -> dict[str, int]:
    """Wake what is due, and say how much of each kind; a message too many changes nothing."""
    return {"bundles": _wake_bundles(), "nights": _wake_nights(), "rounds": _wake_rounds()}


def _wake_bundles() -> int:
    """Wake installations that were asked for or were interrupted, for as long as somebody waits for them."""
    silent = Q(heartbeat_at__isnull=True) | Q(heartbeat_at__lt=timezone.now() - SILENT_INSTALLATION)
    due = Bundle.objects.filter(Q(state=Bundle.State.REQUESTED) | Q(state=Bundle.State.INSTALLING) & silent)
    asked, awaited = _of_nights(Night.objects.all()), _of_nights(Night.objects.exclude(state__in=ENDED))
    # What no night ever asked for, somebody asked for by itself.
    due = due.filter(Q(pk__in=awaited) | ~Q(pk__in=asked))
    for bundle in due:
        wake("install_bundle", bundle.pk, "a", expires=EXPIRES_S)
    return len(due)


def _of_nights(nights: QuerySet[Night]) -> QuerySet[Bundle]:
    """Return the bundles of these nights' builds."""
    return Bundle.objects.filter(
        Q(build__in=nights.values("baseline")) | Q(build__in=nights.values("candidate"))
    )  # fmt: skip


def _wake_nights() -> int:
    waiting = Night.objects.filter(state__in=[Night.State.REQUESTED, Night.State.SCALING])
    for night in waiting:
        wake("prepare_night", night.pk, expires=EXPIRES_S)
    return len(waiting)


def _wake_rounds() -> int:
    """Wake, on each device that nobody holds, the round that was due first."""
    woken = 0
    open_rounds = Round.objects.filter(night__state=Night.State.RUNNING).exclude(state=Round.State.COMPLETE)
    devices = Device.objects.filter(nights__rounds__in=open_rounds, state=Device.State.FREE).distinct()
    for device in devices.select_related("machine"):
        if is_held(device):
            continue
        first = open_rounds.filter(night__device=device).order_by("due_at", "pk").first()
        if first is not None:
            wake("measure_round", first.pk, queue=device.queue, expires=EXPIRES_S)
            woken += 1
    return woken


def is_held(device: Device) -> bool:
    """Say whether a living worker holds the device."""
    lease = Lease.objects.filter(device=device).first()
    return lease is not None and bool(lease.holder) and not is_over(lease)

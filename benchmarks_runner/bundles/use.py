"""Which environments are needed now, and when each was used last."""

from django.db.models import F, Max, Q, QuerySet

from benchmarks_runner.models import Build, Bundle, Environment, Night

_ENDED = (Night.State.DECIDED, Night.State.CANCELLED, Night.State.FAILED)


def environments_in_use() -> set[str]:
    """Return the digests that must stay: of nights that go on, of the last decided ones, of installations under way."""
    needed = Q(bundles__build__in=_builds(Night.objects.exclude(state__in=_ENDED)))
    needed |= Q(bundles__state=Bundle.State.INSTALLING)
    # An A/A night may come after the comparison that people still read: the last one of each kind stays.
    for kind in Night.Kind.values:
        decided = Night.objects.filter(kind=kind, state=Night.State.DECIDED).order_by("-ended_at")[:1]
        needed |= Q(bundles__build__in=_builds(decided))
    return set(Environment.objects.filter(needed).values_list("digest", flat=True))


def last_uses() -> dict[str, float]:
    """Return for each environment on record the time of its last use, in seconds of the epoch."""
    rows = Environment.objects.values_list("digest", "last_used_at")
    uses = {digest: used.timestamp() for digest, used in rows if used}
    for arm in ("baseline", "candidate"):
        digests = Night.objects.values(digest=F(f"{arm}__bundle__environment__digest"))
        for digest, last in digests.annotate(last=Max("requested_at")).values_list("digest", "last"):
            if digest:
                uses[digest] = max(uses.get(digest, 0.0), last.timestamp())
    return uses


def _builds(nights: QuerySet[Night]) -> list[int]:
    """Return the keys of both arms' builds."""
    pairs = nights.values_list("baseline", "candidate")
    return list(Build.objects.filter(pk__in={key for pair in pairs for key in pair}).values_list("pk", flat=True))

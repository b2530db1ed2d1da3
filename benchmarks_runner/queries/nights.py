"""Read nights and their verdicts for pages and commands."""

from django.db.models import Prefetch, QuerySet

from benchmarks_runner.models import Night, Verdict
from benchmarks_runner.queries.evidence import Pair, attempts_of, pairs_in

# What needs a human first.
ORDER = {"broken": 0, "fail": 1, "": 2, "inconclusive": 3, "pass": 4}


def nights() -> QuerySet[Night]:
    """Return nights with what every list of them shows, the latest first."""
    return Night.objects.select_related(
        "baseline__bundle", "candidate__bundle", "device__machine", "scale_from"
    ).order_by("-requested_at", "-pk")


def recent_nights(limit: int = 20, *, kind: str | None = None) -> list[Night]:
    """Return the latest nights with their verdicts, of one kind or of all."""
    found = nights() if kind is None else nights().filter(kind=kind)
    return list(found.prefetch_related(Prefetch("verdicts", queryset=Verdict.objects.order_by("point")))[:limit])


def last_decided_night() -> Night | None:
    """Return the comparison that was decided last."""
    decided = nights().filter(kind=Night.Kind.COMPARISON, state=Night.State.DECIDED)
    return decided.order_by("-ended_at", "-pk").first()


def night_verdicts(night: Night) -> list[Verdict]:
    """Return the verdicts of a night's points, what needs a human first, then by size."""
    rows = night.verdicts.exclude(point="")
    return sorted(rows, key=lambda row: (ORDER[row.verdict], -(row.estimate or 0.0), row.point))


def suite_verdict(night: Night) -> Verdict | None:
    """Return what the night says of the suite as a whole."""
    return night.verdicts.filter(point="").first()


def pairs_of(night: Night, point: str) -> list[Pair]:
    """Return a point's pairs of one night, in the order of the rounds."""
    return [pair for pair in pairs_in(attempts_of(night)) if pair.point == point]


def clock_of(night: Night, point: str) -> str:
    """Return the clock that judges a point in this night; CPU or device time where an A/A night froze none."""
    planned = night.planned_points.filter(point=point).values_list("clock", flat=True).first()
    return planned or ("cpu" if night.device.kind == "cpu" else "device")

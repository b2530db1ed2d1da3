"""A night as one JSON document: what `night --json` prints and the site's JSON address gives."""

from typing import Any

from benchmarks_runner.models import Night, Verdict
from benchmarks_runner.providers import AreaNote, areas_of
from benchmarks_runner.queries.nights import night_verdicts, suite_verdict
from benchmarks_runner.queries.sentences import night_sentence, tags_of


def night_document(night: Night) -> dict[str, Any]:
    """Return a night with its verdicts; estimates and intervals are ln ratios."""
    suite = suite_verdict(night)
    return {
        "night": night.pk,
        "kind": night.kind,
        "state": night.state,
        "sentence": night_sentence(night).text,
        "baseline": night.baseline.bundle.specification,
        "candidate": night.candidate.bundle.specification,
        "machine": night.device.machine.name,
        "device": night.device.address,
        "suite_name": night.suite,
        "seconds": seconds_of(night),
        "rounds": night.rounds.filter(state="complete").count(),
        "suite": _suite(suite),
        "points": [_point(verdict) for verdict in night_verdicts(night)],
    }


def seconds_of(night: Night) -> float | None:
    """Return the whole seconds from a night's request, or an imported one's first process, to its end."""
    began = night.started_at if night.results_digest else night.requested_at
    return round((night.ended_at - began).total_seconds()) if night.ended_at and began else None


def _suite(verdict: Verdict | None) -> dict[str, Any]:
    if verdict is None:
        return {"verdict": None, "estimate": None, "low": None, "high": None, "rounds_used": 0, "reason": ""}
    return {
        "verdict": verdict.verdict or None,
        "estimate": verdict.estimate,
        "low": verdict.low,
        "high": verdict.high,
        "rounds_used": verdict.pairs_used,
        "reason": verdict.reason,
    }


def _point(verdict: Verdict) -> dict[str, Any]:
    tags = tags_of(verdict.point)
    areas = areas_of(tags)
    return {
        "point": verdict.point,
        "verdict": verdict.verdict or None,
        "estimate": verdict.estimate,
        "low": verdict.low,
        "high": verdict.high,
        "pairs_used": verdict.pairs_used,
        "reason": verdict.reason,
        "areas": [area.name for area in areas] or list(tags),
        "maintainers": maintainers_of(areas),
    }


def maintainers_of(areas: list[AreaNote]) -> list[str]:
    """Return the names of the areas' maintainers, each once."""
    return list(dict.fromkeys(person.name for area in areas for person in area.maintainers))

"""Read a night into the one sentence that answers its page's question."""

from collections.abc import Sequence
from statistics import median

from benchmarks_runner import sentences
from benchmarks_runner.models import Night, Verdict
from benchmarks_runner.providers import areas_of
from benchmarks_runner.sentences import Judged, Sentence
from ci_gpu.catalogue import POINTS


def night_sentence(night: Night) -> Sentence:
    """Return the sentence of a night in whatever state it is."""
    if night.state in (Night.State.CANCELLED, Night.State.FAILED):
        done = night.rounds.filter(state="complete").count()
        return sentences.stopped_night(night.state, night.state_reason, done)
    if night.state in (Night.State.REQUESTED, Night.State.SCALING):
        from benchmarks_runner.queries.progress import doing  # it asks for this module's neighbours

        return sentences.waiting_night(doing(night))
    if night.state == Night.State.RUNNING and night.kind == Night.Kind.COMPARISON:
        latest = night.rounds.order_by("-number").values_list("number", flat=True).first()
        return sentences.running_night(judged(night), latest or 0)
    return verdict_sentence(night)


def verdict_sentence(night: Night) -> Sentence:
    """Return what a night that has measured its last round found."""
    if night.kind == Night.Kind.AA:
        from benchmarks_runner.queries.scales import night_scales

        scales = night_scales(night)
        return sentences.aa_night(night.planned_points.count(), median(scales.values()) if scales else None)
    suite = night.verdicts.filter(point="").first()
    return sentences.decided_night(judged(night), Judged("", suite.verdict, suite.estimate) if suite else None)


def judged(night: Night) -> list[Judged]:
    """Return each point's verdict with the name of its first area, in the order of the points' names."""
    verdicts = {row.point: row for row in night.verdicts.exclude(point="")}
    planned = night.planned_points.values_list("point", flat=True)
    names = sorted({*planned, *verdicts})
    areas: dict[str, str] = {}
    return [_judged(point, verdicts.get(point), areas) for point in names]


def _judged(point: str, verdict: Verdict | None, areas: dict[str, str]) -> Judged:
    tags = tags_of(point)
    if tags and tags[0] not in areas:
        areas[tags[0]] = area_name(tags[:1])
    area = areas[tags[0]] if tags else ""
    return Judged(point, verdict.verdict if verdict else "", verdict.estimate if verdict else None, area)


def tags_of(point: str) -> Sequence[str]:
    """Return a point's area tags; empty where this version's catalogue does not know it."""
    known = POINTS.get(point)
    return known.areas if known else ()


def area_name(tags: Sequence[str]) -> str:
    """Return the name of the area that carries these tags, or the tag itself where nobody knows one."""
    found = areas_of(tags)
    return found[0].name if found else tags[0].replace("-", " ")

"""One point of a night: its pairs, its evidence, its place under the roof, and how to reproduce it."""

import math
import shlex
import statistics
from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from benchmarks_runner import figures, quantities, queries, sentences
from benchmarks_runner.models import Build, Night, PlannedPoint, Sample, Verdict
from benchmarks_runner.queries import Pair
from benchmarks_runner.queries.clocks import IN_WORDS, Reading
from benchmarks_runner.queries.evidence import in_words
from benchmarks_runner.queries.replay import policy_of, rules_of
from benchmarks_runner.sentences import Sentence
from benchmarks_runner.stats import Policy
from benchmarks_runner.views.csv_files import csv_file
from benchmarks_runner.views.nights import known_nights
from benchmarks_runner.views.verdict_rows import AreaLookup, known_point


def point(request: HttpRequest, pk: int, point: str) -> HttpResponse:
    """Show everything a night knows of one point."""
    night = get_object_or_404(known_nights(), pk=pk)
    planned = night.planned_points.filter(point=point).first()
    verdict = night.verdicts.filter(point=point).first()
    if planned is None and verdict is None:
        raise Http404(f"Night {pk} has no point {point}.")
    pairs = queries.pairs_of(night, point)
    return render(
        request,
        "benchmarks_runner/point.html",
        {
            "night": night,
            "point": point,
            "known": known_point(point),
            "verdict": verdict,
            "planned": planned,
            "sentence": _sentence(night, verdict, len(pairs)),
            "facts": _facts(night, planned, verdict, pairs, point),
            "plots": _plots(night, point, planned, verdict, pairs),
            "roofline": _roofline(night, point),
            "skew": _skew_words(verdict.skew if verdict else None),
            "failures": _failures(night, point),
            "areas": AreaLookup().all_of_point(point),
            "commands": _commands(night, point),
            "others": _other_nights(night, point),
        },
    )


def _sentence(night: Night, verdict: Verdict | None, pairs: int) -> Sentence:
    """Say what the night found here."""
    if night.kind == Night.Kind.AA:
        return Sentence(f"The same build against itself, {sentences.count(pairs, 'pair')}: what differs here is noise.")
    if verdict is None:
        return sentences.judged_point("", None, None, None, pairs)
    return sentences.judged_point(verdict.verdict, verdict.estimate, verdict.low, verdict.high, verdict.pairs_used)


def _facts(
    night: Night, planned: PlannedPoint | None, verdict: Verdict | None, pairs: Sequence[Pair], point: str
) -> list[tuple[object, ...]]:
    """Return the point's numbers as a key-value table."""
    clock = queries.clock_of(night, point)
    rows: list[tuple[object, ...]] = [("Judged by", IN_WORDS.get(clock, clock))]
    if verdict and verdict.estimate is not None:
        rows.append(("Ratio", quantities.ratio(verdict.estimate, verdict.low, verdict.high)))
    if planned and planned.scale:
        rows.append(("A/A scale", f"{quantities.percent(planned.scale)}, from {planned.scale_pairs} A/A pairs"))
        rows.append(("Margin", quantities.percent(planned.margin) if planned.margin else "too noisy to judge here"))
    for arm, readings in (("Baseline", [p.baseline for p in pairs]), ("Candidate", [p.candidate for p in pairs])):
        if readings:
            rows.append((f"{arm}, median", quantities.nanoseconds(statistics.median(map(_shown_ns, readings)))))
    known = known_point(point)
    if known and night.device.kind in known.variants:
        variant = known.variants[night.device.kind]
        sizes = ", ".join(f"{name} {size:,}" for name, size in variant.sizes.items())
        rows += [("Work", f"{variant.dtype}; {sizes}")]
        rows += [("Per call", f"{quantities.count(variant.flops, 'FLOP')}, {quantities.size(variant.bytes)} moved")]
    if verdict and verdict.decided_in_round:
        rows.append(("Decided", f"in round {verdict.decided_in_round}"))
    return rows


def _shown_ns(reading: Reading) -> float:
    """Return the time that pages show: on the device where there is one, otherwise the CPU's."""
    return reading.device_ns or reading.cpu_ns


def _plots(
    night: Night, point: str, planned: PlannedPoint | None, verdict: Verdict | None, pairs: Sequence[Pair]
) -> list[figures.Plot]:
    """Return the point's plots: its pairs as they came, and the evidence they made."""
    csv_url = reverse("benchmarks_runner:point_csv", args=[night.pk, point])
    drawn = []
    if pairs:
        drawn.append(
            figures.pairs_plot(
                _pair_rows(night, point, pairs),
                estimate=verdict.estimate if verdict else None,
                low=verdict.low if verdict else None,
                high=verdict.high if verdict else None,
                margin=planned.margin if planned else None,
                clock=IN_WORDS.get(queries.clock_of(night, point), ""),
                csv_url=csv_url,
            )
        )
    if verdict and verdict.evidence.get("slower"):
        drawn.append(
            figures.evidence_plot(
                verdict.evidence["slower"], verdict.evidence["no_worse"], thresholds=_thresholds(night), csv_url=csv_url
            )
        )
    return drawn


def _pair_rows(night: Night, point: str, pairs: Sequence[Pair]) -> list[figures.PairRow]:
    """Return the pairs as the plot wants them, by the clock that judges."""
    clock = queries.clock_of(night, point)
    rows = [(pair, pair.difference(clock)) for pair in pairs]
    return [
        figures.PairRow(
            pair.round,
            _shown_ns(pair.baseline),
            _shown_ns(pair.candidate),
            difference,
            candidate_first=pair.first == "candidate",
            remark="; ".join(pair.flags),
        )
        for pair, difference in rows
        if difference is not None
    ]


def _thresholds(night: Night) -> figures.Thresholds:
    """Return where this night's evidence decides: m/(q·k) where k points fail together (e-BH), and 1/β."""
    policy: Policy = policy_of(night)
    alone = max(len(rules_of(night)), 1) / policy.q
    failing = night.verdicts.exclude(point="").filter(verdict=Verdict.Word.FAIL).count()
    return figures.Thresholds(alone / max(failing, 1), 1 / policy.beta, alone)


def _roofline(night: Night, point: str) -> figures.Plot | str:
    """Return the point's place under the device's roof, or in words why there is none."""
    known, peaks = known_point(point), night.calibration or night.device.calibration or {}
    if known is None or night.device.kind not in known.variants:
        return "This version's catalogue does not know the point, so its work is not known either."
    variant = known.variants[night.device.kind]
    if variant.bound == "host":
        return "No roofline: this point measures the host's own work, which no bandwidth or arithmetic rate bounds."
    name = f"convolution.{variant.dtype}" if variant.bound == "convolution" else variant.dtype
    rate, bandwidth = peaks.get("flops_per_s", {}).get(name), peaks.get("bandwidth_bytes_per_s")
    if not rate or not bandwidth:
        why = "this device was not calibrated when the night was measured; the next night here does it first."
        return f"No roofline: {why}"
    if not variant.flops:
        return "No roofline: this point moves data and calculates nothing."
    positions = [
        figures.RooflinePosition(arm, variant.flops / variant.bytes, variant.flops / (taken * 1e-9))
        for arm, taken in _wall_ns(night, point).items()
    ]
    if not positions:
        return "Nothing was measured."
    csv_url = reverse("benchmarks_runner:roofline_csv", args=[night.pk, point])
    return figures.roofline_plot(positions, figures.Roof(rate, bandwidth), csv_url=csv_url)


def _wall_ns(night: Night, point: str) -> dict[str, float]:
    """Return each arm's median time per call as the roofline counts it: elapsed, on the device where there is one."""
    found: dict[str, list[float]] = {}
    rows = Sample.objects.filter(attempt__round__night=night, point=point, attempt__void_reason="")
    for arm, wall, device in rows.values_list("attempt__arm", "wall_ns", "device_ns"):
        found.setdefault(arm, []).append(device or wall)
    return {arm: statistics.median(found[arm]) for arm in sorted(found)}


def _skew_words(skew: float | None) -> str:
    """Say the assumption that passes and intervals lean on, and how the pairs look in its light."""
    assumption = (
        "“Fail” leans on the coin alone. “Pass” and the interval assume one thing more: that a change shifts this "
        "point's time without making the noise lopsided."
    )
    if skew is None:
        return f"{assumption} Too few pairs to see whether that holds here."
    looks = "looks symmetric" if abs(skew) < 1 else "is lopsided, so take “pass” and the interval with doubt"
    written = f"{skew:+.2f}".replace("-", "−")
    return f"{assumption} The skew of these pairs is {written}: their noise {looks}."


def _failures(night: Night, point: str) -> list[dict[str, object]]:
    """Return what went wrong at this point, process by process."""
    found = []
    for round in night.rounds.prefetch_related("attempts").order_by("number"):
        for attempt in round.attempts.all():
            told = [f for f in attempt.failures if f.get("point") == point]
            found += [{"round": round.number, "arm": attempt.arm, **failure} for failure in told]
            if attempt.last_point == point and attempt.ended not in ("done", "", "cancelled", "lost"):
                found.append(
                    {"round": round.number, "arm": attempt.arm, "reason": attempt.ended, "message": attempt.detail}
                )
    return [{**failure, "reason": in_words(str(failure["reason"]))} for failure in found]


def _commands(night: Night, point: str) -> dict[str, str]:
    """Return how to reproduce the night, and this point alone in both builds."""
    whole = ["python3", "manage.py", "night"]
    whole += ["--baseline", night.baseline.bundle.specification, "--candidate", night.candidate.bundle.specification]
    return {
        "night": shlex.join([*whole, "--suite", night.suite]),
        "point": " && ".join(_run(night, build, point) for build in (night.baseline, night.candidate)),
        "packages": " ".join(night.candidate.bundle.requirements),
    }


def _run(night: Night, build: Build, point: str) -> str:
    """Return the harness's command for one build at one point."""
    words = [
        "python3",
        "-m",
        "ci_gpu",
        "run",
        "--suite",
        night.suite,
        "--point",
        point,
        "--device",
        night.device.address,
    ]
    for name, value in build.bundle.variables.items():
        words += ["--env", f"{name}={value}"]
    return shlex.join(words)


def _other_nights(night: Night, point: str) -> list[Verdict]:
    """Return what the latest other decided nights said of this point on this device."""
    rows = Verdict.objects.filter(point=point, night__device=night.device, night__state=Night.State.DECIDED)
    rows = rows.exclude(night=night).select_related("night__candidate", "night__baseline")
    return list(rows.order_by("-night__requested_at")[:10])


CSV_COLUMNS = (
    "round", "attempt", "first", "baseline_wall_ns", "candidate_wall_ns", "baseline_cpu_ns", "candidate_cpu_ns",
    "baseline_device_ns", "candidate_device_ns", "baseline_sentinel_ns", "candidate_sentinel_ns",
    "ln_ratio", "ratio", "clock", "ln_e_slower", "ln_e_no_worse", "flags",
)  # fmt: skip


def point_csv(request: HttpRequest, pk: int, point: str) -> HttpResponse:
    """Give a point's pairs with the evidence after each as CSV."""
    night = get_object_or_404(Night, pk=pk)
    pairs = queries.pairs_of(night, point)
    verdict = night.verdicts.filter(point=point).first()
    evidence = verdict.evidence if verdict else {}
    grown = list(zip(evidence.get("slower", []), evidence.get("no_worse", []), strict=True))
    clock = queries.clock_of(night, point)
    rows = [_csv_row(pair, clock, grown[i] if i < len(grown) else ("", "")) for i, pair in enumerate(pairs)]
    return csv_file(f"night-{pk}-{point}.csv", CSV_COLUMNS, rows)


def roofline_csv(request: HttpRequest, pk: int, point: str) -> HttpResponse:
    """Give a point's place under the roof as CSV."""
    plot = _roofline(get_object_or_404(known_nights(), pk=pk), point)
    if isinstance(plot, str):
        raise Http404(plot)
    return csv_file(f"night-{pk}-{point}-roofline.csv", [column.label for column in plot.columns], plot.rows)


def _csv_row(pair: Pair, clock: str, evidence: tuple[object, object]) -> list[object]:
    """Write one pair with every clock."""
    before, after, difference = pair.baseline, pair.candidate, pair.difference(clock)
    times = [
        (getattr(before, name), getattr(after, name)) for name in ("wall_ns", "cpu_ns", "device_ns", "sentinel_ns")
    ]
    return [
        pair.round, pair.attempt, pair.first, *(value for both in times for value in both), difference,
        math.exp(difference) if difference is not None else "", clock, *evidence, "; ".join(pair.flags),
    ]  # fmt: skip

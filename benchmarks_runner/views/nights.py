"""The list of nights, one night while it runs and after, its files, and what may be done with it."""

import hashlib
from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from benchmarks_runner import figures, policies, quantities, queries, sentences
from benchmarks_runner.actions import nights as actions
from benchmarks_runner.models import Night, Verdict
from benchmarks_runner.models.states import MoveRefused
from benchmarks_runner.queries import NightProgress
from benchmarks_runner.queries.evidence import attempts_of, pairs_in
from benchmarks_runner.queries.scales import FEWEST_PAIRS
from benchmarks_runner.sentences import Sentence
from benchmarks_runner.stats import aa_scale, margin
from benchmarks_runner.views.csv_files import csv_file
from benchmarks_runner.views.differences import night_difference
from benchmarks_runner.views.verdict_rows import concerned_areas, overall_word, verdict_table

ENDED = (Night.State.DECIDED, Night.State.CANCELLED, Night.State.FAILED)
A_PAGE = 30


def known_nights() -> QuerySet[Night]:
    """Return nights with all that their pages name."""
    return Night.objects.select_related(
        "baseline__bundle__environment", "candidate__bundle__environment", "device__machine", "scale_from"
    )


def nights(request: HttpRequest) -> HttpResponse:
    """List the nights, the newest first."""
    rows = known_nights().prefetch_related(Prefetch("verdicts", Verdict.objects.order_by("point")))
    page = Paginator(rows.order_by("-requested_at", "-pk"), A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "benchmarks_runner/nights.html",
        {
            "page": page,
            "rows": [_listed(night) for night in page],
            "sentence": _list_sentence(list(page)),
            "may_run": policies.may_run_nights(request.user),
        },
    )


def _listed(night: Night) -> dict[str, object]:
    """Return what the list says of one night."""
    verdicts = list(night.verdicts.all())
    words = [verdict.verdict for verdict in verdicts]
    counts = [(w, sum(v.verdict == w for v in verdicts if v.point)) for w in ("fail", "broken", "inconclusive", "pass")]
    ended = night.state == Night.State.DECIDED
    word = overall_word(words) if ended and night.kind == Night.Kind.COMPARISON else night.state
    return {
        "night": night,
        "word": word,
        "counts": [(word, number) for word, number in counts if number],
        "took": night.ended_at - night.started_at if night.ended_at and night.started_at else None,
    }


def _list_sentence(rows: Sequence[Night]) -> Sentence:
    """Say whether a night runs, or how the latest decided one ended."""
    running = next((night for night in rows if night.state not in ENDED), None)
    if running:
        return Sentence(f"{str(running).capitalize()} is under way; what it finds appears on its page.", "live")
    decided = queries.last_decided_night()
    if decided is None:
        return Sentence("No comparison has been decided yet.")
    said = queries.night_sentence(decided)
    return Sentence(
        f"{str(decided).capitalize()}, the latest decided: {said.text[:1].lower()}{said.text[1:]}", said.tone
    )


@vary_on_headers("HX-Request")
def night(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a night; while it runs, answer the page's own polling with the parts that change."""
    row = get_object_or_404(known_nights(), pk=pk)
    live = _live_parts(request, row)
    if request.htmx:  # type: ignore[attr-defined]
        return _fragment(request, live)
    return render(
        request,
        "benchmarks_runner/night.html",
        {
            **live,
            "differences": night_difference(row),
            "installed": all(build.bundle.environment_id for build in (row.baseline, row.candidate)),
            "facts": _facts(row),
            "plot": _aa_plot(row),
        },
    )


def _live_parts(request: HttpRequest, row: Night) -> dict[str, object]:
    """Return everything that changes while a night runs."""
    near = request.GET.get("axis") == "near"
    table = verdict_table(row, near=near)
    ended = row.state in ENDED
    progress = None if ended else queries.night_progress(row)
    return {
        "night": row,
        "seen": hashlib.sha256(repr((row.state, progress, table.rows, table.suite)).encode()).hexdigest()[:16],
        "table": table,
        "sentence": queries.night_sentence(row),
        "progress": progress,
        "progress_left": _left(progress),
        "took": row.ended_at - row.started_at if row.ended_at and row.started_at else None,
        "ended": ended,
        "near": near,
        "concerned": concerned_areas(table.groups),
        "may_run": policies.may_run_nights(request.user),
        "can_cancel": policies.can_be_cancelled(row),
        "can_run_again": policies.can_be_run_again(row),
        "can_extend": policies.can_be_extended(row),
    }


def _left(progress: NightProgress | None) -> str:
    """Say how long it has taken and how long it may take yet."""
    if progress is None:
        return ""
    so_far = f"{quantities.duration(progress.seconds_so_far)} so far" if progress.seconds_so_far else ""
    left = progress.seconds_left_estimate
    return ", ".join(filter(None, [so_far, f"about {quantities.duration(left)} left" if left else ""]))


def _fragment(request: HttpRequest, live: dict[str, object]) -> HttpResponse:
    """Answer a poll: with nothing where the reader has seen it all, so that nothing flickers."""
    if request.GET.get("seen") == live["seen"]:
        return HttpResponse(status=204)
    return render(request, "_partials/night_live.html", {**live, "polled": True})


def _facts(night: Night) -> list[tuple[object, ...]]:
    """Return the plan and its circumstances as a key-value table."""
    device = night.device
    machine_url = reverse("benchmarks_runner:machine", args=[device.machine_id])
    return [
        ("Device", f"{device.machine}, {device.address}: {device.model}", machine_url),
        ("Suite", f"{night.suite}, version {night.suite_version}"),
        ("Asked for by", night.requested_by),
        ("Threads", night.threads),
        ("Rounds", f"at most {night.rounds_cap}"),
        *_promises(night),
        ("Seed", night.seed),
    ]


def _promises(night: Night) -> list[tuple[object, ...]]:
    """Return what the frozen constants promise of a comparison's words."""
    if night.kind == Night.Kind.AA or not night.policy.get("q"):
        return []
    q, beta = (quantities.percent(night.policy[name]) for name in ("q", "beta"))
    return [
        ("Fail", f"at most {q} of fails are false, on average over nights"),
        ("Pass", f"a point as slow as its margin passes in at most {beta} of nights"),
    ]


def _aa_rows(night: Night) -> list[figures.ScaleRow]:
    """Return what an A/A night's pairs say of each point's noise, by the clock that would judge it."""
    found: dict[str, list[float]] = {}
    clocks = dict(night.planned_points.values_list("point", "clock"))
    default = "device" if night.device.kind == "cuda" else "cpu"
    for pair in pairs_in(attempts_of(night)):
        difference = pair.difference(clocks.get(pair.point) or default)
        if difference is not None:
            found.setdefault(pair.point, []).append(difference)
    scaled = {point: aa_scale(values) for point, values in found.items() if len(values) >= FEWEST_PAIRS}
    return [figures.ScaleRow(point, tuple(found[point]), scale, margin(scale)) for point, scale in scaled.items()]


def _aa_plot(night: Night) -> figures.Plot | None:
    """Draw an A/A night's differences."""
    if night.kind != Night.Kind.AA:
        return None
    rows = _aa_rows(night)
    return figures.scales_plot(rows, machine=night.device.machine.name) if rows else None


# -- files -----------------------------------------------------------------------------------------------------

CSV_COLUMNS = ("point", "verdict", "estimate", "low", "high", "pairs_used", "clock", "scale", "margin", "reason")


def night_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a night's verdicts as CSV; estimates, scales and margins are ln ratios."""
    row = get_object_or_404(Night, pk=pk)
    planned = {plan.point: plan for plan in row.planned_points.all()}
    rows = [
        [getattr(v, name) for name in CSV_COLUMNS[:6]]
        + [getattr(planned.get(v.point), name, "") for name in CSV_COLUMNS[6:9]]
        + [v.reason]
        for v in row.verdicts.exclude(point="").order_by("point")
    ]
    return csv_file(f"night-{row.pk}.csv", CSV_COLUMNS, rows)


def night_json(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a night as the same document that `night --json` prints."""
    return JsonResponse(queries.night_document(get_object_or_404(known_nights(), pk=pk)))


# -- what may be done ------------------------------------------------------------------------------------------


@require_POST
@login_required
def cancel(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Cancel a night that has not ended."""
    policies.check_may_run_nights(request.user)
    row = get_object_or_404(Night, pk=pk)
    try:
        actions.cancel_night(night=row, by=request.user)
        messages.success(request, f"{str(row).capitalize()} is cancelled; what was measured is kept.")
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("benchmarks_runner:night", pk=pk)


@require_POST
@login_required
def again(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask for the same comparison anew."""
    policies.check_may_run_nights(request.user)
    row = get_object_or_404(Night, pk=pk)
    try:
        new = actions.run_night_again(night=row, by=request.user)
    except (MoveRefused, actions.NightRefused) as refusal:
        messages.error(request, str(refusal))
        return redirect("benchmarks_runner:night", pk=pk)
    messages.success(request, f"{str(new).capitalize()} measures the same comparison anew, with its own coins.")
    return redirect("benchmarks_runner:night", pk=new.pk)


@require_POST
@login_required
def extend(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give a decided night more rounds for what is inconclusive."""
    policies.check_may_run_nights(request.user)
    row = get_object_or_404(Night, pk=pk)
    try:
        rounds = int(request.POST.get("rounds", ""))
        actions.extend_night(night=row, rounds=rounds, by=request.user)
        messages.success(request, f"{str(row).capitalize()} gets {sentences.count(rounds, 'more round')}.")
    except ValueError as refusal:
        told = str(refusal) if isinstance(refusal, actions.NightRefused) else "Say how many rounds more, as a number."
        messages.error(request, told)
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("benchmarks_runner:night", pk=pk)

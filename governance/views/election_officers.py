"""Administering an election: announcing it, and its officers' page: each step, exceptions, activity, ties."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance.actions.elections import ElectionRefused, announce, cancel, open_nominations, open_voting
from governance.actions.elections_counting import confirm, count_votes, settle_tie
from governance.actions.elections_roll import decide_exception, import_activity
from governance.election_charter import rules_for
from governance.election_words import by_when, election_sentence
from governance.forms_elections import ActivityForm, AnnounceForm, CancelForm, DecisionForm, TieForm
from governance.models import Election, ExceptionRequest, Office
from governance.policies.elections import check_may_announce, check_may_run
from governance.queries.candidates import candidates
from governance.queries.elections import electors, stands
from governance.views.elections import found
from governance.views.releases import SignedInRequest


@login_required
@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Announce an election."""
    check_may_announce(request.user)
    office = Office.objects.filter(slug=request.GET.get("office", "")).select_related("project").first()
    form = AnnounceForm(request.POST or None, initial=rules_for(office) if office else {})
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(announce(**form.announced(), by=request.user))
        except ElectionRefused as refused:
            form.add_error(None, str(refused))
    sentence = "Announce an election: its rules as the charter has them, its days, and who runs it."
    context = {
        "form": form,
        "sentence": sentence,
        "offices": Office.objects.select_related("project").order_by("project__name", "name"),
        "chosen": office,
    }
    return render(request, "governance/election_new.html", context)


STEPS: dict[str, Callable[..., object]] = {
    "open-nominations": open_nominations,
    "open-voting": open_voting,
    "count": count_votes,
    "confirm": confirm,
}
DONE = {
    "open-nominations": "Nominations are open.",
    "open-voting": "Voting is open; the roll and the ballot papers are frozen.",
    "count": "The votes are counted, and published as far as that gives no voter away.",
    "confirm": "The terms of the elected are begun; box and key are destroyed.",
}


def next_step(election: Election) -> tuple[str, str, str]:
    """Return the officers' next step, its button, and why it must wait, if it must."""
    state, now = stands(election), timezone.now()
    if state == "announced":
        return "open-nominations", "Open nominations", ""
    if state == "nominating":
        early = f"Its day comes {by_when(election, election.opens_at, now)}." if now < election.opens_at else ""
        return "open-voting", "Open the vote", early or undecided(election)
    if state == "closed":
        return "count", "Count and publish", ""
    last = election.counts.last()
    if state == "counted" and last is not None:
        tie = "A contested tie must be settled first." if last.outcome["ties"] else ""
        return "confirm", "Confirm and begin the terms", tie
    return "", "", "Nothing is to be done until voting closes." if state == "voting" else "The election is over."


def undecided(election: Election) -> str:
    """Say what keeps the roll from being frozen."""
    waiting = election.exceptions.filter(granted__isnull=True).count()
    if waiting:
        return f"{waiting} exception{'s wait' if waiting > 1 else ' waits'} for a decision."
    return "" if candidates(election).exists() else "Nobody stands yet."


def page(request: SignedInRequest, election: Election, **forms: Any) -> HttpResponse:
    """Show the officers' page, with what was wrong in a form."""
    step, button, wait = next_step(election)
    last = election.counts.last()
    early = election.state in (Election.State.ANNOUNCED, Election.State.NOMINATING)
    context = {
        "election": election,
        "sentence": election_sentence(election),
        "step": step,
        "button": button,
        "wait": wait,
        "electors": electors(election),
        "unknown": list(election.activity.filter(person__isnull=True)[:50]),
        "activity": forms.get("activity", ActivityForm()) if early and election.activity_from is not None else None,
        "waiting": list(election.exceptions.filter(granted__isnull=True).select_related("person")) if early else [],
        "decision": DecisionForm(auto_id=False),
        "decided": list(election.exceptions.filter(granted__isnull=False).select_related("person", "decided_by")),
        "ties": last.outcome["ties"] if last else [],
        "back": list(election.nominations.filter(stands_back=True).select_related("person")),
        "tie": forms.get("tie", TieForm(election=election)),
        "cancel": forms.get("cancel", CancelForm()),
        "over": election.state in (Election.State.CONFIRMED, Election.State.CANCELLED),
    }
    return render(request, "governance/election_officers.html", context)


def run(slug: str, request: SignedInRequest) -> Election:
    """Return an election to one of its officers."""
    election = found(slug)
    check_may_run(request.user, election)
    return election


@login_required
@require_GET
def officers(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show what the officers can do now."""
    return page(request, run(slug, request))


@login_required
@require_POST
def step(request: SignedInRequest, slug: str) -> HttpResponse:
    """Take the next step."""
    election, name = run(slug, request), request.POST.get("step", "")
    if name not in STEPS:
        raise Http404("No such step.")
    try:
        STEPS[name](election=election, by=request.user)
    except ElectionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, DONE[name])
    return redirect("governance:election_officers", slug)


@login_required
@require_POST
def activity(request: SignedInRequest, slug: str) -> HttpResponse:
    """Take in a list of activity."""
    election, form = run(slug, request), ActivityForm(request.POST)
    if form.is_valid():
        try:
            lines = import_activity(election=election, **form.cleaned_data, by=request.user)
        except ElectionRefused as refused:
            form.add_error("text", str(refused))
        else:
            messages.success(request, f"{len(lines)} lines were taken in.")
            return redirect("governance:election_officers", slug)
    return page(request, election, activity=form)


@login_required
@require_POST
def decide(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Grant or refuse an exception."""
    election = run(slug, request)
    asked = get_object_or_404(ExceptionRequest, pk=pk, election=election)
    form = DecisionForm(request.POST)
    try:
        if form.is_valid():
            decide_exception(request=asked, **form.cleaned_data, by=request.user)
            messages.success(request, "Decided; the reason is on the roll and in the record.")
        else:
            messages.error(request, "Say why: the reason is public.")
    except ElectionRefused as refused:
        messages.error(request, str(refused))
    return redirect("governance:election_officers", slug)


@login_required
@require_POST
def tie(request: SignedInRequest, slug: str) -> HttpResponse:
    """Settle a contested tie."""
    election = run(slug, request)
    form = TieForm(request.POST, election=election)
    if form.is_valid():
        try:
            settle_tie(election=election, **form.cleaned_data, by=request.user)
        except ElectionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "The tie is settled, and the votes are counted again by that.")
            return redirect("governance:election_officers", slug)
    return page(request, election, tie=form)


@login_required
@require_POST
def cancelling(request: SignedInRequest, slug: str) -> HttpResponse:
    """Cancel the election."""
    election, form = run(slug, request), CancelForm(request.POST)
    if form.is_valid():
        try:
            cancel(election=election, **form.cleaned_data, by=request.user)
        except ElectionRefused as refused:
            form.add_error("reason", str(refused))
        else:
            messages.success(request, "The election is cancelled; it is kept here with the reason.")
            return redirect(election)
    return page(request, election, cancel=form)

"""Standing in an election: nominating, answering, a candidate's statement, asking to be an elector."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from ecosystem.sentences import listed
from governance.actions.elections import ElectionRefused
from governance.actions.elections_endorsements import endorse, take_back
from governance.actions.elections_nominations import accept, decline, nominate, stand_back, withdraw, write_statement
from governance.actions.elections_roll import ask_exception
from governance.election_words import endorsement_words
from governance.forms_elections import ExceptionForm, NominationForm, StatementForm
from governance.markdown import rendered
from governance.models import Nomination
from governance.policies.elections import may_answer, why_not_ask_exception, why_not_nominate
from governance.policies.endorsements import ENDORSED, may_take_back, why_not_endorse
from governance.queries.accounts import person_of
from governance.queries.candidates import endorsers, lacks
from governance.queries.elections import all_of, open_to_nominations
from governance.views.elections import found, told
from governance.views.releases import SignedInRequest


@login_required
@require_http_methods(["GET", "POST"])
def nominations(request: SignedInRequest, slug: str) -> HttpResponse:
    """Nominate somebody."""
    shown = found(slug)
    form = NominationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            nomination = nominate(election=shown, **form.cleaned_data, by=request.user)
        except ElectionRefused as refused:
            form.add_error("person", str(refused))
        else:
            messages.success(request, f"You nominated {nomination.person.name}, who stands once they have accepted.")
            return redirect(shown)
    refusal = why_not_nominate(request.user, shown)
    sentence = refusal or f"Nominate somebody for {shown.title}; they stand once they have accepted."
    context = {"election": shown, "form": form, "sentence": sentence, "refusal": refusal}
    return render(request, "governance/election_nominate.html", context)


@require_http_methods(["GET", "POST"])
def nomination(request: HttpRequest, slug: str, person: str) -> HttpResponse:
    """Show a candidate's statement; let the nominee answer and write it."""
    shown = found(slug)
    one = get_object_or_404(shown.nominations.select_related("person", "nominated_by"), person__slug=person)
    mine = may_answer(request.user, one)
    if request.method == "POST" and not request.user.is_authenticated:
        return redirect_to_login(request.path)
    form = StatementForm(request.POST or None, initial={"statement": one.statement})
    if request.method == "POST" and request.user.is_authenticated and form.is_valid():
        try:
            write_statement(nomination=one, statement=form.cleaned_data["statement"], by=request.user)
        except ElectionRefused as refused:
            form.add_error("statement", str(refused))
        else:
            messages.success(request, "Your statement is kept. You can change it until voting opens.")
            return redirect("governance:election_nomination", slug, person)
    context = {
        "election": shown,
        "nomination": one,
        "sentence": nomination_sentence(one),
        "statement": rendered(one.statement) if one.statement else "",
        "mine": mine,
        **endorsing(request, one),
        "form": form if mine and shown.opened_at is None else None,
    }
    return render(request, "governance/election_nomination.html", context)


def endorsing(request: HttpRequest, one: Nomination) -> dict[str, object]:
    """Return who endorsed a nominee, what they lack, and what this reader can do about it."""
    if not one.election.endorsements:
        return {}
    return {
        "endorsement_rule": endorsement_words(one.election),
        "endorsers": endorsers(one),
        "missing": listed(lacks(one)),
        "why_not_endorse": why_not_endorse(request.user, one),
        "may_take_back": may_take_back(request.user, one),
        "endorsements_open": open_to_nominations(one.election),
    }


def nomination_sentence(one: Nomination) -> str:
    """Say how a nomination stands."""
    missing = lacks(one) if one.answer in ENDORSED else []
    if missing and one.answer == Nomination.Answer.ACCEPTED:
        verb = "does not stand: nominations closed without" if closed(one) else "does not stand yet and needs"
        return f"{one.person.name} {verb} {listed(missing)}. {one.election.title}{nominator(one)}."
    words = {
        Nomination.Answer.AWAITED: "was nominated and has not answered yet",
        Nomination.Answer.ACCEPTED: "stands",
        Nomination.Answer.UNENDORSED: "does not stand, for nominations closed without the endorsements asked for",
        Nomination.Answer.DECLINED: "was nominated and declined",
        Nomination.Answer.WITHDRAWN: "stood and withdrew",
    }
    return f"{one.person.name} {words[Nomination.Answer(one.answer)]}: {one.election.title}{nominator(one)}."


def nominator(one: Nomination) -> str:
    """Say who nominated, unless they did themselves."""
    return "" if one.nominated_by_id == one.person_id else f", nominated by {one.nominated_by.name}"


def closed(one: Nomination) -> bool:
    """Say whether nominations are over."""
    return timezone.now() >= one.election.nominations_close_at


ENDORSING = {
    "endorse": (endorse, "You endorsed them; you can withdraw that until nominations close."),
    "take-back": (take_back, "Your endorsement is withdrawn."),
}


@login_required
@require_POST
def endorsement(request: SignedInRequest, slug: str, person: str) -> HttpResponse:
    """Endorse a nominee, or withdraw that."""
    one = get_object_or_404(Nomination, election__slug=slug, person__slug=person)
    act, done = ENDORSING.get(request.POST.get("act", ""), (None, ""))
    if act is None:
        raise Http404("No such act.")
    act(nomination=one, by=request.user)
    messages.success(request, done)
    return redirect("governance:election_nomination", slug, person)


ANSWERS = {"accept": accept, "decline": decline, "withdraw": withdraw, "stand-back": stand_back}


@login_required
@require_POST
@told
def answer(request: SignedInRequest, slug: str, person: str) -> HttpResponse:
    """Accept, decline, withdraw or stand back."""
    one = get_object_or_404(Nomination, election__slug=slug, person__slug=person)
    act = ANSWERS.get(request.POST.get("answer", ""))
    if act is None:
        raise Http404("No such answer.")
    act(nomination=one, by=request.user)
    messages.success(request, "Your answer is kept, and in the record.")
    return redirect("governance:election_nomination", slug, person)


@login_required
@require_http_methods(["GET", "POST"])
def exceptions(request: SignedInRequest, slug: str) -> HttpResponse:
    """Ask the officers to be an elector."""
    shown = found(slug)
    form = ExceptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ask_exception(election=shown, words=form.cleaned_data["words"], by=request.user)
        except ElectionRefused as refused:
            form.add_error("words", str(refused))
        else:
            messages.success(request, "The officers have your request; what they decide and why will be on the roll.")
            return redirect("governance:election_exceptions", slug)
    person = person_of(request.user)
    asked = shown.exceptions.filter(person__in=all_of(person)).select_related("decided_by").first() if person else None
    refusal = why_not_ask_exception(request.user, shown)
    sentence = refusal or f"Ask to be an elector in {shown.title} though the data say no."
    context = {"election": shown, "form": form, "asked": asked, "refusal": refusal, "sentence": sentence}
    return render(request, "governance/election_exceptions.html", context)

"""Votes: the list, one with its rule, its electorate and its sum, and every act in it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ecosystem.models import Project
from ecosystem.queries import kept_project
from governance.actions import ballots, ballots_choosing
from governance.actions.ballot_rules import BallotRefused, Chosen
from governance.actions.imported_proposals import ProposalRefused
from governance.models import Ballot, Elector, Proposal
from governance.policies import ballots as policies
from governance.policies.proposals import why_nobody
from governance.proposal_forms import BallotForm, ChoiceForm, ReasonForm
from governance.queries.ballots import Standing, Voter, listing_sentence, standing
from governance.queries.charters import charter_of
from governance.queries.proposals import shown as shown_proposals
from governance.views.charters_proposed import first_decision
from governance.views.proposals import safe_text
from governance.views.releases import SignedInRequest
from record.queries import events_about

PAGE = 30
STATES = ("open", "awaiting seconds", "closed", "cancelled", "lapsed")


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the votes: those that are open first, then the latest; a state is a link."""
    now = timezone.now()
    found = [standing(ballot, now) for ballot in Ballot.objects.select_related("project", "proposal")]
    found.sort(key=lambda stands: STATES.index(stands.state) if stands.state in STATES[:2] else len(STATES))
    asked = request.GET.get("state", "")
    matching = [stands for stands in found if asked in ("", stands.state)]
    page = Paginator(matching, PAGE).get_page(request.GET.get("page"))
    states = [(state, sum(stands.state == state for stands in found)) for state in STATES]
    context = {
        "page": page,
        "sentence": listing_sentence(found),
        "states": [(state, many) for state, many in states if many],
        "asked": asked,
        "may_call": bool(policies.decisions_to_call(request.user, kept_project())),
    }
    return render(request, "governance/ballots.html", context)


def ballot_of(pk: int) -> Ballot:
    """Return a vote by its number."""
    return get_object_or_404(Ballot.objects.select_related("project", "proposal", "called_by"), pk=pk)


@require_GET
def ballot(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a vote: how it stands, its rule, who may vote and, as far as that may be seen, what they chose."""
    stands = standing(ballot_of(pk))
    shown = stands.ballot
    context = {
        "ballot": shown,
        "stands": stands,
        "sentence": stands.sentence,
        "tone": tone_of(stands),
        "text": safe_text(shown.text),
        "members": shown.members.all(),
        "filled_in": shown.filled_in.splitlines(),
        "voters": [(voter, seen(stands, voter), recusable(request, stands, voter)) for voter in stands.voters],
        "decision": policies.decision_of(charter_of(shown.project), shown.decision),
        "events": events_about(shown.subject)[:100],
        **may(request, stands),
    }
    return render(request, "governance/ballot.html", context)


def tone_of(stands: Standing) -> str:
    """Return the tone of the sentence."""
    if stands.closed:
        return "pass" if stands.carried else "inconclusive"
    return "live" if stands.state == "open" else ""


def seen(stands: Standing, voter: Voter) -> str:
    """Return what the list says of an elector: their choice where it may be seen, else whether they voted."""
    if voter.recused:
        return "recused"
    if voter.choice is None:
        return "has not voted" if not stands.closed else "did not vote"
    return voter.choice.get_word_display() if stands.shows_choices else "has voted"


def recusable(request: HttpRequest, stands: Standing, voter: Voter) -> bool:
    """Say whether this reader may recuse somebody else."""
    own = policies.own_place(request.user, stands)
    return voter is not own and policies.may_recuse(request.user, stands, voter)


def may(request: HttpRequest, stands: Standing) -> dict[str, object]:
    """Return the forms of what this reader may do."""
    user = request.user
    if not user.is_authenticated or why_nobody(user):
        return {"nobody": why_nobody(user)}
    own = policies.own_place(user, stands)
    return {
        "own": own,
        "choice_form": ChoiceForm(
            auto_id="choice_%s", initial={"word": own.choice.word if own and own.choice else None}
        )
        if policies.may_choose(user, stands)
        else None,
        "may_second": policies.may_second(user, stands),
        "may_declare": policies.may_declare(user, stands),
        "may_recuse": own is not None and policies.may_recuse(user, stands, own),
        "may_return": own is not None and policies.may_return(user, stands, own),
        "may_cancel": policies.may_cancel(user, stands),
    }


@login_required
@require_http_methods(["GET", "POST"])
def call(request: SignedInRequest) -> HttpResponse:
    """Call a vote, on a proposal or on its own."""
    proposal = asked_proposal(request)
    project = proposal.project if proposal else kept_project()
    form = form_for(request, project, proposal)
    assert project is not None
    if request.method == "POST" and form.is_valid():
        try:
            called = ballots.call_ballot(project=project, proposal=proposal, **values(form), by=request.user)
        except (BallotRefused, ProposalRefused) as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "The vote is called; its rule is frozen with it.")
            return redirect(called)
    about = f" on {proposal.number}, “{proposal.title}”" if proposal else ""
    sentence = f"Call a vote{about}: the charter says who votes and what it takes; what it leaves open is said here."
    return render(request, "governance/ballot_form.html", {"form": form, "sentence": sentence, "proposal": proposal})


def asked_proposal(request: HttpRequest) -> Proposal | None:
    """Return the proposal that an address names, if it names one."""
    slug = request.GET.get("proposal", "")
    return get_object_or_404(shown_proposals(), slug=slug) if slug else None


def form_for(request: SignedInRequest, project: Project | None, proposal: Proposal | None) -> BallotForm:
    """Return the form with the decisions on which this user may call a vote."""
    decisions = policies.decisions_to_call(request.user, project)
    charter = charter_of(project) if project else None
    if not decisions or charter is None:
        raise PermissionDenied(why_nobody(request.user) or "By the charter you may call no vote.")
    first = first_decision(proposal)
    kinds = sorted(decisions.items(), key=lambda item: (item[1].kind != first) if proposal else 0)
    offices = {name: office.plural for name, office in charter.offices.items()}
    initial = {"question": f"Accept proposal {proposal.number}: {proposal.title}"[:300]} if proposal else {}
    return BallotForm(request.POST or None, decisions=dict(kinds), offices=offices, initial=initial)


def values(form: BallotForm) -> dict[str, Any]:
    """Return a form's values as the action takes them."""
    said = form.cleaned_data
    chosen = Chosen(said["share"], said["base"], said["strict"], said["days"], tuple(said["electorate"]))
    return {**{name: said[name] for name in ("decision", "question", "text", "members", "zone")}, "chosen": chosen}


# -- acts ------------------------------------------------------------------------------------------------------------


def acted(
    request: SignedInRequest, shown: Ballot, form: Form | None, action: Callable[..., object], done: str, **more: object
) -> HttpResponse:
    """Call an action with a form's values and go back, saying what was done or why not."""
    if form is not None and not form.is_valid():
        for name, errors in form.errors.items():
            messages.error(request, f"{form.fields[name].label or name.title()}: {' '.join(map(str, errors))}")
        return redirect(shown)
    try:
        action(ballot=shown, **more, **(form.cleaned_data if form else {}), by=request.user)
    except (BallotRefused, ProposalRefused) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect(shown)


@login_required
@require_POST
def choose(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose yes, no or abstain."""
    done = "Your vote is taken; you may change it until the close."
    return acted(request, ballot_of(pk), ChoiceForm(request.POST), ballots_choosing.choose, done)


@login_required
@require_POST
def second(request: SignedInRequest, pk: int) -> HttpResponse:
    """Second a vote."""
    return acted(request, ballot_of(pk), None, ballots.second_ballot, "You seconded it.")


@login_required
@require_POST
def tell_conflict(request: SignedInRequest, pk: int) -> HttpResponse:
    """Tell of a conflict of interest."""
    form = ReasonForm({"reason": request.POST.get("reason", "")})
    shown = ballot_of(pk)
    if not form.is_valid():
        return acted(request, shown, form, ballots_choosing.tell_conflict, "")
    told = form.cleaned_data["reason"]
    return acted(request, shown, None, ballots_choosing.tell_conflict, "Your conflict of interest is told.", text=told)


@login_required
@require_POST
def recuse(request: SignedInRequest, pk: int, elector: int) -> HttpResponse:
    """Recuse oneself, or somebody who told of a conflict."""
    shown = ballot_of(pk)
    who = get_object_or_404(Elector, pk=elector, ballot=shown)
    done = f"{who.person.name} is recused: what is needed is counted without them."
    return acted(request, shown, ReasonForm(request.POST), ballots_choosing.recuse, done, elector=who)


@login_required
@require_POST
def take_part_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back one's own recusal."""
    done = "You take part again."
    return acted(request, ballot_of(pk), ReasonForm(request.POST), ballots_choosing.take_part_again, done)


@login_required
@require_POST
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel a vote."""
    done = "The vote is cancelled; it stays here with the reason."
    return acted(request, ballot_of(pk), ReasonForm(request.POST), ballots.cancel_ballot, done)

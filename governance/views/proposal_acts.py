"""Acts on a proposal: each a form's button, one action, and back to the proposal."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from governance.actions import comment_periods, concerns, proposals
from governance.actions.imported_proposals import ProposalRefused
from governance.models import Concern, Hold, Link, Proposal
from governance.progress import Progress
from governance.proposal_forms import (
    ConcernForm,
    FinalCommentForm,
    LinkForm,
    MoveForm,
    PlaceForm,
    PositionForm,
    ReasonForm,
    ReviewerForm,
)
from governance.views.proposals import proposal_of
from governance.views.releases import SignedInRequest


def acted(
    request: SignedInRequest,
    shown: Proposal,
    form: Form | None,
    action: Callable[..., object],
    done: str,
    **more: object,
) -> HttpResponse:
    """Call an action with a form's values and go back, saying what was done or why not."""
    if form is not None and not form.is_valid():
        for name, errors in form.errors.items():
            messages.error(request, f"{form.fields[name].label or name.title()}: {' '.join(map(str, errors))}")
        return redirect(shown)
    try:
        action(**more, **(form.cleaned_data if form else {}), by=request.user)
    except ProposalRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect(shown)


@login_required
@require_POST
def take_position(request: SignedInRequest, slug: str) -> HttpResponse:
    """Take a position."""
    shown = proposal_of(slug)
    return acted(
        request,
        shown,
        PositionForm(request.POST),
        proposals.take_position,
        "Your position is taken; a later one replaces it, and this one stays in the history.",
        proposal=shown,
    )


@login_required
@require_POST
def withdraw(request: SignedInRequest, slug: str) -> HttpResponse:
    """Withdraw one's position."""
    shown = proposal_of(slug)
    done = "Your position is withdrawn."
    return acted(request, shown, None, proposals.withdraw_position, done, proposal=shown)


@login_required
@require_POST
def raise_concern(request: SignedInRequest, slug: str) -> HttpResponse:
    """Raise a concern."""
    shown = proposal_of(slug)
    return acted(
        request,
        shown,
        ConcernForm(request.POST),
        concerns.raise_concern,
        "The concern is raised. Only you can resolve it.",
        proposal=shown,
    )


@login_required
@require_POST
def resolve_concern(request: SignedInRequest, slug: str, key: int) -> HttpResponse:
    """Resolve a concern."""
    shown = proposal_of(slug)
    concern = get_object_or_404(Concern, pk=key, proposal=shown)
    return acted(
        request, shown, ReasonForm(request.POST), concerns.resolve_concern, "The concern is resolved.", concern=concern
    )


@login_required
@require_POST
def place_hold(request: SignedInRequest, slug: str) -> HttpResponse:
    """Place a hold."""
    shown = proposal_of(slug)
    return acted(
        request,
        shown,
        ReasonForm(request.POST),
        concerns.place_hold,
        "The hold is on until you or a decider lifts it.",
        proposal=shown,
    )


@login_required
@require_POST
def lift_hold(request: SignedInRequest, slug: str, key: int) -> HttpResponse:
    """Lift a hold."""
    shown = proposal_of(slug)
    hold = get_object_or_404(Hold, pk=key, proposal=shown)
    done = "The hold is lifted."
    return acted(request, shown, ReasonForm(request.POST), concerns.lift_hold, done, hold=hold)


@login_required
@require_POST
def begin_final_comment(request: SignedInRequest, slug: str) -> HttpResponse:
    """Begin the final comment period."""
    shown = proposal_of(slug)
    rules = Progress(shown).rules
    words = rules.final_comment.dispositions if rules and rules.final_comment else ()
    form = FinalCommentForm(request.POST, dispositions=words)
    return acted(
        request,
        shown,
        form,
        comment_periods.begin_final_comment,
        "The final comment period has begun; it closes by the clock.",
        proposal=shown,
    )


@login_required
@require_POST
def stop_final_comment(request: SignedInRequest, slug: str) -> HttpResponse:
    """Stop the final comment period."""
    shown = proposal_of(slug)
    return acted(
        request,
        shown,
        ReasonForm(request.POST),
        comment_periods.stop_final_comment,
        "The final comment period is stopped; it stays in the history.",
        proposal=shown,
    )


@login_required
@require_POST
def move(request: SignedInRequest, slug: str) -> HttpResponse:
    """Move a proposal to another state."""
    shown = proposal_of(slug)
    return acted(
        request, shown, MoveForm(request.POST), proposals.move_proposal, "The proposal is moved.", proposal=shown
    )


@login_required
@require_POST
def become_shepherd(request: SignedInRequest, slug: str) -> HttpResponse:
    """Become its shepherd."""
    shown = proposal_of(slug)
    done = "You shepherd it now."
    return acted(request, shown, None, proposals.become_shepherd, done, proposal=shown)


@login_required
@require_POST
def cease_to_shepherd(request: SignedInRequest, slug: str) -> HttpResponse:
    """Give it back to whoever takes it up."""
    shown = proposal_of(slug)
    done = "You shepherd it no longer."
    return acted(request, shown, None, proposals.cease_to_shepherd, done, proposal=shown)


@login_required
@require_POST
def ask_reviewer(request: SignedInRequest, slug: str) -> HttpResponse:
    """Ask somebody by name."""
    shown = proposal_of(slug)
    return acted(
        request,
        shown,
        ReviewerForm(request.POST),
        proposals.ask_reviewer,
        "They are asked; it stands in their portal.",
        proposal=shown,
    )


@login_required
@require_POST
def place(request: SignedInRequest, slug: str) -> HttpResponse:
    """Say what a proposal is about."""
    shown = proposal_of(slug)
    return acted(
        request,
        shown,
        PlaceForm(request.POST, proposal=shown),
        proposals.place_proposal,
        "It is said what the proposal is about.",
        proposal=shown,
    )


@login_required
@require_POST
def add_link(request: SignedInRequest, slug: str) -> HttpResponse:
    """Link something elsewhere."""
    shown = proposal_of(slug)
    done = "It is linked."
    return acted(request, shown, LinkForm(request.POST), proposals.add_link, done, proposal=shown)


@login_required
@require_POST
def remove_link(request: SignedInRequest, slug: str, key: int) -> HttpResponse:
    """Remove a link."""
    shown = proposal_of(slug)
    link = get_object_or_404(Link, pk=key, proposal=shown)
    done = "The link is removed."
    return acted(request, shown, None, proposals.remove_link, done, link=link)

"""Proposals: the list, one with all that was said of it, its texts and what they changed, and every act on it."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ecosystem.queries import kept_project
from governance.actions import comment_periods, concerns, proposals
from governance.actions.imported_proposals import ProposalRefused
from governance.markdown import TextRefused, difference, difference_words, rendered
from governance.models import Concern, Hold, Link, Position, Proposal
from governance.policies import proposals as policies
from governance.policies.ballots import decisions_to_call
from governance.progress import Progress
from governance.proposal_forms import (
    ConcernForm,
    FinalCommentForm,
    LinkForm,
    MoveForm,
    NewProposalForm,
    PlaceForm,
    PositionForm,
    ReasonForm,
    ReviewerForm,
    RevisionForm,
)
from governance.queries.ballots import standing
from governance.queries.proposals import (
    Filters,
    found,
    listing_sentence,
    positions_sentence,
    projects_with_proposals,
    state_titles,
    states_of,
)
from governance.views.releases import SignedInRequest
from record.queries import events_about

PAGE = 50
FILTERS = ("project", "state", "area", "words")


# -- pages to read ---------------------------------------------------------------------------------------------------


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the proposals that a reader looks for; each filter is a link."""
    now = timezone.now()
    asked = {
        name: request.GET.get(name, "")[:100].replace("\x00", "") for name in ("project", "state", "area", "words")
    }
    filters = Filters(**asked)
    matching = found(filters, now)
    states = states_of(filters.project)
    page = Paginator(matching, PAGE).get_page(request.GET.get("page"))
    titles = state_titles(filters.project)
    named = [(titles.get(state, state), many) for state, many in states]
    context = {
        "page": page,
        "filters": filters,
        "sentence": listing_sentence(page.paginator.count, filters, named, now),
        "states": [(titles.get(state, state), state, many, filter_url(asked, state=state)) for state, many in states],
        "rows": [(one, titles.get(one.state, one.state)) for one in page],
        "every_state": filter_url(asked, state=""),
        "projects": [
            (project, many, filter_url(asked, project=project.slug, state=""))
            for project, many in projects_with_proposals()
        ],
        "every_project": filter_url(asked, project="", state=""),
        "newer": page_url(asked, page.previous_page_number()) if page.has_previous() else "",
        "older": page_url(asked, page.next_page_number()) if page.has_next() else "",
        "may_propose": policies.may_propose(request.user, kept_project()),
    }
    return render(request, "governance/proposals.html", context)


def filter_url(asked: dict[str, str], **changed: str) -> str:
    """Return the list's address with some filters changed."""
    kept = {name: value for name, value in {**asked, **changed}.items() if value}
    return f"?{urlencode(kept)}" if kept else "?"


def page_url(asked: dict[str, str], number: int) -> str:
    """Return the address of a page of the list, with the same filters."""
    return f"?{urlencode({**{name: value for name, value in asked.items() if value}, 'page': number})}"


def proposal_of(slug: str) -> Proposal:
    """Return a proposal by its address."""
    return get_object_or_404(Proposal.objects.select_related("project", "release"), slug=slug)


@require_GET
def proposal(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a proposal: where it stands, what it needs, its text, what was said, and what the reader may do."""
    progress = Progress(proposal_of(slug))
    shown = progress.proposal
    revision = shown.revisions.order_by("-number").select_related("written_by").first()
    context = {
        "proposal": shown,
        "progress": progress,
        "sentence": progress.sentence,
        "tone": tone_of(progress),
        "revision": revision,
        "text": safe_text(revision.text) if revision else "",
        "revisions": shown.revisions.order_by("-number").select_related("written_by"),
        "positions": [(one, safe_text(one.text)) for one in latest_first(progress)],
        "earlier": [one for one in progress.history if one not in progress.positions.values()],
        "positions_sentence": positions_sentence(progress),
        "concerns": [(one, safe_text(one.text), safe_text(one.resolution)) for one in progress.concerns],
        "links": shown.links.filter(removed_at__isnull=True),
        "ballots": [standing(ballot, progress.now) for ballot in progress.ballots],
        "events": events_about(shown.subject)[:100],
        **may(request, progress),
    }
    return render(request, "governance/proposal.html", context)


def safe_text(text: str) -> str:
    """Return a text as HTML; one from before the bounds were drawn is told to be too long."""
    try:
        return rendered(text)
    except TextRefused as refused:
        return str(refused)


def tone_of(progress: Progress) -> str:
    """Return the tone of the sentence: held, live, or nothing."""
    if progress.open_concerns or progress.holds:
        return "fail"
    return "live" if progress.running else ""


def latest_first(progress: Progress) -> list[Position]:
    """Return the positions held now: objections first, then the others, the latest first."""
    order = {Position.Stand.OBJECT: 0, Position.Stand.AGREE: 1, Position.Stand.ABSTAIN: 2, Position.Stand.COMMENT: 3}
    return sorted(
        progress.positions.values(),
        key=lambda one: (order[Position.Stand(one.stand)], -one.taken_at.timestamp()),
    )


def may(request: HttpRequest, progress: Progress) -> dict[str, object]:
    """Return the forms of what this reader may do, each with names of its own, for they share a page."""
    user = request.user
    if not user.is_authenticated or policies.why_nobody(user):
        return {"nobody": policies.why_nobody(user)}
    rule = progress.rules.final_comment if progress.rules else None
    return {
        "position_form": PositionForm(auto_id="position_%s") if policies.may_take_position(user, progress) else None,
        "may_withdraw": policies.may_withdraw(user, progress),
        "may_revise": policies.may_revise(user, progress),
        "concern_form": ConcernForm(auto_id="concern_%s") if policies.may_raise(user, progress) else None,
        "resolvable": {one.pk for one in progress.concerns if policies.may_resolve(user, one, progress)},
        "liftable": {one.pk for one in progress.all_holds if policies.may_lift(user, one, progress)},
        "may_hold": policies.may_hold(user, progress),
        "may_shepherd": policies.may_shepherd(user, progress),
        "shepherds_it": "shepherd" in progress.roles(policies.acting_person(user)),
        "moves": own_moves(user, progress),
        "final_comment_form": FinalCommentForm(dispositions=rule.dispositions, auto_id="final_%s")
        if rule and policies.may_begin_final_comment(user, progress)
        else None,
        "may_stop": policies.may_stop_final_comment(user, progress),
        "tend": {
            "reviewer": ReviewerForm(auto_id="reviewer_%s"),
            "link": LinkForm(auto_id="link_%s"),
            "place": PlaceForm(proposal=progress.proposal, auto_id="place_%s"),
        }
        if policies.may_tend(user, progress)
        else None,
        "may_vote_on": bool(progress.is_open and decisions_to_call(user, progress.proposal.project)),
    }


def own_moves(user: policies.Actor, progress: Progress) -> list[tuple[str, str, MoveForm]]:
    """Return the moves that this user may make now, with their forms; a reason may be what is still missing."""
    return [
        (move.enters, move.title, MoveForm(initial={"enters": move.enters}, auto_id=f"move_{move.enters}_%s"))
        for move in progress.moves
        if policies.may_move(user, progress, move.enters, reason="a reason")
    ]


@require_GET
def revision(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one revision of a text."""
    shown = proposal_of(slug)
    one = get_object_or_404(shown.revisions.select_related("written_by"), number=number)
    last = shown.revisions.order_by("-number").values_list("number", flat=True).first() or number
    standing_words = "the text as it stands" if number == last else f"an earlier text; the latest is revision {last}"
    context = {
        "proposal": shown,
        "revision": one,
        "text": safe_text(one.text),
        "sentence": f"Revision {number} of {shown.number}, by {one.written_by.name}: {standing_words}.",
        "before": number - 1,
    }
    return render(request, "governance/proposal_revision.html", context)


@require_GET
def changes(request: HttpRequest, slug: str, before: int, after: int) -> HttpResponse:
    """Show what changed between two revisions, word by word."""
    shown = proposal_of(slug)
    texts = {one.number: one for one in shown.revisions.filter(number__in=(before, after)).select_related("written_by")}
    if set(texts) != {before, after}:
        raise Http404("There is no such revision.")
    found_changes = difference(texts[before].text, texts[after].text)
    context = {
        "proposal": shown,
        "before": texts[before],
        "after": texts[after],
        "changes": found_changes,
        "sentence": f"From revision {before} to {after} of {shown.number}: {lower(difference_words(found_changes))}",
    }
    return render(request, "governance/proposal_changes.html", context)


def lower(words: str) -> str:
    """Return words as they go on within a sentence."""
    return words[:1].lower() + words[1:]


# -- pages to write --------------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def write(request: SignedInRequest) -> HttpResponse:
    """Open a proposal of the kept project."""
    project = kept_project()
    policies.check_may_propose(request.user, project)
    assert project is not None
    form = NewProposalForm(request.POST or None, project=project)
    if request.method == "POST" and form.is_valid():
        try:
            written = proposals.write_proposal(project=project, **form.cleaned_data, by=request.user)
        except ProposalRefused as refused:
            form.add_error("text", str(refused))
        else:
            messages.success(request, f"The proposal {written.number} is open; everything about it is in the record.")
            return redirect(written)
    sentence = (
        f"Propose something to {project.name}: what, and why. The text can be revised, and every revision is kept."
    )
    return render(request, "governance/proposal_form.html", {"form": form, "sentence": sentence, "label": "Open it"})


@login_required
@require_http_methods(["GET", "POST"])
def revise(request: SignedInRequest, slug: str) -> HttpResponse:
    """Write another revision of a text."""
    progress = Progress(proposal_of(slug))
    policies.check_may_revise(request.user, progress)
    shown = progress.proposal
    last = shown.revisions.order_by("-number").first()
    initial = {"title": shown.title, "text": last.text if last else "", "seen": last.number if last else None}
    form = RevisionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            written = proposals.revise(proposal=shown, **form.cleaned_data, by=request.user)
        except ProposalRefused as refused:
            form.add_error("text", str(refused))
        else:
            messages.success(request, f"Revision {written.number} is written.")
            return redirect(shown)
    stops = (
        " The final comment period that runs will be stopped, for it is about the present text."
        if progress.running
        else ""
    )
    sentence = f"Revise {shown.number}: the present text stays readable, and so does what you change.{stops}"
    context = {"form": form, "sentence": sentence, "proposal": shown, "label": "Write the revision"}
    return render(request, "governance/proposal_form.html", context)


# -- acts: each a form's button, one action, and back to the proposal -----------------------------------------------


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

"""Proposals to read: the list, one with all that was said of it, its texts and what they changed."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ecosystem.queries import kept_project
from ecosystem.withholding import withheld_words
from governance.markdown import TextRefused, difference, difference_words, rendered
from governance.models import Position, Proposal
from governance.policies import proposals as policies
from governance.policies.ballots import decisions_to_call
from governance.progress import Progress
from governance.proposal_forms import (
    ConcernForm,
    FinalCommentForm,
    LinkForm,
    MoveForm,
    PlaceForm,
    PositionForm,
    ReviewerForm,
)
from governance.queries.ballots import standing
from governance.queries.charters_proposed import Amendment, carries_a_charter
from governance.queries.proposals import (
    Filters,
    found,
    listing_sentence,
    positions_sentence,
    projects_with_proposals,
    state_titles,
    states_of,
    where_written,
)
from record.queries import events_about

PAGE = 50


FILTERS = ("project", "state", "area", "words")


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
        "where_written": where_written(filters.project),
        "may_propose": policies.may_propose(request.user, kept_project()),
    }
    return render(request, "governance/proposals.html", context)


def filter_url(asked: dict[str, str], **changed: str) -> str:
    """Return the list's address with some filters changed."""
    kept = {name: value for name, value in {**asked, **changed}.items() if value}
    return f"?{urlencode(kept)}" if kept else "?"


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
        "amendment": Amendment(progress) if carries_a_charter(shown) else None,
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
    # Of the texts as they are shown: cut into what went and what came, a withheld name would be two halves.
    words = withheld_words()
    found_changes = difference(words.text(texts[before].text), words.text(texts[after].text))
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

"""Elections to read: the list, how one stands and who stands in it, who may vote in it and why."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from ecosystem.sentences import listed
from governance.actions.elections import ElectionRefused
from governance.election_charter import differences
from governance.election_words import (
    election_sentence,
    electorate_words,
    endorsement_words,
    listing_sentence,
    publication_rule,
    tie_words,
)
from governance.markdown import rendered
from governance.models import Election, Nomination
from governance.policies.elections import (
    may_announce,
    may_run,
    why_not_nominate,
    why_not_vote,
)
from governance.queries.accounts import person_of
from governance.queries.candidates import candidates, lacks, short
from governance.queries.elections import all_of, considered, elector_keys, has_voted, open_to_votes, stands
from record.queries import events_about

View = Callable[..., HttpResponse]


def found(slug: str) -> Election:
    """Return an election by its address."""
    return get_object_or_404(Election.objects.select_related("office__project", "box"), slug=slug)


def told(view: View) -> View:
    """Tell the reader what an action refuses, on the election's own page."""

    @wraps(view)
    def telling(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, slug, *args, **kwargs)
        except ElectionRefused as refused:
            messages.error(request, str(refused))
            return redirect("governance:election", slug)

    return telling


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List all elections, cancelled ones too, with how each stands."""
    elections = sorted(Election.objects.select_related("office__project", "box"), key=who_waits_first)
    context = {
        "rows": [(election, stands(election), election_sentence(election)) for election in elections],
        "sentence": listing_sentence(elections),
        "may_announce": may_announce(request.user),
    }
    return render(request, "governance/elections.html", context)


# What asks for somebody to act comes first, what is over last.
ORDER = ("voting", "nominating", "announced", "closed", "counted", "confirmed", "cancelled")


def who_waits_first(shown: Election) -> tuple[int, float]:
    """Return where an election stands in the list: by its state, then the first to close; the last, once over."""
    place, closes = ORDER.index(stands(shown)), shown.closes_at.timestamp()
    return place, closes if place < ORDER.index("confirmed") else -closes


@require_GET
def election(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how an election stands, who stands in it, and what this reader can do."""
    shown = found(slug)
    person = person_of(request.user)
    lacking = bool(shown.endorsements) and shown.opened_at is None
    keys = elector_keys(shown) if lacking else set()
    context = {
        "election": shown,
        "state": stands(shown),
        "sentence": election_sentence(shown),
        "about": rendered(shown.about) if shown.about else "",
        "candidates": [(each, listed(lacks(each, keys)) if lacking else "") for each in candidates(shown)],
        "awaited": list(shown.nominations.filter(answer=Nomination.Answer.AWAITED).select_related("person")),
        "gone": gone(shown),
        "mine": shown.nominations.filter(person__in=all_of(person)).first() if person else None,
        "facts": facts(shown),
        "publication": publication_rule(shown),
        "electorate": electorate_words(shown),
        "ties": tie_words(shown),
        "differences": differences(shown),
        "officers": list(shown.officers.all()),
        "why_not_vote": why_not_vote(request.user, shown),
        "voted": bool(person and open_to_votes(shown) and has_voted(shown, person)),
        "why_not_nominate": why_not_nominate(request.user, shown),
        "may_run": may_run(request.user, shown),
        "events": events_about(f"election/{shown.slug}")[:20],
    }
    return render(request, "governance/election.html", context)


def gone(shown: Election) -> list[tuple[Nomination, str]]:
    """Return who was nominated and does not stand, with why; at the closing this holds before it is written down."""
    lacking = short(shown)
    told_so = Q(answer__in=("declined", "withdrawn", "unendorsed")) | Q(pk__in=lacking)
    found_so = shown.nominations.filter(told_so).select_related("person").order_by("pk")
    unendorsed = Nomination.Answer.UNENDORSED.label
    return [(one, str(unendorsed if one.pk in lacking else one.get_answer_display())) for one in found_so]


def facts(shown: Election) -> list[tuple[str, object]]:
    """Return an election's rules as a reader looks them up."""
    rows: list[tuple[str, object]] = [
        ("office", shown.office.name),
        ("seats", shown.seats if shown.long_seats is None else f"{shown.seats}, {shown.long_seats} with the long term"),
        ("method", shown.get_method_display()),
    ]
    if shown.employer_cap is not None:
        rows.append(("employer cap", f"at most {shown.employer_cap} of one employer, sitting members counted"))
    if shown.endorsements:
        rows.append(("endorsements", endorsement_words(shown)))
    return rows


@require_GET
def roll(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who may vote and why, and who may not: never who did."""
    shown = found(slug)
    frozen = list(shown.roll.select_related("person"))
    rows = frozen or considered(shown)
    eligible = sum(row.eligible for row in rows)
    when = "frozen when voting opened" if frozen else "by the data of now; it is frozen when voting opens"
    context = {
        "election": shown,
        "rows": rows,
        "sentence": f"{eligible} may vote in {shown.title}: {when}.",
        "electorate": electorate_words(shown),
        "exceptions": list(shown.exceptions.filter(granted__isnull=False).select_related("person", "decided_by")),
        "pending": shown.exceptions.filter(granted__isnull=True).count(),
    }
    return render(request, "governance/election_roll.html", context)

"""Voting in an election: the paper, its receipt, replacing and finding a ballot.

Nothing of it is cached, logged or redirected with a secret in the address.
"""

import csv
import io
from hashlib import sha256
from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from governance.actions.elections import ElectionRefused
from governance.actions.elections_casting import cast, look_up, replace
from governance.ballot_box import code_of, new_receipt, read_receipt
from governance.election_words import ballot_words, election_sentence, publication_rule
from governance.forms_elections import BallotForm, ReceiptForm
from governance.models import Count, Election, Nomination
from governance.policies.elections import check_may_vote, why_not_see_ballots
from governance.queries.accounts import person_of
from governance.queries.candidates import on_the_ballot
from governance.queries.elections import has_voted, open_to_votes
from governance.views.elections import found
from governance.views.releases import SignedInRequest


def in_voters_order(shown: Election, who: str) -> list[Nomination]:
    """Return the candidates in an order that differs from voter to voter, so that no place on the paper is better."""
    papers = [each for each in on_the_ballot(shown) if each.answer == Nomination.Answer.ACCEPTED]
    return sorted(papers, key=lambda each: sha256(f"{shown.seed}\n{who}\n{each.pk}".encode()).digest())


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def vote(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the ballot paper and take it; the answer to a ballot that was taken shows its receipt, once."""
    shown = found(slug)
    check_may_vote(request.user, shown)
    person = person_of(request.user)
    assert person is not None
    given = request.POST if request.method == "POST" else None
    # The paper carries its receipt, so that sending it twice is one ballot; before it is cast the secret opens nothing.
    paper = request.POST.get("paper") or new_receipt()
    form = BallotForm(given, election=shown, papers=in_voters_order(shown, person.slug))
    if request.method == "POST" and form.is_valid():
        try:
            secret = cast(election=shown, marks=form.marks(), by=request.user, receipt=paper)
            return receipt(request, shown, secret, "Your ballot is in the box.")
        except ElectionRefused as refused:
            form.add_error(None, str(refused))
    context = {
        "election": shown,
        "form": form,
        "paper": paper,
        "voted": has_voted(shown, person),
        "sentence": f"{election_sentence(shown)}",
        "how": ballot_words(shown),
        "publication": publication_rule(shown),
    }
    return render(request, "governance/election_vote.html", context)


def receipt(request: HttpRequest, shown: Election, secret: str, done: str) -> HttpResponse:
    """Show a receipt in the answer itself: it is in no address, no session and no message."""
    text = (
        f"{shown.title}\nreceipt: {secret}\ncode of the ballot once it is published: {code_of(secret)}\n"
        f"Replace or see the ballot at {request.build_absolute_uri(shown.get_absolute_url())}replace/\n"
        "Whoever has this receipt can see and replace your ballot. Nobody can give it to you again.\n"
    )
    context = {
        "election": shown,
        "secret": secret,
        "code": code_of(secret),
        "file": f"data:text/plain;charset=utf-8,{quote(text)}",
        "sentence": f"{done} Keep this receipt: it is shown once, here.",
    }
    return render(request, "governance/election_receipt.html", context)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def replacing(request: HttpRequest, slug: str) -> HttpResponse:
    """See one's ballot by its receipt, and replace it while voting is open; who comes is not asked."""
    shown = found(slug)
    asked = ReceiptForm(request.POST or None)
    paper = None
    if request.method == "POST" and asked.is_valid():
        secret = read_receipt(asked.cleaned_data["receipt"])
        try:
            marks = look_up(election=shown, receipt=secret)
            papers = in_voters_order(shown, code_of(secret))
            paper = BallotForm(
                request.POST if "replace" in request.POST else None, election=shown, papers=papers, given=marks
            )
            if "replace" in request.POST and paper.is_valid():
                replace(election=shown, receipt=secret, marks=paper.marks())
                return receipt(request, shown, secret, "Your ballot was replaced. Its receipt is the same.")
        except ElectionRefused as refused:
            asked.add_error("receipt", str(refused))
    is_open = open_to_votes(shown)
    sentence = f"See and replace your ballot in {shown.title} by its receipt." if is_open else look_sentence(shown)
    context = {
        "election": shown,
        "asked": asked,
        "paper": paper,
        "open": is_open,
        "how": ballot_words(shown),
        "sentence": sentence,
    }
    return render(request, "governance/election_replace.html", context)


def look_sentence(shown: Election) -> str:
    """Say that no ballot is replaced now."""
    return f"Voting in {shown.title} is not open: no ballot is replaced. After the count, find yours by its code."


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest, slug: str) -> HttpResponse:
    """Find one's ballot in the published set by its receipt or its code; asked by POST, so that no log keeps it."""
    shown = found(slug)
    refusal = why_not_see_ballots(shown)
    form = ReceiptForm(request.POST or None)
    row, code = None, ""
    if request.method == "POST" and form.is_valid() and not refusal:
        given = read_receipt(form.cleaned_data["receipt"])
        code = given if len(given.replace("-", "")) == 16 else code_of(given)
        row = published_row(shown, code)
        if row is None:
            form.add_error("receipt", "No published ballot has this receipt or code.")
    sentence = refusal or f"Find your ballot among the published ones of {shown.title}."
    if row is not None:
        sentence = f"The ballot {code} is among the published ones, and this is what it says."
    context = {"election": shown, "form": form, "row": row, "refusal": refusal, "sentence": sentence}
    return render(request, "governance/election_find.html", context)


def published_row(shown: Election, code: str) -> list[tuple[str, str]] | None:
    """Return what the published ballot of a code says, candidate by candidate."""
    last = shown.counts.last()
    if last is None:
        return None
    heading, *rows = read_coded(last)
    for row in rows:
        if row[0] == code:
            return list(zip(heading[1:], row[1:], strict=True))
    return None


def read_coded(last: Count) -> list[list[str]]:
    """Return the published ballots as rows."""
    return list(csv.reader(io.StringIO(last.coded_file)))

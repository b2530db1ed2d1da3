"""Elections: what is going on, who stands, voting, receipts, results."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance.actions.elections import ElectionRefused, announce
from governance.actions.elections_casting import cast, look_up, replace
from governance.actions.elections_nominations import (
    accept,
    decline,
    nominate,
    stand_back,
    withdraw,
    write_statement,
)
from governance.actions.elections_roll import ask_exception
from governance.ballot_box import code_of, new_receipt, read_receipt
from governance.election_charter import differences, rules_for
from governance.election_count import draw_seed
from governance.election_export import employers_csv, observers_document, recount_command
from governance.election_words import (
    ballot_words,
    election_sentence,
    electorate_words,
    listing_sentence,
    publication_rule,
    tie_words,
)
from governance.forms_elections import (
    AnnounceForm,
    BallotForm,
    ExceptionForm,
    NominationForm,
    ReceiptForm,
    StatementForm,
)
from governance.markdown import rendered
from governance.models import Count, Election, Nomination, Office
from governance.policies.elections import (
    check_may_announce,
    check_may_see_ballots,
    check_may_vote,
    may_announce,
    may_answer,
    may_run,
    why_not_ask_exception,
    why_not_nominate,
    why_not_see_ballots,
    why_not_vote,
)
from governance.queries.accounts import person_of
from governance.queries.elections import all_of, candidates, considered, has_voted, on_the_ballot, open_to_votes, stands
from governance.views.releases import SignedInRequest
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


# -- what is going on --------------------------------------------------------------------------------------------------


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


@require_GET
def election(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how an election stands, who stands in it, and what this reader can do."""
    shown = found(slug)
    person = person_of(request.user)
    context = {
        "election": shown,
        "state": stands(shown),
        "sentence": election_sentence(shown),
        "about": rendered(shown.about) if shown.about else "",
        "candidates": list(candidates(shown)),
        "awaited": list(shown.nominations.filter(answer=Nomination.Answer.AWAITED).select_related("person")),
        "gone": list(
            shown.nominations.filter(answer__in=("declined", "withdrawn")).select_related("person").order_by("pk")
        ),
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


def facts(shown: Election) -> list[tuple[str, object]]:
    """Return an election's rules as a reader looks them up."""
    rows: list[tuple[str, object]] = [
        ("office", shown.office.name),
        ("seats", shown.seats if shown.long_seats is None else f"{shown.seats}, {shown.long_seats} with the long term"),
        ("method", shown.get_method_display()),
    ]
    if shown.employer_cap is not None:
        rows.append(("employer cap", f"at most {shown.employer_cap} of one employer, sitting members counted"))
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


# -- who stands --------------------------------------------------------------------------------------------------------


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
        "form": form if mine and shown.opened_at is None else None,
    }
    return render(request, "governance/election_nomination.html", context)


def nomination_sentence(one: Nomination) -> str:
    """Say how a nomination stands."""
    words = {
        Nomination.Answer.AWAITED: "was nominated and has not answered yet",
        Nomination.Answer.ACCEPTED: "stands",
        Nomination.Answer.DECLINED: "was nominated and declined",
        Nomination.Answer.WITHDRAWN: "stood and withdrew",
    }
    by = "" if one.nominated_by_id == one.person_id else f", nominated by {one.nominated_by.name}"
    return f"{one.person.name} {words[Nomination.Answer(one.answer)]}: {one.election.title}{by}."


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


# -- voting: nothing of it is cached, logged or redirected with a secret in the address --------------------------------


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


# -- results -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Square:
    """A square of numbers, candidates against candidates, in the order of the result."""

    caption: str
    names: list[str]
    rows: list[tuple[str, list[dict[str, Any]]]]


def squares(result: dict[str, Any]) -> list[Square]:
    """Return the pairwise numbers as tables."""
    pairwise = result.get("pairwise")
    if not pairwise:
        return []
    names = pairwise["candidates"]
    order = [name for group in result["ranking"] for name in group]
    tables = [("Ballots that prefer the row to the column", pairwise["preferred"])]
    if pairwise.get("strongest_paths"):
        tables.append(("Strongest paths from the row to the column", pairwise["strongest_paths"]))
    return [Square(caption, order, square_rows(order, names, numbers)) for caption, numbers in tables]


def square_rows(order: list[str], names: list[str], numbers: list[list[Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the rows of a square, each cell with whether the row beats the column there."""
    at = {name: names.index(name) for name in order}
    return [
        (
            row,
            [
                {
                    "against": column,
                    "number": None if row == column else numbers[at[row]][at[column]],
                    "more": numbers[at[row]][at[column]] > numbers[at[column]][at[row]],
                }
                for column in order
            ],
        )
        for row in order
    ]


@require_GET
def results(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the result with its whole arithmetic, and how to recount it."""
    shown = found(slug)
    last = shown.counts.select_related("tie_decision__decided_by").last()
    context: dict[str, Any] = {"election": shown, "sentence": election_sentence(shown), "count": last}
    if last is not None:
        context |= {
            "winners": winners(shown, last),
            "squares": squares(last.result),
            "totals": sorted(last.result.get("totals", {}).items(), key=lambda item: -item[1]),
            "counts": list(shown.counts.select_related("tie_decision")),
            "decisions": list(shown.tie_decisions.select_related("decided_by", "runoff")),
            "command": recount_command(shown, last),
            "seed": draw_seed(shown, last.digest),
            "ways": tie_words(shown),
        }
    return render(request, "governance/election_results.html", context)


def winners(shown: Election, last: Count) -> list[dict[str, Any]]:
    """Return who is elected, with their page and until when."""
    by_name = {each.name: each.person for each in candidates(shown)}
    alike = shown.long_seats is None
    longer = last.outcome["winners"] if alike else last.outcome["long_terms"]
    return [
        {"person": by_name.get(name), "name": name, "until": shown.long_until if name in longer else shown.short_until}
        for name in last.outcome["winners"]
    ]


def published(slug: str) -> tuple[Election, Count]:
    """Return an election whose ballots are published, with its last count; refuse the others."""
    shown = found(slug)
    check_may_see_ballots(shown)
    last = shown.counts.last()
    assert last is not None
    return shown, last


def csv_file(text: str, name: str) -> HttpResponse:
    """Return a file to download."""
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_GET
def ballots_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the published ballots as `tally` reads them."""
    shown, last = published(slug)
    return csv_file(last.file, f"{shown.slug}-ballots.csv")


@require_GET
def coded_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the published ballots, each with the code of its receipt."""
    shown, last = published(slug)
    return csv_file(last.coded_file, f"{shown.slug}-ballots-with-codes.csv")


@require_GET
def employers(request: HttpRequest, slug: str, whose: str) -> HttpResponse:
    """Give the employers of the closing day, as `tally` reads them with --affiliations and --sitting."""
    last = counted_last(slug)
    key = "candidates" if whose == "affiliations" else "sitting"
    return csv_file(employers_csv(last.affiliations[key]), f"{slug}-{whose}.csv")


@require_GET
def order(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the order by which a tie was settled, as `tally --tie-break` reads it."""
    decision = counted_last(slug).tie_decision
    if decision is None:
        raise Http404("No tie was settled.")
    return HttpResponse("\n".join([*decision.order, ""]), content_type="text/plain; charset=utf-8")


def counted_last(slug: str) -> Count:
    """Return the last count of an election."""
    last = found(slug).counts.select_related("tie_decision").last()
    if last is None:
        raise Http404("Nothing is counted yet.")
    return last


@require_GET
def observers(request: HttpRequest, slug: str) -> HttpResponse:
    """Give all that observers check: the roll with reasons, exceptions, turnout, digest, decisions; no secrets."""
    return JsonResponse(observers_document(found(slug)), json_dumps_params={"indent": 1, "ensure_ascii": False})

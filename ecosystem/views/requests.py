"""Asking for a correction or removal, and answering: the form is public, what comes in is for administrators."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ecosystem.actions.requests import RequestRefused, answer, ask, correct_name, decide_word, remove_name
from ecosystem.forms import CorrectionForm, RemovalForm, RequestForm
from ecosystem.models import Person, Request, Withheld
from ecosystem.policies import check_may_keep_people
from ecosystem.sentences import count
from ecosystem.undecided import still_to_be_looked_at
from ecosystem.withheld_pages import as_kept
from record.actions import Account

RECEIVED = "Your request was received. The administrators read it; nothing of it is published."


@require_http_methods(["GET", "POST"])
def asking(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Take what somebody asks of what is shown of a person; no account is needed."""
    person = get_object_or_404(Person, slug=slug) if slug else None
    form = RequestForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            ask(person=person, address=request.META.get("REMOTE_ADDR", ""), **form.cleaned_data)
        except RequestRefused as refused:
            form.add_error(None, str(refused))
            status = 429
        else:
            messages.success(request, RECEIVED)
            return redirect(person or "ecosystem:people")
    context = {"person": person, "form": form, "sentence": asking_sentence(person)}
    return render(request, "ecosystem/ask.html", context, status=status)


def asking_sentence(person: Person | None) -> str:
    """Say what the form is for."""
    return f"What is shown of {person.name if person else 'you'} can be corrected, or the name taken off every page."


@as_kept
@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the requests that wait for an answer, for administrators."""
    check_may_keep_people(request.user)
    waiting = list(Request.objects.filter(state=Request.State.OPEN).select_related("person"))
    answered = Request.objects.exclude(state=Request.State.OPEN).count()
    undecided = still_to_be_looked_at()
    context = {
        "waiting": waiting,
        "undecided": undecided,
        "people": Person.objects.filter(merged_into=None, unnamed_since=None),
        "sentence": waiting_sentence(len(waiting), answered, len(undecided)),
    }
    return render(request, "ecosystem/requests.html", context)


def waiting_sentence(waiting: int, answered: int, undecided: int = 0) -> str:
    """Say how many requests wait, and how many words must be looked at."""
    waits = f"{count(waiting, 'request waits', 'requests wait')} for an answer" if waiting else "No request waits"
    words = f"; {count(undecided, 'word is', 'words are')} still to be looked at" if undecided else ""
    return f"{waits}; {count(answered, 'was', 'were')} answered{words}."


@login_required
@require_POST
def answering(request: HttpRequest, number: int) -> HttpResponse:
    """Answer a request: take the name off, correct it, say that it was done otherwise, or decline."""
    check_may_keep_people(request.user)
    asked = get_object_or_404(Request, pk=number)
    try:
        said = do(asked, request)
    except RequestRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said)
    return redirect("ecosystem:requests")


@login_required
@require_POST
def deciding_word(request: HttpRequest, number: int) -> HttpResponse:
    """Say whether a word that may mean something else means the person."""
    check_may_keep_people(request.user)
    withheld = get_object_or_404(Withheld, pk=number)
    by: Account = request.user
    means = request.POST.get("means", "")
    try:
        if means not in ("person", "else"):
            raise RequestRefused("Say what the word means.")
        decide_word(withheld=withheld, word=request.POST.get("word", ""), means_the_person=means == "person", by=by)
    except RequestRefused as refused:
        messages.error(request, str(refused))
    else:
        said = "The word is withheld wherever it stands." if means == "person" else "The word stays as it is."
        messages.success(request, said)
    return redirect("ecosystem:requests")


def do(asked: Request, request: HttpRequest) -> str:
    """Do what an administrator chose, and say it.

    Raises:
        RequestRefused: when the form does not say what is needed, or the action refuses.
    """
    by: Account = request.user
    chosen = request.POST.get("answer", "")
    if chosen == "remove":
        remove_name(person=filled(RemovalForm(request.POST))["person"], request=asked, by=by)
        return "The name is shown no more."
    if chosen == "correct":
        correct_name(**filled(CorrectionForm(request.POST)), request=asked, by=by)
        return "The name is corrected; the one before is shown no more."
    if chosen not in ("done", "decline"):
        raise RequestRefused("Choose an answer.")
    answer(request=asked, done=chosen == "done", by=by)
    return "The request is answered, and its words are wiped."


def filled(form: RemovalForm) -> dict[str, Any]:
    """Return what a form says.

    Raises:
        RequestRefused: when something is missing.
    """
    if not form.is_valid():
        raise RequestRefused("Choose the person, and for a correction write the name.")
    return form.cleaned_data

"""Still interested? Asked from an office's page, answered from one's own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from ecosystem.sentences import count
from governance.actions.check_ins import CheckInRefused, answer_check_in, ask_whether_interested
from governance.models import CheckIn, Term
from governance.policies.check_ins import check_may_answer, check_may_ask
from governance.queries.accounts import person_of
from governance.queries.check_ins import awaiting


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Show what I was asked."""
    person = person_of(request.user)
    asked = list(awaiting(person)) if person else []
    return render(request, "governance/check_ins.html", {"asked": asked, "sentence": sentence(len(asked))})


def sentence(asked: int) -> str:
    """Say how many questions await an answer."""
    if not asked:
        return "Nobody has asked you whether you are still interested."
    return f"You were asked whether you are still interested in {count(asked, 'office', 'offices')} that you hold."


@login_required
@require_POST
def asking(request: HttpRequest, number: int) -> HttpResponse:
    """Ask the holder of a term."""
    term = get_object_or_404(Term.objects.select_related("office__project"), pk=number)
    today = timezone.localdate()
    check_may_ask(request.user, term.office.project, today)
    try:
        ask_whether_interested(term=term, on=today, by=request.user)
        messages.success(request, "The question was asked; it stands on their page until they answer.")
    except CheckInRefused as refused:
        messages.error(request, str(refused))
    return redirect(term.office)


@login_required
@require_POST
def answering(request: HttpRequest, number: int) -> HttpResponse:
    """Take my answer."""
    check_in = get_object_or_404(CheckIn.objects.select_related("term__person__merged_into"), pk=number)
    check_may_answer(request.user, check_in)
    try:
        answer_check_in(
            check_in=check_in, answer=request.POST.get("answer", ""), on=timezone.localdate(), by=request.user
        )
        messages.success(request, "Thank you: your answer is written down. It ends nothing by itself.")
    except CheckInRefused as refused:
        messages.error(request, str(refused))
    return redirect("governance:check_ins")

"""Who may be one human entered twice: suggested with the reason, merged, kept apart, taken back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from ecosystem.actions.merging import (
    MergeRefused,
    keep_apart,
    merge_employers,
    merge_people,
    unmerge_employers,
    unmerge_people,
)
from ecosystem.duplicates import suggested_employers, suggested_people
from ecosystem.forms import EmployerForm, EmployersForm, PairForm, UnmergeForm
from ecosystem.models import Employer, Merge
from ecosystem.policies import check_may_keep_people
from ecosystem.sentences import count
from record.actions import Account


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List whom to look at, and the merges that stand, for administrators."""
    check_may_keep_people(request.user)
    people, employers = suggested_people(), suggested_employers()
    merges = Merge.objects.filter(undone_at=None).select_related("person", "into").order_by("-merged_at")
    context = {
        "people": people,
        "employers": employers,
        "merges": merges,
        "aliases": Employer.objects.filter(merged_into__isnull=False).select_related("merged_into"),
        "sentence": sentence(len(people), len(employers), len(merges)),
    }
    return render(request, "ecosystem/duplicates.html", context)


def sentence(people: int, employers: int, merges: int) -> str:
    """Say how much there is to look at."""
    pairs = count(people, "pair of persons", "pairs of persons")
    firms = count(employers, "pair of employers", "pairs of employers")
    return f"{pairs} and {firms} may be one; {count(merges, 'merge stands', 'merges stand')}."


@login_required
@require_POST
def deciding(request: HttpRequest) -> HttpResponse:
    """Merge two, keep them apart, or take a merge back."""
    check_may_keep_people(request.user)
    try:
        said = decide(request)
    except MergeRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said)
    return redirect("ecosystem:duplicates")


def decide(request: HttpRequest) -> str:
    """Do what an administrator chose, and say it.

    Raises:
        MergeRefused: when the form does not say what is needed, or the action refuses.
    """
    by: Account = request.user
    chosen = request.POST.get("do", "")
    if chosen == "merge":
        return f"Both are shown as {merge_people(**filled(PairForm(request.POST)), by=by).name}."
    if chosen == "apart":
        pair = filled(PairForm(request.POST))
        keep_apart(first=pair["person"], second=pair["into"], by=by)
        return "They are kept apart, and suggested no more."
    if chosen == "unmerge":
        return f"{unmerge_people(**filled(UnmergeForm(request.POST)), by=by).name} is shown apart again."
    if chosen == "merge-employers":
        return f"Both are counted as {merge_employers(**filled(EmployersForm(request.POST)), by=by).name}."
    if chosen == "unmerge-employers":
        return f"{unmerge_employers(**filled(EmployerForm(request.POST)), by=by).name} is counted apart again."
    raise MergeRefused("Choose what to do.")


def filled(form: PairForm | UnmergeForm | EmployersForm | EmployerForm) -> dict[str, Any]:
    """Return what a form says.

    Raises:
        MergeRefused: when something is missing.
    """
    if not form.is_valid():
        raise MergeRefused("Name both, and the reason.")
    return form.cleaned_data

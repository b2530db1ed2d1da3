"""Versions that were decided elsewhere: entered by one holder of the office, confirmed by a second."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance.actions.charters import AdoptionRefused
from governance.actions.charters_entered import confirm_entry, enter_decision, overtaken, withdraw_entry
from governance.charter import saying
from governance.charter.articles import articles
from governance.forms_charters import EntryForm
from governance.models import CharterEntry
from governance.policies.charters import (
    check_may_adopt,
    may_confirm,
    may_withdraw,
    why_not_confirm,
)
from governance.queries.charters import charter_of, read, versions_of
from governance.queries.charters_proposed import adopting_roles
from governance.views.charters import text_difference
from governance.views.charters_proposed import kept, moved_on, offered, ready
from governance.views.releases import SignedInRequest


@login_required
@require_http_methods(["GET", "POST"])
def enter(request: SignedInRequest, project: str) -> HttpResponse:
    """Enter a version that was decided elsewhere: looked at first, then kept until somebody else confirms it."""
    shown = kept(project)
    check_may_adopt(request.user, shown)
    last = versions_of(shown).first()
    if last is None:
        context = {"project": shown, "sentence": f"{shown.name} has no charter here yet that could be changed."}
        return render(request, "governance/charter_enter.html", context)
    form = EntryForm(request.POST or None, request.FILES, initial={"toml": last.text})
    look = offered(form, shown, last)
    if ready(request, form, look):
        said = form.cleaned_data
        try:
            entry = enter_decision(
                project=shown,
                text=said["toml"],
                source=said["source"],
                decided_on=said["decided_on"],
                in_force_from=said["in_force_from"],
                by=request.user,
            )
        except AdoptionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "It is entered, not confirmed: somebody else who holds the office confirms it.")
            return redirect(entry)
    sentence = f"Enter a version of the charter of {shown.name} that was decided elsewhere: it takes two of you."
    context = {"project": shown, "form": form, "look": look, "last": last, "sentence": sentence}
    context["moved_on"] = moved_on(request, look)
    return render(request, "governance/charter_enter.html", context)


def entry_of(project: str, pk: int) -> CharterEntry:
    """Return an entry of a project by its number."""
    found = CharterEntry.objects.select_related(
        "charter__project", "follows", "version", "entered_by", "confirmed_by", "withdrawn_by"
    )
    return get_object_or_404(found, pk=pk, charter__project__slug=project)


@require_GET
def entry(request: HttpRequest, project: str, pk: int) -> HttpResponse:
    """Show what was entered, by whom, what it changes, and whether somebody else confirmed it."""
    shown = entry_of(project, pk)
    charter, last = charter_of(shown.charter.project), versions_of(shown.charter.project).first()
    stale = overtaken(shown, last) if shown.waits and last else ""
    context = {
        "entry": shown,
        "sentence": sentence_of(shown),
        "tone": "pass" if shown.confirmed_at else "live" if shown.waits else "",
        "articles": articles(read(shown.follows.text), read(shown.text)),
        "lines": text_difference(shown.follows.text, shown.text),
        "may_confirm": not stale and may_confirm(request.user, shown),
        "why_not": stale or (why_not_confirm(request.user, shown) if shown.waits else ""),
        "may_withdraw": may_withdraw(request.user, shown),
        "offices": saying.together(charter, adopting_roles(charter)).words if charter else "",
    }
    return render(request, "governance/charter_entry.html", context)


def sentence_of(shown: CharterEntry) -> str:
    """Say how an entry stands."""
    name, by = shown.charter.project.name, shown.entered_by.kept.name
    if shown.version and shown.confirmed_by:
        other = shown.confirmed_by.kept.name
        return f"Entered by {by}, confirmed by {other}: it is version {shown.version.number} of the rules of {name}."
    if shown.withdrawn_by:
        return f"Entered by {by}, withdrawn by {shown.withdrawn_by.kept.name}: {shown.withdrawn_why}"
    return f"Entered, not confirmed: {by} says that {name} decided this elsewhere, and nobody else has said so yet."


@login_required
@require_POST
def confirm(request: SignedInRequest, project: str, pk: int) -> HttpResponse:
    """Confirm what somebody else entered."""
    shown = entry_of(project, pk)
    try:
        version = confirm_entry(entry=shown, seen=request.POST.get("seen", ""), by=request.user)
    except AdoptionRefused as refused:
        messages.error(request, str(refused))
        return redirect(shown)
    messages.success(request, f"Version {version.number} is adopted: two of you have said that it was decided.")
    return redirect(version)


@login_required
@require_POST
def withdraw(request: SignedInRequest, project: str, pk: int) -> HttpResponse:
    """Withdraw what was entered."""
    shown = entry_of(project, pk)
    try:
        withdraw_entry(entry=shown, reason=request.POST.get("reason", ""), by=request.user)
    except AdoptionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "It is withdrawn; that it was entered stays.")
    return redirect(shown)

"""Changes of a charter: looked at, proposed, revised, and adopted once they are accepted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ecosystem.models import Project
from governance import charter as rules
from governance.actions.charters import AdoptionRefused, digest
from governance.actions.charters_proposed import adopt_change, propose_change, reasons, revise_change
from governance.actions.imported_proposals import ProposalRefused
from governance.charter import CharterRefused, Fault
from governance.charter.articles import Articles, articles
from governance.forms_charters import AdoptForm, ChangeForm, CharterTextForm
from governance.models import CharterChange, CharterVersion, Proposal
from governance.policies.charters import check_may_adopt, may_adopt, why_not_adopt
from governance.policies.proposals import check_may_propose, check_may_revise, may_revise
from governance.progress import Progress
from governance.queries.charters import charter_of, read, versions_of
from governance.queries.charters_proposed import (
    Amendment,
    amendment_gaps,
    amendment_words,
    carries_a_charter,
    decisions_that_amend,
)
from governance.views.charters import Line, text_difference
from governance.views.releases import SignedInRequest


@dataclass(frozen=True)
class FaultRow:
    """A fault of a text, and the line on which it was found."""

    fault: Fault
    written: str


@dataclass(frozen=True)
class Look:
    """What was found when a text was looked at: its faults, or what it changes; its digest by which it is proposed."""

    digest: str = ""
    faults: list[FaultRow] = field(default_factory=list)
    refused: str = ""
    articles: Articles | None = None
    lines: list[Line] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """Say what was found."""
        if self.faults:
            number = len(self.faults)
            return f"This is no charter yet: {number} fault{'s' if number != 1 else ''}. Nothing was stored."
        if self.refused or self.articles is None:
            return f"{self.refused} Nothing was stored."
        return f"{self.articles.sentence} Nothing is stored yet."


def look_at(text: str, project: Project, last: CharterVersion) -> Look:
    """Look at a text as a change of a project's charter."""
    try:
        changed = rules.parse(text)
    except CharterRefused as refused:
        written = text.splitlines()
        return Look(faults=[FaultRow(fault, line_at(written, fault.line)) for fault in refused.faults])
    if changed.project != project.slug:
        return Look(refused=f'This is the charter of {changed.project}, not of {project.slug}: see "project = …".')
    found = articles(read(last.text), changed)
    if found.nothing:
        return Look(refused=f"This changes nothing of version {last.number}.")
    return Look(digest(text), articles=found, lines=text_difference(last.text, text))


def line_at(written: list[str], number: int) -> str:
    """Return a line of a text as a row shows it."""
    return written[number - 1].strip()[:120] if 0 < number <= len(written) else ""


def kept(slug: str) -> Project:
    """Return the kept project, where the address names it."""
    return get_object_or_404(Project, slug=slug, kept=True)


@login_required
@require_http_methods(["GET", "POST"])
def propose(request: SignedInRequest, project: str) -> HttpResponse:
    """Propose a change of the kept project's charter: looked at first, then opened as a proposal."""
    shown = kept(project)
    check_may_propose(request.user, shown)
    last = versions_of(shown).first()
    if last is None:
        context = {"project": shown, "sentence": f"{shown.name} has no charter here yet that could be changed."}
        return render(request, "governance/charter_propose.html", context)
    form = ChangeForm(request.POST or None, request.FILES, first=True, initial={"toml": last.text})
    look = offered(form, shown, last)
    if ready(request, form, look):
        values = {"title": form.cleaned_data["title"], "why": form.cleaned_data["why"]}
        made = tried(form, propose_change, project=shown, text=form.cleaned_data["toml"], by=request.user, **values)
        if made:
            words = f"The proposal {made.revision.proposal.number} is open; it carries the changed charter."
            messages.success(request, words)
            return redirect(made)
    sentence = f"Propose a change of the charter of {shown.name}: what is voted on is exactly the text that you give."
    return drawn(request, form, look, last, {"project": shown, "sentence": sentence, "label": "Propose it"})


@login_required
@require_http_methods(["GET", "POST"])
def revise(request: SignedInRequest, slug: str) -> HttpResponse:
    """Write another revision of a change: of its reasons, or of the changed charter."""
    proposal = get_object_or_404(Proposal.objects.select_related("project"), slug=slug)
    if not carries_a_charter(proposal):
        raise Http404("This proposal carries no charter.")
    check_may_revise(request.user, Progress(proposal))
    found = Amendment(Progress(proposal))
    last, written = versions_of(proposal.project).first(), proposal.revisions.order_by("-number").first()
    assert last is not None
    assert written is not None
    initial = {
        "title": proposal.title,
        "why": reasons(written.text).strip(),
        "toml": found.latest.text,
        "at": written.number,
    }
    form = ChangeForm(request.POST or None, request.FILES, first=False, initial=initial)
    look = offered(form, proposal.project, last)
    if ready(request, form, look):
        said = form.cleaned_data
        values = {"title": said["title"], "why": said["why"], "note": said["note"], "seen": said["at"]}
        made = tried(form, revise_change, proposal=proposal, text=said["toml"], by=request.user, **values)
        if made:
            messages.success(request, f"Revision {made.revision.number} is written.")
            return redirect(made)
    sentence = f"Revise {proposal.number}: every revision keeps its own text of the charter."
    context = {"project": proposal.project, "proposal": proposal, "sentence": sentence, "label": "Write the revision"}
    return drawn(request, form, look, last, context)


def offered(form: CharterTextForm, project: Project, last: CharterVersion) -> Look | None:
    """Look at the text that a form was given; None before it was given one that can be read."""
    form.is_valid()
    text = form.cleaned_data.get("toml") if form.is_bound and not form.unreadable else None
    return look_at(text, project, last) if text else None


def ready(request: HttpRequest, form: CharterTextForm, look: Look | None) -> bool:
    """Say whether the text is to be stored: a charter, asked for, and the very text that was looked at before."""
    return asked_to_store(request, look) and not moved_on(request, look) and form.is_valid()


def asked_to_store(request: HttpRequest, look: Look | None) -> bool:
    """Say whether a text that can be stored is to be."""
    return bool(look and look.digest) and "store" in request.POST


def moved_on(request: HttpRequest, look: Look | None) -> bool:
    """Say whether the text that is to be stored is another than the one that was looked at."""
    return look is not None and asked_to_store(request, look) and request.POST.get("seen") != look.digest


def tried(form: ChangeForm, action: Callable[..., CharterChange], **values: Any) -> CharterChange | None:
    """Call an action; where it refuses, say so in the form."""
    try:
        return action(**values)
    except (AdoptionRefused, ProposalRefused) as refused:
        form.add_error(None, str(refused))
        return None


def drawn(
    request: HttpRequest, form: ChangeForm, look: Look | None, last: CharterVersion, context: dict[str, object]
) -> HttpResponse:
    """Show the form, and what was found in its text."""
    in_force = charter_of(last.charter.project)
    assert in_force is not None
    found = {
        "form": form,
        "look": look,
        "last": last,
        "moved_on": moved_on(request, look),
        "gaps": amendment_gaps(in_force),
        "amended_by": amendment_words(in_force),
    }
    return render(request, "governance/charter_propose.html", {**context, **found})


def change_of(slug: str, number: int) -> CharterChange:
    """Return the change that a revision of a proposal carries."""
    found = CharterChange.objects.select_related("revision__proposal__project", "follows__charter__project")
    return get_object_or_404(found, revision__proposal__slug=slug, revision__number=number)


@require_GET
def change(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a changed charter: what it changes in words and in the text, how it stands, and who may adopt it."""
    shown = change_of(slug, number)
    found = Amendment(Progress(shown.revision.proposal))
    charter = found.progress.charter
    adoptable = not found.in_the_way and found.accepted == shown
    context = {
        "change": shown,
        "proposal": found.proposal,
        "amendment": found,
        "sentence": sentence_of(shown, found),
        "articles": found.articles_of(shown),
        "lines": text_difference(shown.follows.text, shown.text),
        "gaps": amendment_gaps(charter) if charter else (),
        "amended_by": amendment_words(charter) if charter else "",
        "adopt_form": AdoptForm(initial={"seen": shown.digest})
        if adoptable and may_adopt(request.user, found.proposal.project)
        else None,
        "why_not": why_not_adopt(request.user, found.proposal.project) if adoptable else "",
        "may_revise": may_revise(request.user, found.progress),
        "votes": [one for one in found.votes if found.voted_on(one.ballot) == shown],
    }
    return render(request, "governance/charter_change.html", context)


def sentence_of(shown: CharterChange, found: Amendment) -> str:
    """Say what a revision's change is, and how it stands; an earlier one is said to be such."""
    what = f"Revision {shown.revision.number} of {found.progress.name} changes the charter. "
    if found.version and found.version.digest == shown.digest:
        return what + found.sentence
    if shown not in (found.latest, found.accepted):
        return f"{what}A later revision, {found.latest.revision.number}, stands in its place."
    if found.accepted and shown != found.accepted:
        return f"{what}It is not what was voted on: that was revision {found.accepted.revision.number}."
    return what + (found.articles_of(shown).sentence if not found.votes else found.sentence)


@require_GET
def text(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Give a changed charter's text, byte for byte what its digest is of."""
    return HttpResponse(change_of(slug, number).text, content_type="text/plain; charset=utf-8")


@login_required
@require_POST
def adopt(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """Adopt an accepted change."""
    shown = change_of(slug, number)
    check_may_adopt(request.user, shown.revision.proposal.project)
    form = AdoptForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Name the first day in force, such as 2026-05-15.")
        return redirect(shown)
    on: date = form.cleaned_data["on"]
    try:
        version = adopt_change(proposal=shown.revision.proposal, seen=form.cleaned_data["seen"], on=on, by=request.user)
    except AdoptionRefused as refused:
        messages.error(request, str(refused))
        return redirect(shown)
    messages.success(request, f"Version {version.number} is adopted, in force from {on:%-d %B %Y}.")
    return redirect(version)


def first_decision(proposal: Proposal | None) -> str:
    """Return by which kind of decision a vote on a proposal is offered first: a change of the charter by its own."""
    charter = charter_of(proposal.project) if proposal else None
    if proposal is None or charter is None or not carries_a_charter(proposal):
        return "proposal"
    return charter.decisions[found[0]].kind if (found := decisions_that_amend(charter)) else "proposal"

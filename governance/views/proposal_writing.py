"""Proposals to write: open one, revise its text."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ecosystem.queries import kept_project
from governance.actions import proposals
from governance.actions.imported_proposals import ProposalRefused
from governance.policies import proposals as policies
from governance.progress import Progress
from governance.proposal_forms import NewProposalForm, RevisionForm
from governance.queries.charters_proposed import carries_a_charter
from governance.views.proposals import proposal_of
from governance.views.releases import SignedInRequest


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
    if carries_a_charter(shown):
        return redirect("governance:revise_charter_change", slug)
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

"""Releases and their gates."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance.actions.releases import ReleaseRefused, name_evidence, plan_release, sign_off
from governance.forms import ReleaseForm
from governance.gate import Gate, gate
from governance.models import Release, User
from governance.policies.releases import check_may_plan_releases, may_plan_releases, may_sign, why_not_sign
from record.queries import events_about


class SignedInRequest(HttpRequest):
    """A request that `login_required` let through."""

    user: User


def releases() -> list[Release]:
    """Return all releases with what their gates read, the newest first."""
    return list(Release.objects.select_related("candidate__bundle", "night__candidate", "night__baseline__bundle"))


def listing_sentence(gates: list[Gate]) -> str:
    """Say how the planned releases stand."""
    if not gates:
        return "No release is planned."
    ready = [stands for stands in gates if stands.may_ship]
    if len(gates) == 1:
        return gates[0].sentence
    if len(ready) in (0, len(gates)):
        return f"{len(gates)} releases are planned; all {'may ship' if ready else 'are held'}."
    held = len(gates) - len(ready)
    return f"{len(gates)} releases are planned: {len(ready)} may ship, {held} {'is' if held == 1 else 'are'} held."


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the releases with what holds each."""
    gates = [gate(release) for release in releases()]
    context = {
        "gates": gates,
        "sentence": listing_sentence(gates),
        "may_plan": may_plan_releases(request.user),
    }
    return render(request, "governance/releases.html", context)


@require_GET
def release(request: HttpRequest, version: str) -> HttpResponse:
    """Show a release's gate: each requirement in words, the points that hold it, the signatures."""
    planned = get_object_or_404(Release.objects.select_related("candidate__bundle", "night"), version=version)
    stands = gate(planned)
    context = {
        "release": planned,
        "gate": stands,
        "may_plan": may_plan_releases(request.user),
        "may_sign": may_sign(request.user, planned, stands),
        "why_not_sign": why_not_sign(request.user, planned, stands),
        "events": events_about(f"release/{version}")[:20],
    }
    return render(request, "governance/release.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: SignedInRequest) -> HttpResponse:
    """Plan a release."""
    check_may_plan_releases(request.user)
    form = ReleaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            planned = plan_release(**form.cleaned_data, by=request.user)
        except ReleaseRefused as refused:
            form.add_error("version", str(refused))
        else:
            return redirect(planned)
    sentence = "Plan a release: its version now, its candidate and its night once they are known."
    return render(request, "governance/release_form.html", {"form": form, "sentence": sentence})


@login_required
@require_http_methods(["GET", "POST"])
def evidence(request: SignedInRequest, version: str) -> HttpResponse:
    """Name a release's candidate and night."""
    check_may_plan_releases(request.user)
    planned = get_object_or_404(Release.objects.select_related("candidate", "night"), version=version)
    form = ReleaseForm(request.POST or None, release=planned)
    if request.method == "POST" and form.is_valid():
        name_evidence(
            release=planned, candidate=form.cleaned_data["candidate"], night=form.cleaned_data["night"], by=request.user
        )
        return redirect(planned)
    sentence = f"Name the candidate of {version} and the night that measures it; signatures under others stop counting."
    return render(request, "governance/release_form.html", {"form": form, "sentence": sentence, "release": planned})


@login_required
@require_POST
def sign(request: SignedInRequest, version: str) -> HttpResponse:
    """Sign a release under the evidence that the page showed."""
    planned = get_object_or_404(Release, version=version)
    try:
        sign_off(release=planned, evidence=request.POST.get("evidence", ""), by=request.user)
    except ReleaseRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"You signed {version}. The signature is in the record.")
    return redirect(planned)

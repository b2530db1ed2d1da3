"""Ask for a night from a form; with scripts it shows at once what would be installed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.vary import vary_on_headers

from benchmarks_runner import policies, queries
from benchmarks_runner.actions.nights import NightRefused, request_night
from benchmarks_runner.bundles.specification import SpecificationError
from benchmarks_runner.forms import NightForm
from benchmarks_runner.models import Build, Bundle, Night


@login_required
@vary_on_headers("HX-Request")
def new_night(request: HttpRequest) -> HttpResponse:
    """Show the form with what it would install, and ask for the night when it is sent.

    A GET with values shows them checked: the address of a form half filled in can be passed on.
    """
    policies.check_may_run_nights(request.user)
    if request.method == "POST":
        form = NightForm(request.POST)
        night = _asked(form, request) if form.is_valid() else None
        if night:
            messages.success(request, f"{str(night).capitalize()} was asked for; this page follows it.")
            return redirect("benchmarks_runner:night", pk=night.pk)
    else:
        form = NightForm({**_initial(), **request.GET.dict()} if request.GET else None, initial=_initial())
        form.is_valid()
    polled = request.htmx  # type: ignore[attr-defined]
    template = "_partials/installations.html" if polled else "benchmarks_runner/new_night.html"
    context = {"form": form, "installations": form.installations() if form.is_bound else [], "builds": _known()}
    # 422 tells a script that the form is wrong; a browser shows it like any page.
    return render(request, template, context, status=422 if request.method == "POST" else 200)


def _asked(form: NightForm, request: HttpRequest) -> Night | None:
    """Ask for the night; a refusal becomes the form's own error."""
    chosen = form.cleaned_data
    try:
        return request_night(
            baseline=chosen["baseline"],
            candidate=chosen["candidate"],
            suite=chosen["suite"],
            device=chosen["device"],
            by=request.user,
            again=True,
        )
    except (NightRefused, SpecificationError) as refusal:
        form.add_error(None, str(refusal))
        return None


def _initial() -> dict[str, str]:
    """Suggest the baseline that was compared with last, or else the newest build that is installed."""
    latest = queries.nights().filter(kind=Night.Kind.COMPARISON).first()
    ready = Build.objects.select_related("bundle").filter(bundle__state=Bundle.State.READY).order_by("-added_at")
    build = latest.baseline if latest else ready.first()
    return {"baseline": build.bundle.specification if build else "", "suite": "smoke"}


def _known() -> list[Build]:
    """Return the builds to suggest."""
    return list(Build.objects.select_related("bundle").order_by("-added_at")[:30])

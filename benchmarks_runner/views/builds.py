"""The builds that nights compare, and one build: its lock, its variables and the nights it took part in."""

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.vary import vary_on_headers

from benchmarks_runner import policies, quantities, queries
from benchmarks_runner.models import Build, Bundle
from benchmarks_runner.sentences import Sentence, count

A_PAGE = 50
WAITING = (Bundle.State.REQUESTED, Bundle.State.INSTALLING)


def builds(request: HttpRequest) -> HttpResponse:
    """List the builds, the newest first."""
    rows = Build.objects.select_related("bundle__environment").annotate(night_count=Count("nights"))
    page = Paginator(rows.order_by("-added_at", "-pk"), A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "sentence": _list_sentence(), "may_run": policies.may_run_nights(request.user)}
    return render(request, "benchmarks_runner/builds.html", context)


def _list_sentence() -> Sentence:
    """Say how many builds there are, and which of them cannot be measured."""
    states = list(Bundle.objects.filter(build__isnull=False).values_list("state", flat=True))
    if not states:
        return Sentence("No build is known yet.")
    parts = [f"{count(states.count(Bundle.State.READY), 'build')} installed"]
    parts += [f"{states.count(Bundle.State.BROKEN)} could not be installed"] if Bundle.State.BROKEN in states else []
    waiting = sum(state in WAITING for state in states)
    parts += [f"{waiting} on the way"] if waiting else []
    return Sentence(f"{', '.join(parts)}.", "live" if waiting else "")


@vary_on_headers("HX-Request")
def build(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a build; while it is installed, answer the page's own polling with the parts that change."""
    rows = Build.objects.select_related("bundle__environment")
    row = get_object_or_404(rows, pk=pk)
    context = {
        "build": row,
        "bundle": row.bundle,
        "environment": row.bundle.environment,
        "sentence": _sentence(row),
        "waiting": row.bundle.state in WAITING,
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "_partials/build_live.html", context)
    return render(request, "benchmarks_runner/build.html", {**context, "facts": _facts(row), "nights": _nights(row)})


def _sentence(build: Build) -> Sentence:
    """Say whether the build can be measured, or why not."""
    bundle = build.bundle
    if bundle.state == Bundle.State.BROKEN:
        return Sentence("This build could not be installed, so it is never measured.", "broken")
    if bundle.state in WAITING:
        return Sentence("This build is being installed; nights that need it wait.", "live")
    if bundle.state == Bundle.State.COLLECTED:
        return Sentence("This build was removed from the disk to make room; a night that needs it installs it again.")
    packages = count(len(bundle.environment.lock), "package") if bundle.environment else "its packages"
    return Sentence(f"Installed and ready to be measured: {packages}, locked by their hashes.", "pass")


def _facts(build: Build) -> list[tuple[object, ...]]:
    """Return the build as a key-value table."""
    bundle, environment = build.bundle, build.bundle.environment
    rows: list[tuple[object, ...]] = [
        ("Framework", f"{build.framework} {build.version}"),
        ("Kind", build.get_kind_display()),
        ("Specification", bundle.specification),
        ("Asked for by", bundle.requested_by),
    ]
    if environment:
        rows += [("Python", environment.python_version), ("Environment", environment.digest)]
        rows += [("On disk", quantities.size(environment.size_bytes))] if environment.size_bytes else []
    return rows


def _nights(build: Build) -> list:
    """Return the latest nights that this build took part in, on either side."""
    return list(queries.nights().filter(Q(candidate=build) | Q(baseline=build)).distinct()[:30])

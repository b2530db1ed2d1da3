"""The areas of the framework, and who maintains them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ci_gpu.catalogue import POINTS
from ecosystem.models import Area
from ecosystem.providers import TermNote, current_terms, terms
from ecosystem.queries import kept_areas
from ecosystem.sentences import area_sentence, areas_sentence


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the areas, those with the fewest maintainers first."""
    maintainers: dict[str, list[TermNote]] = {}
    for note in current_terms():
        maintainers.setdefault(note.area_slug, []).append(note)
    rows = [(area, maintainers.get(area.slug, [])) for area in kept_areas(timezone.localdate())]
    rows.sort(key=lambda row: (len(row[1]), row[0].name))
    sentence = areas_sentence([len(notes) for _, notes in rows])
    return render(request, "ecosystem/areas.html", {"rows": rows, "sentence": sentence})


@require_GET
def area(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an area: who maintains it, what it is made of, which points measure it, who maintained it before."""
    shown = get_object_or_404(Area, slug=slug)
    notes = terms(area=slug)
    current = [note for note in notes if note.current]
    context = {
        "area": shown,
        "sentence": area_sentence(shown, current),
        "current": current,
        "past": [note for note in notes if not note.current],
        "points": points_of(shown),
    }
    return render(request, "ecosystem/area.html", context)


def points_of(area: Area) -> list[str]:
    """Return the points of today's catalogue that carry any of the area's tags."""
    tags = set(area.benchmark_tags)
    return sorted(name for name, point in POINTS.items() if tags & set(point.areas))

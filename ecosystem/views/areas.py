"""The areas of the framework, and who maintains them on any day."""

from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from ci_gpu.catalogue import POINTS
from ecosystem.days import day_asked_for
from ecosystem.models import Area
from ecosystem.providers import TermNote, current_terms, terms
from ecosystem.queries import kept_areas, sunset_areas
from ecosystem.sentences import area_sentence, areas_sentence
from ecosystem.timeline import timeline


@dataclass
class Branch:
    """An area with its parts, as the tree shows it."""

    area: Area
    maintainers: int
    parts: list["Branch"] = field(default_factory=list)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the areas, those with the fewest maintainers first; then as a tree, and what is kept up no longer."""
    day = day_asked_for(request)
    maintainers: dict[str, list[TermNote]] = {}
    for note in current_terms(on=day.date):
        if note.kind == "area":
            maintainers.setdefault(note.area_slug, []).append(note)
    areas = list(kept_areas(day.date).select_related("parent"))
    rows = [(area, maintainers.get(area.slug, [])) for area in areas]
    rows.sort(key=lambda row: (len(row[1]), row[0].name))
    context = {
        "rows": rows,
        "tree": tree(areas, {slug: len(notes) for slug, notes in maintainers.items()}),
        "sunset": sunset_areas(day.date),
        "day": day,
        "sentence": areas_sentence([len(notes) for _, notes in rows], day),
    }
    return render(request, "ecosystem/areas.html", context)


def tree(areas: list[Area], maintainers: dict[str, int]) -> list[Branch]:
    """Return the areas below those that they are parts of; nothing where no area has parts."""
    branches = {area.pk: Branch(area, maintainers.get(area.slug, 0)) for area in areas}
    roots: list[Branch] = []
    for branch in branches.values():
        above = branches.get(branch.area.parent_id or 0)
        (above.parts if above else roots).append(branch)
    return roots if len(roots) < len(branches) else []


@require_GET
def area(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an area: who maintains it, what it is made of, which points measure it, who maintained it before."""
    shown = get_object_or_404(Area.objects.select_related("parent", "project"), slug=slug)
    day = day_asked_for(request)
    notes = terms(area=slug)
    there = [note for note in terms(area=slug, on=day.date) if note.kind == "area"]
    current = [note for note in there if note.standing == "active"]
    context = {
        "area": shown,
        "day": day,
        "sentence": area_sentence(shown, current, day),
        "current": current,
        "emeriti": [note for note in there if note.standing == "emeritus"],
        "past": [note for note in notes if note.until and note.until <= day.date],
        "terms": notes,
        "line": timeline(notes, day.date, by="person"),
        "parts": kept_areas(day.date).filter(parent=shown),
        "points": points_of(shown),
    }
    return render(request, "ecosystem/area.html", context)


def points_of(area: Area) -> list[str]:
    """Return the points of today's catalogue that carry any of the area's tags."""
    tags = set(area.benchmark_tags)
    return sorted(name for name, point in POINTS.items() if tags & set(point.areas))

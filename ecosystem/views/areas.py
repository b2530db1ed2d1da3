"""The areas of the framework, and who maintains them on any day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from ci_gpu.catalogue import POINTS
from ecosystem.days import day_asked_for
from ecosystem.lists import moved, name_asked_for, page_of
from ecosystem.models import Area
from ecosystem.providers import TermNote, maintainer_counts, running_terms, terms
from ecosystem.queries import area_moved, kept_areas, sunset_areas
from ecosystem.sentences import area_sentence, areas_sentence, found_sentence
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
    day, name = day_asked_for(request), name_asked_for(request)
    areas = list(kept_areas(day.date).only("name", "slug", "parent").order_by("name", "pk"))
    counts = maintainer_counts(day.date)
    called = [area for area in areas if name.casefold() in area.name.casefold()]
    page = page_of(request, sorted(called, key=lambda area: counts[area.pk]))
    context = {
        "page": page,
        "rows": with_maintainers([area.pk for area in page], day.date),
        # What is looked for stands in the list; the tree has a place for whole lists only.
        "tree": None if name else page_of(request, tree(areas, counts), name="tree"),
        "sunset": None if name else page_of(request, sunset_areas(day.date).order_by("name", "pk"), name="sunset"),
        "day": day,
        "name": name,
        "all": len(areas),
        "sentence": found_sentence(len(called), name, len(areas), "area", "areas")
        if name
        else areas_sentence([counts[area.pk] for area in areas], day),
    }
    return render(request, "ecosystem/areas.html", context)


def with_maintainers(keys: list[int], on: date) -> list[tuple[Area, list[TermNote]]]:
    """Return areas in this order, each with the terms of those who maintain it on a day."""
    areas = Area.objects.select_related("parent").in_bulk(keys)
    maintainers: dict[str, list[TermNote]] = {}
    for note in running_terms(on, kinds=("area",), areas=keys):
        maintainers.setdefault(note.area_slug, []).append(note)
    return [(areas[key], maintainers.get(areas[key].slug, [])) for key in keys]


def tree(areas: list[Area], maintainers: Mapping[int, int]) -> list[Branch]:
    """Return the areas below those that they are parts of; nothing where no area has parts."""
    branches = {area.pk: Branch(area, maintainers.get(area.pk, 0)) for area in areas}
    roots: list[Branch] = []
    for branch in branches.values():
        above = branches.get(branch.area.parent_id or 0)
        (above.parts if above else roots).append(branch)
    return roots if len(roots) < len(branches) else []


@require_GET
def area(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an area: who maintains it, what it is made of, which points measure it, who maintained it before."""
    shown = Area.objects.select_related("parent", "project").filter(slug=slug).first()
    if shown is None:
        return redirect(moved(request, area_moved(slug)))
    day = day_asked_for(request)
    notes = terms(area=slug)
    there = [note for note in terms(area=slug, on=day.date) if note.kind == "area"]
    current = [note for note in there if note.standing == "active"]
    page = page_of(request, notes, name="terms")
    context = {
        "area": shown,
        "day": day,
        "sentence": area_sentence(shown, current, day),
        "current": current,
        "emeriti": [note for note in there if note.standing == "emeritus"],
        "past": page_of(
            request, [note for note in notes if note.until and note.until <= day.date], name="past", size=20
        ),
        "terms": page,
        "line": timeline(list(page), day.date, by="person"),
        "parts": kept_areas(day.date).filter(parent=shown),
        "points": points_of(shown),
    }
    return render(request, "ecosystem/area.html", context)


def points_of(area: Area) -> list[str]:
    """Return the points of today's catalogue that carry any of the area's tags."""
    tags = set(area.benchmark_tags)
    return sorted(name for name, point in POINTS.items() if tags & set(point.areas))

"""Coverage: which areas stand on nobody or on one person, on any day and over the years."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from benchmarks_runner.views.csv_files import csv_file
from ecosystem.days import Day, day_asked_for
from ecosystem.lists import page_of
from ecosystem.models import Area
from ecosystem.sentences import areas_sentence
from governance.coverage_plot import COLUMNS, cells, coverage_plot, drawn
from governance.models import Term
from governance.queries.history import areas_with_counts, coverage_over_time
from governance.queries.offices import maintainers_by_area


@require_GET
def coverage(request: HttpRequest) -> HttpResponse:
    """Show the areas of nobody and of one on a day, by name, and how many there were over the years."""
    day = day_asked_for(request)
    counted = areas_with_counts(day.date)
    today = timezone.localdate()
    over_time = coverage_over_time(today)
    csv_url = reverse("governance:coverage_csv")
    plot = coverage_plot(drawn(over_time), until=today, csv_url=csv_url) if over_time else None
    nobody = page_of(request, [area for area, number in counted if number == 0], name="nobody")
    one = page_of(request, [area for area, number in counted if number == 1], name="one")
    context = {
        "day": day,
        "sentence": areas_sentence([number for _, number in counted], day),
        "known": bool(counted),
        "nobody": nobody,
        "one": one,
        "alone": alone(list(one), day),
        "plot": plot,
    }
    return render(request, "governance/coverage.html", context)


def alone(areas: list[Area], day: Day) -> list[tuple[Area, Term]]:
    """Return the areas of one with who that is."""
    maintainers = maintainers_by_area(areas, day.date)
    return [(area, maintainers[area.pk][0]) for area in areas]


@require_GET
def coverage_csv(request: HttpRequest) -> HttpResponse:
    """Return the coverage over the years as a file, a day of change a line."""
    rows = (cells(row) for row in coverage_over_time(timezone.localdate()))
    return csv_file("coverage.csv", [column.label for column in COLUMNS], rows)

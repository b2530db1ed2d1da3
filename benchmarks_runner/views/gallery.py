"""Every component in every state, from plain values that say they are examples."""

import datetime
import math

from django import forms
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from benchmarks_runner import figures
from benchmarks_runner.interval_axis import axis_over, bar
from benchmarks_runner.providers import PersonNote

# (word, estimate, low, high) as ln ratios: one of each kind that a night can show.
INTERVALS = (
    ("fail", 1.52, 1.47, 1.57),
    ("pass", 0.004, -0.006, 0.013),
    ("inconclusive", 0.03, -0.21, 0.27),
    ("broken", None, None, None),
    ("", 0.05, -0.1, 0.2),
)
MARGIN = 0.02


class ExampleForm(forms.Form):
    """A field at rest, one that is optional, one that is wrong."""

    good = forms.CharField(label="Candidate", help_text="A build's name or a specification.", initial="torch==2.13.0")
    optional = forms.ChoiceField(label="Device", choices=[("", "any that is free")], required=False)
    wrong = forms.CharField(label="Baseline", help_text="As above.", max_length=4)


def gallery(request: HttpRequest) -> HttpResponse:
    """Show the design system."""
    return render(
        request,
        "benchmarks_runner/gallery.html",
        {
            "words": ["pass", "fail", "broken", "inconclusive", ""],
            "counts": [("fail", 3), ("broken", 1), ("inconclusive", 2), ("pass", 9), ("", 1)],
            **_intervals(near=request.GET.get("axis") == "near"),
            "dot_groups": _dot_groups(),
            "facts": [("Framework", "torch 2.13.0"), ("Machine", "example machine", "#facts"), ("Threads", "1")],
            "columns": (figures.Column("point", numeric=False), figures.Column("pairs"), figures.Column("ratio")),
            "rows": [[{"text": "example.softmax", "url": "#table"}, 12, "4.6"], ["example.gemm", 14, "1.003"]],
            "now": timezone.now(),
            "yesterday": timezone.now() - datetime.timedelta(days=1, hours=3),
            "soon": timezone.now() + datetime.timedelta(hours=5, minutes=1),
            "people": [PersonNote("A. Example", "#people", "maintainer of an area", datetime.date(2025, 11, 1))],
            "person": PersonNote("B. Example", "", "", None),
            "page": _page(),
            "form": _form(),
            "plots": _plots(),
            "crumbs": [("Nights", "#breadcrumbs"), ("Night 12", "#breadcrumbs"), ("example.softmax", "")],
        },
    )


def _intervals(*, near: bool) -> dict[str, object]:
    """Return the axis and a bar for each example."""
    axis = axis_over([end for row in INTERVALS for end in row[1:] if isinstance(end, float)], near=near)
    bars = [
        (word, bar(axis, word=word, estimate=estimate, low=low, high=high, margin=MARGIN))
        for word, estimate, low, high in INTERVALS
    ]
    return {"axis": axis, "bars": bars, "near": near}


def _dot_groups() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return one line of dots, by area."""
    words = {"attention": ["fail", "pass", "pass"], "reductions": ["broken"], "dispatch": ["inconclusive", "pass", ""]}
    return [
        (area, [(word, f"example.{area}.{number}", "#dots") for number, word in enumerate(row)])
        for area, row in words.items()
    ]


def _page() -> Page[int]:
    """Return the second page of five."""
    return Paginator(range(50), 10).page(2)


def _form() -> ExampleForm:
    """Return a form with one field that was filled in wrongly."""
    form = ExampleForm({"good": "torch==2.13.0", "wrong": "much too long"})
    form.is_valid()
    return form


def _plots() -> list[figures.Plot]:
    """Return one plot of each kind, from numbers made by a formula."""
    pairs = [
        figures.PairRow(n, 1e6, 1e6 * math.exp(d), d, candidate_first=n % 2 == 0)
        for n, d in enumerate((0.5 + 0.08 * math.sin(3 * n) for n in range(1, 13)), 1)
    ]
    slower = [0.69 * n - 0.2 * math.sin(n) for n in range(1, 13)]
    return [
        figures.pairs_plot(pairs, estimate=0.5, low=0.44, high=0.57, margin=MARGIN, clock="CPU time"),
        figures.evidence_plot(slower, [-0.3 * n for n in range(1, 13)], thresholds=figures.Thresholds(320, 50)),
        figures.roofline_plot(
            [figures.RooflinePosition("baseline", 0.25, 2.1e9), figures.RooflinePosition("candidate", 0.25, 4.6e8)],
            figures.Roof(flops=6e10, bandwidth=1.2e10),
        ),
        figures.scales_plot(
            [
                figures.ScaleRow(
                    f"example.{name}", tuple(s * math.sin(n) for n in range(1, 8)), s, 2 * s / math.sqrt(2)
                )
                for name, s in (("gemm", 0.006), ("softmax", 0.02), ("dispatch", 0.05))
            ],
            machine="example machine",
        ),
    ]

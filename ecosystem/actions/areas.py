"""Writes about areas: the parts of the framework."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

import record
from ecosystem.models import Area, Project
from record.actions import Account


@transaction.atomic
def add_area(
    *,
    project: Project,
    slug: str,
    name: str,
    path_patterns: Sequence[str],
    benchmark_tags: Sequence[str],
    source: str,
    note: str = "",
    parent: Area | None = None,
    known_from: date | None = None,
    by: Account | str | None,
) -> Area:
    """Add an area with the files it is made of and the benchmark tags that measure it."""
    area = Area.objects.create(
        project=project,
        slug=slug,
        parent=parent,
        known_from=known_from,
        name=name,
        path_patterns=list(path_patterns),
        benchmark_tags=list(benchmark_tags),
        source=source,
        note=note,
    )
    record.append(
        "area.added",
        by=by,
        subject=f"area/{slug}",
        summary=f"The area {name} was added.",
        data={"name": name, "paths": area.path_patterns, "tags": area.benchmark_tags, "source": source},
    )
    return area

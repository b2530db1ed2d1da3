"""Writes about projects: which one the site keeps, and which are its peers."""

from django.db import transaction

import record
from ecosystem.models import Project
from record.actions import Account


@transaction.atomic
def add_project(*, slug: str, name: str, source: str, kept: bool = False, by: Account | str | None) -> Project:
    """Add a project whose people and rules are to be known."""
    project = Project.objects.create(slug=slug, name=name, kept=kept, source=source)
    record.append(
        "project.added",
        by=by,
        subject=f"project/{slug}",
        summary=f"The project {name} {'is kept by this site' if kept else 'was added beside the one that is kept'}.",
        data={"name": name, "kept": kept, "source": source},
    )
    return project


@transaction.atomic
def keep_project(*, slug: str, name: str, source: str, by: Account | str | None) -> Project:
    """Return the project that the site keeps; add it where it is not known yet. A second call changes nothing."""
    known = Project.objects.filter(slug=slug).first()
    return known or add_project(
        slug=slug, name=name, source=source, kept=not Project.objects.filter(kept=True).exists(), by=by
    )

"""Reads about charters: the rules of a project on a day, and their versions."""

from datetime import date
from functools import lru_cache

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from ecosystem.models import Project
from governance import charter as rules
from governance.charter import SHIPPED
from governance.models import CharterVersion


def versions_of(project: Project) -> QuerySet[CharterVersion]:
    """Return a project's versions, the newest first."""
    return CharterVersion.objects.filter(charter__project=project).select_related("charter__project")


def version_in_force(project: Project, on: date | None = None) -> CharterVersion | None:
    """Return the version that is in force on a day; none before the project has a charter."""
    day = on or timezone.localdate()
    known = versions_of(project).filter(Q(in_force_from__isnull=True) | Q(in_force_from__lte=day))
    return known.order_by(F("in_force_from").desc(nulls_last=True), "-number").first()


def charter_of(project: Project, on: date | None = None) -> rules.Charter | None:
    """Return the rules by which a project decides on a day: those in force, else those that come with the site."""
    version = version_in_force(project, on)
    if version is not None:
        return read(version.text)
    return shipped(project.slug) if project.slug in SHIPPED and not versions_of(project).exists() else None


@lru_cache(maxsize=64)
def read(text: str) -> rules.Charter:
    """Read a text once a process; what was adopted was read before and cannot be refused."""
    return rules.parse(text)


@lru_cache(maxsize=8)
def shipped(project: str) -> rules.Charter:
    """Read a charter that comes with the site, once a process."""
    return rules.load(project)

"""Reads about charters: the rules of a project on a day, and their versions."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from ecosystem.models import Project
from governance import charter as rules
from governance.charter import SHIPPED
from governance.models import Ballot, CharterEntry, CharterVersion


def versions_of(project: Project) -> QuerySet[CharterVersion]:
    """Return a project's versions, the newest first."""
    return CharterVersion.objects.filter(charter__project=project).select_related("charter__project")


def version_in_force(project: Project, on: date | None = None) -> CharterVersion | None:
    """Return the version that is in force on a day; none before the project has a charter."""
    day = on or timezone.localdate()
    known = versions_of(project).filter(Q(in_force_from__isnull=True) | Q(in_force_from__lte=day))
    return known.order_by(F("in_force_from").desc(nulls_last=True), "-number").first()


@dataclass(frozen=True)
class Held:
    """A version in the history: from which day it is in force, before which day no more, and what made it so."""

    version: CharterVersion
    until: date | None
    decision: str
    url: str
    standing: str


def history_of(project: Project) -> list[Held]:
    """Return a project's versions with the half-open ranges in which they are in force, the newest first."""
    found, until = [], None
    for version in versions_of(project):
        found.append(Held(version, until, *made_by(version)))
        until = version.in_force_from
    return found


def made_by(version: CharterVersion) -> tuple[str, str, str]:
    """Return the decision that made a version in words, where it can be read, and on whose word it rests."""
    decided_by = version.decided_by
    if version.number == 1:
        return decided_by, "", "taken as published"
    if decided_by.startswith("vote/"):
        vote = Ballot.objects.select_related("proposal").get(pk=decided_by.removeprefix("vote/"))
        about = f" on the proposal {vote.proposal.number}" if vote.proposal else ""
        return f"vote {vote.pk}{about}", vote.get_absolute_url(), "decided here"
    entry = CharterEntry.objects.filter(version=version).select_related("entered_by", "confirmed_by").first()
    if entry is None or entry.confirmed_by is None:
        return decided_by, decided_by, "entered, not confirmed"
    names = f"entered by {entry.entered_by.kept.name}, confirmed by {entry.confirmed_by.kept.name}"
    return decided_by, decided_by, names


def charter_of(project: Project, on: date | None = None) -> rules.Charter | None:
    """Return the rules by which a project decides on a day: those in force, else those that come with the site."""
    version = version_in_force(project, on)
    if version is not None:
        return read(version.text)
    return shipped(project.slug) if project.slug in SHIPPED and not versions_of(project).exists() else None


def other_charters() -> dict[str, str]:
    """Return the names of the projects whose charters are here and whose decisions are not taken here, by key."""
    kept = set(Project.objects.filter(kept=True).values_list("slug", flat=True))
    entered = Project.objects.filter(charter__isnull=False, kept=False).values_list("slug", "name")
    names = {**{slug: shipped(slug).name for slug in SHIPPED}, **dict(entered)}
    return {slug: name for slug, name in sorted(names.items()) if slug not in kept}


@lru_cache(maxsize=64)
def read(text: str) -> rules.Charter:
    """Read a text once a process; what was adopted was read before and cannot be refused."""
    return rules.parse(text)


@lru_cache(maxsize=8)
def shipped(project: str) -> rules.Charter:
    """Read a charter that comes with the site, once a process."""
    return rules.load(project)

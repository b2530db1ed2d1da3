"""Charters: a project's rules in plain words, what they leave open, and how they changed."""

import difflib
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from ecosystem.models import Project
from governance import charter as rules
from governance.charter import SHIPPED, difference, plain_words
from governance.models import CharterVersion
from governance.queries.charters import charter_of, read, shipped, version_in_force, versions_of
from record.queries import events_about


@dataclass(frozen=True)
class Row:
    """A charter in the list: its rules, the version in force, and whether it is the kept project's."""

    rules: rules.Charter
    version: CharterVersion | None
    kept: bool


def rows() -> list[Row]:
    """Return the charters that are known: the projects' own first, then those that come with the site."""
    projects = {project.slug: project for project in Project.objects.all()}
    found = []
    for project in projects.values():
        if known := charter_of(project):
            found.append(Row(known, version_in_force(project), project.kept))
    found += [Row(shipped(slug), None, False) for slug in SHIPPED if slug not in projects]
    return sorted(found, key=lambda row: (not row.kept, row.version is None, row.rules.name))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the charters."""
    known = rows()
    return render(request, "governance/charters.html", {"rows": known, "sentence": listing_sentence(known)})


def listing_sentence(known: list[Row]) -> str:
    """Say whose rules are here, and how much those of the kept project leave open."""
    kept = next((row for row in known if row.kept), None)
    others = len(known) - (1 if kept else 0)
    if kept is None:
        return f"The rules of {others} projects can be read here; this site keeps none of them yet."
    open_ = len(kept.rules.gaps)
    leaves = f"leave {open_} question{'s' if open_ != 1 else ''} open" if open_ else "leave nothing open"
    return f"{kept.rules.name} decides by rules that {leaves}; those of {others} other projects stand beside them."


@require_GET
def charter(request: HttpRequest, project: str) -> HttpResponse:
    """Show a charter in plain words."""
    known = Project.objects.filter(slug=project).first()
    in_force = charter_of(known) if known else shipped(project) if project in SHIPPED else None
    if in_force is None:
        raise Http404(f"no charter of {project}")
    context = {
        "rules": in_force,
        "page": plain_words.page(in_force),
        "version": version_in_force(known) if known else None,
        "versions": list(versions_of(known)) if known else [],
        "changed_by": rules.who_changes_the_charter(in_force),
        "events": events_about(f"charter/{project}")[:20],
    }
    return render(request, "governance/charter.html", context)


@require_GET
def version(request: HttpRequest, project: str, number: int) -> HttpResponse:
    """Show one version: what it changed, in words and as a difference of the texts, and the text itself."""
    shown = get_object_or_404(
        CharterVersion.objects.select_related("charter__project"), charter__project__slug=project, number=number
    )
    before = versions_of(shown.charter.project).filter(number=number - 1).first()
    after = versions_of(shown.charter.project).filter(number=number + 1).first()
    context = {
        "version": shown,
        "rules": read(shown.text),
        "before": before,
        "after": after,
        "changes": difference.changes(read(before.text), read(shown.text)) if before else (),
        "lines": text_difference(before.text, shown.text) if before else [],
        "sentence": version_sentence(shown, before),
    }
    return render(request, "governance/charter_version.html", context)


def version_sentence(shown: CharterVersion, before: CharterVersion | None) -> str:
    """Say what this version is, from when, and by what."""
    name = shown.charter.project.name
    since = f"from {shown.in_force_from:%-d %B %Y}" if shown.in_force_from else "since before this site kept them"
    if before is None:
        return f"The rules of {name} as they were first entered here, in force {since}."
    changed = len(difference.changes(read(before.text), read(shown.text)))
    things = f"{changed} thing{'s' if changed != 1 else ''}"
    return f"Version {shown.number} of the rules of {name} changed {things}, in force {since}."


@dataclass(frozen=True)
class Line:
    """A line of a difference: what became of it, and its words."""

    mark: str
    text: str

    @property
    def element(self) -> str:
        """Return the element that says what became of it, to who does not see the mark too."""
        return {"+": "ins", "-": "del"}.get(self.mark, "span")


def text_difference(before: str, after: str) -> list[Line]:
    """Return the lines that differ between two texts, with three lines around each."""
    unified = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3)
    return [Line(line[0], line[1:] if line[0] != "@" else "") for line in list(unified)[2:]]

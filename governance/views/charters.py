"""Charters: a project's rules in plain words, what they leave open, and how they changed."""

import difflib
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ecosystem.days import Day, day_asked_for
from ecosystem.models import Project
from governance import charter as rules
from governance.charter import SHIPPED, difference, plain_words
from governance.charter.articles import articles
from governance.models import CharterVersion
from governance.policies.charters import may_adopt
from governance.policies.proposals import may_propose
from governance.queries.charters import charter_of, history_of, made_by, read, shipped, version_in_force, versions_of
from governance.queries.charters_proposed import amendment_words, changes_proposed, waiting_entry
from governance.queries.proposals import where_written
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
    day = day_asked_for(request)
    in_force = charter_of(known, day.date) if known else shipped(project) if project in SHIPPED else None
    if in_force is None and not (known and versions_of(known).exists()):
        raise Http404(f"no charter of {project}")
    held = version_in_force(known, day.date) if known else None
    page = plain_words.page(in_force) if in_force else None
    context = {
        "day": day,
        "project": known,
        "name": in_force.name if in_force else known.name if known else project,
        "rules": in_force,
        "page": page,
        "sentence": charter_sentence(page, held, day, known),
        "version": held,
        "history": history_of(known) if known else [],
        "today": timezone.localdate(),
        "changed_by": amendment_words(in_force) if in_force else "",
        "where_written": where_written(project),
        "events": events_about(f"charter/{project}")[:20],
        **(asked_of(request, known) if known and known.kept else {}),
    }
    return render(request, "governance/charter.html", context)


def charter_sentence(
    page: plain_words.Page | None, held: CharterVersion | None, day: Day, known: Project | None
) -> str:
    """Say what the rules hold; of another day, which version held then."""
    if page is None:
        name = known.name if known else "the project"
        return f"On {day.words} no version of the rules of {name} was in force that is known here."
    if not day.asked or held is None:
        return page.sentence
    on = f"On {day.words} version {held.number} {day.verb('is', 'was')} in force"
    return f"{on}: {lower(page.sentence)}"


def asked_of(request: HttpRequest, project: Project) -> dict[str, object]:
    """Return what is proposed and entered for the kept project's charter, and what this reader may do about it."""
    return {
        "changes": changes_proposed(project),
        "entry": waiting_entry(project),
        "may_propose": may_propose(request.user, project) and versions_of(project).exists(),
        "may_enter": may_adopt(request.user, project) and versions_of(project).exists(),
    }


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
        "articles": articles(read(before.text), read(shown.text)) if before else None,
        "lines": text_difference(before.text, shown.text) if before else [],
        "sentence": version_sentence(shown, before),
        "made_by": made_by(shown),
        "others": versions_of(shown.charter.project).exclude(number__in=(number, number - 1)),
    }
    return render(request, "governance/charter_version.html", context)


@require_GET
def version_text(request: HttpRequest, project: str, number: int) -> HttpResponse:
    """Give a version's text, byte for byte what its digest is of."""
    shown = get_object_or_404(CharterVersion, charter__project__slug=project, number=number)
    return HttpResponse(shown.text, content_type="text/plain; charset=utf-8")


@require_GET
def compare(request: HttpRequest, project: str) -> HttpResponse:
    """Lead to the difference between the two versions that a form names."""
    numbers = [request.GET.get(name, "") for name in ("from", "to")]
    if not all(number.isascii() and number.isdigit() and len(number) < 9 for number in numbers):
        raise Http404("Name two versions by their numbers.")
    return redirect("governance:charter_changes", project, *(int(number) for number in numbers))


@require_GET
def changes(request: HttpRequest, project: str, before: int, after: int) -> HttpResponse:
    """Show what differs between any two versions, in words and in the text."""
    found = CharterVersion.objects.select_related("charter__project").filter(charter__project__slug=project)
    one, other = get_object_or_404(found, number=before), get_object_or_404(found, number=after)
    between = articles(read(one.text), read(other.text))
    name = one.charter.project.name
    context = {
        "rules": read(other.text),
        "before": one,
        "after": other,
        "articles": between,
        "lines": text_difference(one.text, other.text),
        "sentence": f"From version {before} to version {after} of the rules of {name}: {lower(between.sentence)}",
    }
    return render(request, "governance/charter_changes.html", context)


def lower(words: str) -> str:
    """Return words as they go on within a sentence."""
    return words[:1].lower() + words[1:]


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

"""Imports: what was read of a source, how it differs from what is held, and what could not be placed."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from benchmarks_runner.sentences import count, listed
from ecosystem.withholding import redactor
from governance.actions.imports import ImportRefused, apply_import, difference_digest
from governance.actions.undoing import undo_import
from governance.importing.held import LooksRenamed
from governance.models import Import, ImportChange, ImportUnread, User
from governance.policies.imports import check_may_import, may_import, why_not_import
from governance.queries.imports import difference_of, imports
from record.queries import events_about

PAGE = 100
TOLD = 10
COUNTED = ("people", "offices", "terms", "areas", "proposals")
KINDS = ("term", "proposal", "office", "area", "affiliation", "person")
ORDER = ("conflict", "ended", "removed", "changed", "added")


class SignedInRequest(HttpRequest):
    """A request that `login_required` let through."""

    user: User


@dataclass(frozen=True)
class Line:
    """One change or conflict as the page shows it."""

    verb: str
    kind: str
    words: str
    file: str
    line: int
    url: str


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the imports, the latest first."""
    found = Paginator(imports(), 50).get_page(request.GET.get("page"))
    return render(request, "governance/imports.html", {"page": found, "sentence": listing_sentence(list(found))})


def listing_sentence(found: list[Import]) -> str:
    """Say what was imported, and what waits for somebody."""
    if not found:
        return "Nothing was imported yet."
    waiting = sum(one.state == Import.State.PROPOSED for one in found)
    latest = next((one for one in found if one.state == Import.State.APPLIED), None)
    done = f"The latest import is {latest.source} of {latest.as_of:%-d %B %Y}" if latest else "No import is applied"
    waits = f"{count(waiting, 'import')} {'waits' if waiting == 1 else 'wait'} to be applied"
    return f"{done}; {waits if waiting else 'none waits to be applied'}."


@require_GET
def imported(request: HttpRequest, number: int) -> HttpResponse:
    """Show one import: its difference, its conflicts, the lines that could not be placed, and who may act."""
    found = get_object_or_404(imports(), pk=number)
    redact = redactor()
    lines, seen, renames = lines_of(found)
    unread = found.unread.all()
    by_verb = Counter(line.verb for line in lines)
    shown = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    shown.object_list = [redacted(line, redact) for line in shown.object_list]
    left = Paginator(unread, PAGE).get_page(request.GET.get("unread"))
    context = {
        "import": found,
        "sentence": sentence(found, by_verb, left.paginator.count),
        "tone": "inconclusive" if by_verb["conflict"] else "",
        "counts": [(name, found.counts.get(name, 0)) for name in COUNTED],
        "lines": shown,
        "by_verb": [(verb, by_verb[verb]) for verb in ORDER if by_verb[verb]],
        "unread": [redacted(unread_line(found, one), redact) for one in left],
        "unread_page": left,
        "seen": seen,
        "renames": renames,
        "renamed": [f"{old} → {new}" for _, old, new in found.renames],
        "may": may_import(request.user),
        "why_not": why_not_import(request.user),
        "events": events_about(found.subject)[:20],
    }
    return render(request, "governance/import.html", context)


def lines_of(found: Import) -> tuple[list[Line], str, list[LooksRenamed]]:
    """Return what an import would do now, or did, conflicts first; the digest of that, and what looks renamed."""
    if found.state == Import.State.PROPOSED:
        full = Import.objects.select_related("project").get(pk=found.pk)
        differing = difference_of(full)
        lines = [line(found, "conflict", c.kind, c.words, c.place) for c in differing.conflicts]
        lines += [line(found, c.verb, c.kind, c.words, c.place) for c in differing.changes]
        return in_order(lines), difference_digest(differing), differing.renames
    kept = found.changes.all()
    return in_order([of_row(found, one) for one in kept]), "", []


def line(found: Import, verb: str, kind: str, words: str, place: object) -> Line:
    file, number = getattr(place, "file", ""), getattr(place, "line", 0)
    return Line(verb, kind, words, file, number, found.seen_at(file, number) if file else "")


def of_row(found: Import, one: ImportChange) -> Line:
    url = found.seen_at(one.file, one.line) if one.file else ""
    return Line(one.verb, one.kind, one.words, one.file, one.line, url)


def unread_line(found: Import, one: ImportUnread) -> Line:
    """Return a line that could not be placed; its kind is the reason why."""
    return Line("unread", one.reason, one.text, one.file, one.line, found.seen_at(one.file, one.line))


def redacted(line: Line, redact: Callable[[str], str]) -> Line:
    """Return a line without the words by which somebody asked not to be shown; nor does it lead to them."""
    kind, words, file = redact(line.kind), redact(line.words), redact(line.file)
    url = line.url if (kind, words, file) == (line.kind, line.words, line.file) else ""
    return replace(line, kind=kind, words=words, file=file, url=url)


def in_order(lines: list[Line]) -> list[Line]:
    """Return the lines with those first that a human must look at: conflicts, then who leaves, then the rest."""
    return sorted(lines, key=lambda line: (ORDER.index(line.verb), KINDS.index(line.kind)))


def sentence(found: Import, by_verb: Counter[str], unread: int) -> str:
    """Say what an import does or did, what it leaves, and what it could not read."""
    named = {"added": "adds", "changed": "changes", "ended": "ends", "removed": "removes"}
    done = [f"{by_verb[verb]} {verb}" for verb in named if by_verb[verb]]
    what = listed(done) if done else "nothing"
    conflicts = by_verb["conflict"]
    if found.state == Import.State.PROPOSED:
        does = [f"{word} {by_verb[verb]}" for verb, word in named.items() if by_verb[verb]]
        begin = f"Not applied yet: it {listed(does)}" if done else "Nothing differs from what is held"
    elif found.state == Import.State.APPLIED:
        begin = f"Applied: {what}" if done else "Applied: nothing differed"
    else:
        begin = f"Undone: it had {what}"
    left = (
        f"{count(conflicts, 'conflict')} {'stays' if conflicts == 1 else 'stay'} as entered here" if conflicts else ""
    )
    lines = f"{count(unread, 'line')} could not be placed" if unread else "every line was placed"
    return f"{'; '.join(part for part in (begin, left, lines) if part)}."


@login_required
@require_POST
def apply(request: SignedInRequest, number: int) -> HttpResponse:
    """Apply an import as the page showed it."""
    check_may_import(request.user)
    found = get_object_or_404(Import, pk=number)
    try:
        apply_import(
            imported=found,
            seen=request.POST.get("seen", ""),
            renames=request.POST.getlist("rename"),
            by=request.user,
        )
    except ImportRefused as refused:
        tell(request, refused)
    else:
        messages.success(request, f"Import {number} was applied. It is in the record, and can be undone as a whole.")
    return redirect(found)


@login_required
@require_POST
def undo(request: SignedInRequest, number: int) -> HttpResponse:
    """Undo an import as a whole."""
    check_may_import(request.user)
    found = get_object_or_404(Import, pk=number)
    try:
        _, kept = undo_import(imported=found, by=request.user, keeping=request.POST.get("keeping") == "yes")
    except ImportRefused as refused:
        tell(request, refused)
    else:
        messages.success(request, f"Import {number} was undone. What it had changed is as it was without it.")
        for words in kept[:TOLD]:
            messages.warning(request, f"Kept: {words}")
    return redirect(found)


def tell(request: HttpRequest, refused: ImportRefused) -> None:
    """Show what stands in the way, a message for each reason, and how many more there are."""
    for reason in refused.reasons[:TOLD]:
        messages.error(request, reason)
    if len(refused.reasons) > TOLD:
        messages.error(request, f"… and {len(refused.reasons) - TOLD} more.")

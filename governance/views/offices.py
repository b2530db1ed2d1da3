"""Offices: who holds them, who did on any day, and what runs out soon."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ecosystem.days import Day, day_asked_for, written
from ecosystem.providers import TermNote
from ecosystem.sentences import count, listed
from ecosystem.timeline import timeline
from governance.models import Office, Term
from governance.policies.check_ins import may_ask
from governance.queries.activity import inactivity
from governance.queries.check_ins import latest_by_person
from governance.queries.history import expiring, terms_of_office
from governance.queries.offices import RANK, running
from governance.term_book import notes

NAMED = 9


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the offices of every project with who holds them on a day; those of the kept project first."""
    day = day_asked_for(request)
    held: dict[str, list[TermNote]] = {}
    for note in notes(running(day.date)):
        held.setdefault(note.office_url, []).append(note)
    offices = sorted(Office.objects.select_related("project", "area"), key=in_order)
    projects: dict[str, list[tuple[Office, list[TermNote]]]] = {}
    for office in offices:
        projects.setdefault(office.project.name, []).append((office, held.get(office.get_absolute_url(), [])))
    kept = [row for rows in projects.values() for row in rows if row[0].project.kept]
    context = {
        "day": day,
        "projects": projects,
        "expiring": notes(expiring(day.date)),
        "sentence": offices_sentence(kept, day),
    }
    return render(request, "governance/offices.html", context)


def in_order(office: Office) -> tuple[bool, str, int, str]:
    """Return where an office stands in the list."""
    return not office.project.kept, office.project.name, RANK[Office.Kind(office.kind)], office.name


def offices_sentence(rows: list[tuple[Office, list[TermNote]]], day: Day) -> str:
    """Say how many offices there are, and how many nobody holds."""
    if not rows:
        return "No office is known yet."
    vacant = [office.name for office, notes in rows if not notes]
    known = f"{count(len(rows), 'office is', 'offices are')} defined"
    if not vacant:
        return f"{known}; each {day.verb('is', 'was')} held{then(day)}."
    if len(vacant) <= 3:
        return f"{known}; {'nobody ' + day.verb('holds', 'held')} {listed(vacant)}{then(day)}."
    return f"{known}; nobody {day.verb('holds', 'held')} {len(vacant)} of them{then(day)}."


def then(day: Day) -> str:
    """Return the day at a sentence's end, where one was asked for."""
    return f" on {day.words}" if day.asked else ""


@require_GET
def office(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an office: who holds it on a day, who is emeritus, everybody who ever did, as bars and as a table."""
    shown = get_object_or_404(Office.objects.select_related("project", "area"), slug=slug)
    day = day_asked_for(request)
    terms = notes(terms_of_office(shown))
    running_terms = list(running(day.date).filter(office=shown))
    holders = notes(running_terms)
    today = timezone.localdate()
    context = {
        "office": shown,
        "day": day,
        "sentence": office_sentence(shown, holders, day),
        "holders": list(zip(running_terms, holders, check_ins_said(shown, holders, today), strict=True)),
        "inactivity": inactivity(shown, [term.person for term in running_terms], day.date),
        "may_ask": not day.asked and may_ask(request.user, shown.project, today),
        "emeriti": notes(running(day.date, Term.Standing.EMERITUS).filter(office=shown)),
        "terms": terms,
        "line": timeline(terms, day.date, by="person"),
    }
    return render(request, "governance/office.html", context)


def check_ins_said(office: Office, holders: list[TermNote], on: date) -> list[str]:
    """Say of each holder how the last check-in stands; nothing of who was never asked."""
    latest = latest_by_person([office])
    asked = [latest.get(note.person_slug) for note in holders]
    return [f"asked on {written(one.asked_on)}: {one.said(on)}" if one else "" for one in asked]


def office_sentence(office: Office, holders: list[TermNote], day: Day) -> str:
    """Say who holds an office on a day."""
    held = f"the office of {office.name} {day.verb('is', 'was')} held by"
    if not holders:
        return f"{day.said(held)} nobody."
    names = [note.person for note in holders]
    if len(names) == 1:
        return f"{day.said(held)} {names[0]}."
    if len(names) > NAMED:
        return f"{day.said(held)} {len(names)} people."
    return f"{day.said(held)} {len(names)} people: {listed(names)}."

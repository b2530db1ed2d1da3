"""Offices: who holds them, who did on any day, and what runs out soon."""

from collections.abc import Sequence
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ecosystem.days import Day, day_asked_for, written
from ecosystem.lists import moved, name_asked_for, named, page_of
from ecosystem.providers import TermNote
from ecosystem.sentences import count, found_sentence, listed
from ecosystem.timeline import timeline
from governance.models import Office, Term
from governance.policies.check_ins import may_ask
from governance.queries.activity import inactivity
from governance.queries.check_ins import latest_by_person
from governance.queries.history import expiring, terms_of_office
from governance.queries.offices import holders_by_office, listed_offices, office_moved, running, vacancies
from governance.term_book import notes

NAMED = 9
A_PAGE, FEW = 50, 20


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the offices of every project with who holds them on a day; those of the kept project first."""
    day, name = day_asked_for(request), name_asked_for(request)
    found = named(listed_offices(), name)
    page = page_of(request, found, size=A_PAGE)
    soon = page_of(request, expiring(day.date), name="expiring", size=FEW)
    everything = Office.objects.count()
    context = {
        "day": day,
        "name": name,
        "page": page,
        "all": everything,
        "projects": by_project(list(page), day.date),
        "expiring_page": soon,
        "expiring": notes(soon),
        "sentence": found_sentence(page.paginator.count, name, everything, "office", "offices")
        if name
        else offices_sentence(*vacancies(day.date), day, others=Office.objects.filter(project__kept=False).count()),
    }
    return render(request, "governance/offices.html", context)


def by_project(offices: list[Office], on: date) -> dict[str, list[tuple[Office, list[TermNote], int]]]:
    """Return offices under their projects, each with the first of its holders on a day, and how many there are."""
    held = holders_by_office(offices, on, most=NAMED)
    noted = iter(notes(term for office in offices for term in held[office.pk][0]))
    projects: dict[str, list[tuple[Office, list[TermNote], int]]] = {}
    for office in offices:
        terms, many = held[office.pk]
        projects.setdefault(office.project.name, []).append((office, [next(noted) for _ in terms], many))
    return projects


def offices_sentence(offices: int, vacant: int, some: Sequence[str], day: Day, *, others: int = 0) -> str:
    """Say how many offices there are, and how many nobody holds; `some` names those, where they are few.

    `others` are those of other projects, which stand further down the list.
    """
    more = f" Other projects have {count(others, 'office', 'offices')}." if others else ""
    if not offices:
        return more.strip() or "No office is known yet."
    known = f"{count(offices, 'office is', 'offices are')} defined"
    if not vacant:
        return f"{known}; each {day.verb('is', 'was')} held{then(day)}.{more}"
    nobody = f"nobody {day.verb('holds', 'held')}"
    return f"{known}; {nobody} {listed(some) if some else f'{vacant} of them'}{then(day)}.{more}"


def then(day: Day) -> str:
    """Return the day at a sentence's end, where one was asked for."""
    return f" on {day.words}" if day.asked else ""


@require_GET
def office(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an office: who holds it on a day, who is emeritus, everybody who ever did, as bars and as a table."""
    shown = Office.objects.select_related("project", "area").filter(slug=slug).first()
    if shown is None:
        return redirect(moved(request, office_moved(slug)))
    day = day_asked_for(request)
    held = page_of(request, running(day.date).filter(office=shown))
    past = page_of(request, terms_of_office(shown), name="terms")
    resting = running(day.date, Term.Standing.EMERITUS).filter(office=shown)
    emeriti = page_of(request, resting, name="emeriti")
    terms, holders, today = notes(past), notes(held), timezone.localdate()
    context = {
        "office": shown,
        "day": day,
        "sentence": office_sentence(shown, held.paginator.count, [note.person for note in holders], day),
        "page": held,
        "holders": list(zip(held, holders, check_ins_said(shown, holders, today), strict=True)),
        "inactivity": inactivity(shown, [term.person for term in held], day.date),
        "may_ask": not day.asked and may_ask(request.user, shown.project, today),
        "emeriti_page": emeriti,
        "emeriti": notes(emeriti),
        "terms_page": past,
        "terms": terms,
        "line": timeline(terms, day.date, by="person"),
    }
    return render(request, "governance/office.html", context)


def check_ins_said(office: Office, holders: list[TermNote], on: date) -> list[str]:
    """Say of each holder how the last check-in stands; nothing of who was never asked."""
    latest = latest_by_person([office])
    asked = [latest.get(note.person_slug) for note in holders]
    return [f"asked on {written(one.asked_on)}: {one.said(on)}" if one else "" for one in asked]


def office_sentence(office: Office, holders: int, names: Sequence[str], day: Day) -> str:
    """Say who holds an office on a day: by name, unless they are many."""
    held = f"the office of {office.name} {day.verb('is', 'was')} held by"
    if not holders:
        return f"{day.said(held)} nobody."
    if holders == 1:
        return f"{day.said(held)} {names[0]}."
    if holders > NAMED:
        return f"{day.said(held)} {holders} people."
    return f"{day.said(held)} {holders} people: {listed(names)}."

"""The people who are publicly known in the project."""

from datetime import date

from django.db.models import Case, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from ecosystem.days import day_asked_for
from ecosystem.lists import name_asked_for, page_of
from ecosystem.models import Person
from ecosystem.policies import may_keep_people
from ecosystem.providers import TermNote, holding, running_terms, terms
from ecosystem.queries import affiliations_of, employer_on, past_logins, people, people_called, public_identities
from ecosystem.sentences import found_sentence, people_sentence, person_sentence
from ecosystem.timeline import timeline

RANK = {"lead": 0, "core": 1}


def rank(note: TermNote) -> int:
    """Return where an office stands in a list of a person's."""
    return RANK.get(note.kind, 2)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the people: who leads, the core maintainers, then everybody by name."""
    day, name = day_asked_for(request), name_asked_for(request)
    everybody = people().count()
    page = page_of(request, in_rank(people_called(name), day.date))
    shown = list(page)
    context = {
        "people": list(zip(shown, offices_of(shown, day.date), strict=True)),
        "page": page,
        "day": day,
        "name": name,
        "everybody": everybody,
        "may_keep_people": may_keep_people(request.user),
        "sentence": found_sentence(page.paginator.count, name, everybody, "person", "people")
        if name
        else people_sentence(everybody, running_terms(day.date, kinds=("lead", "core")), day),
    }
    return render(request, "ecosystem/people.html", context)


def in_rank(found: QuerySet[Person], on: date) -> QuerySet[Person]:
    """Return people as they are listed: who leads, the core maintainers, who holds another office, the others."""
    place = Case(
        When(holding(on, "lead"), then=0), When(holding(on, "core"), then=1), When(holding(on), then=2), default=3
    )
    return found.order_by(place, "name", "pk")


def offices_of(shown: list[Person], on: date) -> list[list[TermNote]]:
    """Return by which terms each of these people holds an office on a day."""
    held: dict[str, list[TermNote]] = {}
    notes = running_terms(on, people=[person.pk for person in shown])
    for note in sorted(notes, key=lambda note: (rank(note), note.office)):
        held.setdefault(note.person_slug, []).append(note)
    return [held.get(person.slug, []) for person in shown]


@require_GET
def person(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a human: what they hold, what they held, under which names they act, who employs them."""
    asked = get_object_or_404(Person.objects.select_related("merged_into"), slug=slug)
    if asked.merged_into:
        return redirect(f"{asked.kept.get_absolute_url()}{'?' if request.GET else ''}{request.GET.urlencode()}")
    day = day_asked_for(request)
    notes = sorted(terms(person=slug), key=rank)
    there = sorted(terms(person=slug, on=day.date), key=rank)
    current = [note for note in there if note.standing == "active"]
    context = {
        "person": asked,
        "day": day,
        "sentence": person_sentence(asked, current, day),
        "current": current,
        "emeritus": [note for note in there if note.standing == "emeritus"],
        "past": [note for note in notes if note.until and note.until <= day.date],
        "terms": notes,
        "line": timeline(notes, day.date, by="office"),
        "also_entered_as": asked.merged.filter(unnamed_since=None).order_by("name"),
        "identities": public_identities(asked),
        "past_logins": past_logins(asked),
        "employer": employer_on(asked, day.date),
        "affiliations": affiliations_of(asked),
        "may_keep_people": may_keep_people(request.user),
    }
    return render(request, "ecosystem/person.html", context)

"""The people who are publicly known in the project."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from ecosystem.days import day_asked_for
from ecosystem.models import Person
from ecosystem.policies import may_keep_people
from ecosystem.providers import TermNote, current_terms, terms
from ecosystem.queries import affiliations_of, employer_on, past_logins, people, public_identities
from ecosystem.sentences import people_sentence, person_sentence
from ecosystem.timeline import timeline

RANK = {"lead": 0, "core": 1}
A_PAGE = 500


def rank(note: TermNote) -> int:
    """Return where an office stands in a list of a person's."""
    return RANK.get(note.kind, 2)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the people: who leads, the core maintainers, then everybody by name."""
    day = day_asked_for(request)
    current = current_terms(on=day.date)
    held: dict[str, list[TermNote]] = {}
    for note in sorted(current, key=lambda note: (rank(note), note.office)):
        held.setdefault(note.person_slug, []).append(note)
    rows = [(person, held.get(person.slug, [])) for person in people()]
    rows.sort(key=lambda row: (rank(row[1][0]) if row[1] else 3, row[0].name))
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "people": page.object_list,
        "page": page,
        "day": day,
        "may_keep_people": may_keep_people(request.user),
        "sentence": people_sentence(len(rows), current, day),
    }
    return render(request, "ecosystem/people.html", context)


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
    }
    return render(request, "ecosystem/person.html", context)

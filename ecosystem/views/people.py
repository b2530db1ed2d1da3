"""The people who are publicly known in the project."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ecosystem.models import Identity, Person
from ecosystem.providers import TermNote, current_terms, terms
from ecosystem.queries import affiliations_of, employer_on
from ecosystem.sentences import people_sentence, person_sentence

RANK = {"lead": 0, "core": 1}


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the people: who leads, the core maintainers, then everybody by name."""
    current = current_terms()
    held: dict[str, list[TermNote]] = {}
    for note in sorted(current, key=lambda note: (RANK.get(note.kind, 2), note.office)):
        held.setdefault(note.person_slug, []).append(note)
    people = [(person, held.get(person.slug, [])) for person in Person.objects.all()]
    people.sort(key=lambda row: (RANK.get(row[1][0].kind, 2) if row[1] else 3, row[0].name))
    context = {"people": people, "sentence": people_sentence(len(people), current)}
    return render(request, "ecosystem/people.html", context)


@require_GET
def person(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a person: what they hold, what they held, under which names they act, who employs them."""
    shown = get_object_or_404(Person, slug=slug)
    notes = sorted(terms(person=slug), key=lambda note: RANK.get(note.kind, 2))
    current = [note for note in notes if note.current]
    context = {
        "person": shown,
        "sentence": person_sentence(shown, current),
        "current": current,
        "past": [note for note in notes if not note.current],
        # Addresses are for matching commits, never for pages.
        "identities": shown.identities.exclude(kind=Identity.Kind.EMAIL),
        "employer": employer_on(shown, timezone.localdate()),
        "affiliations": affiliations_of(shown),
    }
    return render(request, "ecosystem/person.html", context)

"""Who is inactive in an office by the charter's rule, as far as this site saw them act.

It sees answers to check-ins, positions, votes and signatures; work elsewhere it does not see, and says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import takewhile

from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from ecosystem.models import Person
from governance import charter as rules
from governance.models import CheckIn, Choice, Elector, Office, Position, SignOff
from governance.queries.charters import charter_of


@dataclass(frozen=True)
class Inactivity:
    """What the charter's rule says of the holders of an office: who is inactive, and of whom it cannot be told."""

    inactive: tuple[tuple[Person, str], ...]
    active: int
    unknown: tuple[tuple[Person, str], ...]


def inactivity(office: Office, holders: Iterable[Person], on: date) -> Inactivity | None:
    """Apply the rule of the project's charter to who holds an office; nothing where it has none for the office."""
    charter = charter_of(office.project, on)
    part = charter.offices.get(office.role) if charter else None
    if charter is None or part is None or part.inactivity is None:
        return None
    people = list(holders)
    seen, missed = last_active(people, on), missed_votes(people, on)
    answers = [
        (
            person,
            rules.is_inactive(
                charter, office.role, last_active=seen[person.pk], today=on, missed_votes=missed[person.pk]
            ),
        )
        for person in people
    ]
    return Inactivity(
        inactive=tuple((person, answer.words) for person, answer in answers if answer.value),
        active=sum(answer.value is False for _, answer in answers),
        unknown=tuple((person, answer.words) for person, answer in answers if answer.value is None),
    )


def last_active(people: Sequence[Person], on: date) -> dict[int, date | None]:
    """Return the last day until then on which each human acted here, by the person's key; None where they never did."""
    end = datetime.combine(on, time.max, timezone.get_current_timezone())
    acted = [
        (Position.objects.filter(taken_at__lte=end), "person", Max("taken_at")),
        (Choice.objects.filter(cast_at__lte=end), "elector__person", Max("cast_at")),
        (SignOff.objects.filter(signed_at__lte=end), "person", Max("signed_at")),
        (
            CheckIn.objects.filter(answer=CheckIn.Answer.ACTIVE, answered_on__lte=on),
            "term__person",
            Max("answered_on"),
        ),
    ]
    humans = humans_of(people)
    found: dict[int, date] = {}
    for rows, whose, latest in acted:
        for entry, at in rows.filter(**{f"{whose}__in": humans}).order_by().values_list(whose).annotate(at=latest):
            day = timezone.localdate(at) if isinstance(at, datetime) else at
            human = humans[entry]
            found[human] = max(day, found.get(human, day))
    return {person.pk: found.get(humans[person.pk]) for person in people}


def missed_votes(people: Sequence[Person], on: date) -> dict[int, int]:
    """Return how many votes in a row, back from the last that closed by then, each human had and took no part in."""
    end = datetime.combine(on, time.max, timezone.get_current_timezone())
    humans = humans_of(people)
    asked = Elector.objects.filter(person__in=humans, ballot__closes_at__lte=end, ballot__cancelled_at=None)
    took_part = asked.annotate(voted=Exists(Choice.objects.filter(elector=OuterRef("pk"))))
    answers: dict[int, list[bool]] = {}
    for entry, voted in took_part.order_by("-ballot__closes_at", "-pk").values_list("person", "voted"):
        answers.setdefault(humans[entry], []).append(voted)
    in_a_row = {human: sum(1 for _ in takewhile(lambda voted: not voted, said)) for human, said in answers.items()}
    return {person.pk: in_a_row.get(humans[person.pk], 0) for person in people}


def humans_of(people: Sequence[Person]) -> dict[int, int]:
    """Return, by the key of each entry of these humans, the key of the one that is kept."""
    kept = {person.merged_into_id or person.pk for person in people}
    entries = Person.objects.filter(Q(pk__in=kept) | Q(merged_into__in=kept))
    return {pk: into or pk for pk, into in entries.values_list("pk", "merged_into")}

"""Who is inactive in an office by the charter's rule, as far as this site saw them act.

It sees answers to check-ins, positions, votes and signatures; work elsewhere it does not see, and says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import takewhile

from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from ecosystem import queries as facts
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
    answers = [(person, judged(charter, office.role, person, on)) for person in holders]
    return Inactivity(
        inactive=tuple((person, answer.words) for person, answer in answers if answer.value),
        active=sum(answer.value is False for _, answer in answers),
        unknown=tuple((person, answer.words) for person, answer in answers if answer.value is None),
    )


def judged(charter: rules.Charter, role: str, person: Person, on: date) -> rules.Answer[bool]:
    """Say whether one holder is inactive by the rule."""
    return rules.is_inactive(
        charter, role, last_active=last_active(person, on), today=on, missed_votes=missed_votes(person, on)
    )


def last_active(person: Person, on: date) -> date | None:
    """Return the last day until then on which a human acted here; None where they never did."""
    human = facts.same_human(person)
    end = datetime.combine(on, time.max, timezone.get_current_timezone())
    moments = [
        Position.objects.filter(person__in=human, taken_at__lte=end).aggregate(at=Max("taken_at"))["at"],
        Choice.objects.filter(elector__person__in=human, cast_at__lte=end).aggregate(at=Max("cast_at"))["at"],
        SignOff.objects.filter(person__in=human, signed_at__lte=end).aggregate(at=Max("signed_at"))["at"],
    ]
    answered = CheckIn.objects.filter(
        term__person__in=human, answer=CheckIn.Answer.ACTIVE, answered_on__lte=on
    ).aggregate(on=Max("answered_on"))["on"]
    days = [timezone.localdate(at) for at in moments if at] + ([answered] if answered else [])
    return max(days, default=None)


def missed_votes(person: Person, on: date) -> int:
    """Return how many votes in a row, back from the last that closed by then, a human had and did not take part in."""
    end = datetime.combine(on, time.max, timezone.get_current_timezone())
    asked = Elector.objects.filter(
        person__in=facts.same_human(person), ballot__closes_at__lte=end, ballot__cancelled_at=None
    )
    took_part = asked.annotate(voted=Exists(Choice.objects.filter(elector=OuterRef("pk"))))
    answers = took_part.order_by("-ballot__closes_at", "-pk").values_list("voted", flat=True)
    return sum(1 for _ in takewhile(lambda voted: not voted, answers))

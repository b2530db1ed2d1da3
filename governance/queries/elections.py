"""Reads about elections: how one stands at a moment, who is an elector and why, who has voted."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone

from ecosystem.models import Identity, Person
from governance.ballot_box import BoxUnreadable, unseal
from governance.models import Count, Election, Office, Term

State = Election.State


@dataclass
class Considered:
    """Whether somebody is an elector by the data, with each reason for and against."""

    person: Person
    reasons_for: list[str] = field(default_factory=list)
    reasons_against: list[str] = field(default_factory=list)

    @property
    def eligible(self) -> bool:
        return bool(self.reasons_for)

    @property
    def because(self) -> str:
        return "; ".join(self.reasons_for or self.reasons_against)


# -- how an election stands: always against the clock, whatever a worker has written down ------------------------------


def stands(election: Election, now: datetime | None = None) -> str:
    """Return an election's state at a moment: voting ends by the clock, not by whoever writes that down."""
    now = now or timezone.now()
    if election.state == State.VOTING and now >= election.closes_at:
        return str(State.CLOSED.value)
    return str(election.state)


def open_to_nominations(election: Election, now: datetime | None = None) -> bool:
    """Say whether nominations are taken at a moment."""
    return election.state == State.NOMINATING and (now or timezone.now()) < election.nominations_close_at


def open_to_exceptions(election: Election, now: datetime | None = None) -> bool:
    """Say whether exceptions may be asked for at a moment."""
    early = election.state in (State.ANNOUNCED, State.NOMINATING)
    return early and (now or timezone.now()) < election.exceptions_close_at


def open_to_votes(election: Election, now: datetime | None = None) -> bool:
    """Say whether ballots are taken at a moment."""
    return stands(election, now) == State.VOTING


# -- electors --------------------------------------------------------------------------------------------------------


def considered(election: Election) -> list[Considered]:
    """Return everybody whom the rule, the imported list or an exception speaks of, with their reasons, by name."""
    found: dict[int, Considered] = {}
    for person, office in holders_of(election.electing_offices.all(), election.electors_on):
        one(found, person).reasons_for.append(f"{office.name} on {election.electors_on}")
    for line in election.activity.filter(person__isnull=False).select_related("person__merged_into"):
        assert line.person is not None
        by_activity(election, line.amount, one(found, line.person))
    asked = election.exceptions.filter(granted__isnull=False).select_related("person__merged_into")
    for request in asked:
        reasons = one(found, request.person)
        said = f"exception {'granted' if request.granted else 'refused'}: {request.reason}"
        (reasons.reasons_for if request.granted else reasons.reasons_against).append(said)
    return sorted(found.values(), key=lambda reasons: (reasons.person.name, reasons.person.pk))


def one(found: dict[int, Considered], person: Person) -> Considered:
    """Return what is known so far of the human whom this person is."""
    human = person.kept
    return found.setdefault(human.pk, Considered(human))


def by_activity(election: Election, amount: int, reasons: Considered) -> None:
    """Add what the imported list says of somebody."""
    if election.activity_from is None:
        return
    if amount >= election.activity_from:
        reasons.reasons_for.append(f"activity of {amount}, of {election.activity_from} that the rule asks for")
    else:
        reasons.reasons_against.append(f"activity of {amount} only, of {election.activity_from} that the rule asks for")


def holders_of(offices: Iterable[Office], on: date) -> list[tuple[Person, Office]]:
    """Return who holds these offices on a day."""
    terms = Term.objects.filter(office__in=offices, held__contains=on, standing=Term.Standing.ACTIVE)
    return [(term.person, term.office) for term in terms.select_related("office", "person__merged_into")]


def holds_one_of(person: Person, offices: Iterable[Office], on: date) -> bool:
    """Say whether a person holds one of these offices on a day."""
    return any(holder.kept.pk == person.pk for holder, _ in holders_of(offices, on))


def would_be_elector(election: Election, person: Person) -> bool:
    """Say whether a person is an elector: by the frozen roll, before that by the data of now."""
    if election.roll.exists():
        return is_on_the_roll(election, person)
    return any(reasons.eligible and reasons.person.pk == person.pk for reasons in considered(election))


def is_on_the_roll(election: Election, person: Person) -> bool:
    """Say whether a person is on the frozen roll; one who was merged since votes once."""
    return election.roll.filter(eligible=True, person__in=all_of(person)).exists()


def all_of(person: Person) -> list[int]:
    """Return the keys of a human under every name that was merged into this one."""
    keys, new = [person.pk], [person.pk]
    while new:
        new = list(Person.objects.filter(merged_into__in=new).exclude(pk__in=keys).values_list("pk", flat=True))
        keys += new
    return keys


def elector_keys(election: Election) -> set[int]:
    """Return the keys of the humans who are electors: by the frozen roll, before that by the data of now."""
    frozen = list(election.roll.select_related("person__merged_into"))
    if frozen:
        return {row.person.kept.pk for row in frozen if row.eligible}
    return {reasons.person.pk for reasons in considered(election) if reasons.eligible}


def electors(election: Election) -> int:
    """Return how many may vote: by the frozen roll, before that by the data of now."""
    if election.roll.exists():
        return election.roll.filter(eligible=True).count()
    return sum(reasons.eligible for reasons in considered(election))


def person_of_login(login: str) -> Person | None:
    """Return the person who acts on GitHub under a login, whatever its case."""
    identity = Identity.objects.filter(kind=Identity.Kind.GITHUB, value__iexact=login).select_related("person").first()
    return identity.person.kept if identity else None


# -- ballots --------------------------------------------------------------------------------------------------------


def turnout(election: Election) -> int:
    """Return how many ballots are in the box; who cast them, nobody is told."""
    counted = election.counts.last()
    if counted is not None:
        return counted.ballots
    box = getattr(election, "box", None)
    return box.ballots if box else 0


def has_voted(election: Election, person: Person) -> bool:
    """Say to a voter that they have voted; never asked about anybody else."""
    box = getattr(election, "box", None)
    if box is None or not box.sealed:
        return False
    try:
        return not unseal(bytes(box.sealed), election=election.pk).voted.isdisjoint(all_of(person))
    except BoxUnreadable:
        return False


def last_count(election: Election) -> Count | None:
    """Return the latest count."""
    return election.counts.last()

"""What elections ask of a person: to vote, to answer a nomination, and of officers the next step."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from ecosystem.models import Person
from governance.models import Election, Nomination
from governance.queries.awaited import Awaited
from governance.queries.elections import all_of, has_voted, open_to_nominations, open_to_votes, stands

State = Election.State


def awaited_in_elections(person: Person, now: datetime) -> list[Awaited]:
    """Return what elections ask of a person now."""
    humans = all_of(person)
    return [*votes(person, humans, now), *answers(humans, now), *steps(humans, now)]


def votes(person: Person, humans: list[int], now: datetime) -> Iterator[Awaited]:
    """Give the open elections in which this person may vote and has not; nobody else is told."""
    theirs = Election.objects.filter(state=State.VOTING, roll__person__in=humans, roll__eligible=True)
    for election in theirs.select_related("box").distinct():
        if open_to_votes(election, now) and not has_voted(election, person):
            url = reverse("governance:election_vote", args=[election.slug])
            yield Awaited("election", f"Vote in {election.title}.", url, election.closes_at)


def answers(humans: list[int], now: datetime) -> Iterator[Awaited]:
    """Give the nominations that wait for this person's answer."""
    waiting = Nomination.objects.filter(person__in=humans, answer=Nomination.Answer.AWAITED)
    for nomination in waiting.select_related("election", "person"):
        election = nomination.election
        if open_to_nominations(election, now):
            url = reverse("governance:election_nomination", args=[election.slug, nomination.person.slug])
            words = f"Accept or decline your nomination for {election.title}."
            yield Awaited("election", words, url, election.nominations_close_at)


def steps(humans: list[int], now: datetime) -> Iterator[Awaited]:
    """Give what this person is to do as an officer of elections."""
    run = Election.objects.filter(officers__in=humans).exclude(Q(state=State.CONFIRMED) | Q(state=State.CANCELLED))
    for election in run.distinct():
        words, until = officers_step(election, now)
        if words:
            url = reverse("governance:election_officers", args=[election.slug])
            yield Awaited("election", f"{words} of {election.title}.", url, until)


def officers_step(election: Election, now: datetime) -> tuple[str, datetime | None]:
    """Say what the officers are to do now, and until when, if there is a when."""
    waiting = election.exceptions.filter(granted__isnull=True).count()
    if waiting and election.opened_at is None:
        return f"Decide {waiting} exception{'s' if waiting > 1 else ''}", election.opens_at
    last = election.counts.last()
    after_count = "Settle the tie" if last and last.outcome["ties"] else "Confirm the result"
    due = {
        "announced": ("Open the nominations", election.nominations_close_at),
        "nominating": ("Open the vote", election.closes_at) if now >= election.opens_at else ("", None),
        "closed": ("Count the votes", None),
        "counted": (after_count, None),
    }
    return due.get(stands(election, now), ("", None))

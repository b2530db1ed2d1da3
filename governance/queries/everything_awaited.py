"""All that awaits a person, gathered from every room of decisions: what their portal shows first."""

from collections.abc import Callable
from datetime import datetime

from django.urls import reverse

from ecosystem.models import Person
from governance.queries.awaited import Awaited, in_order
from governance.queries.ballots import awaited_votes
from governance.queries.charters_awaited import awaited_of_charters
from governance.queries.check_ins import awaiting
from governance.queries.elections_awaited import awaited_in_elections
from governance.queries.proposals import awaited as awaited_in_proposals


def awaited_answers(person: Person, now: datetime) -> list[Awaited]:
    """Return the check-ins that a person has not answered."""
    url = reverse("governance:check_ins")
    return [
        Awaited("check-in", f"Say whether you are still interested in being {asked.term.office.name}.", url)
        for asked in awaiting(person)
    ]


# Each room adds its own question here; a signature is asked of the account and stands in the portal itself.
SOURCES: tuple[Callable[[Person, datetime], list[Awaited]], ...] = (
    awaited_votes,
    awaited_in_proposals,
    awaited_in_elections,
    awaited_of_charters,
    awaited_answers,
)


def everything_awaited(person: Person, now: datetime) -> list[Awaited]:
    """Return what awaits a person, the earliest deadline first."""
    return in_order([one for source in SOURCES for one in source(person, now)])

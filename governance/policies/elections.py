"""Say who may do what in an election: each rule once, in a raising and a boolean form.

Permissions come from being a person, from offices held that day and from being one of the election's officers. Nobody,
administrators included, votes without being an elector, and nobody sees a ballot before publication.
"""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from ecosystem.models import Person
from governance.models import Election, Nomination, Office, User
from governance.queries.accounts import person_of
from governance.queries.elections import (
    all_of,
    holds_one_of,
    is_on_the_roll,
    open_to_exceptions,
    open_to_nominations,
    open_to_votes,
    stands,
    would_be_elector,
)
from governance.queries.offices import terms_on

Actor = User | AnonymousUser
ANNOUNCING = (Office.Kind.LEAD, Office.Kind.CORE, Office.Kind.COUNCIL)
NOT_A_PERSON = "Your account acts for no known person: an administrator can say whose it is."


def check(reason: str) -> None:
    """Refuse where there is a reason to."""
    if reason:
        raise PermissionDenied(reason)


def why_not_announce(user: Actor) -> str:
    """Say why this user may not announce an election; nothing where they may."""
    if not (user.is_authenticated and user.is_active):
        return "Sign in to announce an election."
    person = person_of(user)
    leading = terms_on(timezone.localdate()).filter(office__kind__in=ANNOUNCING)
    if user.is_superuser or (person is not None and leading.filter(person=person).exists()):
        return ""
    return "Only who leads the project, its core maintainers and its council announce elections, or an administrator."


def may_announce(user: Actor) -> bool:
    """Say whether this user may announce an election."""
    return not why_not_announce(user)


def check_may_announce(user: Actor) -> None:
    """Refuse who may not announce an election."""
    check(why_not_announce(user))


def why_not_run(user: Actor, election: Election) -> str:
    """Say why this user is no officer of an election; nothing where they are.

    An administrator does the officers' clerical work only where no officer is named.
    """
    if not (user.is_authenticated and user.is_active):
        return "Sign in as an election officer."
    person = person_of(user)
    if person is not None and election.officers.filter(pk__in=all_of(person)).exists():
        return ""
    if user.is_superuser and not election.officers.exists():
        return ""
    return "Only the officers of this election do that."


def may_run(user: Actor, election: Election) -> bool:
    """Say whether this user is an officer of an election."""
    return not why_not_run(user, election)


def check_may_run(user: Actor, election: Election) -> None:
    """Refuse who is no officer of an election."""
    check(why_not_run(user, election))


def why_not_nominate(user: Actor, election: Election, now: datetime | None = None) -> str:
    """Say why this user may not nominate anybody now; nothing where they may."""
    person = person_of(user)
    if not user.is_authenticated:
        return "Sign in to nominate somebody."
    if person is None:
        return NOT_A_PERSON
    if not open_to_nominations(election, now):
        return "Nominations are not open."
    if election.nominators == Election.Nominators.ELECTORS and not would_be_elector(election, person):
        return "Only electors nominate, and you are none by the data; you can ask for an exception."
    if election.nominators == Election.Nominators.OFFICES and not holds_one_of(
        person, election.nominating_offices.all(), timezone.localdate()
    ):
        return "Only holders of the offices that the rule names nominate."
    return ""


def may_nominate(user: Actor, election: Election, now: datetime | None = None) -> bool:
    """Say whether this user may nominate somebody now."""
    return not why_not_nominate(user, election, now)


def check_may_nominate(user: Actor, election: Election, now: datetime | None = None) -> None:
    """Refuse who may not nominate now."""
    check(why_not_nominate(user, election, now))


def why_not_stand(person: Person, election: Election) -> str:
    """Say why a person may not be a candidate; nothing where they may: who runs an election does not stand in it."""
    if election.officers.filter(pk__in=all_of(person)).exists():
        return f"{person.name} is an officer of this election, and officers do not stand."
    return ""


def may_stand(person: Person, election: Election) -> bool:
    """Say whether a person may be a candidate."""
    return not why_not_stand(person, election)


def check_may_stand(person: Person, election: Election) -> None:
    """Refuse a candidate who runs the election."""
    check(why_not_stand(person, election))


def why_not_answer(user: Actor, nomination: Nomination) -> str:
    """Say why this user may not answer a nomination; nothing where they may: it is the nominee's own."""
    person = person_of(user)
    if person is None or nomination.person_id not in all_of(person):
        return "Only who was nominated answers."
    return ""


def may_answer(user: Actor, nomination: Nomination) -> bool:
    """Say whether this user may answer a nomination."""
    return not why_not_answer(user, nomination)


def check_may_answer(user: Actor, nomination: Nomination) -> None:
    """Refuse an answer by somebody else."""
    check(why_not_answer(user, nomination))


def why_not_ask_exception(user: Actor, election: Election, now: datetime | None = None) -> str:
    """Say why this user may not ask for an exception; nothing where they may."""
    person = person_of(user)
    if not user.is_authenticated:
        return "Sign in to ask for an exception."
    if person is None:
        return NOT_A_PERSON
    if not open_to_exceptions(election, now):
        return "Exceptions are no longer taken."
    if election.exceptions.filter(person__in=all_of(person)).exists():
        return "You have asked already."
    if would_be_elector(election, person):
        return "You are an elector: there is nothing to ask for."
    return ""


def may_ask_exception(user: Actor, election: Election, now: datetime | None = None) -> bool:
    """Say whether this user may ask for an exception."""
    return not why_not_ask_exception(user, election, now)


def check_may_ask_exception(user: Actor, election: Election, now: datetime | None = None) -> None:
    """Refuse who may not ask for an exception."""
    check(why_not_ask_exception(user, election, now))


def why_not_vote(user: Actor, election: Election, now: datetime | None = None) -> str:
    """Say why this user may not vote now; nothing where they may. Whether they have voted is not asked here."""
    person = person_of(user)
    if not user.is_authenticated:
        return "Sign in to vote."
    if person is None:
        return NOT_A_PERSON
    if election.state == Election.State.CANCELLED:
        return "This election was cancelled."
    if not open_to_votes(election, now):
        return "Voting is over." if stands(election, now) == "closed" else "Voting is not open."
    if not is_on_the_roll(election, person):
        return "You are not on the roll of electors, which was frozen when voting opened."
    return ""


def may_vote(user: Actor, election: Election, now: datetime | None = None) -> bool:
    """Say whether this user may vote now."""
    return not why_not_vote(user, election, now)


def check_may_vote(user: Actor, election: Election, now: datetime | None = None) -> None:
    """Refuse who may not vote now."""
    check(why_not_vote(user, election, now))


def why_not_see_ballots(election: Election) -> str:
    """Say why nobody sees this election's ballots, officers and administrators included; nothing where all do."""
    last = election.counts.last()
    if last is None and election.state == Election.State.CANCELLED:
        return "The election was cancelled: its ballots were destroyed unread."
    if last is None:
        return "Nobody sees a ballot before the count is published."
    return "" if last.publishes == last.Publishes.BALLOTS else last.why


def may_see_ballots(election: Election) -> bool:
    """Say whether the ballots of an election are published."""
    return not why_not_see_ballots(election)


def check_may_see_ballots(election: Election) -> None:
    """Refuse to show ballots that are not published."""
    check(why_not_see_ballots(election))

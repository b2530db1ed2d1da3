"""Say who may endorse a nominee, and take that back: an elector, once, while nominations are open, and not oneself."""

from datetime import datetime

from ecosystem.models import Person
from governance.models import Nomination
from governance.policies.elections import NOT_A_PERSON, Actor, check, may_run
from governance.queries.accounts import person_of
from governance.queries.candidates import endorsement_by
from governance.queries.elections import open_to_nominations, would_be_elector

ENDORSED = (Nomination.Answer.AWAITED, Nomination.Answer.ACCEPTED)


def why_not_endorse(user: Actor, nomination: Nomination, now: datetime | None = None) -> str:
    """Say why this user may not endorse a nominee now; nothing where they may."""
    election, person = nomination.election, person_of(user)
    if not election.endorsements:
        return "The rule of this election asks for no endorsements."
    if not user.is_authenticated:
        return "Sign in to endorse."
    if person is None:
        return NOT_A_PERSON
    if not open_to_nominations(election, now):
        return "Endorsements are given while nominations are open."
    if nomination.answer not in ENDORSED:
        return f"{nomination.person.name} does not stand."
    return why_not_this_one(user, nomination, person)


def why_not_this_one(user: Actor, nomination: Nomination, person: Person) -> str:
    """Say why a person may not endorse this nominee; nothing where they may."""
    election = nomination.election
    if person.kept == nomination.person.kept:
        counts = " Where you are an elector, you are counted already." if election.nominee_endorses else ""
        return f"Nobody endorses themselves.{counts}"
    if may_run(user, election):
        return "You run this election, and who runs it takes no side in it."
    if endorsement_by(nomination, person) is not None:
        return f"You have endorsed {nomination.person.name}."
    if not would_be_elector(election, person.kept):
        return "Only electors endorse, and you are none by the data; you can ask for an exception."
    return ""


def may_endorse(user: Actor, nomination: Nomination, now: datetime | None = None) -> bool:
    """Say whether this user may endorse a nominee now."""
    return not why_not_endorse(user, nomination, now)


def check_may_endorse(user: Actor, nomination: Nomination, now: datetime | None = None) -> None:
    """Refuse an endorsement that the rule does not allow."""
    check(why_not_endorse(user, nomination, now))


def why_not_take_back(user: Actor, nomination: Nomination, now: datetime | None = None) -> str:
    """Say why this user may not withdraw an endorsement now; nothing where they may."""
    person = person_of(user)
    if person is None or endorsement_by(nomination, person) is None:
        return f"You have not endorsed {nomination.person.name}."
    if not open_to_nominations(nomination.election, now):
        return "Nominations are over: what was endorsed stands."
    return ""


def may_take_back(user: Actor, nomination: Nomination, now: datetime | None = None) -> bool:
    """Say whether this user may withdraw an endorsement now."""
    return not why_not_take_back(user, nomination, now)


def check_may_take_back(user: Actor, nomination: Nomination, now: datetime | None = None) -> None:
    """Refuse to withdraw what was not endorsed, or too late."""
    check(why_not_take_back(user, nomination, now))

"""Invented charters and their changes for tests: a project called Loom whose weavers decide."""

from datetime import date

from ecosystem.models import Project
from governance.actions.ballot_rules import Chosen
from governance.actions.ballots import call_ballot
from governance.actions.ballots_choosing import choose
from governance.actions.charters import publish_charter
from governance.actions.charters_proposed import propose_change
from governance.models import Ballot, CharterChange, Office, Proposal, User
from tests.factories.people import a_project
from tests.factories.proposals import an_officer, close
from tests.unit.charter.small import SMALL, changed

STRICTER = changed('value = "2/3"', 'value = "75 %"')
MAY = date(2026, 5, 1)


def the_loom(text: str = SMALL) -> Project:
    """Return the kept project, which lives by the small charter."""
    loom = a_project("loom")
    publish_charter(project=loom, text=text, by=None)
    return loom


def weavers(*names: str) -> list[User]:
    """Return the accounts of people who hold the office that changes the Loom's charter."""
    loom = a_project("loom")
    return [an_officer(name, "weaver", loom, kind=Office.Kind.CORE) for name in names]


def a_change(by: User, text: str = STRICTER, title: str = "Weave stricter") -> CharterChange:
    """Return a change of the Loom's charter that was proposed."""
    return propose_change(project=a_project("loom"), title=title, why="Two thirds are few.", text=text, by=by)


def a_vote_on(
    proposal: Proposal, *voters: User, word: str = "yes", decision: str = "change_charter", over: bool = True
) -> Ballot:
    """Return a vote on a proposal in which all of these voted so; `over`: it has come to its end."""
    vote = call_ballot(
        project=proposal.project,
        decision=decision,
        question=f"Accept proposal {proposal.number}?",
        proposal=proposal,
        chosen=Chosen("1/2", "cast", True, 7, ("weaver",)) if decision != "change_charter" else Chosen(),
        by=voters[0],
    )
    for voter in voters:
        choose(ballot=vote, word=word, by=voter)
    if over:
        close(vote)
    vote.refresh_from_db()
    return vote

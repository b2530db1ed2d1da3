"""Decisions: accounts, offices and their terms, proposals and votes, releases and their signatures."""

from governance.models.account import User
from governance.models.ballot import Ballot, Choice, Declaration, Elector, Reminder, Second
from governance.models.charter import Charter, CharterChange, CharterEntry, CharterVersion
from governance.models.check_in import CheckIn
from governance.models.election import (
    Activity,
    BallotBox,
    Count,
    Election,
    Endorsement,
    ExceptionRequest,
    Nomination,
    RollEntry,
    TieDecision,
)
from governance.models.imports import Import, ImportChange, ImportTrace, ImportUnread
from governance.models.invitation import Invitation
from governance.models.office import Office, Term
from governance.models.proposal import CommentPeriod, Concern, Hold, Link, Position, Proposal, Revision
from governance.models.release import Release, SignOff
from governance.models.sign_in import AdministratorLink, SignInDelay

__all__ = [
    "Activity",
    "AdministratorLink",
    "Ballot",
    "BallotBox",
    "Charter",
    "CharterChange",
    "CharterEntry",
    "CharterVersion",
    "CheckIn",
    "Choice",
    "CommentPeriod",
    "Concern",
    "Count",
    "Declaration",
    "Election",
    "Elector",
    "Endorsement",
    "ExceptionRequest",
    "Hold",
    "Import",
    "ImportChange",
    "ImportTrace",
    "ImportUnread",
    "Invitation",
    "Link",
    "Nomination",
    "Office",
    "Position",
    "Proposal",
    "Release",
    "Reminder",
    "Revision",
    "RollEntry",
    "Second",
    "SignInDelay",
    "SignOff",
    "Term",
    "TieDecision",
    "User",
]

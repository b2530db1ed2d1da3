"""Decisions: accounts, offices and their terms, proposals and votes, releases and their signatures."""

from governance.models.account import User
from governance.models.ballot import Ballot, Choice, Declaration, Elector, Reminder, Second
from governance.models.charter import Charter, CharterVersion
from governance.models.imports import Import, ImportChange, ImportTrace, ImportUnread
from governance.models.invitation import Invitation
from governance.models.office import Office, Term
from governance.models.proposal import CommentPeriod, Concern, Hold, Link, Position, Proposal, Revision
from governance.models.release import Release, SignOff
from governance.models.sign_in import AdministratorLink, SignInDelay

__all__ = [
    "AdministratorLink",
    "Ballot",
    "Charter",
    "CharterVersion",
    "Choice",
    "CommentPeriod",
    "Concern",
    "Declaration",
    "Elector",
    "Hold",
    "Import",
    "ImportChange",
    "ImportTrace",
    "ImportUnread",
    "Invitation",
    "Link",
    "Office",
    "Position",
    "Proposal",
    "Release",
    "Reminder",
    "Revision",
    "Second",
    "SignInDelay",
    "SignOff",
    "Term",
    "User",
]

"""Decisions: accounts, offices and their terms, proposals, releases and their signatures."""

from governance.models.account import User
from governance.models.invitation import Invitation
from governance.models.office import Office, Term
from governance.models.proposal import CommentPeriod, Concern, Hold, Link, Position, Proposal, Revision
from governance.models.release import Release, SignOff
from governance.models.sign_in import AdministratorLink, SignInDelay

__all__ = [
    "AdministratorLink",
    "CommentPeriod",
    "Concern",
    "Hold",
    "Invitation",
    "Link",
    "Office",
    "Position",
    "Proposal",
    "Release",
    "Revision",
    "SignInDelay",
    "SignOff",
    "Term",
    "User",
]

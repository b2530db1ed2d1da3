"""Decisions: accounts, offices and their terms, releases and their signatures."""

from governance.models.account import User
from governance.models.office import Office, Term
from governance.models.release import Release, SignOff
from governance.models.sign_in import AdministratorLink, SignInDelay

__all__ = ["AdministratorLink", "Office", "Release", "SignInDelay", "SignOff", "Term", "User"]

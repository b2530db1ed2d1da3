"""Decisions: accounts, offices and their terms, releases and their signatures."""

from governance.models.account import User

__all__ = ["User"]

"""Invented proposals for tests."""

from ecosystem.models import Person
from governance.actions.imported_proposals import import_proposal
from governance.models import Proposal
from tests.factories.people import SOURCE, a_project


def a_read_proposal(number: str = "RFC-0001", state: str = "accepted", **more: object) -> Proposal:
    """Return a proposal that an importer brought."""
    more.setdefault("title", "Weave both ways")
    more.setdefault("project", a_project())
    return import_proposal(number=number, state=state, source=SOURCE, by="importer", **more)


def positions(**stands: str) -> dict[Person, str]:
    """Return stands by people of these names."""
    from tests.factories.people import a_person

    return {a_person(name.title()): stand for name, stand in stands.items()}

"""Say who may ask whether somebody is still interested, and who may answer: each rule raising and as a boolean."""

from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from ecosystem.models import Project
from governance.models import CheckIn, Office
from governance.queries.accounts import person_of
from governance.queries.offices import running

Actor = AbstractBaseUser | AnonymousUser
# Those who see to it that offices are filled.
ASKING = (Office.Kind.LEAD, Office.Kind.CORE, Office.Kind.COUNCIL)


def may_ask(user: Actor, project: Project, on: date) -> bool:
    """Say whether this user may ask the holders of a project's offices: its lead, core and council; clerks too."""
    if user.is_active and getattr(user, "is_superuser", False):
        return True
    person = person_of(user)
    if person is None:
        return False
    mine = running(on).filter(office__project=project, office__kind__in=ASKING)
    return any(term.person == person for term in mine)


def check_may_ask(user: Actor, project: Project, on: date) -> None:
    """Refuse who may not ask."""
    if not may_ask(user, project, on):
        raise PermissionDenied("Only the lead, the core maintainers, the council and administrators may ask this.")


def may_answer(user: Actor, check_in: CheckIn) -> bool:
    """Say whether this user may answer: only who was asked."""
    person = person_of(user)
    return person is not None and check_in.term.person.kept == person


def check_may_answer(user: Actor, check_in: CheckIn) -> None:
    """Refuse an answer for somebody else."""
    if not may_answer(user, check_in):
        raise PermissionDenied("Only who was asked may answer.")

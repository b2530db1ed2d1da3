"""May they? Importing is clerical work on the list of people: for the lead, core maintainers and administrators."""

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from governance.models import Office, User
from governance.queries.accounts import person_of
from governance.queries.offices import terms_on

Actor = User | AnonymousUser


def why_not_import(user: Actor, on: date | None = None) -> str:
    """Say why this user may not apply or undo imports; nothing where they may."""
    if not (user.is_authenticated and user.is_active):
        return "Sign in to apply or undo an import."
    if user.is_superuser:
        return ""
    person = person_of(user)
    offices = terms_on(on or timezone.localdate()).filter(office__kind__in=[Office.Kind.LEAD, Office.Kind.CORE])
    if person is not None and offices.filter(person=person).exists():
        return ""
    return "Only the lead, the core maintainers and administrators may apply or undo an import."


def may_import(user: Actor, on: date | None = None) -> bool:
    """Say whether this user may apply and undo imports."""
    return not why_not_import(user, on)


def check_may_import(user: Actor, on: date | None = None) -> None:
    """Refuse who may not apply or undo imports."""
    if reason := why_not_import(user, on):
        raise PermissionDenied(reason)

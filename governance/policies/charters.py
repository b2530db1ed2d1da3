"""Say who may enter, adopt and confirm a charter's version; whether it was decided is the action's question.

Each rule once, as in proposals.py: `why_not_x` gives the reason in words, `may_x` and `check_x` its other two forms.
"""

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from ecosystem.models import Project
from governance.charter import saying
from governance.models import CharterEntry, User
from governance.policies.proposals import Actor, acting_person, check, why_nobody
from governance.policies.releases import office_to_sign_by
from governance.queries.charters import charter_of
from governance.queries.charters_proposed import adopting_roles
from governance.queries.roles import roles_of

ONLY = "Only administrators, the lead and the core maintainers enter a version of the charter."


def may_adopt_charters(user: User | AnonymousUser) -> bool:
    """Say whether this user may enter a version that was decided."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_superuser or office_to_sign_by(user) is not None


def check_may_adopt_charters(user: User | AnonymousUser) -> None:
    """Refuse who may not enter a version."""
    if not may_adopt_charters(user):
        raise PermissionDenied(ONLY)


def why_not_adopt(user: Actor, project: Project | None) -> str:
    """Say why this user may not bring a change of a project's charter into force that was decided."""
    if reason := why_nobody(user):
        return reason
    charter = charter_of(project) if project else None
    if project is None or charter is None:
        return "There is no charter here to change."
    allowed = adopting_roles(charter)
    if roles_of(acting_person(user), charter, project, timezone.localdate()) & set(allowed):
        return ""
    return f"Only {saying.together(charter, allowed).words} may bring a version of these rules into force."


def may_adopt(user: Actor, project: Project | None) -> bool:
    """Say whether this user may bring a decided change into force."""
    return not why_not_adopt(user, project)


def check_may_adopt(user: Actor, project: Project | None) -> None:
    """Refuse who may not bring a change into force."""
    check(why_not_adopt(user, project))


def why_not_confirm(user: Actor, entry: CharterEntry) -> str:
    """Say why this user may not confirm what was entered: the same offices may, but never who entered it."""
    if reason := why_not_adopt(user, entry.charter.project):
        return reason
    if not entry.waits:
        return "It is confirmed." if entry.confirmed_at else "It was withdrawn."
    if acting_person(user) == entry.entered_by.kept:
        return "You entered it: somebody else who holds the office confirms it."
    return ""


def may_confirm(user: Actor, entry: CharterEntry) -> bool:
    """Say whether this user may confirm what was entered."""
    return not why_not_confirm(user, entry)


def check_may_confirm(user: Actor, entry: CharterEntry) -> None:
    """Refuse who may not confirm what was entered."""
    check(why_not_confirm(user, entry))


def why_not_withdraw(user: Actor, entry: CharterEntry) -> str:
    """Say why this user may not withdraw what was entered: who entered it may, and every holder of the office."""
    if reason := why_nobody(user):
        return reason
    if not entry.waits:
        return "It is confirmed." if entry.confirmed_at else "It was withdrawn."
    return "" if acting_person(user) == entry.entered_by.kept else why_not_adopt(user, entry.charter.project)


def may_withdraw(user: Actor, entry: CharterEntry) -> bool:
    """Say whether this user may withdraw what was entered."""
    return not why_not_withdraw(user, entry)


def check_may_withdraw(user: Actor, entry: CharterEntry) -> None:
    """Refuse who may not withdraw what was entered."""
    check(why_not_withdraw(user, entry))

"""Say who may enter a charter's new version here; whether it was decided is the action's question."""

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from governance.models import User
from governance.policies.releases import office_to_sign_by

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

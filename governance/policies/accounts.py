"""Say who may give accounts to whom."""

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from governance.models import User
from governance.policies.releases import office_to_sign_by


def may_invite(user: User | AnonymousUser) -> bool:
    """Say whether this user may invite a known person to have an account: administrators, and who signs releases."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_superuser or office_to_sign_by(user) is not None


def check_may_invite(user: User | AnonymousUser) -> None:
    """Refuse who may not invite."""
    if not may_invite(user):
        raise PermissionDenied("Only administrators, the lead and the core maintainers invite people.")

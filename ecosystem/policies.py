"""Say who may keep the list of people in order: each rule once, in a raising and a boolean form."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

Actor = AbstractBaseUser | AnonymousUser


def may_keep_people(user: Actor) -> bool:
    """Say whether this user may merge people, note logins, answer requests: clerical work, which administrators do."""
    return user.is_authenticated and user.is_active and bool(getattr(user, "is_superuser", False))


def check_may_keep_people(user: Actor) -> None:
    """Refuse who may not merge people, note logins and answer requests."""
    if not may_keep_people(user):
        raise PermissionDenied("Only an administrator may merge people, note logins and answer requests.")

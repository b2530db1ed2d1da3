"""Look passwords up; grant nothing."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend


class PasswordBackend(AuthenticationBackend):
    """Let an account sign in by name, whatever its case, and password.

    What it may do comes from the offices that its person holds that day (governance/policies/permissions.py): a flag or
    a group on the account grants nothing, so that whoever leaves an office leaves its permissions too.
    """

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

"""The administration shows what only actions change."""

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """A table or an inline that is shown in the administration and never edited there; mix it in first."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

"""The administration: accounts are edited here; offices and releases change through their actions, so they are read."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

import record
from governance.models import Office, Release, SignOff, Term, User
from record.read_only import ReadOnly


def sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """Send who is not signed in to the site's own page, where guessing is slowed; refuse who may not enter."""
    if request.user.is_authenticated:
        raise PermissionDenied("The administration is for accounts that an administrator marked as staff.")
    return redirect(f"{reverse('governance:login')}?{urlencode({'next': request.GET.get('next', '/admin/')})}")


admin.site.login = sign_in  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Flamekeeper administration"


@admin.register(User)
class Users(UserAdmin):
    """Accounts, with the person each acts for."""

    # No groups and no permissions: what an account may do comes from the offices its person holds that day.
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("person",)}),
        ("Standing", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("When", {"fields": ("last_login", "date_joined")}),
    )
    filter_horizontal = ()
    list_filter = ("is_staff", "is_active")
    list_display = ("username", "person", "is_staff", "is_active", "last_login")
    autocomplete_fields = ("person",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An account that acted stays: it is switched off instead."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Write down who changed which account: whose it is decides what it may sign."""
        super().save_model(request, obj, form, change)
        changed = sorted(set(form.changed_data) - {"password", "password1", "password2"})
        whose = f", which acts for {obj.person}" if obj.person else ""
        by = request.user if isinstance(request.user, User) else None
        record.append(
            "account.changed" if change else "account.added",
            by=by,
            subject=f"account/{obj.pk}",
            summary=f"{request.user} {'changed' if change else 'added'} the account {obj.username}{whose}.",
            data={"fields": changed, "person": obj.person.slug if obj.person else None},
        )


@admin.register(Office)
class Offices(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "kind", "area", "seats", "signs_releases")


@admin.register(Term)
class Terms(ReadOnly, admin.ModelAdmin):
    list_display = ("person", "office", "held", "source")
    search_fields = ("person__name", "office__name")


@admin.register(Release)
class Releases(ReadOnly, admin.ModelAdmin):
    list_display = ("version", "candidate", "night", "planned_at")


@admin.register(SignOff)
class SignOffs(ReadOnly, admin.ModelAdmin):
    list_display = ("release", "person", "office", "signed_at")

"""The record in the administration: to be read, as everywhere."""

from django.contrib import admin
from django.http import HttpRequest

from record.models import Event


@admin.register(Event)
class Events(admin.ModelAdmin):
    list_display = ("position", "at", "kind", "subject", "summary", "actor")
    list_filter = ("kind",)
    search_fields = ("summary", "subject", "actor")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

"""The record in the administration: to be read, as everywhere."""

from django.contrib import admin

from record.models import Event
from record.read_only import ReadOnly


@admin.register(Event)
class Events(ReadOnly, admin.ModelAdmin):
    list_display = ("position", "at", "kind", "subject", "summary", "actor")
    list_filter = ("kind",)
    search_fields = ("summary", "subject", "actor")

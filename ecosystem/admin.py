"""Facts about people and areas in the administration: to be read; actions change them, and write it down."""

from django.contrib import admin

from ecosystem.models import Affiliation, Area, Employer, Identity, Person
from record.read_only import ReadOnly


class Identities(ReadOnly, admin.TabularInline):
    model = Identity


class Affiliations(ReadOnly, admin.TabularInline):
    model = Affiliation


@admin.register(Person)
class People(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "slug")
    search_fields = ("name", "slug", "identities__value")
    inlines = (Identities, Affiliations)


@admin.register(Area)
class Areas(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "path_patterns", "benchmark_tags")


@admin.register(Employer)
class Employers(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "slug")

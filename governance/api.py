"""The public JSON API of people, offices, areas and coverage, as of any day: to be read without an account."""

from django.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, redirect

from ecosystem import queries as facts
from ecosystem.api import Document, day_of, paged, public
from ecosystem.lists import moved
from ecosystem.models import Area, Person
from governance import documents
from governance.models import Office
from governance.openapi import openapi
from governance.queries.offices import office_moved


@public
def people(request: HttpRequest) -> Document:
    """List the people with the offices they hold on a day."""
    on = day_of(request)
    found = facts.people().order_by("slug")
    return paged(request, found, lambda page: documents.people_documents(page, on))


def person(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return a human; one entered twice is found under who is kept."""
    entered = Person.objects.filter(slug=slug).select_related("merged_into").first()
    if entered and entered.merged_into:
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return HttpResponsePermanentRedirect(f"/api/people/{entered.merged_into.slug}/{query}")
    return _person(request, slug)


@public
def _person(request: HttpRequest, slug: str) -> Document:
    return documents.person_document(get_object_or_404(Person, slug=slug), day_of(request))


@public
def offices(request: HttpRequest) -> Document:
    """List the offices, of one project or of all, with who holds them on a day."""
    on = day_of(request)
    found = Office.objects.select_related("project", "area").order_by("slug")
    if project := request.GET.get("project"):
        found = found.filter(project__slug=project)
    return paged(request, found, lambda page: documents.offices_documents(page, on))


def office(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return an office; one that was renamed is found under its address of today."""
    now = None if Office.objects.filter(slug=slug).exists() else office_moved(slug)
    return redirect(moved(request, now, "/api")) if now else _office(request, slug)


@public
def _office(request: HttpRequest, slug: str) -> Document:
    """Return an office with everybody who ever held it."""
    found = get_object_or_404(Office.objects.select_related("project", "area"), slug=slug)
    return documents.office_document(found, day_of(request))


@public
def areas(request: HttpRequest) -> Document:
    """List the areas, of one project or of all, with who maintains them on a day."""
    on = day_of(request)
    found = Area.objects.select_related("project", "parent").order_by("slug")
    if project := request.GET.get("project"):
        found = found.filter(project__slug=project)
    return paged(request, found, lambda page: documents.areas_documents(page, on))


def area(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return an area; one that was renamed is found under its address of today."""
    now = None if Area.objects.filter(slug=slug).exists() else facts.area_moved(slug)
    return redirect(moved(request, now, "/api")) if now else _area(request, slug)


@public
def _area(request: HttpRequest, slug: str) -> Document:
    """Return an area with everybody who ever maintained it."""
    found = get_object_or_404(Area.objects.select_related("project", "parent"), slug=slug)
    return documents.area_document(found, day_of(request))


@public
def coverage(request: HttpRequest) -> Document:
    """Return which areas of the kept project stand on nobody and on one on a day, and over the years."""
    return documents.coverage_document(day_of(request))


@public
def description(request: HttpRequest) -> Document:
    """Return the OpenAPI document."""
    return openapi()

"""Lists in pages: which page of a list an address asks for, and which name is looked for in it."""

from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest

Row = TypeVar("Row", bound=Model)

A_PAGE = 100


def page_of(request: HttpRequest, rows: Any, *, name: str = "page", size: int = A_PAGE) -> Page[Any]:
    """Return the page that an address asks for by a name: the first where it asks for none, the last beyond it."""
    return Paginator(rows, size).get_page(request.GET.get(name))


def moved(request: HttpRequest, to: Any, prefix: str = "") -> str:
    """Return where something is seen that had this address before, with all else that was asked.

    Raises:
        Http404: when nothing had it.
    """
    if to is None:
        raise Http404
    # Not for good: an import that renamed it can be undone.
    return f"{prefix}{to.get_absolute_url()}{'?' if request.GET else ''}{request.GET.urlencode()}"


def name_asked_for(request: HttpRequest) -> str:
    """Return the name that is looked for in a list; empty where everything is asked for."""
    return " ".join(request.GET.get("name", "").replace("\x00", "").split())[:100]


def named(found: QuerySet[Row], words: str, *also: Q) -> QuerySet[Row]:
    """Return the rows whose name holds these words, whatever the case, or that something else picks."""
    either = Q(name__icontains=words)
    for one in also:
        either |= one
    return found.filter(either) if words else found

"""How the public JSON API answers: one document, cached by its content, in pages; an error is one line of JSON."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import wraps
from hashlib import sha256
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import urlencode

from ecosystem.days import day_written
from ecosystem.withheld_pages import document_without, staying
from ecosystem.withholding import withheld_words

Document = dict[str, Any]
Rows = Sequence[Any]
MAX_AGE_S = 60
PER_PAGE, MOST_PER_PAGE = 100, 500


class BadQuestion(ValueError):
    """A parameter that makes no sense; the message names it and says how to write it."""


def written(document: Mapping[str, Any]) -> str:
    """Write a document the one way, keys in order, so that the same state gives the same bytes."""
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True, default=str) + "\n"


def public(ask: Callable[..., Document]) -> Callable[..., HttpResponseBase]:
    """Make a public address of a function that returns a document: to be read by anybody, from anywhere."""

    @wraps(ask)
    def address(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return error(405, "This address is read with GET.", Allow="GET, HEAD")
        try:
            document = ask(request, *args, **kwargs)
        except BadQuestion as refused:
            return error(400, str(refused))
        except Http404:
            return error(404, "Nothing has this address.")
        return answer(request, document)

    return address


def answer(request: HttpRequest, document: Document) -> HttpResponseBase:
    """Return a document with the tag of its content, or that nothing changed since it was read."""
    # Before the tag is made: a reader who has the page of before is to be given the new one.
    body = written(document_without(document, withheld_words())).encode()
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    response["ETag"] = etag
    seen = get_conditional_response(request, etag, response=response) or response
    seen["Cache-Control"] = f"public, max-age={MAX_AGE_S}"
    seen["Access-Control-Allow-Origin"] = "*"
    return staying(seen)


def error(status: int, words: str, **headers: str) -> HttpResponse:
    """Return an error as one line of JSON."""
    body = json.dumps({"error": words}, ensure_ascii=False) + "\n"
    response = HttpResponse(body, status=status, content_type="application/json; charset=utf-8", headers=headers)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def day_of(request: HttpRequest) -> date:
    """Return the day that is asked about, else today.

    Raises:
        BadQuestion: for what is no day.
    """
    asked = request.GET.get("on", "").strip()
    try:
        return day_written(asked) if asked else timezone.localdate()
    except ValueError as wrong:
        raise BadQuestion(f"on: “{asked[:40]}” is no day; write it as 2023-05-01.") from wrong


def number_of(request: HttpRequest, name: str, default: int, most: int) -> int:
    """Return a whole number from 1 that a parameter gives.

    Raises:
        BadQuestion: for anything else.
    """
    asked = request.GET.get(name, str(default))
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10 and 1 <= int(asked) <= most):
        raise BadQuestion(f"{name}: “{asked[:40]}” is not a whole number from 1 to {most}.")
    return int(asked)


def paged(request: HttpRequest, found: Any, shown: Callable[[Rows], list[Document]]) -> Document:
    """Return one page of a list, with the addresses of those beside it.

    Raises:
        BadQuestion: for a page that is not there.
    """
    size = number_of(request, "per_page", PER_PAGE, MOST_PER_PAGE)
    number = number_of(request, "page", 1, 10**9)
    count = found.count()
    pages = max(1, -(-count // size))
    if number > pages:
        raise BadQuestion(f"page: there are {pages}, and {number} was asked for.")
    rows = list(found[(number - 1) * size : number * size])
    return {
        "count": count,
        "page": number,
        "pages": pages,
        "previous": beside(request, number - 1) if number > 1 else None,
        "next": beside(request, number + 1) if number < pages else None,
        "results": shown(rows),
    }


def beside(request: HttpRequest, number: int) -> str:
    """Return the address of another page of the same list."""
    return f"{request.path}?{urlencode({**request.GET.dict(), 'page': str(number)})}"

"""Every answer of the site passes here: none shows what is withheld, whichever room wrote it."""

import re
from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from ecosystem.providers import stored_slugs
from ecosystem.withheld_pages import answer_without, stays_as_made
from ecosystem.withholding import Words, withheld_words

# The administration is for those who keep people; the health check must answer without the database.
PASSED_BY = ("/admin/", "/static/", "/healthz")
STAND_IN = re.compile(r"(?<![^\W_])unnamed-\d+(?![^\W_])")


def leave_out_what_is_withheld(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Leave the words that people asked not to be shown by out of every answer, and find what their links lead to."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(PASSED_BY):
            return get_response(request)
        lead_to_what_is_stored(request)
        response = get_response(request)
        # Read after the page was made: what was asked for a moment ago holds for it. An error's page tells nothing.
        if isinstance(response, HttpResponse) and response.status_code < 500 and not stays_as_made(response):
            words = withheld_words()
            return answer_without(response, words) if words.pattern else response
        return response

    return middleware


def lead_to_what_is_stored(request: HttpRequest) -> None:
    """Find the stored address behind one in which a person's name was left out: /proposals/elect-unnamed-7/."""
    if not STAND_IN.search(request.path_info):
        return
    words = withheld_words()
    if words.pattern is None:
        return
    parts = request.path_info.split("/")
    request.path_info = "/".join(stored(part, words) if STAND_IN.search(part) else part for part in parts)


def stored(part: str, words: Words) -> str:
    """Return the slug that is shown as this part of an address; the part itself where none is."""
    return next(behind(part, words), part)


def behind(part: str, words: Words) -> Iterator[str]:
    """Give the slugs that are shown so."""
    return (slug for slug in stored_slugs() if slug != part and words.address(slug) == part)

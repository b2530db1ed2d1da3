"""What every request and every response passes: no NUL comes in, and headers keep pages to what this site serves."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Plotly sets inline styles; scripts come from files only.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "frame-ancestors 'none'; base-uri 'self'; object-src 'none'; form-action 'self'"
)
# A browser follows this rule through redirects too: the form that signs in by GitHub ends there.
if settings.GITHUB_SIGN_IN:
    POLICY += f" {settings.GITHUB_URL or 'https://github.com'}"


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Send the content security policy with every response."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware


def without_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Take NUL characters out of the query: no word needs one, and the database fails at the first."""

    def middleware(request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        # What is left of a sign may make another one with its neighbours.
        while "%00" in query:
            query = query.replace("%00", "")
        request.META["QUERY_STRING"] = query.replace("\x00", "")
        return get_response(request)

    return middleware

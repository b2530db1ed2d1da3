"""The public record: a list to search, an address for each event, and the whole of it to take away."""

from datetime import UTC
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_GET

from record import queries
from record.chain import canonical
from record.models import Event
from record.queries import Filters
from record.withholding import exported, redaction


class FilterForm(forms.Form):
    """What a reader of the record may look for."""

    words = forms.CharField(required=False, max_length=200, label="Words or account")
    kind = forms.ChoiceField(required=False, label="Kind")
    subject = forms.CharField(required=False, max_length=200, label="About", help_text="night/12, release/2.14.0")
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["kind"].choices = [("", "every kind"), *kind_choices(queries.kinds())]  # type: ignore[attr-defined]

    def filters(self) -> Filters:
        """Return what was asked for; a field that makes no sense filters nothing and says so beside itself."""
        self.is_valid()
        said = {name: value for name, value in self.cleaned_data.items() if value}
        return Filters(**said)


def kind_choices(kinds: list[str]) -> list[tuple[str, str]]:
    """Return the kinds to choose from: each family (night), then each kind of it (night.decided)."""
    names = sorted({kind.split(".")[0] for kind in kinds} | set(kinds))
    return [(name, name if "." in name else f"{name}, all") for name in names]


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the events, the latest first; `upto` is the position that a page begins with."""
    form = FilterForm(request.GET)
    filters = form.filters()
    upto = position_asked_for(request)
    page = queries.page(filters, upto)
    context = {
        "form": form,
        "page": page,
        "sentence": sentence(filters),
        "head": queries.head(),
        "filtered": filters.some,
        "newer": address(request, page.newer),
        "older": address(request, page.older),
        "paged": upto is not None,
    }
    return render(request, "record/events.html", context)


def position_asked_for(request: HttpRequest, name: str = "upto") -> int | None:
    """Return the position that an address names, if it says a number."""
    asked = request.GET.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None


def address(request: HttpRequest, upto: int | None) -> str:
    """Return the address of the page that begins with a position, with the same filters; empty without one."""
    if upto is None:
        return ""
    kept = {name: value for name, value in request.GET.items() if value and name != "upto"}
    return f"?{urlencode({**kept, 'upto': upto})}"


def sentence(filters: Filters) -> str:
    """Say how much the record holds, or how much of it was found."""
    head = queries.head()
    if head is None:
        return "Nothing has happened yet that the record would keep."
    count = head.position
    if filters.some:
        found = queries.found(filters).count()
        return f"{found} of the {count} events of the record {'matches' if found == 1 else 'match'}."
    last = date_format(head.at.astimezone(UTC), "j F Y")
    if count == 1:
        return f"One event, on {last}."
    return f"{count:,} events, each with the hash of the one before it; the last on {last}."


@require_GET
def event(request: HttpRequest, position: int) -> HttpResponse:
    """Show one event with its hash and how to check it."""
    shown = get_object_or_404(Event, position=position)
    sound, body = shown.entry.computed_hash() == shown.hash, canonical(shown.entry.body())
    shown.as_shown(redaction())
    following = Event.objects.filter(position=position + 1).first()
    context = {
        "event": shown,
        "sentence": shown.summary,
        "following": following,
        "body": body,
        "data": sorted((name, plain_words(value)) for name, value in shown.data.items()),
        "sound": sound,
        "command": f"curl -s {request.build_absolute_uri(reverse('record:export'))}"
        f" | sed -n {position}p | jq -cSj 'del(.hash)' | sha256sum",
    }
    return render(request, "record/event.html", context)


def plain_words(value: object) -> str:
    """Return a value of an event's data for a page."""
    if value is None:
        return "–"
    return value if isinstance(value, str) else canonical(value)


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Stream the record as JSON lines, from its first event or after a position that a mirror has already."""
    after = position_asked_for(request, "after") or 0
    lines = (f"{entry.line()}\n" for entry in exported(queries.entries(after)))
    return StreamingHttpResponse(lines, content_type="application/jsonl; charset=utf-8")

"""What templates say of verdicts, quantities and times."""

import datetime
from collections.abc import Sequence

from django import template
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.utils import timezone

from benchmarks_runner import quantities

register = template.Library()

SHAPES = {"pass": "●", "fail": "▲", "broken": "◆", "inconclusive": "○", "decided": "●", "cancelled": "×", "failed": "◆"}
STEPS = ((31557600, "year"), (2629800, "month"), (604800, "week"), (86400, "day"), (3600, "hour"), (60, "minute"))


@register.filter
def shape(word: str | None) -> str:
    """Return the shape that goes with a verdict's word, so that colour never speaks alone."""
    return SHAPES.get(word or "", "◐")


@register.filter
def said(word: str | None) -> str:
    """Return how pages say a verdict or a night's state."""
    return {"failed": "not measured", "requested": "waiting"}.get(word or "", word or "undecided")


@register.simple_tag(takes_context=True)
def address(context: Context, *pairs: object) -> str:
    """Return this page's address with other values, in pairs of name and value: all else that it asks for stays."""
    asked = asked_of(context)
    for name, value in zip(pairs[::2], pairs[1::2], strict=True):
        asked.pop(str(name), None)
        if value not in (None, ""):
            asked[str(name)] = str(value)
    return f"?{asked.urlencode()}"


@register.simple_tag(takes_context=True)
def asked_besides(context: Context, *names: str) -> list[tuple[str, str]]:
    """Return what this page's address asks for besides these, for a form to ask for it too."""
    return [(name, str(value)) for name, value in asked_of(context).items() if name not in names]


def asked_of(context: Context) -> QueryDict:
    """Return what the address of the page asks for; nothing where a template is rendered without one."""
    request: HttpRequest | None = getattr(context, "request", None)
    return request.GET.copy() if request else QueryDict(mutable=True)


@register.filter
def at(values: Sequence[object], index: int) -> object:
    """Return the value at an index."""
    return values[index]


@register.filter
def ratio(log_ratio: float | None) -> str:
    """Write a ln ratio as a ratio."""
    return quantities.MISSING if log_ratio is None else quantities.ratio(log_ratio)


@register.filter
def change(log_ratio: float | None) -> str:
    """Say a ln ratio as slower or faster."""
    return quantities.MISSING if log_ratio is None else quantities.change(log_ratio)


@register.filter
def percent(fraction: float | None) -> str:
    """Write a fraction as a percentage."""
    return quantities.MISSING if fraction is None else quantities.percent(fraction)


@register.filter
def duration(seconds: float | datetime.timedelta | None) -> str:
    """Write a span of time as people say it."""
    if seconds is None:
        return quantities.MISSING
    return quantities.duration(seconds.total_seconds() if isinstance(seconds, datetime.timedelta) else seconds)


@register.filter
def nanoseconds(value: float | None) -> str:
    """Write a measured time."""
    return quantities.MISSING if value is None else quantities.nanoseconds(value)


@register.filter
def size(value: float | str | None) -> str:
    """Write a number of bytes; what a template could not find is an empty text."""
    return quantities.size(value) if isinstance(value, int | float) else quantities.MISSING


@register.filter
def iso(moment: datetime.datetime) -> str:
    """Write a moment for machines, in UTC."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@register.filter
def absolute(moment: datetime.datetime) -> str:
    """Write a moment for people, in UTC; where scripts run the page turns it into the reader's zone."""
    utc = moment.astimezone(datetime.UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M} UTC"


@register.filter
def relative(moment: datetime.datetime, now: datetime.datetime | None = None) -> str:
    """Say how long ago a moment was, or how far ahead it is, in its largest unit."""
    seconds = ((now or timezone.now()) - moment).total_seconds()
    for length, name in STEPS:
        count = int(abs(seconds) // length)
        if count:
            words = f"{count} {name}{'s' if count > 1 else ''}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "just now" if seconds >= 0 else "in a moment"

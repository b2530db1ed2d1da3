"""Reads of the record."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db.models import Q, QuerySet
from django.db.models.query import ModelIterable

from record.chain import Entry
from record.models import Event
from record.withholding import Redact, redaction, withheld_now

PAGE = 50


@dataclass(frozen=True)
class Filters:
    """What a reader looks for; everything, where nothing is said. `without` names kinds that are left out."""

    kind: str = ""
    subject: str = ""
    words: str = ""
    since: date | None = None
    until: date | None = None
    without: tuple[str, ...] = ()

    @property
    def some(self) -> bool:
        return any((self.kind, self.subject, self.words, self.since, self.until))


@dataclass(frozen=True)
class Page:
    """Some events, the latest first, with the positions from which the pages beside it are read."""

    events: list[Event]
    newer: int | None
    older: int | None


def head() -> Event | None:
    """Return the last event: its hash stands for the whole record before it."""
    last = Event.objects.order_by("-position").first()
    return last.as_shown(redaction()) if last else None


def events_about(subject: str) -> QuerySet[Event]:
    """Return the events about a subject and what lies beneath it, the latest first."""
    events = Event.objects.filter(Q(subject=subject) | Q(subject__startswith=f"{subject}/")).order_by("-position")
    events._iterable_class = AsShown
    return events


class AsShown(ModelIterable):
    """Events without what is withheld at a person's request."""

    def __iter__(self) -> Iterator[Event]:
        redact = redaction()
        return (event.as_shown(redact) for event in super().__iter__())


def found(filters: Filters) -> QuerySet[Event]:
    """Return the events that a reader looks for, in order."""
    events = Event.objects.all()
    redact = withheld_now()
    if redact is not None:
        events = events.filter(position__in=_seen(filters, redact)) if filters.words else events
        # Whoever looks for what is withheld finds nothing: the list of what it stood in would tell it.
        events = events.none() if redact(filters.subject) != filters.subject else events
    if filters.kind:
        events = events.filter(Q(kind=filters.kind) | Q(kind__startswith=f"{filters.kind}."))
    if filters.subject:
        events = events.filter(Q(subject=filters.subject) | Q(subject__startswith=f"{filters.subject}/"))
    if filters.without:
        events = events.exclude(kind__in=filters.without)
    if filters.words:
        events = events.filter(_says(filters.words))
    if filters.since:
        events = events.filter(at__gte=midnight(filters.since))
    if filters.until:
        events = events.filter(at__lte=datetime.combine(filters.until, time.max, UTC))
    return events


def _seen(filters: Filters, redact: Redact) -> list[int]:
    """Return the positions of events whose words are found in what pages show of them, not only in what is withheld."""
    asked = filters.words.lower()
    return [
        event.position
        for event in Event.objects.filter(_says(filters.words)).iterator(chunk_size=500)
        if asked in redact(event.summary).lower() or asked == redact(event.actor).lower()
    ]


def _says(words: str) -> Q:
    return Q(summary__icontains=words) | Q(actor__iexact=words)


def midnight(day: date) -> datetime:
    """Return the beginning of a day in UTC."""
    return datetime.combine(day, time(), UTC)


def page(filters: Filters, upto: int | None = None, size: int = PAGE) -> Page:
    """Return one page, the latest first; `upto` is its first event's position, so its address never shifts."""
    matching = found(filters)
    shown = matching.filter(position__lte=upto) if upto is not None else matching
    events = list(shown.order_by("-position")[: size + 1])
    older = events[size].position if len(events) > size else None
    newer = None
    if upto is not None:
        above = list(matching.filter(position__gt=upto).order_by("position").values_list("position", flat=True)[:size])
        newer = above[-1] if above else None
    redact = redaction()
    return Page([event.as_shown(redact) for event in events[:size]], newer, older)


def latest(size: int) -> list[Event]:
    """Return the last events as pages show them, the latest first."""
    redact = redaction()
    return [event.as_shown(redact) for event in Event.objects.order_by("-position")[:size]]


def latest_of(families: Iterable[str], size: int, *, without: Iterable[str] = ()) -> list[Event]:
    """Return the last events of some families of kinds (`vote` is all of `vote.called`, …) as pages show them."""
    redact = redaction()
    wanted = Q()
    for family in families:
        wanted |= Q(kind__startswith=f"{family}.")
    events = Event.objects.filter(wanted).exclude(kind__in=list(without)).order_by("-position")
    return [event.as_shown(redact) for event in events[:size]]


def kinds() -> list[str]:
    """Return the kinds of events that there are, in order."""
    return list(Event.objects.order_by("kind").values_list("kind", flat=True).distinct())


def entries(after: int = 0) -> Iterator[Entry]:
    """Return the record's entries after a position, streamed."""
    for event in Event.objects.filter(position__gt=after).order_by("position").iterator(chunk_size=500):
        yield event.entry

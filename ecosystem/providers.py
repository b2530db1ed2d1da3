"""What only a higher room knows of a person or an area: the offices that were held, and from when to when.

The higher room registers its book of terms when it starts, the names of its accounts and the addresses of what it
keeps; this room never imports it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.db.models import Q, QuerySet
from django.utils import timezone

from ecosystem.models import Person


@dataclass(frozen=True)
class TermNote:
    """A term as pages of this room show it."""

    person: str
    person_slug: str
    person_url: str
    office: str
    kind: str
    standing: str
    since: date | None
    until: date | None
    source: str
    end_source: str = ""
    note: str = ""
    area: str = ""
    area_slug: str = ""
    area_url: str = ""
    office_url: str = ""
    expires_on: date | None = None

    def runs_on(self, day: date) -> bool:
        """Say whether the office is held on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)

    @property
    def current(self) -> bool:
        """Say whether the office is held today; an emeritus holds it no longer."""
        return self.standing == "active" and self.runs_on(timezone.localdate())

    @property
    def emeritus(self) -> bool:
        """Say whether the person is emeritus today."""
        return self.standing == "emeritus" and self.runs_on(timezone.localdate())


class TermBook(Protocol):
    """Where terms are looked up."""

    def terms(self, *, person: str = "", area: str = "", on: date | None = None) -> list[TermNote]:
        """Return all terms, a human's or an area's, by slug; or those that run on a day, each human once an office."""
        ...

    def running(
        self, on: date, *, kinds: Collection[str], people: Collection[int] | None, areas: Collection[int] | None
    ) -> list[TermNote]:
        """Return the terms by which offices are held on a day: of these kinds, people or areas, by their keys."""
        ...

    def holders(self, on: date, kinds: Collection[str]) -> QuerySet[Any, int]:
        """Return the keys of the humans who hold an office on a day: any, or one of these kinds."""
        ...

    def maintainer_counts(self, on: date) -> dict[int, int]:
        """Return how many humans maintain each area on a day, by the area's key; areas of nobody are left out."""
        ...


_books: list[TermBook] = []


def register_term_book(book: TermBook) -> None:
    """Look terms up here too; registering it twice changes nothing."""
    if book not in _books:
        _books.append(book)


def forget_term_book(book: TermBook) -> None:
    """Look terms up here no longer."""
    if book in _books:
        _books.remove(book)


def terms(*, person: str = "", area: str = "", on: date | None = None) -> list[TermNote]:
    """Return all terms, a person's or an area's, or those that run on a day; empty where nobody keeps them."""
    return [note for book in _books for note in book.terms(person=person, area=area, on=on)]


def running_terms(
    on: date,
    *,
    kinds: Collection[str] = (),
    people: Collection[int] | None = None,
    areas: Collection[int] | None = None,
) -> list[TermNote]:
    """Return the terms by which offices of the kept project are held on a day; of these people or areas only."""
    return [note for book in _books for note in book.running(on, kinds=kinds, people=people, areas=areas)]


def holding(on: date, *kinds: str) -> Q:
    """Return what picks the people who hold an office on a day: any, or one of these kinds."""
    picked = Q(pk__in=[])
    for book in _books:
        picked |= Q(pk__in=book.holders(on, kinds))
    return picked


def maintainer_counts(on: date) -> Counter[int]:
    """Return how many humans maintain each area on a day, by the area's key."""
    counted: Counter[int] = Counter()
    for book in _books:
        counted.update(book.maintainer_counts(on))
    return counted


def current_terms(*, person: str = "", area: str = "", on: date | None = None) -> list[TermNote]:
    """Return the terms by which offices are held on a day: today, where none is named."""
    day = on or timezone.localdate()
    return [note for note in terms(person=person, area=area, on=day) if note.standing == "active"]


Usernames = Callable[[Person], Iterable[str]]
Slugs = Callable[[], Iterable[str]]

_usernames: list[Usernames] = []
_slugs: list[Slugs] = []


def register_usernames(found: Usernames) -> None:
    """Ask here, too, under which names a person's accounts act; registering it twice changes nothing."""
    if found not in _usernames:
        _usernames.append(found)


def usernames(person: Person) -> list[str]:
    """Return the names under which the accounts of a person act."""
    return [name for found in _usernames for name in found(person)]


def register_slugs(found: Slugs) -> None:
    """Let these addresses, made of what people wrote, be found where a name in them is left out."""
    if found not in _slugs:
        _slugs.append(found)


def stored_slugs() -> Iterator[str]:
    """Give the addresses that were made of what people wrote."""
    return (slug for found in _slugs for slug in found())

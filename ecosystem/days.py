"""The day that a page is asked about: `?on=2023-05-01`, else today."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.utils import timezone

# Pages look months ahead and behind: a day at the calendar's very end has nothing there.
FIRST, LAST = date(1000, 1, 1), date(9000, 1, 1)


@dataclass(frozen=True)
class Day:
    """The day that a page tells of, and how its sentences speak of it."""

    date: date
    asked: bool = False
    problem: str = ""

    @property
    def past(self) -> bool:
        """Say whether the day is over."""
        return self.date < timezone.localdate()

    @property
    def words(self) -> str:
        """Return the day as pages write it."""
        return written(self.date)

    @property
    def query(self) -> str:
        """Return what an address needs to stay on the day."""
        return f"?on={self.date.isoformat()}" if self.asked else ""

    def verb(self, now: str, then: str) -> str:
        """Return the verb for a day that is, or that was."""
        return then if self.past else now

    def said(self, text: str) -> str:
        """Return a sentence about the day; one of today needs no date."""
        return f"On {self.words} {text}" if self.asked else text[:1].upper() + text[1:]


def day_written(text: str) -> date:
    """Return the day that somebody wrote.

    Raises:
        ValueError: for what is no day, and for one so near an end of the calendar that no span fits around it.
    """
    day = date.fromisoformat(text)
    if not FIRST <= day <= LAST:
        raise ValueError(f"{day} is not between {FIRST} and {LAST}")
    return day


def written(day: date) -> str:
    """Return a day as pages write it: 1 May 2023."""
    return f"{day.day} {day:%B %Y}"


def today() -> Day:
    """Return today."""
    return Day(timezone.localdate())


def day_asked_for(request: HttpRequest) -> Day:
    """Return the day that an address names; one that is no day is said to be none, and today is shown."""
    asked = request.GET.get("on", "").strip()
    if not asked:
        return today()
    try:
        return Day(day_written(asked), asked=True)
    except ValueError:
        problem = f"“{asked[:40]}” is no day: write it as 2023-05-01. This page shows today."
        return Day(timezone.localdate(), problem=problem)

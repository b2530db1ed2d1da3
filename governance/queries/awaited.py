"""What awaits a person, as their portal shows it, whatever room of decisions it comes from."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Awaited:
    """One thing that somebody is asked for: in words, where it is done, and by when, if there is a when."""

    kind: str
    words: str
    url: str
    until: datetime | None = None


def in_order(awaited: list[Awaited]) -> list[Awaited]:
    """Return what awaits somebody, the earliest deadline first, then what has none."""
    return sorted(awaited, key=lambda one: (one.until is None, one.until.timestamp() if one.until else 0, one.words))

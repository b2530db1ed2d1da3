"""Reads about support that a charter asks for: who gives it, of how many different employers, and what is missing."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ecosystem.models import Person
from ecosystem.queries import UNKNOWN, affiliations_of
from ecosystem.sentences import count, listed


@dataclass(frozen=True)
class Supporter:
    """Somebody who supports, with the employers of the day on which they said so; none: unknown."""

    person: Person
    employers: frozenset[str]

    @property
    def employer(self) -> str:
        """Return the employer in words; `unknown` is said as such."""
        return listed(sorted(self.employers)) or UNKNOWN


def supporter(person: Person, on: date) -> Supporter:
    """Return somebody who supports on a day."""
    held = affiliations_of(person).filter(held__contains=on)
    return Supporter(person.kept, frozenset(one.employer.kept.name for one in held if one.employer))


def different_employers(supporters: Collection[Supporter], *, unknown_differs: bool = False) -> int:
    """Return of how many different employers some people are.

    Who works for two is of another employer only where neither is among those counted. An employer who is not known
    may be any of the others, and is counted as another one only where the rule says so.
    """
    counted: set[str] = set()
    found = 0
    # Whoever has the fewest employers first: they stand in the way of the fewest others.
    for one in sorted(supporters, key=lambda one: (len(one.employers), one.employer)):
        if one.employers and counted.isdisjoint(one.employers):
            counted |= one.employers
            found += 1
    unknown = sum(not one.employers for one in supporters)
    if unknown_differs:
        return found + unknown
    return found or min(unknown, 1)


@dataclass(frozen=True)
class Asked:
    """The support that a rule asks for, and how a sentence counts it."""

    people: int
    employers: int | None = None
    unknown_differs: bool = False
    one: str = "second"
    many: str = "seconds"


def still_missing(asked: Asked, supporters: Sequence[Supporter]) -> list[str]:
    """Say what support is missing, in words; nothing where there is enough."""
    return list(_missing(asked, supporters))


def _missing(asked: Asked, supporters: Sequence[Supporter]) -> Iterator[str]:
    people = max(asked.people - len(supporters), 0)
    if people:
        yield f"{people} more {asked.one if people == 1 else asked.many}"
    if asked.employers is None:
        return
    employers = asked.employers - different_employers(supporters, unknown_differs=asked.unknown_differs)
    if employers <= 0:
        return
    unknown = sorted(one.person.name for one in supporters if not one.employers)
    known = f" (that of {listed(unknown)} is unknown, and counts as no other)" if unknown else ""
    more = count(employers, "more employer", "more employers")
    yield f"{asked.many} from {more}{'' if asked.unknown_differs else known}"

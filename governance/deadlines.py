"""Say when a day is over, and say a moment where its reader stands.

A deadline is a day: it holds until the day is over in its zone. "AoE" (anywhere on Earth) is over when the day has
ended everywhere, twelve hours after it ended in UTC.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

ANYWHERE_ON_EARTH = "AoE"
# Baker Island, the last place where a day ends.
_LAST_PLACE = timezone(timedelta(hours=-12), ANYWHERE_ON_EARTH)
RULES = {
    ANYWHERE_ON_EARTH: "anywhere on Earth: the day is over everywhere",
    "UTC": "the day is over in UTC",
}


class UnknownZone(ValueError):
    """A zone that neither this module nor the time zone database knows."""


def zone_of(name: str) -> tzinfo:
    """Return the zone of a name: AoE, UTC or an IANA name such as Europe/Paris.

    Raises:
        UnknownZone: for any other word.
    """
    if name == ANYWHERE_ON_EARTH:
        return _LAST_PLACE
    if name == "UTC":
        return UTC
    # The database is asked for its list first: a name is also a path, and must not lead elsewhere.
    if name not in known_zones():
        raise UnknownZone(f"{name!r} is no time zone: write AoE, UTC or a name such as Europe/Paris.")
    return ZoneInfo(name)


@cache
def known_zones() -> frozenset[str]:
    """Return the names of all zones but those that mean another place on another machine; asking takes a while."""
    return frozenset(available_timezones() - {"localtime", "Factory"})


def closing_moment(day: date, zone: str) -> datetime:
    """Return the moment, in UTC, at which a day is over in a zone: the first that is too late."""
    return datetime.combine(day + timedelta(days=1), time(), zone_of(zone)).astimezone(UTC)


def day_in(moment: datetime, zone: str) -> date:
    """Return the day that a moment belongs to in a zone."""
    return moment.astimezone(zone_of(zone)).date()


def last_day(start: datetime, days: int, zone: str) -> date:
    """Return the day at whose end at least so many whole days have gone by since a start, in a zone."""
    day = day_in(start, zone) + timedelta(days=days - 1)
    # A day or two: where the clocks went forward in between, the days were shorter.
    while closing_moment(day, zone) < start + timedelta(days=days):
        day += timedelta(days=1)
    return day


def said(moment: datetime, zone: str) -> str:
    """Say a deadline: the day and hour in its zone, the same in UTC, and the rule where it has a name."""
    there, utc = moment.astimezone(zone_of(zone)), moment.astimezone(UTC)
    if zone == "UTC":
        return f"{_hour(utc)} UTC"
    if zone == ANYWHERE_ON_EARTH:
        return f"{_hour(there)} anywhere on Earth ({_hour(utc)} UTC)"
    return f"{_hour(there)} in {zone.replace('_', ' ')} ({_hour(utc)} UTC)"


def rule(zone: str) -> str:
    """Say by which rule a day is over."""
    return RULES.get(zone) or f"the day is over in {zone.replace('_', ' ')}"


def _hour(moment: datetime) -> str:
    """Write a moment; the first moment of a day is written as the end of the day before."""
    if (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        before = moment - timedelta(minutes=1)
        return f"{before.day} {before:%B %Y}, 24:00"
    return f"{moment.day} {moment:%B %Y, %H:%M}"

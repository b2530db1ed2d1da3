"""Since when silence is consent: pure arithmetic of moments, for a rule of lazy consensus.

A stretch is a time from a moment to another, the second one excluded; without a second it goes on.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

Stretch = tuple[datetime, datetime | None]


def consent_from(
    begins: datetime,
    lasts: timedelta,
    *,
    disturbed: Collection[Stretch] = (),
    agreed: Collection[Stretch] = (),
    approvals: int = 0,
) -> datetime | None:
    """Return the moment from which silence is consent, in the past or to come; None while something stands against it.

    `disturbed`: while somebody objects; the silence begins anew at its end. `agreed`: while somebody agrees; so many
    `approvals` must stand at once, at the end of the silence or later. What comes at the very moment of the end comes
    too late, and what comes after the moment that is returned does not change it.
    """
    ends = [end for _, end in disturbed if end is not None]
    for start in sorted({begins, *(end for end in ends if end > begins)}):
        if any(within(start, stretch) for stretch in disturbed):
            continue
        moment = with_approvals(start + lasts, agreed, approvals)
        if moment is not None and all(moment <= first for first, _ in disturbed if first > start):
            return moment
    return None


def with_approvals(earliest: datetime, agreed: Collection[Stretch], approvals: int) -> datetime | None:
    """Return the first moment, not before the earliest, at which enough people agree."""
    moments = [earliest, *sorted(first for first, _ in agreed if first > earliest)]
    return next((at for at in moments if sum(within(at, one) for one in agreed) >= approvals), None)


def within(moment: datetime, stretch: Stretch) -> bool:
    """Say whether a moment lies in a stretch."""
    first, end = stretch
    return first <= moment and (end is None or moment < end)


def stretches(steps: Iterable[tuple[datetime, bool]]) -> list[Stretch]:
    """Return the stretches of something that was begun (True) and ended (False) at moments, in their order."""
    found: list[Stretch] = []
    since: datetime | None = None
    for moment, on in steps:
        if on and since is None:
            since = moment
        elif not on and since is not None:
            found.append((since, moment))
            since = None
    return [*found, (since, None)] if since is not None else found

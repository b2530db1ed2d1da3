"""Slow down the guessing of passwords: what failed of late makes the next try wait.

Each try is counted before the password is looked at, so that many tries at once gain nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from governance.models import SignInDelay

FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Rule:
    """How many tries are free, and how long the longest wait after more of them is."""

    name: str
    free: int
    longest_s: int


# One account from one address is slowed first. The account alone is slowed late and little, so that nobody can lock
# another out; the address alone late too, because many people may share one.
ACCOUNT_HERE = Rule("account at address", free=5, longest_s=900)
ACCOUNT = Rule("account", free=30, longest_s=60)
ADDRESS = Rule("address", free=30, longest_s=300)


class TooSoon(Exception):
    """A try to sign in that came before its waiting time was over."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"Too many tries: wait {seconds} seconds and try again.")


def keys(username: str, address: str) -> list[tuple[str, Rule]]:
    """Return what a try is counted under, with the rule of each; hashed, so that no typed-in name is stored."""
    name = username.strip().lower()
    return [
        (hashed(ACCOUNT_HERE, name, address), ACCOUNT_HERE),
        (hashed(ACCOUNT, name), ACCOUNT),
        (hashed(ADDRESS, address), ADDRESS),
    ]


def hashed(rule: Rule, *parts: str) -> str:
    """Return the key of a count."""
    return sha256("\0".join((rule.name, *parts)).encode()).hexdigest()


def count_try(*, username: str, address: str) -> None:
    """Count a try to sign in before its password is looked at.

    Raises:
        TooSoon: while an earlier failure makes this one wait; such a try is not counted.
    """
    now = timezone.now()
    # Always in the same order, so that two tries never wait for each other's rows crosswise.
    counted = sorted(keys(username, address))
    SignInDelay.objects.filter(last_failed_at__lt=now - timedelta(days=1)).delete()
    with transaction.atomic():
        delays = [claimed(key, now) for key, _ in counted]
        waiting = max(delay.wait_until for delay in delays)
        if waiting > now:
            raise TooSoon(int((waiting - now).total_seconds()) + 1)
        for delay, (_, rule) in zip(delays, counted, strict=True):
            count(delay, rule, now)


def claimed(key: str, now: datetime) -> SignInDelay:
    """Return the row of a count, locked, made if it is new."""
    new = SignInDelay(key=key, failures=0, last_failed_at=now, wait_until=now)
    # "On conflict update": the row is locked whether it was there or not, and cannot vanish in between.
    SignInDelay.objects.bulk_create([new], update_conflicts=True, unique_fields=["key"], update_fields=["key"])
    return SignInDelay.objects.get(key=key)


def count(delay: SignInDelay, rule: Rule, now: datetime) -> None:
    """Add one try to a count and set how long the next one waits."""
    forgotten = delay.last_failed_at < now - FORGOTTEN_AFTER
    delay.failures = 1 if forgotten else delay.failures + 1
    delay.last_failed_at = now
    delay.wait_until = now + timedelta(seconds=wait_s(delay.failures, rule))
    delay.save()


def wait_s(failures: int, rule: Rule) -> int:
    """Return how many seconds the next try waits: none for the free ones, then twice as long each time."""
    beyond = failures - rule.free
    return 0 if beyond < 0 else min(2 ** min(beyond, 20), rule.longest_s)


def forgive(*, username: str, address: str) -> None:
    """Forget the counts of an account that has signed in; the address keeps what other accounts failed."""
    here, account, at = keys(username, address)
    with transaction.atomic():
        SignInDelay.objects.filter(key__in=(here[0], account[0])).delete()
        take_back(at[0])


def take_back(key: str) -> None:
    """Take one try off a count."""
    for delay in SignInDelay.objects.select_for_update().filter(key=key):
        if delay.failures > 1:
            SignInDelay.objects.filter(pk=delay.pk).update(failures=delay.failures - 1, wait_until=timezone.now())
        else:
            delay.delete()

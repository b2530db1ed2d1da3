"""The record's one write: append an event, inside the transaction of what it tells."""

import re
from collections.abc import Mapping
from typing import Any, Protocol

from django.db import connection
from django.utils import timezone

from record.chain import Entry, chained, plain, plain_text
from record.models import Event

# One lock for the whole chain, held until the transaction ends. The number is ours alone: "FLAMEREC" in ASCII.
CHAIN_LOCK = int.from_bytes(b"FLAMEREC", "big")
KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
SUBJECT = re.compile(r"[\w.@+-]+(/[\w.@+:=,-]+)*")


class OutsideTransaction(RuntimeError):
    """An event was to be written on its own, apart from what it tells."""


class Account(Protocol):
    """Whoever acts: a user of the site."""

    pk: Any

    def get_username(self) -> str: ...


def append(
    kind: str,
    *,
    by: Account | str | None,
    subject: str,
    summary: str,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Append one event to the record; call it last in an action, since it makes other writers wait for the commit.

    `by` is the account that acted, the name of what acted (`schedule`), or None for the site itself.

    Raises:
        OutsideTransaction: when no transaction is open: what is told and its event must stand or fall together.
        ValueError: for a kind or subject that is not in the record's form, or an empty summary.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{kind}: write the record inside transaction.atomic(), beside what it tells.")
    # First the lock, then the time: the order of positions is the order of times, as far as the clock allows.
    hold_the_chain()
    draft = drafted(kind, by=by, subject=subject, summary=summary, data=data or {})
    before = Event.objects.order_by("-position").first()
    entry = chained(draft, before.entry if before else None)
    return Event.objects.create(**entry.__dict__)


def drafted(kind: str, *, by: Account | str | None, subject: str, summary: str, data: Mapping[str, Any]) -> Entry:
    """Return the entry without its place in the chain; refuse what is not in the record's form."""
    if not KIND.fullmatch(kind):
        raise ValueError(f"A kind is dotted and lower case, such as night.decided: {kind!r}")
    if not SUBJECT.fullmatch(subject):
        raise ValueError(f"A subject is a path-like reference, such as night/12: {subject!r}")
    if not summary.strip():
        raise ValueError(f"{kind} needs a summary: one plain sentence for the page.")
    actor, actor_id = acting(by)
    return Entry(
        position=0,
        at=timezone.now(),
        kind=kind,
        actor=plain_text(actor),
        actor_id=actor_id,
        subject=subject,
        summary=plain_text(summary),
        data=plain(data),
        previous="",
    )


def acting(by: Account | str | None) -> tuple[str, int | None]:
    """Return the name and the number of who acts; the site itself has neither."""
    if by is None or isinstance(by, str):
        return by or "", None
    return by.get_username(), by.pk


def hold_the_chain() -> None:
    """Wait for every other writer, so that the chain never forks; released with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])

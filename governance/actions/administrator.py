"""The first administrator: a link that works once and not for long, and the account it makes."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

import record
from governance.models import AdministratorLink, User

VALID_FOR = timedelta(minutes=30)


class LinkRefused(Exception):
    """A link that was used, replaced or has expired, or came too late: there is an administrator."""


@dataclass(frozen=True)
class Token:
    """What the link carries. It is shown once and never stored."""

    value: str
    expires_at: datetime


def administrator() -> User | None:
    """Return an administrator who can sign in, if there is one."""
    return User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()


def hashed(token: str) -> str:
    """Return the form in which a token is stored."""
    return sha256(token.encode()).hexdigest()


@transaction.atomic
def make_administrator_link(*, valid_for: timedelta = VALID_FOR) -> Token:
    """Make the one open link for the first administrator; an earlier one stops working.

    Raises:
        LinkRefused: when there is an administrator already.
    """
    refuse_a_second_administrator()
    now = timezone.now()
    # In one transaction with the new row, and one open row at most: two commands at once cannot both leave a link.
    AdministratorLink.objects.select_for_update().filter(closed_at=None).update(closed_at=now)
    token = Token(secrets.token_urlsafe(32), now + valid_for)
    AdministratorLink.objects.create(token_hash=hashed(token.value), expires_at=token.expires_at)
    return token


def refuse_a_second_administrator() -> None:
    """Refuse when somebody can sign in as administrator."""
    there = administrator()
    if there is not None:
        raise LinkRefused(
            f"There is an administrator already: {there.get_username()}. They sign in with their password; "
            "`manage.py changepassword NAME` sets a new one."
        )


def open_link(token: str) -> AdministratorLink | None:
    """Return the link of a token while it works."""
    return AdministratorLink.objects.filter(
        token_hash=hashed(token), closed_at=None, expires_at__gt=timezone.now()
    ).first()


@transaction.atomic
def become_administrator(*, token: str, username: str, password: str) -> User:
    """Make the first administrator's account and close the link: of two at once, one is refused.

    Raises:
        LinkRefused: for a link that does not work, or no longer.
    """
    found = open_link(token)
    # The second of two waits here for the first, and then finds the row closed.
    link = AdministratorLink.objects.select_for_update().filter(pk=found.pk, closed_at=None).first() if found else None
    if link is None:
        raise LinkRefused(
            "This link was used, replaced or has expired: `manage.py administrator_link` makes a new one."
        )
    refuse_a_second_administrator()
    user = User.objects.create_superuser(username=username, password=password)
    link.closed_at = timezone.now()
    link.save()
    record.append(
        "administrator.appointed",
        by=user,
        subject=f"account/{user.pk}",
        summary=f"{username} became the first administrator, by the one-time link.",
    )
    return user

"""Writes about invitations: a known person gets an account by a link that works once.

The token is in the link alone: what is stored and handed about here, and kept in a session, is its hash.
"""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

import record
from ecosystem.models import Person
from governance.actions.administrator import Token, hashed
from governance.models import Invitation, User
from governance.policies.accounts import check_may_invite
from governance.queries.accounts import accounts_of

VALID_FOR = timedelta(days=7)


class InvitationRefused(Exception):
    """An invitation that was accepted, taken back or has expired; or one for somebody who has an account."""


@transaction.atomic
def invite(*, person: Person, by: User) -> Token:
    """Make the one open invitation of a person; an earlier one stops working. The link is told to them by the inviter.

    Raises:
        PermissionDenied: for who may not invite.
        InvitationRefused: when the person has an account already.
    """
    check_may_invite(by)
    # The person's row is the queue: two invitations at once leave one open link.
    person = Person.objects.select_for_update().get(pk=person.kept.pk)
    if accounts_of(person).exists():
        raise InvitationRefused(f"{person.name} has an account already.")
    now = timezone.now()
    person.invitations.filter(closed_at=None).update(closed_at=now)
    token = Token(secrets.token_urlsafe(32), now + VALID_FOR)
    Invitation.objects.create(person=person, token_hash=hashed(token.value), made_by=by, expires_at=token.expires_at)
    record.append(
        "person.invited",
        by=by,
        subject=f"person/{person.slug}",
        summary=f"{person.name} was invited to have an account.",
    )
    return token


def open_invitation(token_hash: str) -> Invitation | None:
    """Return the invitation whose token has this hash, while it works."""
    found = Invitation.objects.filter(token_hash=token_hash, closed_at=None, expires_at__gt=timezone.now())
    return found.select_related("person").first()


@transaction.atomic
def accept(*, token_hash: str, user: User) -> User:
    """Let an account act for the invited person, and close the invitation; of two at once, one is refused.

    Raises:
        InvitationRefused: for an invitation that does not work, a person who has an account, or an account that acts
            for somebody.
    """
    found = open_invitation(token_hash)
    locked = Invitation.objects.select_for_update().select_related("person")
    invitation = locked.filter(pk=found.pk, closed_at=None).first() if found else None
    if invitation is None:
        raise InvitationRefused("This invitation was used, taken back or has expired: ask for a new one.")
    if user.person is not None:
        raise InvitationRefused(f"This account acts for {user.person.name} already: sign out and open the link again.")
    if accounts_of(invitation.person).exists():
        raise InvitationRefused(f"{invitation.person.name} has an account already: sign in with it.")
    user.person = invitation.person
    user.save()
    invitation.closed_at, invitation.accepted_by = timezone.now(), user
    invitation.save()
    record.append(
        "account.linked",
        by=user,
        subject=f"account/{user.pk}",
        summary=f"The account {user.username} acts for {invitation.person.name}, by invitation.",
        data={"person": invitation.person.slug, "invited_by": invitation.made_by.username},
    )
    return user


@transaction.atomic
def accept_with_new_account(*, token_hash: str, username: str, password: str) -> User:
    """Make an account with a password and let it act for the invited person.

    Raises:
        InvitationRefused: as `accept`; then no account is made.
    """
    return accept(token_hash=token_hash, user=User.objects.create_user(username=username, password=password))

"""Writes about accounts that come from GitHub: which person one is, by GitHub's number of the account.

A login can be given up and taken by somebody else, so it names a person but proves nothing; the number stays.
"""

from django.db import transaction

import record
from ecosystem.models import Identity, Person
from governance.models import User
from governance.queries.accounts import accounts_of


def recognised(number: int) -> User | None:
    """Return the account of the person with this number, if they have one that can sign in."""
    person = person_with(number)
    return accounts_of(person).filter(is_active=True).order_by("pk").first() if person else None


def person_with(number: int) -> Person | None:
    """Return the person with this number; where two entries were merged, the one that was kept."""
    identity = Identity.objects.filter(kind=Identity.Kind.GITHUB, number=number).select_related("person").first()
    if identity is None:
        return None
    return identity.person.merged_into or identity.person


@transaction.atomic
def make_account(*, user: User, number: int, login: str) -> None:
    """Write down a new account that came from GitHub, acting for the person whose number it has."""
    person = person_with(number)
    if person is not None and not accounts_of(person).exists():
        user.person = person
        user.save(update_fields=["person"])
    whose = f" It acts for {user.person.name}, whose number it has." if user.person else ""
    record.append(
        "account.added",
        by=user,
        subject=f"account/{user.pk}",
        summary=f"{user.username} signed in by GitHub for the first time.{whose}",
        data={"github": number, "login": login, "person": user.person.slug if user.person else None},
    )


@transaction.atomic
def greet(*, user: User, number: int, login: str) -> None:
    """Note the number of a person whose login was known without it: they have signed in as that very login.

    Only where the account acts for the person already, by invitation or by an administrator's word.
    """
    if user.person is None or not login:
        return
    named = user.person.identities.select_for_update().filter(kind=Identity.Kind.GITHUB)
    identity = named.filter(value__iexact=login, number__isnull=True).first()
    if identity is None or Identity.objects.filter(kind=Identity.Kind.GITHUB, number=number).exists():
        return
    identity.number = number
    identity.save(update_fields=["number"])
    record.append(
        "identity.numbered",
        by=user,
        subject=f"person/{user.person.slug}",
        summary=f"{user.person.name} signed in as {identity.value}, whose number on GitHub is {number}.",
        data={"login": identity.value, "number": number},
    )

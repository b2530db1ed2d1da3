"""Writes about the names under which a person acts: accounts, the logins they bore, git authors, addresses."""

from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

import record
from ecosystem.models import Identity, Login, Person
from record.actions import Account


class IdentityRefused(ValueError):
    """An identity or a login that belongs to somebody else, or dates that make no sense."""


@transaction.atomic
def add_identity(
    *, person: Person, kind: str, value: str, number: int | None = None, source: str, by: Account | str | None
) -> Identity:
    """Say under which name a person acts; an address is kept out of the record and off every page.

    Raises:
        IdentityRefused: when a GitHub account of this login or number is somebody's already.
    """
    if kind == Identity.Kind.GITHUB:
        refuse_an_account_of_another(value, number)
    identity = Identity.objects.create(person=person, kind=kind, value=value, number=number, source=source)
    shown = "" if kind == Identity.Kind.EMAIL else f" {value}"
    record.append(
        "identity.added",
        by=by,
        subject=f"person/{person.slug}",
        summary=f"{person.name} acts under the {identity.get_kind_display()}{shown or ', which is not public'}.",
        data={"kind": kind, "value": shown.strip() or None, "number": number, "source": source},
    )
    return identity


def refuse_an_account_of_another(login: str, number: int | None) -> None:
    """Refuse an account that is somebody's."""
    taken = account(login=login, number=number)
    if taken:
        raise IdentityRefused(f"The GitHub account {taken.value} is {taken.person.name}'s already.")


def account(*, login: str = "", number: int | None = None) -> Identity | None:
    """Return the GitHub account of a number, else of a present login whatever its case."""
    accounts = Identity.objects.filter(kind=Identity.Kind.GITHUB).select_related("person__merged_into")
    numbered = accounts.filter(number=number).first() if number is not None else None
    return numbered or accounts.filter(value__iexact=login).first()


@transaction.atomic
def rename_login(*, identity: Identity, login: str, on: date, source: str, by: Account | str | None) -> Identity:
    """Say that a GitHub account bears another login from a day on; the one before stays in its history.

    Raises:
        IdentityRefused: when another account bears that login, this one does, or the day is not after the present one's
            beginning.
    """
    identity = Identity.objects.select_for_update().select_related("person").get(pk=identity.pk)
    refuse_a_login_of_another(identity, login, on)
    present = present_login(identity)
    if present.held.lower is not None and on <= present.held.lower:
        raise IdentityRefused(f"{present.value} is borne from {present.held.lower}, not before {on}.")
    before = identity.value
    present.held = DateRange(present.held.lower, on)
    present.save()
    Login.objects.create(identity=identity, value=login, held=DateRange(on, None), source=source)
    identity.value = login
    identity.save(update_fields=["value"])
    record.append(
        "identity.renamed",
        by=by,
        subject=f"person/{identity.person.slug}",
        summary=f"The GitHub account of {identity.person.name}, {before} until then, is {login} from {on}.",
        data={"github": login, "before": before, "on": on, "number": identity.number, "source": source},
    )
    return identity


def refuse_a_login_of_another(identity: Identity, login: str, on: date) -> None:
    """Refuse a login that another account bears, or bore on that day or later, and one that this account bears."""
    if login == identity.value:
        raise IdentityRefused(f"The account bears the login {login} already.")
    other = account(login=login)
    if other and other.pk != identity.pk:
        raise IdentityRefused(f"The GitHub account {other.value} is {other.person.name}'s already.")
    borne = Login.objects.filter(value__iexact=login, held__overlap=DateRange(on, None)).exclude(identity=identity)
    held = borne.select_related("identity__person").first()
    if held:
        raise IdentityRefused(
            f"{held.value} was the login of {held.identity.person.name} until {held.held.upper}: not another's on {on}."
        )


def present_login(identity: Identity) -> Login:
    """Return the login that an account bears; written down now where its history is empty."""
    present = identity.logins.filter(held__endswith__isnull=True).first()
    return present or Login.objects.create(
        identity=identity, value=identity.value, held=DateRange(None, None), source=identity.source
    )

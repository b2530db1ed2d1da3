"""Take back what an import said of people's accounts: logins they bear now, accounts they had not, numbers."""

from __future__ import annotations

from django.db.backends.postgresql.psycopg_any import DateRange

from ecosystem.models import Identity, Login
from governance.models import Import
from governance.queries.imports import imports_applied, sighting_of


def take_back_accounts(imported: Import) -> list[str]:
    """Give accounts the logins and numbers they had without an import; return, in words, what was changed since.

    What another import says too stays: then it is that one's word.
    """
    others = imports_applied(imported.project, imported.format).exclude(pk=imported.pk)
    said = [person for one in others for person in sighting_of(one).reading.people]
    logins = {person.github.lower() for person in said if person.github}
    numbers = {person.github_number for person in said if person.github_number}
    kept: list[str] = []
    changes = imported.changes.filter(kind="person").exclude(after=None).order_by("-pk")
    for after in (change.after or {} for change in changes):
        beside = after.get("beside", {})
        for pk in beside.get("login", []):
            take_back_login(pk, logins)
        for pk in beside.get("numbered", []):
            numbered = Identity.objects.filter(pk=pk, number=after.get("number"))
            numbered.exclude(number__in=numbers).update(number=None)
        for pk in beside.get("identity", []):
            kept += take_back_account(pk, after.get("github", ""), logins)
    return kept


def take_back_login(pk: int, said: set[str]) -> None:
    """Remove a login from an account's history: the one before lasts until the next, or is borne today."""
    login = Login.objects.select_related("identity__person").filter(pk=pk).first()
    if login is None or login.value.lower() in said:
        return
    account, held = login.identity, login.held
    before = account.logins.filter(held__endswith=held.lower).first() if held.lower else None
    if before is None:
        return
    login.delete()
    before.held = DateRange(before.held.lower, held.upper)
    before.save(update_fields=["held"])
    if held.upper is None:
        account.value = before.value
        account.save(update_fields=["value"])
    # The only login that an account ever bore is no history.
    account.logins.filter(held=DateRange(None, None), value=account.value).delete()


def take_back_account(pk: int, login: str, said: set[str]) -> list[str]:
    """Remove an account that a person had not; one that was renamed here since stays, and is told."""
    account = Identity.objects.select_related("person").filter(pk=pk).first()
    if account is None or account.value.lower() in said:
        return []
    if account.value != login or account.logins.exists():
        return [f"{account.person.name}: the GitHub account {account.value} was changed here since."]
    account.delete()
    return []

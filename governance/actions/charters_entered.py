"""Writes about versions that were decided elsewhere: one office holder enters one, a second confirms it."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

import record
from ecosystem.models import Project
from governance.actions.charters import (
    ADDRESS,
    AdoptionRefused,
    check_follows,
    digest,
    entered,
    made_one,
    next_version,
)
from governance.actions.charters_proposed import check_not_far_away
from governance.models import CharterEntry, CharterVersion, User
from governance.policies.charters import check_may_adopt, check_may_confirm, check_may_withdraw
from governance.policies.proposals import acting_person


@transaction.atomic
def enter_decision(
    *, project: Project, text: str, source: str, decided_on: date, in_force_from: date, by: User
) -> CharterEntry:
    """Enter a version that was decided elsewhere. It is none until somebody else confirms it.

    Raises:
        PermissionDenied: for who does not hold the office that the charter names, else lead or core.
        AdoptionRefused: when the text, the address or the days do not fit, or another entry waits.
    """
    check_may_adopt(by, project)
    following = next_version(project, text)
    check_follows(following, in_force_from)
    check_decision(project, source, decided_on, in_force_from)
    person = acting_person(by)
    try:
        with transaction.atomic():
            entry = CharterEntry.objects.create(
                charter=following.charter,
                follows=following.last,
                text=text,
                digest=digest(text),
                source=source,
                decided_on=decided_on,
                in_force_from=in_force_from,
                entered_by=person,
                entered_at=timezone.now(),
            )
    except IntegrityError as error:
        if "charter_entry_one_waits_at_a_time" not in str(error):
            raise
        raise AdoptionRefused("Another version waits to be confirmed: confirm it or withdraw it first.") from error
    written(entry, "charter.entered", f"{person.name} entered a version, decided at {source}; not confirmed.", by)
    return entry


def check_decision(project: Project, source: str, decided_on: date, in_force_from: date) -> None:
    """Refuse an address or days that cannot be those of a decision that was taken."""
    if not ADDRESS.fullmatch(source):
        raise AdoptionRefused("Name the address where the decision can be read: https://…, without spaces.")
    if made_one(project, source):
        raise AdoptionRefused(f"{source} made a version already: name the decision that made this one.")
    if decided_on > timezone.localdate():
        raise AdoptionRefused(f"{decided_on} is yet to come: enter the decision once it was taken.")
    if in_force_from < decided_on:
        raise AdoptionRefused(f"It was decided on {decided_on}: it is not in force from {in_force_from}, before that.")
    check_not_far_away(in_force_from)


def locked_entry(entry: CharterEntry) -> CharterEntry:
    """Return an entry, held against every other writer until the transaction ends."""
    return CharterEntry.objects.select_for_update(of=("self",)).select_related("charter__project").get(pk=entry.pk)


@transaction.atomic
def confirm_entry(*, entry: CharterEntry, seen: str, by: User) -> CharterVersion:
    """Confirm what somebody else entered: it becomes the next version. `seen`: the digest that the page showed.

    Raises:
        PermissionDenied: for who entered it, and for who does not hold the office.
        AdoptionRefused: when the charter changed since it was entered.
    """
    held = locked_entry(entry)
    check_may_confirm(by, held)
    project, person = held.charter.project, acting_person(by)
    following = next_version(project, held.text)
    if held.digest != seen:
        raise AdoptionRefused(f"You were shown another text: what was entered has the SHA-256 {held.digest}.")
    if reason := overtaken(held, following.last):
        raise AdoptionRefused(reason)
    check_follows(following, held.in_force_from)
    check_decision(project, held.source, held.decided_on, held.in_force_from)
    names = [held.entered_by.kept.name, person.name]
    how = f"; decided on {held.decided_on}, entered by {names[0]}, confirmed by {names[1]}"
    version = entered(following, held.in_force_from, held.source, how, by, entered=names[0], confirmed=names[1])
    held.version, held.confirmed_by, held.confirmed_at = version, person, timezone.now()
    held.save()
    return version


def overtaken(entry: CharterEntry, last: CharterVersion) -> str:
    """Say that the charter changed since something was entered; nothing where it did not."""
    if last.pk == entry.follows_id:
        return ""
    return (
        f"Version {last.number} was adopted since this was entered after version {entry.follows.number}: "
        "withdraw it, and enter it anew."
    )


@transaction.atomic
def withdraw_entry(*, entry: CharterEntry, reason: str, by: User) -> CharterEntry:
    """Withdraw what was entered and not confirmed; that it was entered stays.

    Raises:
        PermissionDenied: for who neither entered it nor holds the office.
        AdoptionRefused: without a reason.
    """
    held = locked_entry(entry)
    check_may_withdraw(by, held)
    why = " ".join(reason.split())
    if not why or len(why) > 2000:
        raise AdoptionRefused("Give the reason, in 2000 characters at most: it becomes public.")
    held.withdrawn_by, held.withdrawn_at, held.withdrawn_why = acting_person(by), timezone.now(), why
    held.save()
    words = f"{held.withdrawn_by.name} withdrew the version that was decided at {held.source}: {why}"
    written(held, "charter.entry_withdrawn", words, by)
    return held


def written(entry: CharterEntry, kind: str, words: str, by: User) -> None:
    """Write into the record what became of an entry."""
    record.append(
        kind,
        by=by,
        subject=f"charter/{entry.charter.project.slug}",
        summary=words,
        data={
            "entry": entry.pk,
            "digest": entry.digest,
            "follows": entry.follows.number,
            "source": entry.source,
            "decided_on": entry.decided_on,
            "in_force_from": entry.in_force_from,
        },
    )

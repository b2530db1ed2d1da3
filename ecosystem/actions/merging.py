"""Say that two persons are one human, and take it back: nothing is moved, so nothing is lost."""

from django.db import transaction
from django.utils import timezone

import record
from ecosystem.models import Employer, KeptApart, Merge, Person
from record.actions import Account, hold_the_chain


class MergeRefused(ValueError):
    """A merge that makes no sense, or is not there to be taken back."""


@transaction.atomic
def merge_people(*, person: Person, into: Person, reason: str, by: Account | str | None) -> Person:
    """Show a person as another one from now on: the same human, entered twice. Return the person who is kept.

    Raises:
        MergeRefused: when the person is merged already, or both are one already.
    """
    hold_merges()
    person, into = fresh(person), fresh(into)
    if person.merged_into:
        raise MergeRefused(f"{person.name} is merged into {person.merged_into.name} already: take that back first.")
    if into.kept == person:
        raise MergeRefused(f"{into.name} and {person.name} are one already.")
    Merge.objects.create(person=person, into=into, reason=reason, merged_at=timezone.now())
    reckon_again()
    record.append(
        "person.merged",
        by=by,
        subject=f"person/{person.slug}",
        summary=f"{person.name} ({person.slug}) is the same human as {into.name} ({into.slug}): {reason}.",
        data={"person": person.slug, "into": into.slug, "kept": into.kept.slug, "reason": reason},
    )
    return into.kept


@transaction.atomic
def unmerge_people(*, person: Person, reason: str, by: Account | str | None) -> Person:
    """Take a merge back: the person, and who was merged into them, are shown as before.

    Raises:
        MergeRefused: when the person is not merged.
    """
    hold_merges()
    person = fresh(person)
    stands = Merge.objects.filter(person=person, undone_at=None).select_related("into").first()
    if stands is None:
        raise MergeRefused(f"{person.name} is not merged into anybody.")
    stands.undone_at = timezone.now()
    stands.save(update_fields=["undone_at"])
    reckon_again()
    record.append(
        "person.unmerged",
        by=by,
        subject=f"person/{person.slug}",
        summary=f"{person.name} ({person.slug}) is another human than {stands.into.name} after all: {reason}.",
        data={"person": person.slug, "from": stands.into.slug, "reason": reason},
    )
    return fresh(person)


def hold_merges() -> None:
    """Let one merge after the other be reckoned, by the lock that the record takes anyway: two at once made a ring."""
    hold_the_chain()


def fresh(person: Person) -> Person:
    """Return a person as the table has them now."""
    return Person.objects.select_related("merged_into").get(pk=person.pk)


def reckon_again() -> None:
    """Point every merged person at the one who is kept, through all merges that stand."""
    into = dict(Merge.objects.filter(undone_at=None).values_list("person", "into"))
    kept = {person: end_of(person, into) for person in into}
    pointed = dict(Person.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into"))
    for person in {*kept, *pointed}:
        if kept.get(person) != pointed.get(person):
            Person.objects.filter(pk=person).update(merged_into=kept.get(person))


def end_of(person: int, into: dict[int, int]) -> int:
    """Return where a chain of merges ends."""
    while person in into:
        person = into[person]
    return person


@transaction.atomic
def keep_apart(*, first: Person, second: Person, by: Account | str | None) -> None:
    """Say that two persons who look like one human are two; a second call changes nothing."""
    first, second = sorted((first, second), key=lambda person: person.pk)
    _, new = KeptApart.objects.get_or_create(first=first, second=second)
    if new:
        record.append(
            "person.kept_apart",
            by=by,
            subject=f"person/{first.slug}",
            summary=f"{first.name} ({first.slug}) and {second.name} ({second.slug}) are two humans.",
            data={"first": first.slug, "second": second.slug},
        )


@transaction.atomic
def merge_employers(*, employer: Employer, into: Employer, reason: str, by: Account | str | None) -> Employer:
    """Count an employer under the name of another one. Return the one that is kept.

    Raises:
        MergeRefused: when it is merged already, or both are one already.
    """
    hold_merges()
    employer, into = Employer.objects.get(pk=employer.pk), Employer.objects.get(pk=into.pk)
    if employer.merged_into:
        raise MergeRefused(f"{employer} is counted as {employer.kept} already: take that back first.")
    if into.kept == employer:
        raise MergeRefused(f"{into} and {employer} are one already.")
    employer.merged_into = into
    employer.save(update_fields=["merged_into"])
    record.append(
        "employer.merged",
        by=by,
        subject=f"employer/{employer.slug}",
        summary=f"The employer {employer} is the same organisation as {into}: {reason}.",
        data={"employer": employer.slug, "into": into.slug, "reason": reason},
    )
    return into.kept


@transaction.atomic
def unmerge_employers(*, employer: Employer, reason: str, by: Account | str | None) -> Employer:
    """Count an employer under its own name again.

    Raises:
        MergeRefused: when it is not merged.
    """
    hold_merges()
    employer = Employer.objects.get(pk=employer.pk)
    into = employer.merged_into
    if into is None:
        raise MergeRefused(f"{employer} is not merged into another employer.")
    employer.merged_into = None
    employer.save(update_fields=["merged_into"])
    record.append(
        "employer.unmerged",
        by=by,
        subject=f"employer/{employer.slug}",
        summary=f"The employer {employer} is another organisation than {into} after all: {reason}.",
        data={"employer": employer.slug, "from": into.slug, "reason": reason},
    )
    return employer

"""Writes about endorsements: given, withdrawn, and who does not stand at the closing for want of them."""

from django.db import transaction
from django.utils import timezone

import record
from governance.actions.elections import locked, note_who_stands
from governance.models import Election, Endorsement, Nomination, User
from governance.policies.endorsements import check_may_endorse, check_may_take_back
from governance.queries.accounts import person_of
from governance.queries.candidates import endorsement_by, lacks
from governance.queries.support import supporter


@transaction.atomic
def endorse(*, nomination: Nomination, by: User) -> Endorsement:
    """Endorse a nominee; the employer that counts is the one of this day.

    Raises:
        PermissionDenied: for who is no elector, who runs the election, oneself, twice, or once nominations are over.
    """
    nomination = held(nomination)
    check_may_endorse(by, nomination)
    person = person_of(by)
    assert person is not None
    now = timezone.now()
    endorsement = Endorsement.objects.create(nomination=nomination, person=person.kept, given_at=now)
    told(
        nomination,
        "endorsed",
        by,
        f"{person.kept.name} endorsed {nomination.person.name}",
        employer=supporter(person.kept, timezone.localdate(now)).employer,
    )
    return endorsement


@transaction.atomic
def take_back(*, nomination: Nomination, by: User) -> Endorsement:
    """Withdraw one's endorsement, while nominations are open; that it was given stays in the record.

    Raises:
        PermissionDenied: for who gave none, or once nominations are over.
    """
    nomination = held(nomination)
    check_may_take_back(by, nomination)
    person = person_of(by)
    endorsement = endorsement_by(nomination, person) if person else None
    assert endorsement is not None
    endorsement.withdrawn_at = timezone.now()
    endorsement.save()
    name = endorsement.person.kept.name
    told(nomination, "endorsement_withdrawn", by, f"{name} withdrew their endorsement of {nomination.person.name}")
    return endorsement


def held(nomination: Nomination) -> Nomination:
    """Return a nomination with its election's row locked: endorsements and the closing go one after the other."""
    locked(nomination.election)
    fresh = Nomination.objects.select_for_update(of=("self",)).select_related("election", "person__merged_into")
    return fresh.get(pk=nomination.pk)


def told(nomination: Nomination, step: str, by: User, words: str, **more: object) -> None:
    """Write a step into the record, with what the nominee still lacks."""
    person = person_of(by)
    record.append(
        f"election.{step}",
        by=by,
        subject=f"election/{nomination.election.slug}",
        summary=f"{words}: {nomination.election.title}.",
        data={
            "person": nomination.person.slug,
            "endorser": person.kept.slug if person else None,
            "missing": lacks(nomination),
            **more,
        },
    )


def note_those_over() -> int:
    """Write down who stands wherever nominations are over, and say of how many elections; nothing waits for this."""
    waiting = Election.objects.filter(
        state=Election.State.NOMINATING,
        endorsements__gt=0,
        standing_noted_at__isnull=True,
        nominations_close_at__lte=timezone.now(),
    )
    return sum(noted_by_the_clock(election) for election in waiting)


@transaction.atomic
def noted_by_the_clock(election: Election) -> bool:
    """Write down who stands in nobody's name; say whether nobody was quicker."""
    return note_who_stands(locked(election))

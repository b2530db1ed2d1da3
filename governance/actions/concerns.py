"""Writes about what stops a proposal: named concerns, which only the raiser resolves, and holds."""

from django.db import transaction
from django.utils import timezone

import record
from governance.actions.comment_periods import stop_running
from governance.actions.imported_proposals import ProposalRefused
from governance.actions.proposal_writing import locked, markdown, plain_line
from governance.models import Concern, Hold, Proposal, User
from governance.policies.proposals import (
    acting_person,
    check_may_hold,
    check_may_lift,
    check_may_raise,
    check_may_resolve,
)


@transaction.atomic
def raise_concern(*, proposal: Proposal, name: str, text: str, by: User) -> Concern:
    """Raise a concern under a name; a final comment period that runs is stopped by it.

    Raises:
        PermissionDenied: for who may not raise one that blocks.
        ProposalRefused: for a name that is taken, or an empty text.
    """
    progress = locked(proposal)
    check_may_raise(by, progress)
    held, person = progress.proposal, acting_person(by)
    name = plain_line(name, "The concern's name", 80)
    if held.concerns.filter(name__iexact=name).exists():
        raise ProposalRefused(f"A concern named “{name}” is known already: choose another name.")
    last = held.revisions.order_by("-number").first()
    concern = Concern.objects.create(
        proposal=held,
        name=name,
        text=markdown(text, "The concern"),
        revision=last.number if last else None,
        raised_by=person,
        raised_at=timezone.now(),
    )
    stop_running(progress, why=f"{person.name} raised the concern “{name}”.", person=person, by=by)
    record.append(
        "proposal.concern_raised",
        by=by,
        subject=held.subject,
        summary=f"{person.name} raised the concern “{name}” on the proposal {held.number}.",
        data={"name": name, "person": person.slug, "revision": concern.revision},
    )
    return concern


@transaction.atomic
def resolve_concern(*, concern: Concern, reason: str, by: User) -> Concern:
    """Resolve a concern, with the reason why it stands no longer.

    Raises:
        PermissionDenied: for anybody but its raiser, or whom the charter names.
    """
    progress = locked(concern.proposal)
    concern = Concern.objects.select_for_update(of=("self",)).select_related("raised_by").get(pk=concern.pk)
    check_may_resolve(by, concern, progress)
    person = acting_person(by)
    concern.resolved_at, concern.resolved_by = timezone.now(), person
    concern.resolution = markdown(reason, "The reason")
    concern.save()
    record.append(
        "proposal.concern_resolved",
        by=by,
        subject=progress.proposal.subject,
        summary=f"{person.name} resolved the concern “{concern.name}” on the proposal {progress.proposal.number}.",
        data={"name": concern.name, "person": person.slug},
    )
    return concern


@transaction.atomic
def place_hold(*, proposal: Proposal, reason: str, by: User) -> Hold:
    """Stop a proposal until the hold is lifted; a final comment period that runs is stopped by it."""
    progress = locked(proposal)
    check_may_hold(by, progress)
    held, person = progress.proposal, acting_person(by)
    reason = plain_line(reason, "The reason", 500)
    hold = Hold.objects.create(proposal=held, reason=reason, placed_by=person, placed_at=timezone.now())
    stop_running(progress, why=f"{person.name} placed a hold: {reason}", person=person, by=by)
    record.append(
        "proposal.hold_placed",
        by=by,
        subject=held.subject,
        summary=f"{person.name} placed a hold on the proposal {held.number}: {reason}",
        data={"person": person.slug, "reason": reason},
    )
    return hold


@transaction.atomic
def lift_hold(*, hold: Hold, reason: str, by: User) -> Hold:
    """Lift a hold, with the reason."""
    progress = locked(hold.proposal)
    hold = Hold.objects.select_for_update(of=("self",)).select_related("placed_by").get(pk=hold.pk)
    check_may_lift(by, hold, progress)
    person = acting_person(by)
    hold.lifted_at, hold.lifted_by = timezone.now(), person
    hold.lift_reason = plain_line(reason, "The reason", 500)
    hold.save()
    record.append(
        "proposal.hold_lifted",
        by=by,
        subject=progress.proposal.subject,
        summary=f"{person.name} lifted a hold on the proposal {progress.proposal.number}: {hold.lift_reason}",
        data={"person": person.slug, "reason": hold.lift_reason},
    )
    return hold

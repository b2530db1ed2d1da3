"""Writes about final comment periods: begun when the charter lets them, closed by the clock, stopped and kept."""

from django.db import transaction
from django.utils import timezone

import record
from ecosystem.models import Person
from governance import charter as charters
from governance.actions.imported_proposals import ProposalRefused
from governance.actions.proposal_writing import locked, plain_line
from governance.deadlines import UnknownZone, closing_moment, last_day, said
from governance.models import CommentPeriod, Proposal, User
from governance.policies.proposals import acting_person, check_may_begin_final_comment, check_may_stop_final_comment
from governance.progress import Progress

LONGEST_DAYS = 366


@transaction.atomic
def begin_final_comment(
    *, proposal: Proposal, disposition: str = "", zone: str = "AoE", days: int | None = None, by: User
) -> CommentPeriod:
    """Begin the final comment period: it closes at the end of its last day, in a zone, by the clock alone.

    `days` is asked where the charter's sources disagree on the length, or do not say it.

    Raises:
        PermissionDenied: for who may not begin it, or while something is missing.
        ProposalRefused: for a length, a zone or a disposition that the charter does not know.
    """
    progress = locked(proposal)
    check_may_begin_final_comment(by, progress)
    assert progress.rules is not None
    rule = progress.rules.final_comment
    assert rule is not None
    if rule.dispositions and disposition not in rule.dispositions:
        raise ProposalRefused(f"Say what it is for: {', '.join(rule.dispositions)}.")
    length, filled_in = length_of(progress, days)
    filled_in = "\n".join(part for part in (filled_in, disputed_start(progress)) if part)
    held, person, now = progress.proposal, acting_person(by), timezone.now()
    try:
        day = last_day(now, length, zone)
        closes_at = closing_moment(day, zone)
    except UnknownZone as error:
        raise ProposalRefused(str(error)) from error
    if rule.state and held.state != rule.state:
        held.state, held.stalled_at = rule.state, None
    held.moved_at = now
    held.save()
    period = CommentPeriod.objects.create(
        proposal=held,
        disposition=disposition,
        started_by=person,
        started_at=now,
        last_day=day,
        zone=zone,
        closes_at=closes_at,
        filled_in=filled_in,
    )
    what_for = f", to {disposition}" if disposition else ""
    record.append(
        "proposal.final_comment_began",
        by=by,
        subject=held.subject,
        summary=f"{person.name} began the final comment period of the proposal {held.number}{what_for}, "
        f"until {said(closes_at, zone)}.",
        data={"closes_at": closes_at, "zone": zone, "days": length, "filled_in": filled_in, "to": disposition},
    )
    return period


def length_of(progress: Progress, days: int | None) -> tuple[int, str]:
    """Return how many days it lasts, and what was chosen where the charter leaves that open."""
    assert progress.charter is not None
    answer = charters.final_comment(progress.charter)
    if answer.value is not None and answer.value.least_days:
        return answer.value.least_days, ""
    readings = sorted({one.days for gap in answer.gaps for one in gap.readings if one.days is not None})
    if days is None or not 1 <= days <= LONGEST_DAYS or (readings and days not in readings):
        choice = f" Say which: {' or '.join(map(str, readings))} days." if readings else " Say how many days."
        raise ProposalRefused(answer.words + choice)
    return days, f"{answer.words} Here: {days} days."


def disputed_start(progress: Progress) -> str:
    """Say so where one of the charter's sources would not let it begin yet; nothing where they agree."""
    assert progress.charter is not None
    answer = charters.final_comment_may_begin(progress.charter, progress.facts())
    return "" if answer.determined else f"{answer.words} Here: by the reading that lets it begin."


@transaction.atomic
def stop_final_comment(*, proposal: Proposal, reason: str, by: User) -> CommentPeriod:
    """Stop the final comment period that runs; it is kept, with the reason, and another may begin."""
    progress = locked(proposal)
    check_may_stop_final_comment(by, progress)
    stopped = stop_running(progress, why=plain_line(reason, "The reason", 500), person=acting_person(by), by=by)
    assert stopped is not None
    return stopped


def stop_running(progress: Progress, *, why: str, person: Person, by: User | str) -> CommentPeriod | None:
    """Stop the final comment period of a held proposal, if one runs, and take the proposal out of its state."""
    running = progress.running
    if running is None:
        return None
    running = CommentPeriod.objects.select_for_update(of=("self",)).get(pk=running.pk)
    now = timezone.now()
    # The clock may have closed it since the proposal was read: then it has ended and is not stopped.
    if running.closes_at <= now:
        return None
    running.stopped_at, running.stopped_by, running.stopped_why = now, person, why
    running.save()
    held = progress.proposal
    back = state_to_go_back_to(progress)
    if back:
        held.state = back
    held.moved_at = now
    held.save()
    record.append(
        "proposal.final_comment_stopped",
        by=by,
        subject=held.subject,
        summary=f"The final comment period of the proposal {held.number} was stopped: {why}",
        data={"person": person.slug, "why": why, "back_to": back},
    )
    return running


def state_to_go_back_to(progress: Progress) -> str:
    """Return the open state that the charter's table leads back to; none where the period has no state of its own."""
    rules = progress.rules
    if rules is None or rules.final_comment is None or rules.final_comment.state != progress.proposal.state:
        return ""
    leaving = [move.enters for move in rules.transitions if progress.proposal.state in move.leaves]
    return next((name for name in leaving if rules.states[name].open or rules.states[name].initial), "")


@transaction.atomic
def note_end(*, period: CommentPeriod) -> bool:
    """Write down that a final comment period came to its end, which held since its closing moment; False if it was."""
    period = CommentPeriod.objects.select_for_update(of=("self",)).select_related("proposal").get(pk=period.pk)
    now = timezone.now()
    if period.stopped_at is not None or period.end_noted_at is not None or period.closes_at > now:
        return False
    period.end_noted_at = now
    period.save()
    record.append(
        "proposal.final_comment_ended",
        by="schedule",
        subject=period.proposal.subject,
        summary=f"The final comment period of the proposal {period.proposal.number} ended on "
        f"{said(period.closes_at, period.zone)}.",
        data={"closes_at": period.closes_at, "zone": period.zone},
    )
    return True

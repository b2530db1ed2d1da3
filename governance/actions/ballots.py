"""Writes about votes: called under a charter's rule, seconded, opened with a frozen electorate, decided."""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

import record
from ecosystem.models import Person, Project
from ecosystem.queries import employer_on
from governance.actions.ballot_rules import NOTHING, BallotRefused, Chosen, rule_columns, second_columns
from governance.actions.proposal_writing import markdown, plain_line
from governance.charter import Decision, saying
from governance.deadlines import UnknownZone, closing_moment, last_day, said
from governance.models import Ballot, Declaration, Elector, Proposal, Second, User
from governance.policies.ballots import (
    check_may_call,
    check_may_cancel,
    check_may_second,
)
from governance.policies.proposals import acting_person
from governance.progress import Progress
from governance.queries.ballots import Standing, standing
from governance.queries.charters import charter_of
from governance.queries.roles import holders_of
from governance.queries.support import supporter

KINDS = {"proposal": "proposal", "appointment": "appointment", "removal": "removal", "no_confidence": "no_confidence"}


@transaction.atomic
def call_ballot(
    *,
    project: Project,
    decision: str,
    question: str,
    text: str = "",
    proposal: Proposal | None = None,
    members: Collection[Person] = (),
    chosen: Chosen = NOTHING,
    zone: str = "AoE",
    by: User,
) -> Ballot:
    """Call a vote on a decision of the charter; it opens at once where no second is needed.

    What the charter leaves open must be chosen, and the choice is shown with the vote; what it says cannot be.

    Raises:
        PermissionDenied: for who may not call it.
        BallotRefused: where something must be said that is not, or a vote on the proposal is under way.
    """
    check_may_call(by, project, decision)
    charter = charter_of(project)
    assert charter is not None
    rule, caller, now = charter.decisions[decision], acting_person(by), timezone.now()
    check_subject(project, proposal, rule, members)
    columns = {**rule_columns(charter, rule, chosen), **second_columns(rule, now)}
    for earlier in proposal.ballots.filter(decided_at__isnull=True, cancelled_at__isnull=True) if proposal else ():
        write_down(ballot=earlier)
    try:
        last_day(now, 1, zone)
        with transaction.atomic():
            ballot = Ballot.objects.create(
                project=project,
                proposal=proposal,
                kind="proposal" if proposal else KINDS.get(rule.kind, "charter" if rule.kind == "charter" else "other"),
                decision=decision,
                question=plain_line(question, "The question"),
                text=markdown(text, "The text") if text.strip() else "",
                called_by=caller,
                called_at=now,
                zone=zone,
                **columns,
            )
    except UnknownZone as error:
        raise BallotRefused(str(error)) from error
    except IntegrityError as error:
        if "ballot_one_at_a_time" not in str(error):
            raise
        raise BallotRefused("A vote on this proposal is under way.") from error
    ballot.members.set(members)
    about = f", about {saying.listed(sorted(one.name for one in members))}" if members else ""
    record.append(
        "vote.called",
        by=by,
        subject=ballot.subject,
        summary=f"{caller.name} called a vote{about}: {ballot.asked}",
        data={"decision": decision, "proposal": proposal.slug if proposal else None, "filled_in": ballot.filled_in},
    )
    return ballot if ballot.seconds_needed else opened(ballot, by)


def check_subject(project: Project, proposal: Proposal | None, rule: Decision, members: Collection[Person]) -> None:
    """Refuse a vote whose subject does not fit its decision."""
    if proposal is not None:
        progress = Progress(proposal)
        if proposal.project_id != project.pk or progress.rules is None:
            raise BallotRefused("The proposal is not one that this project decides here.")
        if progress.holds:
            raise BallotRefused(f"The hold of {saying.listed(progress.holders_of_holds())} must be lifted first.")
        if progress.open_concerns:
            raise BallotRefused("A concern stands: only its raiser can resolve it, and no vote is called before.")
    if rule.kind in ("removal",) and not members:
        raise BallotRefused("Name whom it is about.")


# -- opening ---------------------------------------------------------------------------------------------------------


def locked(ballot: Ballot) -> Standing:
    """Return how a vote stands, held against every other writer until the transaction ends."""
    held = Ballot.objects.select_for_update(of=("self",)).select_related("project", "proposal").get(pk=ballot.pk)
    return standing(held)


@transaction.atomic
def second_ballot(*, ballot: Ballot, by: User) -> Ballot:
    """Second a vote; with the last second that it needs, of as many employers as the charter asks, it opens."""
    stands = locked(ballot)
    check_may_second(by, stands)
    held, person = stands.ballot, acting_person(by)
    Second.objects.create(ballot=held, person=person, given_at=timezone.now())
    record.append(
        "vote.seconded",
        by=by,
        subject=held.subject,
        summary=f"{person.name} seconded the vote: {held.asked}",
        data={"person": person.slug, "employer": supporter(person, timezone.localdate()).employer},
    )
    return held if standing(held).seconds_missing else opened(held, by)


def opened(ballot: Ballot, by: User) -> Ballot:
    """Open a held vote: from this moment its electorate is frozen, and its close stands.

    Raises:
        BallotRefused: when nobody holds an office that votes.
    """
    now = timezone.now()
    electors = electorate_of(ballot, now)
    if not electors:
        raise BallotRefused("Nobody holds an office that votes on this.")
    ballot.opened_at, ballot.closes_at = now, closing_moment(last_day(now, ballot.days, ballot.zone), ballot.zone)
    ballot.save()
    Elector.objects.bulk_create(electors)
    recuse_members(ballot, now)
    record.append(
        "vote.opened",
        by=by,
        subject=ballot.subject,
        summary=f"The vote opened until {said(ballot.closes_at, ballot.zone)} with {len(electors)} electors: "
        f"{ballot.asked}",
        data={
            "closes_at": ballot.closes_at,
            "electors": {one.person.slug: [one.office, one.affiliation] for one in electors},
        },
    )
    return ballot


def electorate_of(ballot: Ballot, now: datetime) -> list[Elector]:
    """Return everybody who may vote, with the office and employer of this day."""
    charter = charter_of(ballot.project)
    assert charter is not None
    today = timezone.localdate(now)
    areas = ballot.proposal.areas.all() if ballot.proposal else ()
    holders = holders_of(charter, ballot.project, ballot.electorate, today, areas)
    rule = charter.decisions.get(ballot.decision)
    without = rule.electorate.without if rule and rule.electorate else ()
    left_out = holders_of(charter, ballot.project, without, today) if without else {}
    return [
        Elector(
            ballot=ballot,
            person=person,
            office=", ".join(dict.fromkeys(offices))[:400],
            affiliation=employer_on(person, today)[:200],
            frozen_at=now,
        )
        for person, offices in holders.items()
        if person not in left_out
    ]


def recuse_members(ballot: Ballot, now: datetime) -> None:
    """Recuse whom the vote is about, where the charter asks who has a conflict to stand aside."""
    charter = charter_of(ballot.project)
    rule = charter.decisions.get(ballot.decision) if charter else None
    if rule is None or rule.recusal is None or not rule.recusal.required:
        return
    about = {one.kept for one in ballot.members.select_related("merged_into")}
    Declaration.objects.bulk_create(
        Declaration(
            elector=elector,
            kind=Declaration.Kind.RECUSED,
            text="The vote is about them, and the charter asks who has a conflict to stand aside.",
            made_at=now,
        )
        for elector in ballot.electors.select_related("person__merged_into")
        if elector.person.kept in about
    )


# -- ending ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def cancel_ballot(*, ballot: Ballot, reason: str, by: User) -> Ballot:
    """Cancel a vote before its close; it is kept, with the reason."""
    stands = locked(ballot)
    check_may_cancel(by, stands)
    held = stands.ballot
    held.cancelled_at, held.cancelled_by = timezone.now(), acting_person(by)
    held.cancelled_why = plain_line(reason, "The reason", 500)
    held.save()
    record.append(
        "vote.cancelled",
        by=by,
        subject=held.subject,
        summary=f"{held.cancelled_by.name} cancelled the vote “{held.question}”: {held.cancelled_why}",
        data={"reason": held.cancelled_why},
    )
    return held


@transaction.atomic
def write_down(*, ballot: Ballot) -> bool:
    """Write down how a vote ended, which has held since its moment; False where it has not ended, or was written."""
    stands = locked(ballot)
    if stands.state == "lapsed":
        return write_down_lapse(stands)
    return write_down_result(stands) if stands.closed and stands.ballot.decided_at is None else False


def write_down_lapse(stands: Standing) -> bool:
    """Write down that nobody seconded a vote in time."""
    held = stands.ballot
    held.cancelled_at, held.cancelled_by = timezone.now(), held.called_by
    held.cancelled_why = "Nobody seconded it in time."
    held.save()
    record.append(
        "vote.lapsed",
        by="schedule",
        subject=held.subject,
        summary=f"The vote “{held.question}” lapsed: nobody seconded it in time.",
        data={"seconds": len(stands.seconds), "needed": held.seconds_needed},
    )
    return True


def write_down_result(stands: Standing) -> bool:
    """Write down the result of a held vote with its sum."""
    held = stands.ballot
    counted = stands.result
    held.decided_at, held.carried, held.arithmetic = timezone.now(), counted.carried, counted.words
    held.save()
    votes = stands.votes
    record.append(
        "vote.decided",
        by="schedule",
        subject=held.subject,
        summary=f"The vote “{held.question}” was {'carried' if counted.carried else 'not carried'}: {counted.words}",
        data={
            "carried": counted.carried,
            **{name: getattr(votes, name) for name in ("seated", "recused", "yes", "no", "abstain")},
            "needed": counted.needed,
            "of": counted.of,
        },
    )
    return True

"""Writes about changes of a charter: proposed with their very text, revised, and adopted once they are accepted."""

import re
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

import record
from ecosystem.models import Project
from governance.actions.ballots import write_down
from governance.actions.charters import (
    AdoptionRefused,
    Following,
    check_follows,
    digest,
    entered,
    next_version,
)
from governance.actions.proposal_writing import locked
from governance.actions.proposals import revise, write_proposal
from governance.models import Ballot, Charter, CharterChange, CharterVersion, Proposal, Revision, User
from governance.policies.charters import check_may_adopt
from governance.policies.proposals import check_may_propose, check_may_revise
from governance.queries.charters_proposed import Amendment, amendment_gaps, carries_a_charter

# What a revision ends with, so that its readers, and a vote on it, have the text by its digest.
ENDING = re.compile(
    r"\n*-{3,}\n+This changes version \d+ of the charter to the text with the SHA-256 `[0-9a-f]{64}`\.\s*"
)
LONGEST_WAIT = timedelta(days=366)


@transaction.atomic
def propose_change(*, project: Project, title: str, why: str, text: str, by: User) -> CharterChange:
    """Open a proposal that carries a changed charter; nothing is stored where the text is none.

    Raises:
        PermissionDenied: for who may not propose.
        AdoptionRefused: when the text is no charter of the project, or changes nothing.
        ProposalRefused: without a title or a reason.
    """
    check_may_propose(by, project)
    following = changing(project, text)
    proposal = write_proposal(project=project, title=title, text=with_ending(why, following), by=by)
    return attached(proposal.revisions.get(number=1), following, by)


@transaction.atomic
def revise_change(
    *, proposal: Proposal, title: str, why: str, text: str, note: str = "", seen: int | None = None, by: User
) -> CharterChange:
    """Write another revision, of the reasons or of the changed charter; each revision carries its own text.

    Raises:
        PermissionDenied: for who is neither author nor shepherd.
        AdoptionRefused: when the text is no charter of the project, or changes nothing.
        ProposalRefused: when nothing is new, or another revision was written since the one that was seen.
    """
    progress = locked(proposal)
    check_may_revise(by, progress)
    if not carries_a_charter(proposal):
        raise AdoptionRefused("This proposal carries no charter: propose the change as one of its own.")
    following = changing(proposal.project, text)
    whole = with_ending(why, following)
    revision = revise(proposal=proposal, title=title, text=whole, note=note, seen=seen, by=by)
    return attached(revision, following, by)


def changing(project: Project, text: str) -> Following:
    """Return a text as a change of the project's charter.

    Raises:
        AdoptionRefused: when it is no charter of the project, or changes nothing.
    """
    following = next_version(project, text)
    if not following.changes:
        raise AdoptionRefused(f"This changes nothing of version {following.last.number}.")
    return following


def with_ending(why: str, following: Following) -> str:
    """Return the reasons, with the digest of the changed charter at their end."""
    number = following.last.number
    ending = f"This changes version {number} of the charter to the text with the SHA-256 `{digest(following.text)}`."
    return f"{reasons(why).rstrip()}\n\n---\n\n{ending}\n" if reasons(why).strip() else ""


def reasons(text: str) -> str:
    """Return a revision's text without the ending that the site wrote."""
    return ENDING.sub("\n", text.replace("\r\n", "\n"))


def attached(revision: Revision, following: Following, by: User) -> CharterChange:
    """Attach a changed charter to a revision, and write it down."""
    change = CharterChange.objects.create(
        revision=revision, follows=following.last, text=following.text, digest=digest(following.text)
    )
    proposal = revision.proposal
    record.append(
        "charter.change_proposed",
        by=by,
        subject=proposal.subject,
        summary=f"Revision {revision.number} of the proposal {proposal.number} carries a change of version "
        f"{following.last.number} of the rules of {proposal.project.name}.",
        data={
            "revision": revision.number,
            "follows": following.last.number,
            "digest": change.digest,
            "changes": following.changes,
        },
    )
    return change


@transaction.atomic
def adopt_change(*, proposal: Proposal, seen: str, on: date, by: User) -> CharterVersion:
    """Adopt exactly the text that was voted on, from a day on. `seen`: the digest that the page showed.

    Raises:
        PermissionDenied: for who does not hold the office that the charter names, else lead or core.
        AdoptionRefused: when it is not accepted, when the charter changed meanwhile, or its day does not follow.
    """
    progress = locked(proposal)
    held = progress.proposal
    check_may_adopt(by, held.project)
    # The charter is held before anything is compared: no version comes between the question and its answer.
    Charter.objects.select_for_update().filter(project=held.project).first()
    for ballot in held.ballots.filter(decided_at__isnull=True, cancelled_at__isnull=True):
        write_down(ballot=ballot)
    found = Amendment(progress)
    if found.in_the_way:
        raise AdoptionRefused(found.in_the_way)
    vote, change = found.vote, found.accepted
    assert vote is not None
    assert change is not None
    if change.digest != seen:
        raise AdoptionRefused(f"You were shown another text: what was voted on has the SHA-256 {change.digest}.")
    following = next_version(held.project, change.text)
    check_follows(following, on)
    check_day(vote, on)
    open_ = [gap.question for gap in amendment_gaps(following.before)]
    how = f"; by the proposal {held.number}" + ("; the rules did not say how they are changed" if open_ else "")
    told = {"proposal": held.slug, "revision": change.revision.number, "left_open": open_}
    return entered(following, on, vote.subject, how, by, **told)


def check_day(vote: Ballot, on: date) -> None:
    """Refuse a first day in force before the vote ended, or so late that it is a slip of the pen."""
    ended = timezone.localdate(vote.closes_at)
    if on < ended:
        raise AdoptionRefused(f"{vote.subject} ended on {ended}: what it decided is not in force from {on}, before it.")
    check_not_far_away(on)


def check_not_far_away(on: date) -> None:
    """Refuse a day that is more than a year away: every later version would have to wait for it."""
    if on > timezone.localdate() + LONGEST_WAIT:
        raise AdoptionRefused(f"{on} is more than a year away: name a day that is nearer.")

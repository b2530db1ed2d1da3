"""Writes about candidates: nominated, accepted, declined, withdrawn, their statements, standing back in a tie."""

from django.db import IntegrityError, transaction
from django.utils import timezone

import record
from ecosystem.models import Person
from governance.actions.elections import ElectionRefused, locked
from governance.models import Election, Nomination, User
from governance.policies.elections import check_may_answer, check_may_nominate, check_may_stand
from governance.queries.accounts import person_of
from governance.queries.elections import last_count, open_to_nominations

Answer = Nomination.Answer


@transaction.atomic
def nominate(*, election: Election, person: Person, reason: str = "", by: User) -> Nomination:
    """Nominate a person; they stand once they have accepted.

    Raises:
        PermissionDenied: for who may not nominate, or a nominee who runs the election.
        ElectionRefused: for somebody who is nominated already.
    """
    election = locked(election)
    check_may_nominate(by, election)
    person, proposer = person.kept, person_of(by)
    check_may_stand(person, election)
    assert proposer is not None
    try:
        with transaction.atomic():
            nomination = Nomination.objects.create(
                election=election,
                person=person,
                nominated_by=proposer,
                nominated_at=timezone.now(),
                reason=reason.strip(),
            )
    except IntegrityError as error:
        raise ElectionRefused(f"{person.name} is nominated already.") from error
    told(nomination, "nominated", by, f"{proposer.name} nominated {person.name}")
    return nomination


@transaction.atomic
def accept(*, nomination: Nomination, by: User) -> Nomination:
    """Accept a nomination, while nominations are open; who had declined may think again until then."""
    nomination = own(nomination, by)
    check_may_stand(nomination.person, nomination.election)
    if not open_to_nominations(nomination.election):
        raise ElectionRefused("Nominations are not open: it is too late to accept, or too early.")
    return answered(nomination, Answer.ACCEPTED, by, "accepted the nomination")


@transaction.atomic
def decline(*, nomination: Nomination, by: User) -> Nomination:
    """Decline a nomination."""
    nomination = own(nomination, by)
    if nomination.answer != Answer.AWAITED:
        raise ElectionRefused("You have answered already; who accepted withdraws.")
    return answered(nomination, Answer.DECLINED, by, "declined the nomination")


@transaction.atomic
def withdraw(*, nomination: Nomination, by: User) -> Nomination:
    """Withdraw as a candidate, until the count; ballots that name somebody who withdrew are counted without them."""
    nomination = own(nomination, by)
    if nomination.answer != Answer.ACCEPTED:
        raise ElectionRefused("Only who stands can withdraw.")
    if nomination.election.state in (Election.State.COUNTED, Election.State.CONFIRMED, Election.State.CANCELLED):
        raise ElectionRefused("The election is counted: an office can be declined, a candidacy no longer.")
    return answered(nomination, Answer.WITHDRAWN, by, "withdrew")


@transaction.atomic
def write_statement(*, nomination: Nomination, statement: str, by: User) -> Nomination:
    """Write one's statement, in Markdown, until voting opens: what voters have read stays what it was."""
    nomination = own(nomination, by)
    if nomination.election.opened_at is not None:
        raise ElectionRefused("Voting has opened: statements stay as they are.")
    nomination.statement = statement.strip()
    nomination.save()
    told(nomination, "statement", by, f"{nomination.person.name} wrote their statement")
    return nomination


@transaction.atomic
def stand_back(*, nomination: Nomination, by: User) -> Nomination:
    """Stand back in a contested tie of which one is part: how candidates agree among themselves."""
    nomination = own(nomination, by)
    count = last_count(nomination.election)
    tied = {name for tie in (count.outcome["ties"] if count else []) for name in tie["candidates"]}
    if nomination.election.state != Election.State.COUNTED or nomination.name not in tied:
        raise ElectionRefused("You are part of no tie that is open.")
    if Election.TieBreak.AGREEMENT not in nomination.election.tie_break:
        raise ElectionRefused("The rule of this election does not settle ties by agreement.")
    nomination.stands_back = True
    nomination.save()
    told(nomination, "stood_back", by, f"{nomination.person.name} stood back in the tie")
    return nomination


def own(nomination: Nomination, by: User) -> Nomination:
    """Return one's own nomination, with its election's row and its own locked."""
    check_may_answer(by, nomination)
    locked(nomination.election)
    fresh = Nomination.objects.select_for_update(of=("self",)).select_related("election", "person")
    return fresh.get(pk=nomination.pk)


def answered(nomination: Nomination, answer: str, by: User, words: str) -> Nomination:
    """Write an answer down."""
    nomination.answer, nomination.answered_at = answer, timezone.now()
    nomination.save()
    told(nomination, str(Answer(answer).value), by, f"{nomination.person.name} {words}")
    return nomination


def told(nomination: Nomination, step: str, by: User, words: str) -> None:
    """Write a candidate's step into the record: candidates are public, voters are not."""
    record.append(
        f"election.{step}",
        by=by,
        subject=f"election/{nomination.election.slug}",
        summary=f"{words}: {nomination.election.title}.",
        data={"person": nomination.person.slug},
    )

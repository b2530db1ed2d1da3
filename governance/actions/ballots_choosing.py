"""Writes about what electors say in a vote: their choice, a conflict of interest, standing aside and coming back."""

from django.db import transaction
from django.utils import timezone

import record
from governance.actions.ballot_rules import BallotRefused
from governance.actions.ballots import locked
from governance.actions.proposal_writing import plain_line
from governance.models import Ballot, Choice, Declaration, Elector, User
from governance.policies.ballots import (
    check_may_choose,
    check_may_declare,
    check_may_recuse,
    check_may_return,
    own_place,
)
from governance.policies.proposals import acting_person
from governance.queries.ballots import Standing


@transaction.atomic
def choose(*, ballot: Ballot, word: str, reason: str = "", by: User) -> Choice:
    """Choose yes, no or abstain; choosing again replaces it, until the close. The database refuses what comes later.

    Raises:
        PermissionDenied: for who is no elector, is recused, or comes too late.
        BallotRefused: for a word that is none of the three.
    """
    stands = locked(ballot)
    check_may_choose(by, stands)
    own = own_place(by, stands)
    assert own is not None
    if word not in Choice.Word.values:
        raise BallotRefused("Choose yes, no or abstain.")
    if len(reason) > 2000 or "\x00" in reason:
        raise BallotRefused("The reason has 2000 characters at most.")
    held, first = stands.ballot, own.choice is None
    choice = Choice.objects.create(elector=own.elector, word=word, reason=reason.strip(), cast_at=timezone.now())
    # What was chosen stands in the record only where it may be seen at once; that somebody voted is no secret.
    seen = {"choice": word} if held.choices_shown == Ballot.Shown.AT_ONCE else {}
    record.append(
        "vote.chosen",
        by=by,
        subject=held.subject,
        summary=f"{own.elector.person.name} {'voted' if first else 'changed their vote'} on: {held.asked}",
        data={"person": own.elector.person.slug, **seen},
    )
    return choice


@transaction.atomic
def tell_conflict(*, ballot: Ballot, text: str, by: User) -> Declaration:
    """Tell of a conflict of interest; by itself it changes no number."""
    stands = locked(ballot)
    check_may_declare(by, stands)
    own = own_place(by, stands)
    assert own is not None
    return declared(stands, own.elector, Declaration.Kind.CONFLICT, text, by)


@transaction.atomic
def recuse(*, ballot: Ballot, elector: Elector, reason: str, by: User) -> Declaration:
    """Recuse an elector, with the reason: their choice no longer counts, and what is needed is counted without them."""
    stands = locked(ballot)
    voter = next((one for one in stands.voters if one.elector.pk == elector.pk), None)
    if voter is None:
        raise BallotRefused("They are no elector of this vote.")
    check_may_recuse(by, stands, voter)
    return declared(stands, voter.elector, Declaration.Kind.RECUSED, reason, by)


@transaction.atomic
def take_part_again(*, ballot: Ballot, reason: str, by: User) -> Declaration:
    """Take back one's own recusal, with the reason."""
    stands = locked(ballot)
    check_may_declare(by, stands)
    own = own_place(by, stands)
    assert own is not None
    check_may_return(by, stands, own)
    return declared(stands, own.elector, Declaration.Kind.RETURNED, reason, by)


def declared(stands: Standing, elector: Elector, kind: Declaration.Kind, text: str, by: User) -> Declaration:
    """Append a declaration and its event."""
    person = acting_person(by)
    declaration = Declaration.objects.create(
        elector=elector, kind=kind, text=plain_line(text, "The reason", 500), made_by=person, made_at=timezone.now()
    )
    own = elector.person.kept == person
    verbs = {
        Declaration.Kind.CONFLICT: "told of a conflict of interest in",
        Declaration.Kind.RECUSED: "recused themself from" if own else f"recused {elector.person.name} from",
        Declaration.Kind.RETURNED: "takes part again in",
    }
    record.append(
        f"vote.{kind}",
        by=by,
        subject=stands.ballot.subject,
        summary=f"{person.name} {verbs[kind]} the vote: {stands.ballot.asked}",
        data={"elector": elector.person.slug, "reason": declaration.text},
    )
    return declaration

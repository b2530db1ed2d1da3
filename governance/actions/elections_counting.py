"""Counting an election, settling a contested tie, and beginning the terms of whom it elected."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from governance.actions.elections import ElectionRefused, close_voting, empty_box, locked, moved, tell
from governance.actions.elections_casting import opened
from governance.actions.offices import TermRefused, begin_term, end_term
from governance.election_count import (
    by_agreement,
    counted,
    digest_of,
    drawn,
    employers_of_the_day,
    opened_ballots,
    outcome,
    published_result,
    what_to_publish,
)
from governance.models import Count, Election, Nomination, Term, TieDecision, User
from governance.policies.elections import check_may_run
from governance.queries.candidates import candidates
from governance.queries.elections import stands

State, TieBreak = Election.State, Election.TieBreak


@transaction.atomic
def count_votes(*, election: Election, by: User) -> Count:
    """Open the box, count, and publish as much as gives no voter away; a contested tie is told, not settled.

    Raises:
        PermissionDenied: for who is no officer.
        ElectionRefused: before the close, or a second time.
    """
    check_may_run(by, election)
    election = locked(election)
    if election.state == State.VOTING and stands(election) == State.CLOSED:
        election = close_voting(election=election, by=by)
    if election.state != State.CLOSED:
        raise ElectionRefused("Votes are counted once, after voting has closed.")
    if not candidates(election).exists():
        raise ElectionRefused(
            "Everybody who stood has withdrawn: there is nobody to count for. Cancel it, with a reason."
        )
    count = new_count(election, None)
    moved(election, State.COUNTED)
    told(count, by)
    return count


def new_count(election: Election, decision: TieDecision | None) -> Count:
    """Count the box once more, by the tie decision that there is now; the ballots and their digest stay the same."""
    before = election.counts.last()
    _, box = opened(election)
    found = opened_ballots(election, box)
    employers = before.affiliations if before else employers_of_the_day(election)
    result = counted(election, found.ballots, decision.order if decision else None, employers)
    publishes, why = what_to_publish(found.ballots, election.publish_from)
    whole = publishes == Count.Publishes.BALLOTS
    return Count.objects.create(
        election=election,
        counted_at=timezone.now(),
        tie_decision=decision,
        publishes=publishes,
        why=why,
        electors=election.roll.filter(eligible=True).count(),
        ballots=len(box.ballots),
        digest=before.digest if before else digest_of(found, publishes),
        result=published_result(result, publishes),
        outcome=outcome(result),
        affiliations=employers,
        file=found.file if whole else "",
        coded_file=found.coded_file if whole else "",
    )


def told(count: Count, by: User) -> None:
    """Write a count into the record."""
    election, found = count.election, count.outcome
    elected = f"elects {', '.join(sorted(found['winners']))}" if found["winners"] else "elects nobody yet"
    ties = "".join(f"; a tie of {', '.join(tie['candidates'])} over {tie['about']} is open" for tie in found["ties"])
    tell(
        election,
        "counted",
        by,
        f"The count of {count.ballots} ballots in {election.title} {elected}{ties}.",
        {
            "winners": sorted(found["winners"]),
            "ties": found["ties"],
            "ballots": count.ballots,
            "electors": count.electors,
            "digest": count.digest,
            "publishes": count.publishes,
        },
    )


@transaction.atomic
def settle_tie(*, election: Election, how: str, reason: str, runoff: Election | None = None, by: User) -> Count:
    """Settle a contested tie by a way that the election's rule names, with a public reason, and count again.

    Raises:
        PermissionDenied: for who is no officer.
        ElectionRefused: without a tie, by a way that the rule does not name, or before that way has an answer.
    """
    check_may_run(by, election)
    election = locked(election)
    last = election.counts.last()
    if election.state != State.COUNTED or last is None or not last.outcome["ties"]:
        raise ElectionRefused("No tie is open.")
    if how not in election.tie_break:
        ways = ", then ".join(TieBreak(way).label for way in election.tie_break)
        raise ElectionRefused(f"The rule of this election settles ties by {ways}.")
    if not reason.strip():
        raise ElectionRefused("Say why and how: the decision is public.")
    decision = TieDecision.objects.create(
        election=election,
        tied=last.outcome["ties"],
        how=how,
        order=settled_order(election, last, how, runoff),
        reason=reason.strip(),
        runoff=runoff if how == TieBreak.RUNOFF else None,
        decided_by=by,
        decided_at=timezone.now(),
    )
    count = new_count(election, decision)
    tell(
        election,
        "tie_settled",
        by,
        f"The tie in {election.title} was settled by {decision.get_how_display()}: {decision.reason}",
        {"how": how, "tied": decision.tied, "order": decision.order, "reason": decision.reason},
    )
    told(count, by)
    return count


def settled_order(election: Election, last: Count, how: str, runoff: Election | None) -> list[str]:
    """Return the candidates in the order that settles the tie."""
    names = [each.name for each in candidates(election)]
    if how == TieBreak.DRAW:
        return drawn(election, last.digest, names)
    if how == TieBreak.AGREEMENT:
        return agreed_order(election, last, names)
    return order_of_runoff(election, last, runoff, names)


def agreed_order(election: Election, last: Count, names: Sequence[str]) -> list[str]:
    """Return the order in which those come last who stand back: as many of each tie as are too many."""
    back = {each.name for each in candidates(election) if each.stands_back}
    for tie in last.outcome["ties"]:
        too_many = len(tie["candidates"]) - tie["seats"]
        stood_back = back & set(tie["candidates"])
        if len(stood_back) != too_many:
            raise ElectionRefused(
                f"{too_many} of {', '.join(tie['candidates'])} must stand back, and {len(stood_back)} did."
            )
    return by_agreement(names, back)


def order_of_runoff(election: Election, last: Count, runoff: Election | None, names: Sequence[str]) -> list[str]:
    """Return the order of a runoff among exactly the tied, which was counted without a tie of its own."""
    result = runoff.counts.last() if runoff is not None else None
    if runoff is None or result is None or runoff.state != State.COUNTED or result.outcome["ties"]:
        raise ElectionRefused("Hold the runoff as an election of its own; it must be counted, and without a tie.")
    if runoff.office_id != election.office_id or runoff.pk == election.pk or len(last.outcome["ties"]) != 1:
        raise ElectionRefused("A runoff settles one tie, over seats of the same office.")
    tie = last.outcome["ties"][0]
    stood = {each.name for each in candidates(runoff)}
    if stood != set(tie["candidates"]) or runoff.seats != tie["seats"]:
        raise ElectionRefused("The runoff must be among exactly the tied, for exactly the seats that are open.")
    first = result.outcome["winners"]
    return [*first, *(name for name in names if name not in first)]


@transaction.atomic
def confirm(*, election: Election, by: User) -> list[Term]:
    """Begin the terms of the elected, end those that expire by then, and destroy box and key, all or nothing.

    Raises:
        PermissionDenied: for who is no officer.
        ElectionRefused: with a tie open, for a runoff, or where a term cannot begin.
    """
    check_may_run(by, election)
    election = locked(election)
    count = election.counts.last()
    if election.state != State.COUNTED or count is None:
        raise ElectionRefused("Only what was counted is confirmed, once.")
    if count.outcome["ties"]:
        raise ElectionRefused("A contested tie is open: it must be settled first.")
    if TieDecision.objects.filter(runoff=election).exists():
        raise ElectionRefused("This was a runoff: its election is confirmed, not it.")
    try:
        terms = begun(election, count, by)
    except TermRefused as refused:
        raise ElectionRefused(f"Nothing was begun: {refused}") from refused
    moved(election, State.CONFIRMED)
    empty_box(election)
    names = [term.person.name for term in terms]
    tell(
        election,
        "confirmed",
        by,
        f"{election.title} was confirmed: {', '.join(names) or 'nobody'} elected {election.office.name}.",
        {"terms": [term.pk for term in terms], "people": [term.person.slug for term in terms]},
    )
    return terms


def begun(election: Election, count: Count, by: User) -> list[Term]:
    """End the terms in the office that expire by the day on which the elected begin, and begin theirs."""
    day, note = election.takes_office_on, f"Elected: {election.title}."
    open_terms = Term.objects.filter(office=election.office, held__endswith__isnull=True, expires_on__lte=day)
    for term in open_terms.order_by("pk"):
        end_term(term=term, on=day, source=election.rule, note=f"Expired; {election.title}.", by=by)
    standing = election.nominations.filter(answer=Nomination.Answer.ACCEPTED).select_related("person")
    by_name = {each.name: each.person for each in standing}
    return [
        begin_term(
            office=election.office,
            person=by_name[name],
            on=day,
            source=election.rule,
            expires_on=election.long_until if name in long_terms(election, count) else election.short_until,
            note=note,
            by=by,
        )
        for name in count.outcome["winners"]
    ]


def long_terms(election: Election, count: Count) -> list[str]:
    """Return who has the long term: all of the elected, where terms are alike."""
    return count.outcome["winners"] if election.long_seats is None else count.outcome["long_terms"]

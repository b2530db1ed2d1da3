"""Answer for proposals: who may move one from a state to another, what it still needs, when it is stalled."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime

from governance.charter import saying
from governance.charter.answers import Answer, Move, Opening, ProposalFacts, Roles
from governance.charter.finding import proposals_of, undetermined
from governance.charter.parts import Charter, Gap, Needs, Transition
from governance.charter.rules import ends


def moves_from(charter: Charter, state: str) -> tuple[Transition, ...]:
    """Return the moves that leave a state."""
    return tuple(move for move in proposals_of(charter).transitions if state in move.leaves)


def may_move(
    charter: Charter, *, leaves: str, enters: str, by: Collection[str], facts: ProposalFacts | None = None
) -> Answer[Move]:
    """Say whether somebody with these roles may move a proposal from a state to another, and what it still needs.

    Without `facts`, only who may move it is looked at, and every need is told as missing.
    """
    rules = proposals_of(charter)
    found = [move for move in moves_from(charter, leaves) if move.enters == enters]
    if not found:
        words = f"No rule moves a {rules.title} from {leaves} to {enters}"
        return Answer(saying.sentence(words), Move(False, Roles((), "nobody"), (words,)), rules.source)
    answers = [one_move(charter, move, by, facts) for move in found]
    return next((answer for answer in answers if answer.value and answer.value.allowed), answers[0])


def one_move(charter: Charter, move: Transition, by: Collection[str], facts: ProposalFacts | None) -> Answer[Move]:
    """Answer for one move of the table."""
    gaps = charter.gaps_at(move.path)
    if move.by is None:
        return undetermined(f"The charter does not say who moves it to {move.enters}", move, gaps)
    roles = saying.each_may(charter, move.by)
    missing = list(still_needs(charter, move.needs, facts)) if move.needs else []
    if not any(role in roles for role in by):
        missing.insert(0, f"to be made by {roles.words}")
    state = proposals_of(charter).states[move.enters].title
    if not missing and (open_ := disputed_reviews(charter.gaps_at(f"{move.path}.needs"), facts)):
        return undetermined(f"The sources disagree on whether it may be moved to {state} {open_}", move, gaps)
    words = f"it may be moved to {state}" if not missing else f"not yet {state}: {saying.listed(missing)}"
    return Answer(saying.sentence(words), Move(not missing, roles, tuple(missing)), move.source, gaps)


def still_needs(charter: Charter, needs: Needs, facts: ProposalFacts | None) -> Iterator[str]:
    """Say each thing that is still missing."""
    known = facts or ProposalFacts()
    if needs.concerns_resolved and (known.open_concerns or facts is None):
        yield (
            f"{saying.counted(known.open_concerns, 'concern')} must be resolved" if facts else "every concern resolved"
        )
    if needs.no_objection and (known.objections or facts is None):
        yield f"{saying.counted(known.objections, 'objection')} must be withdrawn" if facts else "no objection"
    yield from missing_reviews(needs, facts)
    if needs.approvals_at_least is not None and known.approvals < needs.approvals_at_least:
        yield f"{saying.counted(needs.approvals_at_least - known.approvals, 'more approval')}"
    if needs.waiting_days is not None and known.days_in_state < needs.waiting_days:
        yield f"{saying.days(needs.waiting_days - known.days_in_state)} more of waiting"
    if needs.final_comment and not known.final_comment_over:
        yield "a final comment period that has run to its end"
    if needs.lazy_consensus and not known.lazy_consensus:
        yield silence_words(charter)
    if needs.decision and needs.decision not in known.decisions_passed:
        yield f"the decision to {saying.lower(charter.decisions[needs.decision].title)}"
    if needs.sponsor and not known.has_sponsor:
        yield "a sponsor"
    if needs.implemented and not known.implemented:
        yield "its implementation merged"
    if needs.reason and not known.reason:
        yield "a public reason"


def silence_words(charter: Charter) -> str:
    """Say how long nobody may object before silence is consent."""
    rule = proposals_of(charter).lazy_consensus
    if rule is None or rule.days is None:
        return "lazy consensus: nobody objecting, for as long as the charter leaves open"
    approvals = f" and {saying.counted(rule.approvals_at_least, 'approval')}" if rule.approvals_at_least else ""
    return f"lazy consensus: {saying.days(rule.days)} without an objection, a concern or a hold{approvals}"


def missing_reviews(needs: Needs, known: ProposalFacts | None) -> Iterator[str]:
    """Say which reviews are missing; without facts, which are asked."""
    most = needs.reviews_missing_at_most
    if known is None:
        if most is not None:
            yield f"at most {saying.counted(most, 'review')} outstanding"
        if needs.reviews_mostly_complete:
            yield "fewer reviews outstanding than complete"
        return
    if most is not None and known.reviews_outstanding > most:
        more = saying.counted(known.reviews_outstanding - most, "more review")
        yield f"{more} ({known.reviews_outstanding} outstanding)"
    if needs.reviews_mostly_complete and known.reviews_outstanding >= known.reviews_complete:
        yield f"fewer reviews outstanding ({known.reviews_outstanding}) than complete ({known.reviews_complete})"


def final_comment(charter: Charter, *, opens: datetime | None = None) -> Answer[Opening]:
    """Say how long the final comment period is."""
    rules = proposals_of(charter)
    rule = rules.final_comment
    if rule is None:
        return undetermined(
            f"The charter has no final comment period for {rules.plural}",
            rules,
            charter.gaps_at("proposal.final_comment"),
        )
    gaps = charter.gaps_at(f"{rule.path}.days")
    readings = sorted({reading.days for gap in gaps for reading in gap.readings if reading.days is not None})
    if len(readings) > 1:
        each = " or ".join(saying.days(number) for number in readings)
        return undetermined(f"The sources disagree on the length of the final comment period: {each}", rule, gaps)
    if rule.days is None:
        return undetermined("The charter does not say how long the final comment period lasts", rule, gaps)
    end = ends(opens, rule.days, "exact") if opens else None
    words = f"it lasts {saying.days(rule.days)}{f', until {end:%Y-%m-%d %H:%M %Z}' if end else ''}"
    return Answer(saying.sentence(words), Opening(rule.days, rule.days, end, end), rule.source, gaps)


def final_comment_may_begin(charter: Charter, facts: ProposalFacts) -> Answer[Move]:
    """Say whether the final comment period may begin, and what is still missing; open where the sources disagree."""
    rules = proposals_of(charter)
    rule = rules.final_comment
    if rule is None:
        return undetermined(
            f"The charter has no final comment period for {rules.plural}",
            rules,
            charter.gaps_at("proposal.final_comment"),
        )
    gaps = charter.gaps_at(f"{rule.path}.needs")
    missing = tuple(still_needs(charter, rule.needs, facts)) if rule.needs else ()
    if not missing and (open_ := disputed_reviews(gaps, facts)):
        return undetermined(f"The sources disagree on whether it may begin {open_}", rule, gaps)
    words = f"not yet: {saying.listed(missing)}" if missing else "the final comment period may begin"
    by = saying.each_may(charter, rule.proposed_by)
    return Answer(saying.sentence(words), Move(not missing, by, missing), rule.source, gaps)


def disputed_reviews(gaps: tuple[Gap, ...], facts: ProposalFacts | None) -> str:
    """Say how many reviews are open, where one sentence of the text lets that pass and another does not."""
    readings = [reading for gap in gaps for reading in gap.readings if reading.missing_at_most is not None]
    strictest = min((reading.missing_at_most or 0 for reading in readings), default=None)
    if strictest is None or facts is None or facts.reviews_outstanding <= strictest:
        return ""
    says = "; ".join(reading.says for reading in readings)
    return f"with {saying.counted(facts.reviews_outstanding, 'review')} open: {says}"


def who_resolves_a_concern(charter: Charter) -> Answer[Roles]:
    """Say who may resolve a named concern."""
    rules = proposals_of(charter)
    gaps = charter.gaps_at("proposal.concerns")
    if rules.concerns is None:
        return undetermined("The charter does not speak of named concerns", rules, gaps)
    roles = saying.each_may(charter, rules.concerns.resolved_by)
    return Answer(saying.sentence(f"{roles.words} may resolve a concern"), roles, rules.concerns.source, gaps)


def is_stalled(charter: Charter, *, state: str, last_activity: date, today: date) -> Answer[bool]:
    """Say whether a proposal in a state is stalled by the charter's rule."""
    rules = proposals_of(charter)
    rule = rules.stalled
    gaps = charter.gaps_at("proposal.stalled")
    if rule is None:
        return undetermined(f"The charter does not say when one of its {rules.plural} is stalled", rules, gaps)
    if state not in rule.watched:
        return Answer(f"One that is {rules.states[state].title} does not stall.", False, rule.source, gaps)
    idle = (today - last_activity).days
    words = f"{idle} days idle; it is stalled after {rule.idle_days}"
    return Answer(saying.sentence(words), idle >= rule.idle_days, rule.source, gaps)

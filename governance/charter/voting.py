"""Answer what a vote needs: thresholds as exact fractions, with the arithmetic in words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from governance.charter import saying
from governance.charter.answers import Answer, Outcome, Standing, Votes
from governance.charter.finding import decision_of, undetermined
from governance.charter.parts import Charter, Decision, Gap, Quorum, Reading, Threshold


def votes_needed(
    charter: Charter, decision: str, *, seated: int, recused: int = 0, cast: int | None = None, abstain: int = 0
) -> Answer[Votes]:
    """Say how many votes in favour pass a decision.

    `seated`: all of the frozen electorate, the recused among them; `cast`: the votes cast so far, abstentions among
    them (None: as if all who may vote did); `abstain`: how many of those abstain.
    """
    rule = decision_of(charter, decision)
    gaps = charter.gaps_at(f"{rule.path}.threshold", f"{rule.path}.electorate", *counting_gap(rule, recused))
    if rule.threshold is None:
        return undetermined(f"{rule.title}: the charter does not say what a vote must reach", rule, gaps)
    readings = dict(needed_by_reading(rule, gaps, seated=seated, recused=recused, cast=cast, abstain=abstain))
    found = set(readings.values())
    if len(found) > 1:
        each = "; ".join(f"if {says}: {votes.yes} of {votes.of}" for says, votes in readings.items())
        return undetermined(f"{rule.title}: the text leaves open how many votes are needed: {each}", rule, gaps)
    votes = found.pop()
    words = f"Needed: {votes.yes} in favour of {votes.of} that count, {arithmetic(rule.threshold, votes)}"
    return Answer(saying.sentence(words), votes, rule.source, gaps)


def counting_gap(rule: Decision, recused: int) -> tuple[str, ...]:
    """Return the key path that tells whether the recused count, where anybody is recused."""
    return (f"{rule.path}.recusal.denominator",) if recused else ()


def needed_by_reading(
    rule: Decision, gaps: tuple[Gap, ...], *, seated: int, recused: int, cast: int | None, abstain: int
) -> Iterator[tuple[str, Votes]]:
    """Give what each reading of the text asks for; one where the text is clear."""
    threshold = rule.threshold
    assert threshold is not None
    readings = [reading for gap in gaps for reading in gap.readings]
    telling: list[Reading | None] = [
        one for one in readings if one.seated_less is not None or one.value is not None or one.base is not None
    ]
    for dropped in recused_readings(rule, recused):
        for reading in telling or NO_READING:
            read = as_read(threshold, reading)
            seats = seated - ((reading.seated_less or 0) if reading else 0)
            counts = votes_that_count(read, seated=seats, recused=dropped, cast=cast, abstain=abstain)
            said = [reading.says if reading else "", RECUSED[dropped == 0] if recused and not settled(rule) else ""]
            yield " and ".join(part for part in said if part), Votes(least_yes(counts, read), counts)


def as_read(threshold: Threshold, reading: Reading | None) -> Threshold:
    """Return a threshold as one reading of the text has it."""
    if reading is None:
        return threshold
    return replace(threshold, base=reading.base or threshold.base, value=reading.value or threshold.value)


NO_READING: list[Reading | None] = [None]
RECUSED = {True: "who is recused still counts", False: "who is recused does not count"}


def settled(rule: Decision) -> bool:
    """Say whether the charter tells if recused persons still count; the other bases leave them out by themselves."""
    by_base = rule.threshold is not None and rule.threshold.base != "seated"
    return by_base or (rule.recusal is not None and rule.recusal.denominator != "")


def recused_readings(rule: Decision, recused: int) -> tuple[int, ...]:
    """Return by how many the recused lower the number: one reading, or both where the text is silent."""
    if not recused or rule.threshold is None:
        return (0,)
    if not settled(rule):
        return (recused, 0)
    kept = rule.threshold.base == "seated" and rule.recusal is not None and rule.recusal.denominator == "kept"
    return (0,) if kept else (recused,)


def votes_that_count(threshold: Threshold, *, seated: int, recused: int, cast: int | None, abstain: int) -> int:
    """Return what the share is of; never less than none."""
    may_vote = max(seated - recused, 0)
    if threshold.base == "seated":
        return may_vote
    given = may_vote if cast is None else cast
    return max(given - abstain, 0) if threshold.base == "non_abstaining" else given


def least_yes(counts: int, threshold: Threshold) -> int:
    """Return the fewest votes in favour that reach a threshold; at least one, for nothing passes on silence."""
    if threshold.all_but is not None:
        return max(counts - threshold.all_but, 1)
    assert threshold.value is not None
    exact = threshold.value.fraction * counts
    return max(math.floor(exact) + 1 if threshold.strict else math.ceil(exact), 1)


def arithmetic(threshold: Threshold, votes: Votes) -> str:
    """Show how the number was come by."""
    if threshold.all_but is not None:
        return (
            f"all but {threshold.all_but} ({votes.of} − {threshold.all_but} = {max(votes.of - threshold.all_but, 0)})"
        )
    assert threshold.value is not None
    exact = threshold.value.fraction * votes.of
    shown = str(exact) if exact.denominator == 1 else f"{float(exact):.2f}".rstrip("0")
    how = "more than" if threshold.strict else "at least"
    return f"{how} {threshold.value} of {saying.BASES[threshold.base]} ({threshold.value} × {votes.of} = {shown})"


def outcome(
    charter: Charter,
    decision: str,
    *,
    seated: int,
    yes: int,
    no: int,
    abstain: int = 0,
    recused: int = 0,
    objections: int = 0,
    vetoed: bool = False,
) -> Answer[Outcome]:
    """Say whether a vote passes, with its arithmetic; undetermined where the readings of a gap differ."""
    rule = decision_of(charter, decision)
    cast = yes + no + abstain
    gaps = charter.gaps_at(f"{rule.path}.threshold", f"{rule.path}.electorate", *counting_gap(rule, recused))
    if rule.threshold is None:
        return undetermined(f"{rule.title}: the charter does not say what a vote must reach", rule, gaps)
    # Where nobody may object, a vote against is an objection.
    stopped = why_stopped(charter, rule, objections=max(objections, no), vetoed=vetoed)
    readings = dict(needed_by_reading(rule, gaps, seated=seated, recused=recused, cast=cast, abstain=abstain))
    verdicts = {says: not stopped and yes >= votes.yes for says, votes in readings.items()}
    if len(set(verdicts.values())) > 1:
        each = "; ".join(
            f"if {says}, {yes} of {readings[says].of} {'pass' if passed else 'do not pass'}"
            for says, passed in verdicts.items()
        )
        return undetermined(f"{rule.title}: the text leaves open whether this passes: {each}", rule, gaps)
    return told(rule, gaps, next(iter(readings.values())), yes, stopped)


def told(rule: Decision, gaps: tuple[Gap, ...], votes: Votes, yes: int, stopped: str) -> Answer[Outcome]:
    """Put an outcome into words."""
    assert rule.threshold is not None
    passed = not stopped and yes >= votes.yes
    sum_ = f"{yes} in favour of {votes.of} that count, {votes.yes} needed: {arithmetic(rule.threshold, votes)}"
    words = f"{'Passed' if passed else 'Not passed'}: {stopped + '; ' if stopped else ''}{sum_}"
    return Answer(saying.sentence(words), Outcome(passed, votes.yes, votes.of, yes), rule.source, gaps)


def why_stopped(charter: Charter, rule: Decision, *, objections: int, vetoed: bool) -> str:
    """Say what stops a vote whatever its count."""
    if vetoed and rule.veto:
        return f"vetoed by {saying.together(charter, rule.veto).words}"
    if objections and rule.threshold and rule.threshold.no_objection:
        return f"{saying.counted(objections, 'objection')} stand{'s' if objections == 1 else ''}"
    return ""


def quorum_reached(charter: Charter, decision: str, *, seated: int, taking_part: int, recused: int = 0) -> Answer[bool]:
    """Say whether enough took part. `taking_part`: who voted, abstained explicitly or confirmed."""
    rule = decision_of(charter, decision)
    gaps = charter.gaps_at(f"{rule.path}.quorum")
    if rule.quorum is None:
        return undetermined(
            f"{rule.title}: the charter names no quorum; {taking_part} of {seated} took part", rule, gaps
        )
    too_many = rule.quorum.recused_at_most
    if too_many is not None and recused > too_many.fraction * seated:
        words = f"No quorum: {recused} of {seated} are recused, more than {too_many}"
        return Answer(saying.sentence(words), False, rule.source, gaps)
    unsaid = rule.recusal is None or rule.recusal.denominator == ""
    needed, strictest = (
        quorum_number(rule.quorum, counts)
        for counts in (max(seated - recused, 0) if unsaid or not kept(rule) else seated, seated)
    )
    if recused and unsaid and needed <= taking_part < strictest:
        words = f"{taking_part} took part; if {RECUSED[True]}, {strictest} are needed, if not, {needed}"
        return undetermined(f"{rule.title}: the text leaves open whether there is a quorum: {words}", rule, gaps)
    words = (
        f"{'Quorum' if taking_part >= needed else 'No quorum'}: {taking_part} took part, {needed} of {seated} needed"
    )
    return Answer(saying.sentence(f"{words} ({saying.quorum(rule.quorum)})"), taking_part >= needed, rule.source, gaps)


def kept(rule: Decision) -> bool:
    """Say whether the charter counts the recused among the seated."""
    return rule.recusal is not None and rule.recusal.denominator == "kept"


def quorum_number(quorum: Quorum, counts: int) -> int:
    """Return how many of those who count must take part."""
    if quorum.none:
        return 0
    if quorum.least is not None:
        return quorum.least
    if quorum.all_but is not None:
        return max(counts - quorum.all_but, 1)
    assert quorum.share is not None
    exact = quorum.share.fraction * counts
    return max(math.floor(exact) + 1 if quorum.strict else math.ceil(exact), 1)


def may_be_recused(charter: Charter, decision: str) -> Answer[Standing]:
    """Say whether somebody with a conflict of interest must stand aside, and what that does to the numbers."""
    rule = decision_of(charter, decision)
    gaps = charter.gaps_at(f"{rule.path}.recusal")
    if rule.recusal is None:
        return undetermined(f"{rule.title}: the charter says nothing about conflicts of interest", rule, gaps)
    counted = None if not settled(rule) else rule.recusal.denominator == "kept"
    must = "Who has a conflict of interest must stand aside" if rule.recusal.required else "Nobody must stand aside"
    tail = {
        None: "the text does not say whether they still count among the seated",
        True: "they still count among the seated",
        False: "they no longer count among the seated",
    }[counted]
    return Answer(
        f"{must}; {tail}.", Standing(rule.recusal.required, counted), rule.recusal.source or rule.source, gaps
    )

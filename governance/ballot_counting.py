"""Count a vote: exact fractions in, a result with its sum in words out. Pure: no database, no clock."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Base = Literal["cast", "non_abstaining", "seated"]
SMALL = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(frozen=True)
class Rule:
    """What a vote must reach: a share, or all but a few, of its base; and how many must take part."""

    base: Base
    share: Fraction | None = None
    written: str = ""
    strict: bool = False
    all_but: int | None = None
    no_objection: bool = False
    tie_carries: bool = False
    quorum_share: Fraction | None = None
    quorum_strict: bool = False
    quorum_least: int | None = None
    quorum_all_but: int | None = None
    recused_count: bool = False

    def __post_init__(self) -> None:
        if (self.share is None) == (self.all_but is None):
            raise ValueError("A rule has a share or a number of missing votes, and not both.")
        if self.share is not None and not 0 < self.share <= 1:
            raise ValueError(f"A share lies above 0 and at most at 1, not at {self.share}.")


@dataclass(frozen=True)
class Votes:
    """How many are seated, how many of them are recused, and what the others chose."""

    seated: int
    recused: int = 0
    yes: int = 0
    no: int = 0
    abstain: int = 0

    def __post_init__(self) -> None:
        if min(self.seated, self.recused, self.yes, self.no, self.abstain) < 0 or self.cast > self.may_vote:
            raise ValueError(f"These votes do not fit together: {self}")

    @property
    def may_vote(self) -> int:
        """Return how many are not recused."""
        return self.seated - self.recused

    @property
    def cast(self) -> int:
        """Return how many voted, explicit abstentions included."""
        return self.yes + self.no + self.abstain

    @property
    def missing(self) -> int:
        """Return how many may still vote and have not."""
        return self.may_vote - self.cast


@dataclass(frozen=True)
class Result:
    """How a vote stands: needed of how many that count, what stops it, and the sum in words."""

    carried: bool
    needed: int
    of: int
    quorum_needed: int
    quorum_reached: bool
    words: str


def result(rule: Rule, votes: Votes) -> Result:
    """Count the votes as they stand, as if it closed now."""
    of = counting(rule, votes)
    needed = least_yes(rule, of)
    quorum = quorum_needed(rule, votes)
    stops = list(what_stops(rule, votes, needed, quorum))
    return Result(
        carried=not stops,
        needed=needed,
        of=of,
        quorum_needed=quorum,
        quorum_reached=votes.cast >= quorum,
        words=told(rule, votes, of, needed, quorum, stops),
    )


def counting(rule: Rule, votes: Votes) -> int:
    """Return what the share is of."""
    if rule.base == "seated":
        return votes.seated if rule.recused_count else votes.may_vote
    return votes.cast - votes.abstain if rule.base == "non_abstaining" else votes.cast


def least_yes(rule: Rule, of: int) -> int:
    """Return the fewest yes that reach the threshold; one at least, for nothing passes on silence."""
    if rule.all_but is not None:
        return max(of - rule.all_but, 1)
    assert rule.share is not None
    return max(least(rule.share, of, rule.strict), 1)


def least(share: Fraction, of: int, strict: bool) -> int:
    """Return the smallest whole number that is at least, or more than, a share."""
    exact = share * of
    return math.floor(exact) + 1 if strict else math.ceil(exact)


def quorum_needed(rule: Rule, votes: Votes) -> int:
    """Return how many must take part; 0 where the rule asks for nobody in particular."""
    seats = votes.seated if rule.recused_count else votes.may_vote
    needed = [rule.quorum_least or 0]
    if rule.quorum_share is not None:
        needed.append(least(rule.quorum_share, seats, rule.quorum_strict))
    if rule.quorum_all_but is not None:
        needed.append(max(seats - rule.quorum_all_but, 1))
    return max(needed)


def what_stops(rule: Rule, votes: Votes, needed: int, quorum: int) -> list[str]:
    """Say everything that keeps it from being carried."""
    stops = []
    if votes.cast < quorum:
        stops.append("no quorum")
    if votes.yes < needed:
        stops.append("too few")
    elif is_tie(rule, votes):
        stops.append("a tie does not carry it")
    if rule.no_objection and votes.no:
        stops.append("an objection stands")
    return stops


def is_tie(rule: Rule, votes: Votes) -> bool:
    """Say whether half was asked for and the yes are no more than the no, without a rule that lets that pass."""
    return rule.share == Fraction(1, 2) and votes.yes <= votes.no and not rule.tie_carries


def told(rule: Rule, votes: Votes, of: int, needed: int, quorum: int, stops: list[str]) -> str:
    """Put the sum into words: 12 seated, one recused: 75 % of 11 is 8.25, so 9 yes are needed; …"""
    parts = [f"{who_counts(rule, votes, of)}: {sum_of(rule, of)}, so {needed} yes {be(needed)} needed"]
    if quorum:
        parts.append(f"{quorum} must take part and {votes.cast} did")
    ending = f"not carried ({', '.join(stops)})" if stops else "carried"
    parts.append(f"{chosen(votes)}: {ending}")
    return "; ".join(parts) + "."


def who_counts(rule: Rule, votes: Votes, of: int) -> str:
    """Say how the number that counts was come by."""
    words = f"{votes.seated} seated"
    if votes.recused:
        words += f", {small(votes.recused)} recused{' but counted' if rule.recused_count else ''}"
    if rule.base != "seated":
        words += f", {votes.cast} voted"
    if rule.base == "non_abstaining" and votes.abstain:
        words += f", {small(votes.abstain)} of them to abstain, {of} for or against"
    return words


def sum_of(rule: Rule, of: int) -> str:
    """Write the sum: more than 2/3 of 8 is more than 5.33."""
    if rule.all_but is not None:
        return f"all but {small(rule.all_but)} of {of} is {max(of - rule.all_but, 0)}"
    assert rule.share is not None
    more = "more than " if rule.strict else ""
    return f"{more}{rule.written or written(rule.share)} of {of} is {more}{decimal(rule.share * of)}"


def chosen(votes: Votes) -> str:
    """Say what was chosen: 9 voted yes, 1 no and 1 to abstain."""
    parts = [f"{votes.yes} voted yes"]
    parts += [f"{votes.no} no"] if votes.no else []
    parts += [f"{votes.abstain} to abstain"] if votes.abstain else []
    words = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return words + (f", {votes.missing} did not vote" if votes.missing else "")


def decimal(exact: Fraction) -> str:
    """Write an exact number with two digits at most, never so that it looks whole when it is not."""
    if exact.denominator == 1:
        return str(exact.numerator)
    shown = f"{float(exact):.2f}"
    return shown.rstrip("0") if not shown.endswith(".00") else f"{float(exact):.4f}".rstrip("0")


def written(share: Fraction) -> str:
    """Write a share as rules do: a half, 75 %, 2/3."""
    if share == Fraction(1, 2):
        return "half"
    percent = share * 100
    return f"{percent.numerator} %" if percent.denominator == 1 else f"{share.numerator}/{share.denominator}"


def small(number: int) -> str:
    """Spell a small number."""
    return SMALL[number] if number < len(SMALL) else str(number)


def be(number: int) -> str:
    """Return is or are."""
    return "is" if number == 1 else "are"

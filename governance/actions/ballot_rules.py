"""The rule that a vote is frozen with: what the charter says, and what was chosen where it leaves that open."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from governance.charter import Charter, Decision, saying
from governance.charter.kinds import Share, share_of
from governance.models import Ballot
from governance.policies.ballots import (
    electing_roles,
)

SHOWN = {
    "": Ballot.Shown.AT_ONCE,
    "public": Ballot.Shown.AT_ONCE,
    "secret": Ballot.Shown.NEVER,
    "secret_until_close": Ballot.Shown.AT_CLOSE,
}


MOST_DAYS = 366


class BallotRefused(ValueError):
    """A vote that cannot be called, opened or counted so."""


@dataclass(frozen=True)
class Chosen:
    """What the caller says where the charter leaves it open: the threshold, the window, the electorate."""

    share: str = ""
    base: str = ""
    strict: bool = False
    days: int | None = None
    electorate: tuple[str, ...] = ()


NOTHING = Chosen()


def rule_columns(charter: Charter, rule: Decision, chosen: Chosen) -> dict[str, object]:
    """Return the rule as a vote keeps it: the charter's, and what was chosen where the charter leaves it open."""
    filled: list[str] = []
    columns = {
        **threshold_columns(rule, chosen, filled),
        **quorum_columns(rule, filled),
        "days": days_of(rule, chosen, filled),
        "electorate": roles_that_vote(charter, rule, chosen, filled),
        "recused_count": rule.recusal is not None and rule.recusal.denominator == "kept",
        "choices_shown": SHOWN[rule.publication.ballots if rule.publication else ""],
    }
    parts = ("threshold", "quorum", "window", "electorate", "recusal", "tie_break", "decider")
    open_questions = [gap.question for gap in charter.gaps_at(*(f"{rule.path}.{part}" for part in parts))]
    filled += [f"The charter leaves open: {question}" for question in open_questions]
    return {**columns, "filled_in": "\n".join(filled)}


def threshold_columns(rule: Decision, chosen: Chosen, filled: list[str]) -> dict[str, object]:
    """Return what it must reach."""
    asked = rule.threshold
    if asked is not None:
        return {
            "base": asked.base,
            **share_columns(asked.value),
            "strict": asked.strict,
            "all_but": asked.all_but,
            "no_objection": asked.no_objection,
        }
    share = share_of(chosen.share)
    if share is None or chosen.base not in Ballot.Base.values:
        raise BallotRefused(
            "The charter does not say what this vote must reach: say a share, such as 1/2 or 75 %, and of what it is."
        )
    filled.append(
        f"The charter does not say what it must reach. Here: {'more than' if chosen.strict else 'at least'} "
        f"{share.written} {Ballot.Base(chosen.base).label}."
    )
    return {"base": chosen.base, **share_columns(share), "strict": chosen.strict}


def share_columns(share: Share | None) -> dict[str, object]:
    """Return a share exactly, and as it is written."""
    if share is None:
        return {}
    exact: Fraction = share.fraction
    return {
        "share_numerator": exact.numerator,
        "share_denominator": exact.denominator,
        "share_written": share.written[:20],
    }


def quorum_columns(rule: Decision, filled: list[str]) -> dict[str, object]:
    """Return how many must take part; nobody in particular where the charter names no quorum, and that is said."""
    asked = rule.quorum
    if asked is None:
        filled.append("The charter names no quorum. Here: none is asked.")
        return {}
    if asked.none:
        return {}
    share = asked.share.fraction if asked.share else None
    return {
        "quorum_numerator": share.numerator if share else None,
        "quorum_denominator": share.denominator if share else None,
        "quorum_strict": asked.strict,
        "quorum_least": asked.least,
        "quorum_all_but": asked.all_but,
    }


def days_of(rule: Decision, chosen: Chosen, filled: list[str]) -> int:
    """Return how many days it is open: the charter's, or what was chosen within its bounds."""
    window = rule.window
    least = (window.least_days if window else None) or 1
    most = (window.most_days if window else None) or MOST_DAYS
    if window is not None and least == most:
        return least
    if chosen.days is None or not least <= chosen.days <= most:
        bounds = f"between {least} and {most}" if most < MOST_DAYS else f"{least} or more"
        raise BallotRefused(f"Say how many days it is open, {bounds}.")
    if window is None:
        filled.append(f"The charter does not say how long it is open. Here: {chosen.days} days.")
    return chosen.days


def roles_that_vote(charter: Charter, rule: Decision, chosen: Chosen, filled: list[str]) -> list[str]:
    """Return the roles whose holders vote."""
    roles = electing_roles(rule)
    if roles:
        return list(roles)
    named = [role for role in chosen.electorate if role in charter.offices]
    if not named:
        raise BallotRefused("The charter does not say who votes: name the offices whose holders do.")
    filled.append(f"The charter does not say who votes. Here: {saying.together(charter, named).words}.")
    return named


def second_columns(rule: Decision, now: datetime) -> dict[str, object]:
    """Return whose support is needed before it opens."""
    asked = rule.second_required
    if asked is None:
        return {}
    until = now + timedelta(days=asked.within_days) if asked.within_days else None
    return {
        "seconds_needed": asked.count,
        "seconds_by": list(asked.by),
        "seconds_employers": asked.employers,
        "seconds_unknown_differ": asked.unknown_differs,
        "seconds_until": until,
    }

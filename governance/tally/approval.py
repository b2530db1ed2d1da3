"""Approval: most approvals first."""

from __future__ import annotations

from governance.tally.ballots import Ballots, Number, whole
from governance.tally.outcome import Outcome, by_votes


def totals(ballots: Ballots) -> dict[int, Number]:
    """Add up each candidate's marks."""
    return {
        candidate: whole(sum((ballot.marks[candidate] or 0) * ballot.weight for ballot in ballots.cast))
        for candidate in range(len(ballots.candidates))
    }


def approval(ballots: Ballots) -> Outcome:
    """Rank by approvals; equals are tied."""
    votes = totals(ballots)
    return Outcome(by_votes(votes, votes), totals=votes)

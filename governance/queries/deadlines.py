"""Reads about deadlines: what closes when, for calendars and lists."""

from dataclasses import dataclass
from datetime import datetime

from governance.models import Ballot, CommentPeriod, Election


@dataclass(frozen=True)
class Deadline:
    """Something that closes by the clock, or would have if it had not been stopped."""

    key: str
    words: str
    at: datetime
    zone: str
    url: str
    since: datetime
    stopped: bool = False


def deadlines(after: datetime) -> list[Deadline]:
    """Return what closes after a moment, the earliest first; stopped ones too, for calendars must take them out."""
    found = [*comment_deadlines(after), *vote_deadlines(after), *election_deadlines(after)]
    return sorted(found, key=lambda deadline: (deadline.at, deadline.key))


def comment_deadlines(after: datetime) -> list[Deadline]:
    """Return the closes of final comment periods."""
    periods = CommentPeriod.objects.filter(closes_at__gt=after, proposal__retracted_at__isnull=True)
    return [
        Deadline(
            key=f"final-comment-{period.pk}",
            words=f"Final comments on {period.proposal.number}, “{period.proposal.title}”",
            at=period.closes_at,
            zone=period.zone,
            url=period.proposal.get_absolute_url(),
            since=period.stopped_at or period.started_at,
            stopped=period.stopped_at is not None,
        )
        for period in periods.select_related("proposal")
    ]


def vote_deadlines(after: datetime) -> list[Deadline]:
    """Return the closes of votes."""
    return [
        Deadline(
            key=f"vote-{ballot.pk}",
            words=f"Vote: {ballot.question}",
            at=ballot.closes_at,
            zone=ballot.zone,
            url=ballot.get_absolute_url(),
            since=ballot.cancelled_at or ballot.opened_at or ballot.called_at,
            stopped=ballot.cancelled_at is not None,
        )
        for ballot in Ballot.objects.filter(closes_at__gt=after)
        if ballot.closes_at is not None
    ]


# What of an election closes, by the name of its moment.
ELECTION_CLOSES = {
    "nominations_close_at": "Nominations for",
    "exceptions_close_at": "Requests for an exception in",
    "closes_at": "Voting in",
}


def election_deadlines(after: datetime) -> list[Deadline]:
    """Return the closes of elections: of nominations, of requests for exceptions, of voting."""
    return [
        Deadline(
            key=f"election-{election.pk}-{name}",
            words=f"{words} {election.title}",
            at=getattr(election, name),
            zone=election.zone,
            url=election.get_absolute_url(),
            since=election.opened_at or after,
            stopped=election.state == Election.State.CANCELLED,
        )
        for election in Election.objects.filter(closes_at__gt=after)
        for name, words in ELECTION_CLOSES.items()
        if getattr(election, name) > after
    ]

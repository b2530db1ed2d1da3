"""Reads about votes: who may vote, what was chosen, how it stands at a moment, what awaits somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Q, QuerySet
from django.utils import timezone

from ecosystem.models import Person
from ecosystem.sentences import count, listed
from governance.ballot_counting import Result, Rule, Votes, least_yes, result
from governance.deadlines import said
from governance.models import Ballot, Choice, Declaration, Elector
from governance.queries.awaited import Awaited
from governance.queries.support import Asked, Supporter, still_missing, supporter


class NoSuchVote(LookupError):
    """A reference to a vote that does not exist, or has not ended."""


@dataclass(frozen=True)
class Voter:
    """An elector with what counts of them now."""

    elector: Elector
    choice: Choice | None
    recusal: Declaration | None
    conflict: Declaration | None
    choices: tuple[Choice, ...]

    @property
    def recused(self) -> bool:
        """Say whether they stand aside."""
        return self.recusal is not None and self.recusal.kind == Declaration.Kind.RECUSED

    @property
    def counts(self) -> bool:
        """Say whether a choice of theirs counts."""
        return self.choice is not None and not self.recused


def rule_of(ballot: Ballot) -> Rule:
    """Return the rule that a vote is counted by, as it was frozen when the vote was called."""
    return Rule(
        base=ballot.base,  # type: ignore[arg-type]
        share=ballot.share,
        written=ballot.share_written,
        strict=ballot.strict,
        all_but=ballot.all_but,
        no_objection=ballot.no_objection,
        tie_carries=ballot.tie_carries,
        quorum_share=ballot.quorum_share,
        quorum_strict=ballot.quorum_strict,
        quorum_least=ballot.quorum_least,
        quorum_all_but=ballot.quorum_all_but,
        recused_count=ballot.recused_count,
    )


def state_at(ballot: Ballot, now: datetime) -> str:
    """Return a vote's state at a moment, by the clock alone: no worker need have noticed."""
    if ballot.cancelled_at is not None:
        return "cancelled"
    if ballot.opened_at is None:
        lapsed = ballot.seconds_until is not None and ballot.seconds_until <= now
        return "lapsed" if lapsed else "awaiting seconds"
    assert ballot.closes_at is not None
    return "closed" if ballot.closes_at <= now else "open"


def voters_of(ballot: Ballot) -> list[Voter]:
    """Return the electorate as it was frozen, each with their latest choice and declarations."""
    electors = ballot.electors.select_related("person__merged_into").prefetch_related(
        "choices", "declarations__made_by"
    )
    return [voter(elector) for elector in electors.order_by("person__name")]


def voter(elector: Elector) -> Voter:
    """Return what counts of an elector."""
    choices = sorted(elector.choices.all(), key=lambda choice: (choice.cast_at, choice.pk), reverse=True)
    said_of = sorted(elector.declarations.all(), key=lambda one: (one.made_at, one.pk), reverse=True)
    recusal = next((one for one in said_of if one.kind != Declaration.Kind.CONFLICT), None)
    conflict = next((one for one in said_of if one.kind == Declaration.Kind.CONFLICT), None)
    return Voter(elector, choices[0] if choices else None, recusal, conflict, tuple(choices))


def votes_of(voters: Sequence[Voter]) -> Votes:
    """Count what was chosen: the latest choice of each who is not recused."""
    words = [voter.choice.word for voter in voters if voter.counts and voter.choice]
    return Votes(
        seated=len(voters),
        recused=sum(voter.recused for voter in voters),
        yes=words.count(Choice.Word.YES),
        no=words.count(Choice.Word.NO),
        abstain=words.count(Choice.Word.ABSTAIN),
    )


class Standing:
    """A vote at one moment."""

    def __init__(self, ballot: Ballot, now: datetime | None = None) -> None:
        self.ballot = ballot
        self.now = now or timezone.now()
        self.state = state_at(ballot, self.now)
        self.voters = voters_of(ballot) if ballot.opened_at else []
        self.votes = votes_of(self.voters)
        self.seconds = list(ballot.seconds.select_related("person__merged_into"))

    @property
    def result(self) -> Result:
        """Count the votes as they stand."""
        return result(rule_of(self.ballot), self.votes)

    @property
    def closed(self) -> bool:
        """Say whether it has come to its end."""
        return self.state == "closed"

    @property
    def carried(self) -> bool:
        """Say whether it has ended and carried."""
        return self.closed and self.result.carried

    @property
    def shows_choices(self) -> bool:
        """Say whether who chose what may be seen now."""
        shown = self.ballot.choices_shown
        return shown == Ballot.Shown.AT_ONCE or (shown == Ballot.Shown.AT_CLOSE and self.closed)

    @property
    def shows_numbers(self) -> bool:
        """Say whether the numbers of yes and no may be seen now."""
        return self.closed or self.ballot.choices_shown == Ballot.Shown.AT_ONCE

    @cached_property
    def seconders(self) -> list[Supporter]:
        """Return who seconded it, with the employers of the day on which they did."""
        return [supporter(one.person, timezone.localdate(one.given_at)) for one in self.seconds]

    @property
    def seconds_missing(self) -> list[str]:
        """Say what support it still needs before it opens, in words."""
        ballot = self.ballot
        asked = Asked(ballot.seconds_needed, ballot.seconds_employers, ballot.seconds_unknown_differ)
        return still_missing(asked, self.seconders)

    @property
    def silent(self) -> list[Voter]:
        """Return who may vote and has not."""
        return [voter for voter in self.voters if voter.choice is None and not voter.recused]

    @property
    def rule_words(self) -> str:
        """Say what it takes, as the rule was frozen."""
        ballot = self.ballot
        if ballot.all_but is not None:
            words = f"all but {ballot.all_but} {ballot.get_base_display()}"
        else:
            words = f"{'more than' if ballot.strict else 'at least'} {ballot.share_written} {ballot.get_base_display()}"
        return words + (", and nobody against" if ballot.no_objection else "") + self._quorum_words()

    def _quorum_words(self) -> str:
        ballot = self.ballot
        if ballot.quorum_share is not None:
            more = "more than" if ballot.quorum_strict else "at least"
            return f"; {more} {ballot.quorum_share} of those who may vote must take part"
        if ballot.quorum_all_but is not None:
            return f"; all but {ballot.quorum_all_but} of those who may vote must take part"
        return f"; at least {ballot.quorum_least} must take part" if ballot.quorum_least else ""

    @property
    def needs(self) -> str:
        """Say what it still needs: who, how many, by when."""
        if self.state == "awaiting seconds":
            until = f" by {said(self.ballot.seconds_until, 'UTC')}" if self.ballot.seconds_until else ""
            return f"{listed(self.seconds_missing)}{until} before it opens."
        if self.state != "open":
            return "nothing: it is " + self.state + "."
        assert self.ballot.closes_at is not None
        until = f"open until {said(self.ballot.closes_at, self.ballot.zone)}"
        silent = len(self.silent)
        waiting = f"{count(silent, 'elector has', 'electors have')} not voted" if silent else "everybody has voted"
        return f"{until}; {waiting}{self._still_short()}."

    def _still_short(self) -> str:
        """Say how many more yes it takes, where numbers are shown and the number does not move with each vote."""
        quorum = self.result.quorum_needed - self.votes.cast
        words = f", {quorum} more must take part" if quorum > 0 else ""
        if not self.shows_numbers or self.ballot.base != Ballot.Base.SEATED:
            return words
        short = least_yes(rule_of(self.ballot), self.result.of) - self.votes.yes
        return words + (
            f", {short} more yes {'is' if short == 1 else 'are'} needed" if short > 0 else ", enough said yes"
        )

    @property
    def sentence(self) -> str:
        """Say in one sentence how it stands."""
        question = self.ballot.question.rstrip(".?")
        if self.state == "cancelled":
            return f"“{question}” was cancelled: {self.ballot.cancelled_why}"
        if self.state == "lapsed":
            return f"“{question}” lapsed: nobody seconded it in time."
        if self.closed:
            return f"“{question}” was {'carried' if self.carried else 'not carried'}: {self.closing_words}"
        return f"“{question}”: {self.needs}"

    @property
    def closing_words(self) -> str:
        """Say the result with its sum: as it was written down, else as it is read now."""
        return self.ballot.arithmetic or self.result.words


def standing(ballot: Ballot, now: datetime | None = None) -> Standing:
    """Return how a vote stands at a moment."""
    return Standing(ballot, now)


def carried(ballot: Ballot, now: datetime | None = None) -> bool:
    """Say whether a vote has ended and carried; true from its close on, written down or not."""
    if ballot.carried is not None:
        return ballot.carried
    return state_at(ballot, now or timezone.now()) == "closed" and standing(ballot, now).carried


def ended_vote(reference: str, now: datetime | None = None) -> tuple[Ballot, bool]:
    """Return the vote of a reference such as vote/12, and whether it was carried.

    Raises:
        NoSuchVote: for another word, a vote that does not exist, or one that has not come to its end.
    """
    key = reference.removeprefix("vote/")
    ballot = Ballot.objects.filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) < 18 else None
    if ballot is None or not reference.startswith("vote/"):
        raise NoSuchVote(f"{reference!r} is no vote: write vote/ and its number.")
    stands = standing(ballot, now)
    if not stands.closed:
        raise NoSuchVote(f"{reference} is {stands.state}: nothing is decided by it.")
    return ballot, carried(ballot, now)


def open_ballots(now: datetime) -> QuerySet[Ballot]:
    """Return the votes in which a choice is taken now."""
    return Ballot.objects.filter(opened_at__lte=now, closes_at__gt=now, cancelled_at__isnull=True)


def elector_of(ballot: Ballot, person: Person | None) -> Elector | None:
    """Return a person's place in an electorate, if they have one; merged persons count as who they are now."""
    if person is None:
        return None
    found = ballot.electors.filter(Q(person=person) | Q(person__merged_into__isnull=False)).select_related("person")
    return next((one for one in found if one.person.kept == person), None)


def awaited_votes(person: Person, now: datetime) -> list[Awaited]:
    """Return the open votes in which a person may vote and has not."""
    waiting = []
    for ballot in open_ballots(now):
        elector = elector_of(ballot, person)
        own = voter(elector) if elector else None
        if own and not own.choice and not own.recused:
            waiting.append(
                Awaited("vote", f"Vote on “{ballot.question}”.", ballot.get_absolute_url(), ballot.closes_at)
            )
    return waiting


def listing_sentence(standings: Sequence[Standing]) -> str:
    """Say how many votes are open."""
    if not standings:
        return "No vote has been called."
    states = [stands.state for stands in standings]
    open_now = [f"“{stands.ballot.question}”" for stands in standings if stands.state == "open"]
    waiting = states.count("awaiting seconds")
    parts = [f"{count(len(open_now), 'vote is', 'votes are')} open: {listed(open_now[:3])}"] if open_now else []
    parts += [f"{count(waiting, 'awaits', 'await')} seconds"] if waiting else []
    if not parts:
        ended = count(len(standings), "vote has", "votes have")
        return f"No vote is open; {ended} ended."
    return "; ".join(parts) + "."

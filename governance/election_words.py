"""The sentences about elections that pages begin with, and the words of their moments."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from ecosystem.sentences import count, listed
from governance.deadlines import said
from governance.election_count import TOTALS_FROM
from governance.models import Count, Election
from governance.queries.candidates import candidates, falling_short
from governance.queries.elections import electors, stands, turnout

State = Election.State
STEPS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def in_words(moment: datetime, now: datetime) -> str:
    """Say how long until a moment: in 3 days, in 5 hours, in less than a minute."""
    seconds = (moment - now).total_seconds()
    for length, name in STEPS:
        if seconds >= length:
            return f"in {count(int(seconds // length), name, f'{name}s')}"
    return "in less than a minute"


def by_when(election: Election, moment: datetime, now: datetime) -> str:
    """Say a deadline: how long it is until then, and its moment with the rule of its zone."""
    return f"{in_words(moment, now)}, {said(moment, election.zone)}"


def election_sentence(election: Election, now: datetime | None = None) -> str:
    """Say how an election stands."""
    now = now or timezone.now()
    if election.state == State.CANCELLED:
        return f"The election was cancelled: {election.cancelled_because}"
    if election.state in (State.ANNOUNCED, State.NOMINATING):
        return before_the_vote(election, now)
    voted = f"{turnout(election)} of {electors(election)}"
    if stands(election, now) == State.VOTING:
        return f"Voting closes {by_when(election, election.closes_at, now)}; {voted} have voted."
    last = election.counts.last()
    if last is None:
        return f"Voting closed on {said(election.closes_at, election.zone)}; {voted} voted. The count is awaited."
    return counted_sentence(election, last)


def before_the_vote(election: Election, now: datetime) -> str:
    """Say how an election stands whose vote is not open."""
    lacking = len(falling_short(election)) if now < election.nominations_close_at and election.endorsements else 0
    nominees = count(candidates(election, now).count() - lacking, "candidate stands", "candidates stand")
    seats = count(election.seats, "seat", "seats")
    if now < election.nominations_close_at:
        verb = "Nominations" if election.state == State.NOMINATING else "Nominations are not open yet; they"
        until = by_when(election, election.nominations_close_at, now)
        return f"{verb} close {until}; {nominees} for {seats} so far{unendorsed_yet(lacking)}."
    if now < election.opens_at:
        opens = by_when(election, election.opens_at, now)
        return f"Nominations are over and {nominees} for {seats}; voting opens {opens}."
    return f"Nominations are over and {nominees} for {seats}; the officers have not opened the vote yet."


def unendorsed_yet(number: int) -> str:
    """Say, while nominations are open, how many accepted and lack endorsements still."""
    return f", and {number} {'lacks' if number == 1 else 'lack'} endorsements still" if number else ""


def endorsement_words(election: Election) -> str:
    """Say which endorsements the rule asks for; nothing where it asks for none."""
    if not election.endorsements:
        return ""
    who = count(election.endorsements, "elector", "electors")
    of = election.endorsing_employers
    employers = f" of {count(of, 'different employer', 'different employers')}" if of else ""
    own = "; a nominee who is an elector counts as one of them" if election.nominee_endorses else ""
    unknown = "" if not of or election.unknown_differs else "; an employer who is not known counts as no other"
    until = said(election.nominations_close_at, election.zone)
    return f"{who}{employers} must endorse who stands, until {until}{own}{unknown}"


def counted_sentence(election: Election, last: Count) -> str:
    """Say whom a count elected, and what is open."""
    voted = f"{last.ballots} of {last.electors} voted"
    ties = [f"{listed(tie['candidates'])} over {words_of_tie(tie)}" for tie in last.outcome["ties"]]
    winners = last.outcome["winners"]
    several = len(winners) != 1
    if ties:
        elected = f"{listed(winners)} {'are' if several else 'is'} elected, and a tie" if winners else "A tie"
        return f"{elected} between {' and between '.join(ties)} waits for a decision; {voted}."
    if not winners:
        return f"Nobody is elected; {voted}."
    if election.state == State.CONFIRMED:
        begin = f"{'the terms begin' if several else 'the term begins'} on {day(election.takes_office_on)}"
        return f"{listed(winners)} {'were' if several else 'was'} elected; {voted}, and {begin}."
    elected = f"{listed(winners)} {'are' if several else 'is'} elected"
    return f"{elected}, and the officers have not confirmed it yet; {voted}."


def words_of_tie(tie: dict[str, object]) -> str:
    """Say what a tie is over."""
    number = int(str(tie["seats"]))
    if tie["about"] == "a seat":
        return count(number, "seat", "seats")
    return count(number, "long term", "long terms")


def day(on: object) -> str:
    """Write a day."""
    return f"{on:%-d %B %Y}"


def listing_sentence(elections: Sequence[Election], now: datetime | None = None) -> str:
    """Say what is going on among all elections."""
    now = now or timezone.now()
    if not elections:
        return "No election has been announced."
    states = [stands(election, now) for election in elections]
    voting = [election for election, state in zip(elections, states, strict=True) if state == State.VOTING]
    if len(voting) == 1:
        words = election_sentence(voting[0], now)
        return f"{voting[0].title}: {words[:1].lower()}{words[1:]}"
    if voting:
        first = min(election.closes_at for election in voting)
        return f"{len(voting)} elections are open for votes; the first closes {in_words(first, now)}."
    nominating = states.count(State.NOMINATING)
    if nominating:
        return f"{count(nominating, 'election takes', 'elections take')} nominations; no vote is open."
    return f"{count(len(elections), 'election is', 'elections are')} kept here; no vote is open."


def publication_rule(election: Election) -> str:
    """Say, before anybody votes, what will be published of the ballots."""
    return (
        f"Every ballot is published once votes are counted, without names, where at least {election.publish_from} were "
        f"cast. With fewer, only totals are; with fewer than {TOTALS_FROM}, or where everybody "
        "said the same of a candidate or of a pair, only the names of who is elected, because numbers would tell how "
        "each of them voted."
    )


def electorate_words(election: Election) -> str:
    """Say who may vote, by the rule."""
    offices = [office.name for office in election.electing_offices.all()]
    parts = [f"who held the office of {listed(offices)} on {day(election.electors_on)}"] if offices else []
    if election.activity_from is not None:
        parts.append(f"who has an activity of at least {election.activity_from} in the imported list")
    return f"Electors are those {' or '.join(parts)}, and those to whom the officers grant an exception."


def ballot_words(election: Election) -> str:
    """Say how a ballot is filled in."""
    if election.marks == "ranks":
        left_out = {
            "excluded": "About whom you leave empty you say nothing.",
            "last": "Whom you leave empty you put below all others.",
        }
        return f"1 is your first choice. The same number twice is a tie. {left_out[election.unranked]}"
    if election.marks == "scores":
        return "Give from 0 (worst) to 5 (best). Whom you leave empty has 0."
    return "Mark everybody whom you approve of, as many as you like."


def tie_words(election: Election) -> str:
    """Say what settles a contested tie."""
    ways = [str(Election.TieBreak(way).label) for way in election.tie_break]
    return f"A contested tie waits for a published decision: {', else '.join(ways)}."

"""How a box becomes ballots that are counted, what of them is published, and who works for whom that day."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from secrets import token_hex
from typing import Any, cast

from ecosystem.models import Affiliation, Person
from governance.ballot_box import Box
from governance.models import Count, Election, Nomination, Term
from governance.queries.candidates import on_the_ballot
from governance.queries.elections import all_of
from governance.tally.ballots import Ballot, Ballots, Kind
from governance.tally.counting import count
from governance.tally.draws import by_seed
from governance.tally.pairwise import Unranked, preferred
from governance.tally.result import Result
from governance.tally.seats import EmployerCap
from governance.tally.words import document, lines
from governance.tally.writing import NO_OPINION, write_elekto_csv

# With fewer ballots than this even the totals can be guessed apart.
TOTALS_FROM = 5
Publishes = Count.Publishes


@dataclass(frozen=True)
class Opened:
    """The ballots of an opened box, in the order of their codes: no order of casting is left in it."""

    codes: tuple[str, ...]
    ballots: Ballots

    @property
    def file(self) -> str:
        """Return the ballots as `tally` reads them."""
        return write_elekto_csv(self.ballots)

    @property
    def coded_file(self) -> str:
        """Return the ballots, each with its receipt's code; a code is letters, digits and hyphens."""
        heading, *_ = write_elekto_csv(Ballots(self.ballots.candidates, (), self.ballots.kind)).splitlines()
        rows = [
            ",".join([code, *(NO_OPINION if mark is None else str(mark) for mark in ballot.marks)])
            for code, ballot in zip(self.codes, self.ballots.cast, strict=True)
        ]
        return "\n".join([f"code,{heading}", *rows, ""])


def opened_ballots(election: Election, box: Box) -> Opened:
    """Return a box's ballots for the candidates who stand still; who withdrew is left out of each."""
    papers = list(on_the_ballot(election))
    standing = [each for each in papers if each.answer == Nomination.Answer.ACCEPTED]
    found = sorted(box.ballots.values(), key=lambda ballot: ballot.code)
    marks = [tuple(ballot.marks.get(str(each.pk)) for each in standing) for ballot in found]
    names = tuple(each.name for each in standing)
    kind = cast(Kind, election.marks)
    return Opened(tuple(ballot.code for ballot in found), Ballots(names, tuple(Ballot(each) for each in marks), kind))


def counted(
    election: Election, ballots: Ballots, order: Sequence[str] | None, employers: Mapping[str, dict[str, str]]
) -> Result:
    """Count by the election's rules; `order`: how a contested tie was settled; `employers`: of the closing day."""
    cap = election.employer_cap
    return count(
        ballots,
        election.method,
        seats=election.seats,
        unranked=cast(Unranked, election.unranked),
        variant=election.variant,
        cap=None if cap is None else EmployerCap(cap, employers["candidates"], employers["sitting"]),
        tie_break=order,
        long_term_seats=election.long_seats or 0,
    )


def what_to_publish(ballots: Ballots, publish_from: int) -> tuple[str, str]:
    """Say how much may be published without giving voters away, and why; the page tells this rule beforehand."""
    number = len(ballots.cast)
    if not number:
        return Publishes.BALLOTS, "No ballot was cast."
    if number < TOTALS_FROM:
        return Publishes.NAMES, f"Fewer than {TOTALS_FROM} ballots were cast: even totals would give voters away."
    if len(ballots.together().cast) == 1:
        return Publishes.NAMES, "All ballots are alike: any number would tell how each elector voted."
    if number >= publish_from:
        return Publishes.BALLOTS, f"{number} ballots were cast, and not all alike."
    if unanimous(ballots):
        return Publishes.NAMES, "Few ballots were cast, and on something all agree: totals would tell how each voted."
    return Publishes.TOTALS, f"Fewer than {publish_from} ballots were cast: single ballots could be guessed."


def unanimous(ballots: Ballots) -> bool:
    """Say whether all ballots say the same of a candidate, or prefer the same one of a pair."""
    number = len(ballots.cast)
    if any(len({ballot.marks[at] for ballot in ballots.cast}) == 1 for at in range(len(ballots.candidates))):
        return True
    if ballots.kind == "ranks":
        return any(votes == number for row in preferred(ballots, "last") for votes in row)
    scores = [[mark or 0 for mark in ballot.marks] for ballot in ballots.cast]
    places = range(len(ballots.candidates))
    return any(all(each[one] > each[other] for each in scores) for one in places for other in places if one != other)


def digest_of(opened: Opened, publishes: str) -> str:
    """Return the SHA-256 of the coded file; what is not published is salted, or it could be found by trying."""
    salt = "" if publishes == Publishes.BALLOTS else token_hex(32)
    return sha256((opened.coded_file + salt).encode()).hexdigest()


def published_result(result: Result, publishes: str) -> dict[str, Any]:
    """Return the result with as much of its arithmetic as may be published."""
    whole = document(result)
    if publishes != Publishes.NAMES:
        return {**whole, "lines": lines(result)}
    kept = ("method", "seats", "excluded", "ballots", "variant", "decided", "ties", "empty_seats", "term_tie", "rules")
    return {**{key: whole[key] for key in kept}, "winners": sorted(whole["winners"]), "lines": []}


def outcome(result: Result) -> dict[str, Any]:
    """Return what follows from a result: who is elected, to which terms, and what is open."""
    terms = [result.term_tie] if result.term_tie else []
    return {
        "winners": list(result.winners),
        "long_terms": list(result.long_terms),
        "ties": [
            {"candidates": list(tie.candidates), "seats": tie.seats, "about": about}
            for about, ties in (("a seat", result.ties), ("a long term", terms))
            for tie in ties
        ],
        "empty_seats": result.empty_seats,
    }


def draw_seed(election: Election, digest: str) -> str:
    """Return the seed of the draw: half was published before the first ballot, half nobody could choose."""
    return f"{election.seed}:{digest}"


def drawn(election: Election, digest: str, names: Sequence[str]) -> list[str]:
    """Return the candidates in the order of the draw; `tally --tie-break seed:…` gives the same."""
    return list(by_seed(draw_seed(election, digest), names))


def by_agreement(names: Sequence[str], back: Collection[str]) -> list[str]:
    """Return the candidates with those last who stand back."""
    return [name for name in names if name not in back] + [name for name in names if name in back]


# -- the employer cap ------------------------------------------------------------------------------------------------


def employers_of_the_day(election: Election) -> dict[str, dict[str, str]]:
    """Return the employers of the closing day, as the count keeps them: of the candidates and of who keeps a seat."""
    return {"candidates": candidates_employers(election), "sitting": sitting_employers(election)}


def candidates_employers(election: Election) -> dict[str, str]:
    """Return each candidate's employer on the day on which voting closed."""
    day = election.closes_at.date()
    standing = election.nominations.filter(answer=Nomination.Answer.ACCEPTED).select_related("person")
    return {each.name: employer_on(each.person, day) for each in standing}


def sitting_employers(election: Election) -> dict[str, str]:
    """Return the employers of those who keep their seats beside whom is elected, and do not stand."""
    day = election.closes_at.date()
    standing = {each.person.kept.pk for each in on_the_ballot(election)}
    staying = [term for term in terms_beside(election) if term.person.kept.pk not in standing]
    return {term.person.name: employer_on(term.person, day) for term in staying}


def terms_beside(election: Election) -> list[Term]:
    """Return the terms in the office that go on when the elected begin."""
    day = election.takes_office_on
    held = Term.objects.filter(office=election.office, held__contains=day, standing=Term.Standing.ACTIVE)
    going_on = [term for term in held.select_related("person") if not (term.expires_on and term.expires_on <= day)]
    return sorted(going_on, key=lambda term: term.person.name)


def employer_on(person: Person, day: date) -> str:
    """Return who employs a person on a day, the latest to begin where there are several; `unknown` is said as such."""
    held = Affiliation.objects.filter(person__in=all_of(person.kept), held__contains=day)
    known = [each for each in held.select_related("employer") if each.employer is not None]
    if not known:
        return "unknown"
    latest = max(known, key=lambda each: (each.held.lower or date.min, each.pk))
    assert latest.employer is not None
    return latest.employer.name

"""Single transferable vote as the program pyrankvote 2 counts it.

Its surplus is Gregory's in an unweighted form: what moves on is divided by the number of papers in the pile, whatever
each was worth; an excluded pile likewise. Its quota is not rounded, and reaching it is enough.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cmp_to_key

from governance.tally.ballots import Ballots, Number, Order, orders, whole
from governance.tally.instant_runoff import next_choices, share
from governance.tally.outcome import Outcome, by_votes
from governance.tally.result import Round
from governance.tally.ways import Ties

# Votes closer than this are equal to pyrankvote, and a surplus below MOVED stays where it is.
EQUAL = Fraction(1, 1000)
ROUNDING = Fraction(1, 10**6)
MOVED = Fraction(1, 20000)

RULES = (
    "Quota: ballots divided by one more than the seats, not rounded.",
    "Surplus: everyone elected in a round at once; each paper of the pile moves on at surplus divided by papers.",
    "Exclusion: everyone whom the votes of all behind, taken together, could not help; none while a surplus waits.",
    "Ties: by second choices, then third and so on; where none differs, by lot.",
    "Candidates tied on one ballot share it equally.",
)


class GregoryCount:
    """One count, round by round."""

    def __init__(self, ballots: Ballots, seats: int, ties: Ties) -> None:
        self.names = ballots.candidates
        self.seats = seats
        self.ties = ties
        self.papers: list[tuple[Order, Number]] = [(order, weight) for order, weight in orders(ballots) if order]
        self.race: list[list[int]] = [list(range(len(self.names)))]
        self.hopeful = set(self.race[0])
        self.named: dict[tuple[int, int], Number] = {}
        self.level: tuple[int, ...] = ()
        self.piles: dict[int, list[tuple[Order, Number]]] = {candidate: [] for candidate in self.race[0]}
        self.votes: dict[int, Number] = dict.fromkeys(self.race[0], 0)
        self.elected: list[tuple[int, ...]] = []
        self.rejected: list[int] = []
        self.outcome = Outcome([])
        self.number = ballots.number
        self.quota = Fraction(sum(weight for _, weight in self.papers)) / (seats + 1)
        for order, weight in self.papers:
            self._give(order, weight, 1)
        self._sort()

    def count(self) -> Outcome:
        while self.running:
            elected = [candidate for candidate in self.running if self.votes[candidate] - ROUNDING >= self.quota]
            # None is rejected while somebody elected has yet to hand on votes.
            rejected = [] if elected else self._hopeless()
            self._leave(elected)
            self._leave(rejected)
            self.elected += by_votes(elected, self.votes)
            self.rejected += sorted(rejected, key=lambda candidate: self.votes[candidate])
            told = self._rest_is_clear()
            self._tell(elected + told, rejected)
            if self.running:
                self._move(elected, rejected)
        last = [(candidate,) for candidate in reversed(self.rejected) if candidate not in self.level]
        self.outcome.levels = [*self.elected, *([self.level] if self.level else []), *last]
        return self.outcome

    @property
    def running(self) -> list[int]:
        return [candidate for group in self.race for candidate in group]

    @property
    def vacant(self) -> int:
        return self.seats - sum(len(group) for group in self.elected)

    def _leave(self, gone: list[int]) -> None:
        self.race = [[candidate for candidate in group if candidate not in gone] for group in self.race]
        self.race = [group for group in self.race if group]
        self.hopeful -= set(gone)
        self.named = {}

    def _rest_is_clear(self) -> list[int]:
        """Elect the rest where they are as many as the seats; reject them where no seat is left."""
        rest = self.running
        if 0 < len(rest) <= self.vacant:
            self.elected += by_votes(rest, self.votes)
            self._leave(rest)
            return rest
        if self.vacant == 0:
            self.rejected += reversed(rest)
            self._leave(rest)
        return []

    def _hopeless(self) -> list[int]:
        """Pick, by position, those whom all votes from there on could not lift past the one before."""
        positions = self.running
        rejected: list[int] = []
        behind: Number = sum((self.votes[candidate] for candidate in positions), Fraction(0))
        before: Number = 0
        for position, candidate in enumerate(positions):
            if position >= self.vacant and behind - ROUNDING <= before:
                rejected.append(position)
            before = self.votes[candidate]
            behind -= before
        gone: list[int] = []
        start = 0
        for group in self.race:
            inside = [at for at in rejected if start <= at < start + len(group)]
            start += len(group)
            if 0 < len(inside) < len(group) and len(positions) - len(rejected) == self.vacant:
                # Whoever of these equals is kept is elected at once: a tie for seats, not for going on.
                self.level = tuple(sorted(group))
                gone += group
            else:
                gone += self.ties.drop(group, len(inside)) if inside else ()
        return gone

    def _move(self, elected: list[int], rejected: list[int]) -> None:
        surplus: list[tuple[int, Number]] = [(candidate, self.votes[candidate] - self.quota) for candidate in elected]
        for candidate, votes in [*surplus, *[(candidate, self.votes[candidate]) for candidate in rejected]]:
            if votes < MOVED:
                continue
            pile, self.piles[candidate] = self.piles[candidate], []
            each = Fraction(votes) / sum((papers for _, papers in pile), Fraction(0))
            self.votes[candidate] -= votes
            for order, papers in pile:
                self._give(order, papers, each)
            self._sort()

    def _give(self, order: Order, papers: Number, each: Number) -> None:
        standing = next_choices(order, self.hopeful)
        for candidate in standing:
            part = Fraction(papers) / len(standing)
            self.piles[candidate].append((order, part))
            self.votes[candidate] += part * each

    def _sort(self) -> None:
        """Put the race in order: votes, then second choices and so on; those equal in all of it share a group."""
        ordered = sorted(self.running, key=cmp_to_key(self._compare))
        self.race = [ordered[:1]]
        for candidate in ordered[1:]:
            if self._compare(self.race[-1][-1], candidate) == 0:
                self.race[-1].append(candidate)
            else:
                self.race.append([candidate])

    def _compare(self, one: int, other: int) -> int:
        difference = Fraction(self.votes[other] - self.votes[one])
        if abs(difference) >= EQUAL:
            return 1 if difference > 0 else -1
        for place in range(1, len(self.names)):
            more = self._at(other, place) - self._at(one, place)
            if more:
                return 1 if more > 0 else -1
        return 0

    def _at(self, candidate: int, place: int) -> Number:
        """Count the papers that name the candidate at this place (0 is first) among those still in the race."""
        if not self.named:
            for order, weight in self.papers:
                self._name_places(order, weight)
        return self.named.get((candidate, place), 0)

    def _name_places(self, order: Order, weight: Number) -> None:
        """Add one order's places; candidates tied on it share the places that they fill."""
        start = 0
        for group in order:
            standing = [one for one in group if one in self.hopeful]
            for one in standing:
                for at in range(start, start + len(standing)):
                    self.named[one, at] = self.named.get((one, at), 0) + share(weight, len(standing))
            start += len(standing)

    def _tell(self, elected: list[int], rejected: list[int]) -> None:
        votes = {self.names[candidate]: whole(held) for candidate, held in self.votes.items()}
        taken = tuple(self.names[candidate] for candidate in elected)
        gone = tuple(self.names[candidate] for candidate in rejected)
        does = [f"{', '.join(taken)} elected" if taken else "", f"{', '.join(gone)} excluded" if gone else ""]
        action = "; ".join(part for part in does if part) or "No one reaches the quota"
        lost = whole(Fraction(self.number - sum(self.votes.values())))
        number = len(self.outcome.rounds) + 1
        self.outcome.rounds.append(Round(number, action, votes, taken, gone, exhausted=lost, quota=whole(self.quota)))


def gregory(ballots: Ballots, seats: int, ties: Ties) -> Outcome:
    """Count one way through as pyrankvote does."""
    return GregoryCount(ballots, seats, ties).count()

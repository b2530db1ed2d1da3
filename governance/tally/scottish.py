"""Single transferable vote as Scottish local elections count it: weighted inclusive Gregory, five decimal places.

The rules are those of the Scottish Local Government Elections Order 2011, schedule 1, rules 46 to 53.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from governance.tally.ballots import Ballots, Number, Order, orders, whole
from governance.tally.instant_runoff import next_choices
from governance.tally.outcome import Outcome, by_votes
from governance.tally.result import Round
from governance.tally.ways import Ties

PLACES = 10**5

REST = "No more are left than seats, and are elected"
RULES = (
    "Quota: valid ballots divided by one more than the seats, rounded down, plus one.",
    "Surplus: the largest first, one a stage; every ballot of the elected moves on at its value times surplus "
    "divided by votes, cut to five decimal places.",
    "Ties: by the votes at the latest earlier stage where they differed; where they never did, by lot.",
    "Candidates tied on one ballot share it equally.",
)

# A pile is what a candidate holds: orders with how many papers and at what value, in units of 1/PLACES.
Pile = list[tuple[Order, Number, int]]


class ScottishCount:
    """One count, stage by stage."""

    def __init__(self, ballots: Ballots, seats: int, ties: Ties) -> None:
        self.names = ballots.candidates
        self.seats = seats
        self.ties = ties
        self.hopeful = set(range(len(self.names)))
        self.piles: dict[int, Pile] = {candidate: [] for candidate in self.hopeful}
        self.votes: dict[int, Number] = dict.fromkeys(sorted(self.hopeful), 0)
        self.stages: list[dict[int, Number]] = []
        self.elected: list[tuple[int, ...]] = []
        self.pending: list[int] = []
        self.level: tuple[int, ...] = ()
        self.excluded: list[tuple[int, ...]] = []
        self.outcome = Outcome([])
        papers = [(order, weight) for order, weight in orders(ballots) if order]
        self.all_votes: Number = ballots.number * PLACES
        self.quota: Number = (sum(weight for _, weight in papers) // (seats + 1) + 1) * PLACES
        for order, weight in papers:
            self._give(order, weight, PLACES)
        self._end_stage("First preferences are counted", {})

    def count(self) -> Outcome:
        while self._open():
            vacant = self.seats - len(self._seated())
            if len(self.hopeful) <= vacant:
                self._elect_rest()
            elif self.pending:
                self._transfer_surplus()
            elif len(self.hopeful) - len(self._unvoted()) < vacant:
                self._leave_unvoted_tied()
            else:
                self._exclude()
        rest = by_votes(self.hopeful, self.votes)
        self.outcome.levels = [*self.elected, *([self.level] if self.level else []), *rest, *reversed(self.excluded)]
        return self.outcome

    def _open(self) -> bool:
        return bool(self.hopeful) and len(self._seated()) < self.seats

    def _seated(self) -> list[int]:
        return [candidate for group in self.elected for candidate in group]

    def _give(self, order: Order, papers: Number, value: int) -> dict[int, Number]:
        """Hand papers to their next choice; nothing where there is none."""
        standing = next_choices(order, self.hopeful)
        each = value // len(standing) if standing else 0
        for candidate in standing:
            self.piles[candidate].append((order, papers, each))
            self.votes[candidate] += papers * each
        return dict.fromkeys(standing, papers * each)

    def _transfer_surplus(self) -> None:
        candidate = self._one_of(max, self.pending, self.ties.favour)
        self.pending.remove(candidate)
        held = self.votes[candidate]
        surplus = held - self.quota
        moved: dict[int, Number] = {}
        pile, self.piles[candidate] = self.piles[candidate], []
        self.votes[candidate] = self.quota
        for order, papers, value in pile:
            for receiver, votes in self._give(order, papers, int(surplus * value // held)).items():
                moved[receiver] = moved.get(receiver, 0) + votes
        self._end_stage(f"The surplus of {self.names[candidate]} is transferred", moved)

    def _exclude(self) -> None:
        gone = self._unvoted() or (self._one_of(min, sorted(self.hopeful), self.ties.drop),)
        self.hopeful -= set(gone)
        self.excluded.append(gone)
        moved: dict[int, Number] = {}
        for candidate in gone:
            pile, self.piles[candidate] = self.piles[candidate], []
            self.votes[candidate] = 0
            for order, papers, value in pile:
                for receiver, votes in self._give(order, papers, value).items():
                    moved[receiver] = moved.get(receiver, 0) + votes
        names = tuple(self.names[candidate] for candidate in gone)
        action = "have no votes and are excluded" if len(names) > 1 else "has the fewest votes and is excluded"
        self._end_stage(f"{', '.join(names)} {action}", moved, excluded=names)

    def _unvoted(self) -> tuple[int, ...]:
        """Give those without a vote: they go before anyone else, and going one at a time would change nothing."""
        return tuple(candidate for candidate in sorted(self.hopeful) if not self.votes[candidate])

    def _leave_unvoted_tied(self) -> None:
        """Elect whoever has a vote; those without are equal, and more than the seats left."""
        self.level = self._unvoted()
        self.hopeful -= set(self.level)
        self._elect_rest()

    def _elect_rest(self) -> None:
        groups = by_votes(self.hopeful, self.votes)
        self.elected += groups
        self.hopeful.clear()
        names = tuple(self.names[candidate] for group in groups for candidate in group)
        does = "All others have no votes; whoever is left is elected" if self.level else REST
        self._tell(does, {}, elected=names)

    def _one_of(
        self,
        extreme: Callable[[Iterable[Number]], Number],
        candidates: Sequence[int],
        by_lot: Callable[[Sequence[int]], tuple[int, ...]],
    ) -> int:
        """Find the highest or lowest; among equals look back stage by stage, then draw."""
        tied = list(candidates)
        for stage in [self.votes, *reversed(self.stages[:-1])]:
            best = extreme(stage[candidate] for candidate in tied)
            tied = [candidate for candidate in tied if stage[candidate] == best]
        (chosen,) = by_lot(tied)
        return chosen

    def _end_stage(self, action: str, moved: dict[int, Number], excluded: tuple[str, ...] = ()) -> None:
        self.stages.append(dict(self.votes))
        reached = [candidate for candidate in self.hopeful if self.votes[candidate] >= self.quota]
        groups = by_votes(reached, self.votes)
        self.elected += groups
        self.pending += [candidate for candidate in reached if self.votes[candidate] > self.quota]
        self.hopeful -= set(reached)
        names = tuple(self.names[candidate] for group in groups for candidate in group)
        self._tell(action, moved, elected=names, excluded=excluded)

    def _tell(
        self,
        action: str,
        moved: dict[int, Number],
        elected: tuple[str, ...] = (),
        excluded: tuple[str, ...] = (),
    ) -> None:
        votes = {self.names[candidate]: _shown(held) for candidate, held in self.votes.items()}
        transfers = {self.names[candidate]: _shown(held) for candidate, held in sorted(moved.items())}
        number = len(self.outcome.rounds) + 1
        lost = _shown(self.all_votes - sum(self.votes.values()))
        quota = _shown(self.quota)
        self.outcome.rounds.append(Round(number, action, votes, elected, excluded, transfers, lost, quota))


def scottish(ballots: Ballots, seats: int, ties: Ties) -> Outcome:
    """Count one way through by the Scottish rules."""
    return ScottishCount(ballots, seats, ties).count()


def _shown(units: Number) -> Number:
    return whole(Fraction(units) / PLACES)

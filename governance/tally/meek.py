"""Single transferable vote by Meek's method: what each elected candidate keeps is lowered until nobody has too much.

The steps are those of the Proportional Representation Foundation's reference rule, with more decimal places: there two
candidates who are truly equal can be told apart by rounding alone, here they are a tie.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from governance.tally.ballots import Ballots, Number, Order, orders, whole
from governance.tally.outcome import Outcome, by_votes
from governance.tally.result import Round
from governance.tally.scottish import REST
from governance.tally.ways import Ties

# Fifteen decimal places, so that rounding stays far below OMEGA, and OMEGA far below what counts as a tie.
ONE = 10**15
OMEGA = ONE // 10**9
TIED = ONE // 10**6

RULES = (
    "Each candidate keeps a part of every vote that reaches them and passes the rest on, also to those elected before.",
    "Quota: votes that count now, divided by one more than the seats, plus 0.000000001.",
    "Parts kept are lowered until all surpluses together are below 0.000000001; then the last candidate is excluded.",
    "Ties (closer than 0.000001): by lot.",
    "Candidates tied on one ballot share it equally.",
)


class MeekCount:
    """One count: rounds of iterations."""

    def __init__(self, ballots: Ballots, seats: int, ties: Ties) -> None:
        self.names = ballots.candidates
        self.seats = seats
        self.ties = ties
        self.papers: list[tuple[Order, Number]] = orders(ballots)
        self.number = ballots.number
        self.hopeful = set(range(len(self.names)))
        self.keep = [ONE] * len(self.names)
        self.votes: dict[int, Number] = dict.fromkeys(range(len(self.names)), 0)
        self.quota: Number = 0
        self.elected: list[tuple[int, ...]] = []
        self.excluded: list[tuple[int, ...]] = []
        self.level: tuple[int, ...] = ()
        self.outcome = Outcome([])

    def count(self) -> Outcome:
        while self._open():
            newly = self._iterate()
            if newly:
                self._elect(newly)
            elif len(self.hopeful) - len(self._unvoted()) < self._vacant():
                self.level = self._unvoted()
                self.hopeful -= set(self.level)
            else:
                self._exclude()
        rest = by_votes(self.hopeful, self.votes)
        if rest and self._vacant():
            self.elected += rest
            names = tuple(self.names[candidate] for group in rest for candidate in group)
            self._tell(REST, elected=names)
            rest = []
        self.outcome.levels = [*self.elected, *([self.level] if self.level else []), *rest, *reversed(self.excluded)]
        return self.outcome

    def _vacant(self) -> int:
        return self.seats - sum(len(group) for group in self.elected)

    def _open(self) -> bool:
        return 0 < self._vacant() < len(self.hopeful)

    def _iterate(self) -> list[int]:
        """Lower the parts kept until somebody hopeful reaches the quota or the surplus is as good as gone."""
        last: Number | None = None
        while True:
            self._distribute()
            self.quota = int(sum(self.votes.values()) // (self.seats + 1)) + OMEGA
            newly = [candidate for candidate in sorted(self.hopeful) if self.votes[candidate] >= self.quota]
            above = [candidate for group in self.elected for candidate in group] + newly
            surplus = sum((max(self.votes[candidate] - self.quota, 0) for candidate in above), 0)
            if newly or surplus < OMEGA or (last is not None and surplus >= last):
                return newly
            last = surplus
            for candidate in above:
                lowered = _rounded_up(self.keep[candidate] * self.quota, ONE)
                self.keep[candidate] = _rounded_up(lowered * ONE, self.votes[candidate])

    def _unvoted(self) -> tuple[int, ...]:
        return tuple(candidate for candidate in sorted(self.hopeful) if not self.votes[candidate])

    def _distribute(self) -> None:
        self.votes = dict.fromkeys(self.votes, 0)
        for order, papers in self.papers:
            left = ONE
            for group in order:
                standing = [candidate for candidate in group if self.keep[candidate]]
                if not standing:
                    continue
                each, left_over = left // len(standing), left
                for candidate in standing:
                    kept = min(_rounded_up(each * self.keep[candidate], ONE), left_over)
                    self.votes[candidate] += kept * papers
                    left_over -= kept
                left = left_over
                if left <= 0:
                    break

    def _elect(self, newly: Sequence[int]) -> None:
        groups = by_votes(newly, self.votes)
        self.elected += groups
        self.hopeful -= set(newly)
        names = tuple(self.names[candidate] for group in groups for candidate in group)
        self._tell(f"{', '.join(names)} reach{'es' if len(names) == 1 else ''} the quota", elected=names)

    def _exclude(self) -> None:
        least = min(self.votes[candidate] for candidate in self.hopeful)
        tied = [candidate for candidate in sorted(self.hopeful) if self.votes[candidate] <= least + TIED]
        gone = self._unvoted() or self.ties.drop(tied)
        self.excluded.append(gone)
        self.hopeful -= set(gone)
        names = tuple(self.names[candidate] for candidate in gone)
        self._tell(f"{', '.join(names)} excluded with the fewest votes", excluded=names)
        for candidate in gone:
            self.keep[candidate] = 0

    def _tell(self, action: str, elected: tuple[str, ...] = (), excluded: tuple[str, ...] = ()) -> None:
        votes = {self.names[candidate]: _shown(held) for candidate, held in self.votes.items()}
        lost = _shown(self.number * ONE - sum(self.votes.values()))
        number = len(self.outcome.rounds) + 1
        kept = tuple(
            f"{self.names[candidate]} keeps {self.keep[candidate] / ONE:.6f} of each vote"
            for group in self.elected
            for candidate in group
            if self.keep[candidate] < ONE
        )
        self.outcome.rounds.append(
            Round(number, action, votes, elected, excluded, exhausted=lost, quota=_shown(self.quota), notes=kept)
        )


def meek(ballots: Ballots, seats: int, ties: Ties) -> Outcome:
    """Count one way through by Meek's method."""
    return MeekCount(ballots, seats, ties).count()


def _rounded_up(number: Number, divisor: Number) -> int:
    return int(-((-number) // divisor))


def _shown(units: Number) -> Number:
    return whole(Fraction(units) / ONE)

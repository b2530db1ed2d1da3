"""STAR: score, then automatic runoff; with several seats Bloc STAR, a STAR count a seat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from governance.tally.approval import totals
from governance.tally.ballots import Ballot, Ballots, Number, whole
from governance.tally.outcome import Outcome, by_votes
from governance.tally.result import Round
from governance.tally.ways import Ties

FIVE_STARS = 5

RULES = (
    "Each seat: the two with the highest total scores go to a runoff; whom more ballots score higher there wins.",
    "Ties for the runoff: by votes won head to head among the tied, then by the number of full scores, then by lot.",
    "Ties in the runoff: by total score, then by the number of full scores, then by lot.",
    "A candidate without a score on a ballot has 0 there.",
)


class StarCount:
    """One count: a round a seat, the elected step aside."""

    def __init__(self, ballots: Ballots, ties: Ties) -> None:
        self.names = ballots.candidates
        self.cast = ballots.together().cast
        self.totals = totals(ballots)
        self.ties = ties
        self.left = list(range(len(self.names)))
        self.outcome = Outcome([], totals=dict(self.totals))

    def count(self, rounds: int) -> Outcome:
        """Fill so many places; the rest follow by total score."""
        for _ in range(min(rounds, len(self.names))):
            self._elect_one()
        self.outcome.levels += by_votes(self.left, self.totals)
        return self.outcome

    def _elect_one(self) -> None:
        notes: list[str] = []
        finalists = self._finalists(notes)
        winner = finalists[0]
        if len(finalists) == 2:
            winner = self._runoff(finalists, notes)
        name = self.names[winner]
        votes = {self.names[candidate]: self.totals[candidate] for candidate in self.left}
        number = len(self.outcome.rounds) + 1
        action = f"{name} is elected" if len(finalists) == 2 else f"{name} is the only one left and is elected"
        self.outcome.rounds.append(Round(number, action, votes, elected=(name,), notes=tuple(notes)))
        self.outcome.levels.append((winner,))
        self.left.remove(winner)

    def _finalists(self, notes: list[str]) -> list[int]:
        """Take the two best: whole groups of equals first, the rest by the next measure among the tied."""
        found: list[int] = []
        waiting = list(self.left)
        measures: list[tuple[str, Callable[[Sequence[int]], Mapping[int, Number]]]] = [
            ("total score", lambda tied: self.totals),
            ("votes won head to head", self._head_to_head),
            ("full scores", self._full_scores),
        ]
        for measure, measured in measures:
            if len(found) == 2 or not waiting:
                break
            if measure != "total score":
                notes.append(f"{self._said(waiting)} are equal for the runoff; next by {measure}")
            groups = by_votes(waiting, measured(waiting))
            waiting = []
            for group in groups:
                if len(found) + len(group) <= 2:
                    found += group
                elif len(found) < 2:
                    waiting = list(group)
                    break
        if len(found) < 2 and waiting:
            notes.append(f"{self._said(waiting)} are still equal for the runoff: by lot")
            found += self.ties.favour(waiting, 2 - len(found))
        return found

    def _runoff(self, finalists: Sequence[int], notes: list[str]) -> int:
        votes = self._head_to_head(finalists)
        one, other = finalists
        notes.append(
            f"Runoff: {self.names[one]} {votes[one]}, {self.names[other]} {votes[other]}, "
            f"no preference {whole(sum(ballot.weight for ballot in self.cast) - votes[one] - votes[other])}"
        )
        for measure, measured in (
            ("", votes),
            ("total score", self.totals),
            ("full scores", self._full_scores(finalists)),
        ):
            if measure:
                notes.append(f"The runoff is equal; next by {measure}")
            if measured[one] != measured[other]:
                return one if measured[one] > measured[other] else other
        notes.append("The runoff is still equal: by lot")
        return self.ties.favour(sorted(finalists))[0]

    def _head_to_head(self, tied: Sequence[int]) -> dict[int, Number]:
        votes: dict[int, Number] = dict.fromkeys(tied, 0)
        for ballot in self.cast:
            for one in tied:
                votes[one] += ballot.weight * sum(_score(ballot, one) > _score(ballot, other) for other in tied)
        return votes

    def _full_scores(self, tied: Sequence[int]) -> dict[int, Number]:
        return {
            one: whole(sum(ballot.weight for ballot in self.cast if ballot.marks[one] == FIVE_STARS)) for one in tied
        }

    def _said(self, candidates: Sequence[int]) -> str:
        return ", ".join(self.names[candidate] for candidate in candidates)


def star(ballots: Ballots, places: int, ties: Ties) -> Outcome:
    """Count one way through; `places` is how many STAR rounds are held, one after the other."""
    return StarCount(ballots, ties).count(places)


def _score(ballot: Ballot, candidate: int) -> int:
    return ballot.marks[candidate] or 0

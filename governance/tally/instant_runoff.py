"""Instant-runoff voting: the last falls out, their ballots go on, until one is left."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from governance.tally.ballots import Ballots, Number, Order, orders, whole
from governance.tally.outcome import Outcome
from governance.tally.result import Round
from governance.tally.ways import Ties


def next_choices(ballot: Order, hopeful: Iterable[int]) -> tuple[int, ...]:
    """Give the first place of a ballot that still holds a hopeful candidate, and the hopeful in it."""
    for group in ballot:
        standing = tuple(candidate for candidate in group if candidate in hopeful)
        if standing:
            return standing
    return ()


def share(weight: Number, among: int) -> Number:
    """Split a ballot's worth equally among the candidates tied on it."""
    return weight if among == 1 else whole(Fraction(weight) / among)


def instant_runoff(ballots: Ballots, ties: Ties) -> Outcome:
    """Count one way through: exclude the lowest, all together where they could not catch up even combined.

    Counting goes on after a majority, so that everyone has a place; a tie for exclusion is the caller's `ties` to pick.
    """
    papers = orders(ballots)
    names = ballots.candidates
    hopeful = set(range(len(names)))
    placed: list[tuple[int, ...]] = []
    outcome = Outcome([])
    while True:
        votes, exhausted = _first_choices(papers, hopeful)
        told = Round(len(outcome.rounds) + 1, "", _named(votes, names), exhausted=exhausted)
        if len(hopeful) == 1:
            (winner,) = hopeful
            outcome.rounds.append(_said(told, f"{names[winner]} is left and elected", elected=(names[winner],)))
            outcome.levels = [(winner,), *reversed(placed)]
            return outcome
        lowest, why = _lowest(votes, ties)
        gone = tuple(names[candidate] for candidate in lowest)
        outcome.rounds.append(_said(told, why.format(", ".join(gone)), excluded=gone, votes=votes, names=names))
        placed.append(lowest)
        hopeful -= set(lowest)


def _first_choices(papers: list[tuple[Order, Number]], hopeful: set[int]) -> tuple[dict[int, Number], Number]:
    votes: dict[int, Number] = dict.fromkeys(sorted(hopeful), 0)
    exhausted: Number = 0
    for ballot, weight in papers:
        standing = next_choices(ballot, hopeful)
        if not standing:
            exhausted += weight
        for candidate in standing:
            votes[candidate] += share(weight, len(standing))
    return {candidate: whole(held) for candidate, held in votes.items()}, whole(exhausted)


def _lowest(votes: dict[int, Number], ties: Ties) -> tuple[tuple[int, ...], str]:
    least = min(votes.values())
    lowest = tuple(candidate for candidate, held in votes.items() if held == least)
    others = [held for candidate, held in votes.items() if candidate not in lowest]
    if len(lowest) == 1:
        return lowest, "{} has the fewest votes and is excluded"
    if others and least * len(lowest) < min(others):
        return lowest, "{} are equal with the fewest votes, cannot catch up even together, and are excluded"
    return ties.drop(lowest), "{} is excluded, of several equal with the fewest votes"


def _said(
    told: Round,
    action: str,
    *,
    elected: tuple[str, ...] = (),
    excluded: tuple[str, ...] = (),
    votes: dict[int, Number] | None = None,
    names: tuple[str, ...] = (),
) -> Round:
    notes: tuple[str, ...] = ()
    if votes:
        leader = max(votes, key=lambda candidate: votes[candidate])
        if 2 * votes[leader] > sum(votes.values()):
            notes = (f"{names[leader]} has a majority of the votes that still count",)
    return Round(
        told.number, action, told.votes, elected=elected, excluded=excluded, exhausted=told.exhausted, notes=notes
    )


def _named(votes: dict[int, Number], names: tuple[str, ...]) -> dict[str, Number]:
    return {names[candidate]: held for candidate, held in votes.items()}

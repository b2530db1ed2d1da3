"""Bet so that a target is reached in the fewest pairs: what to stake depends on how far there is to go.

The best bet for growth in the long run (wager.py) is not the one that reaches 50 soonest. With 1.1 doublings to go
two more pairs are needed whatever happens, so staking nearly all on the first only adds risk; with 0.9 to go one pair
may do. `pairs_left` solves this by dynamic programming, for Gaussian noise and a true shift sqrt(2) scales away,
which is where most points are. Real noise has heavier tails: bet() is what doubts a far-off pair.

It is as valid as any bet of wager.py. Given the past, the stake is a row of `stakes`, non-decreasing in the
confidence and so in |u|, cut to what reaches the target, and goes with the sign of u: odd, and never falling.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks_runner.stats.arrays import Flags, Floats
from benchmarks_runner.stats.wager import bet

STRENGTH: Final = 0.9  # of the shift looked for
MOST: Final = 0.985  # of the wealth: a stake of all of it could never be made good

_STEP: Final = 1 / 32  # bits to go, between rows of the table
_BITS: Final = 12
_COLUMNS: Final = 32
_HAIR: Final = 1.0 + 1e-9  # keeps rounding from leaving the wealth just below its target


@dataclass(frozen=True)
class Stake:
    """Hold one round's bet as a function of u: fixed by the past, odd, and never falling."""

    row: NDArray[np.intp]  # of the table of stakes
    delta: Floats
    enough: Floats  # share of the wealth that reaches the target

    def of(self, u: Floats) -> Floats:
        """Give the share of the wealth that is staked on u."""
        table, column = stakes(), np.abs(bet(u, STRENGTH * self.delta)) * _COLUMNS
        left = np.minimum(column.astype(np.intp), _COLUMNS - 1)
        part = column - left
        share = table[self.row, left] * (1.0 - part) + table[self.row, left + 1] * part
        return np.asarray(np.minimum(share, self.enough) * np.sign(u))

    def for_thetas(self, group: Flags) -> Stake:
        """Take the bets of a group of series, each to be played for many thetas at once."""
        return Stake(self.row[group, None], self.delta[group, None], self.enough[group, None])


class LookingAhead:
    """Keep the wealth of many series' bets at once, each on its way to `target` and no further."""

    def __init__(self, shape: Sequence[int], target: float) -> None:
        self._target = target * _HAIR
        self.wealth: Floats = np.ones(tuple(shape))
        self.played: list[Stake] = []

    def play(self, y: Floats, scale: Floats, shift: Floats, where: Flags) -> None:
        """Bet on y > 0 in the elements `where`, with what was known of scale and shift looked for before y was read."""
        ratio = np.maximum(self._target / self.wealth, 1.0)
        # the row is that of a little more to go: a hair short of the target would cost a whole pair
        row = np.minimum(np.ceil(np.log2(ratio) / _STEP), len(stakes()) - 1).astype(np.intp)
        stake = Stake(row, shift / scale, ratio - 1.0)
        self.wealth = self.wealth * (1.0 + stake.of(np.where(where, y / scale, 0.0)))
        self.played.append(stake)


class Following:
    """Make for many thetas the very bets that a series made for one of its own: then E falls as theta comes nearer.

    Each bet is fixed by the past, odd and never falling, hence as fair for any theta as for the one it was made for;
    and for that one the wealth is the same.
    """

    def __init__(self, shape: Sequence[int], bets: Iterable[Stake]) -> None:
        self._bets = iter(bets)
        self.wealth: Floats = np.ones(tuple(shape))

    def play(self, y: Floats, scale: Floats, shift: Floats, where: Flags) -> None:
        """Bet on y > 0 in the elements `where`; the shift looked for is that of the bets followed."""
        self.wealth = self.wealth * (1.0 + next(self._bets).of(np.where(where, y / scale, 0.0)))


@functools.cache
def stakes() -> Floats:
    """Tabulate the stake by doublings to go (rows, 1/32 apart) and confidence in the sign (columns, 0 to 1)."""
    to_go = np.arange(0.0, _BITS + _STEP, _STEP)
    choices = np.linspace(0.0, MOST, 127)
    win, loss = (_after(to_go, sign * choices) for sign in (1, -1))
    right = (1.0 + np.linspace(0.0, 1.0, _COLUMNS + 1)) / 2.0
    best = [choices[np.argmin(p * win + (1.0 - p) * loss, axis=1)] for p in right]
    return np.maximum.accumulate(np.array(best).T, axis=1)


def _after(to_go: Floats, stake: Floats) -> Floats:
    return _left(to_go[:, None] - np.log2(1.0 + stake), *pairs_left())


def _left(to_go: Floats, known: Floats, pairs: Floats) -> Floats:
    return np.where(to_go <= 1e-9, 0.0, np.interp(to_go, known, pairs))


@functools.cache
def pairs_left(away: float = 2.0**0.5, most: float = 34.0) -> tuple[Floats, Floats]:
    """Find the least mean number of pairs that reach the target, by doublings to go.

    Value iteration for Gaussian noise and a true shift `away` scales from theta; `most` pairs at worst, as a night
    has a cap. Error: below 0.1 pairs (against a grid four times as fine). Cost: a third of a second, once a process.
    """
    size = (np.arange(80) + 0.5) / 10.0
    towards, against = (np.exp(-((size - sign * away) ** 2) / 2.0) for sign in (1, -1))
    right = np.maximum.accumulate(towards / (towards + against))
    weight = (towards + against) / (towards + against).sum()
    to_go, choices = np.linspace(0.0, 16.0, 321), np.linspace(0.0, MOST, 65)
    pairs = np.full(to_go.size, most)  # the first is the limit from above: the least bit to go takes a pair
    for _ in range(40):
        win, loss = (_left(to_go[:, None] - np.log2(1.0 + sign * choices), to_go, pairs) for sign in (1, -1))
        best = np.array([np.min(p * win + (1.0 - p) * loss, axis=1) for p in right])
        pairs = np.minimum(1.0 + weight @ best, most)
    return to_go, pairs

"""Keep the evidence of several series: that each is slower, and that each is no worse than its margin."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from benchmarks_runner.stats.arrays import Flags, Floats
from benchmarks_runner.stats.interval import lower_limit, upper_limit
from benchmarks_runner.stats.looking_ahead import Following, LookingAhead
from benchmarks_runner.stats.scale import updated
from benchmarks_runner.stats.wager import Gamblers, Wager

# Strengths are shares of the shift looked for; for points that is the margin, the distance from "nothing changed" to
# the theta that "pass" rules out. "Slower" looks for more shifts than one, and bold bets get lucky more often where
# nothing changed; for intervals they are the narrower ones. docs/reference/verdict-figures.md has the alternatives.
BOLD: Final = Gamblers(strengths=(1.3, 0.65), stakes=(0.8, 0.2))
BROAD: Final = Gamblers(strengths=(1.0, 0.5), stakes=(0.5, 0.5))


def boldly(shape: Sequence[int]) -> Wager:
    return Wager(shape, BOLD)


def broadly(shape: Sequence[int]) -> Wager:
    return Wager(shape, BROAD)


class Evidence:
    """Bet on `m` series at once, for each against "not slower" and against "slower by its margin or more"."""

    def __init__(self, margins: Floats, enough_to_pass: float) -> None:
        self.margins = margins
        self._slower = broadly(margins.shape)
        self._no_worse = LookingAhead(margins.shape, enough_to_pass)
        self._taken: list[tuple[Floats, Floats]] = []  # per round: differences, scales
        self._expected: list[Floats] = []
        self._logs: list[tuple[Floats, Floats]] = []

    @property
    def slower(self) -> Floats:
        """Give the e-values (m,) against "the shift is zero or less"."""
        return self._slower.wealth

    @property
    def no_worse(self) -> Floats:
        """Give the e-values (m,) against "the shift is the margin or more"."""
        return self._no_worse.wealth

    def take(self, differences: Floats, scales: Floats) -> None:
        """Bet on one round: differences (m,), NaN where a series has none; scales (m,) as expected before the night."""
        expected, paired = scales, np.isfinite(differences)
        if self._taken:
            scales = updated(expected, self.differences(), np.array(self._expected).T)
        self._expected.append(expected)
        held = np.where(paired, differences, 0.0)
        self._slower.play(held, scales, _looked_for(self.margins, scales), paired)
        self._no_worse.play(self.margins - held, scales, self.margins, paired)
        self._taken.append((differences.copy(), scales.copy()))
        self._logs.append((_log(self.slower), _log(self.no_worse)))

    def differences(self) -> Floats:
        """Return what was taken, (m, rounds), NaN where a round had no pair of the series."""
        return np.array([pairs for pairs, _ in self._taken]).reshape(len(self._taken), self.margins.size).T

    def scales(self) -> Floats:
        """Return the scatter that was expected of each round, (m, rounds)."""
        return np.array(self._expected).reshape(len(self._taken), self.margins.size).T

    def curves(self, index: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return how ln E grew with each pair of one series: slower, no worse."""
        rounds = [k for k, (pairs, _) in enumerate(self._taken) if np.isfinite(pairs[index])]
        return (
            tuple(float(self._logs[k][0][index]) for k in rounds),
            tuple(float(self._logs[k][1][index]) for k in rounds),
        )

    def limits(self, alphas: Floats, selected: Flags) -> tuple[Floats, Floats]:
        """Bound each shift (m,), missing with at most alphas; infinite where too few pairs cannot bound it.

        A discovery's lower side plays the very bets of `slower`, any other's upper side those of `no_worse`: so an
        interval cannot contradict its verdict. The other sides bet boldly, which gives the narrower interval.
        """
        if not self._taken:
            nothing = np.full(self.margins.shape, np.inf)
            return -nothing, nothing
        pairs = self.differences()
        scales = np.array([scale for _, scale in self._taken]).T
        low, high = np.empty(self.margins.shape), np.empty(self.margins.shape)
        for group, lower, upper in ((selected, broadly, boldly), (~selected, boldly, self._as_no_worse(~selected))):
            if group.any():
                d, s, threshold = pairs[group], scales[group], 2.0 / alphas[group]
                margins = np.broadcast_to(self.margins[group, None], s.shape)
                low[group] = lower_limit(d, s, _looked_for(margins, s), threshold, lower)
                high[group] = upper_limit(d, s, margins, threshold, upper)
        return low, high

    def _as_no_worse(self, group: Flags) -> Callable[[Sequence[int]], Following]:
        bets = [stake.for_thetas(group) for stake in self._no_worse.played]
        return lambda shape: Following(shape, bets)


def _looked_for(margins: Floats, scales: Floats) -> Floats:
    # a shift far below the scale cannot be seen in a night: look for one that can (a point's margin always is)
    return np.maximum(margins, math.sqrt(2.0) * scales)


def _log(wealth: Floats) -> Floats:
    return np.log(np.maximum(wealth, 1e-300))

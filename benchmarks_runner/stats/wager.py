"""Turn pair differences into evidence that is valid by the coin alone.

A gambler starts with 1 and bets, before each pair is read, on the sign of Y = D - theta. If she can get rich, theta is
not the shift. Her wealth E is an *e-value*, whatever the noise and whenever one looks.

The bet on one pair is an odd, non-decreasing function b of Y with |b| < 1, and E is multiplied by 1 + b(Y):

    u = Y / s,  a = min(|u|, sqrt(delta**2 + NU))
    r = ((NU + (delta + a)**2) / (NU + (delta - a)**2)) ** ((NU + 1) / 2)
    b(Y) = sign(Y) * (r - 1) / (r + 1)

That is the bet which grows fastest when D is Student-t with NU degrees of freedom about theta + delta * s, made
monotone (beyond `a` the likelihood ratio of a heavy tail falls again). As NU grows it becomes tanh(delta * Y / s),
the bet of the first design; the t form doubts a far-off pair as much as it should, so one wild pair cannot ruin the
gambler.

Several gamblers (`Gamblers`: strengths as shares of the shift looked for, and their stakes at the start) play side by
side, and E is what they own together. That is a bet of the same form: the mean of their b, weighted by what each owns
*so far*. looking_ahead.py bets a share of the wealth that depends on how far there is to go to a target.

**Why it is valid.** Let F be all that is known before the pair: earlier pairs of every point, hence s as learnt, all
fortunes, and whether the point is measured at all. Given F, b is one fixed odd non-decreasing function with |b| <= 1
(a mean of such functions with weights >= 0 that sum to one is such a function; so is the sign of Y times a share of
the wealth that never falls as |Y| grows). Let Z = D - shift be symmetric about zero given F. When nothing changed,
the coin that orders the arms makes it so whatever the noise: swapping the arms turns Z into -Z, the coin makes both
equally likely.

- shift = theta: Y = Z, b is odd and Z symmetric, so E[b(Y) | F] = 0 and E is a martingale.
- shift < theta: Y = Z - d with d > 0. b is non-decreasing, so b(Z - d) <= b(Z) for every Z, and E[b(Y) | F] <= 0.

So for every shift <= theta, E[1 + b(Y) | F] <= 1 and 1 + b >= 0: E is a non-negative supermartingale that starts at
1. By Ville's inequality P(E ever reaches x) <= 1 / x, and E at any stopping time, even one that looks at other
points, has mean <= 1, which is all that e-BH asks for. A wrong s, NU, strength or stake costs power and nothing else.
For shift >= theta take -D and -theta.

**What no bet can do.** 1 + b < 2, so k pairs give less than 2**k: a threshold x takes at least log2(x) pairs.

Sources: Shafer & Vovk, Game-Theoretic Foundations (2019); Waudby-Smith & Ramdas, Estimating means by betting (2024);
de la Peña, A general class of exponential inequalities for martingales and ratios (1999) for the symmetric case.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from benchmarks_runner.stats.arrays import Flags, Floats

NU: Final = 7.0  # degrees of freedom: tails between Gaussian and wild, and (NU + 1) / 2 is a whole power


def bet(u: Floats, delta: Floats) -> Floats:
    """Stake this share of the wealth on a pair that lies u scales above theta, looking for a shift of delta scales.

    Odd and non-decreasing in u, within (-1, 1); u and delta broadcast; delta = 0 bets nothing. Cost: no transcendental
    but one square root.
    """
    reach = np.minimum(np.abs(u), np.sqrt(delta * delta + NU))
    ratio = (NU + (delta + reach) ** 2) / (NU + (delta - reach) ** 2)
    ratio *= ratio
    ratio *= ratio  # the power (NU + 1) / 2 = 4
    return np.copysign((ratio - 1.0) / (ratio + 1.0), u)


@dataclass(frozen=True)
class Gamblers:
    """List who bets: each one's strength as a share of the shift looked for, and the stake each starts with."""

    strengths: tuple[float, ...]
    stakes: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.strengths) != len(self.stakes) or not self.stakes:
            raise ValueError("each gambler needs a strength and a stake")
        if min(self.strengths) < 0 or min(self.stakes) <= 0 or not math.isclose(sum(self.stakes), 1.0):
            raise ValueError("strengths must not be negative; stakes must be positive and sum to 1")


class Bettor(Protocol):
    """Keep the wealth of many bets at once."""

    @property
    def wealth(self) -> Floats:
        """Give the e-values."""
        ...

    def play(self, y: Floats, scale: Floats, shift: Floats, where: Flags) -> None:
        """Bet on y > 0 in the elements `where`, with what was known of scale and shift looked for before y was read."""
        ...


class Wager:
    """Let gamblers play for each element of `shape`; each element's gamblers own fortunes of their own."""

    def __init__(self, shape: Sequence[int], gamblers: Gamblers) -> None:
        self._strengths = np.array(gamblers.strengths)
        self._fortunes = np.broadcast_to(np.array(gamblers.stakes), (*shape, len(gamblers.stakes))).copy()

    @property
    def wealth(self) -> Floats:
        """Give the e-values."""
        return np.asarray(self._fortunes.sum(axis=-1))

    def play(self, y: Floats, scale: Floats, shift: Floats, where: Flags) -> None:
        """Bet on y > 0 in the elements `where`, with what was known of scale and shift looked for before y was read."""
        u, delta = np.where(where, y / scale, 0.0), shift / scale
        self._fortunes *= 1.0 + bet(u[..., None], self._strengths * delta[..., None])

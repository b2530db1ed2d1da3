"""Follow every way in which ties could fall, or the one that a published draw settles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Generic, TypeVar

T = TypeVar("T")


class Ties:
    """What a count asks when candidates are exactly equal: some go on, and which is not the count's to choose."""

    def __init__(self, script: Sequence[int] = (), draw: Sequence[int] | None = None) -> None:
        self.script = script
        self.draw = draw
        self.widths: list[int] = []
        self.met: list[tuple[int, ...]] = []

    def favour(self, tied: Sequence[int], number: int = 1) -> tuple[int, ...]:
        """Pick who is favoured: the first of the draw, else what this way's script says."""
        return self._pick(tied, number, first=True)

    def drop(self, tied: Sequence[int], number: int = 1) -> tuple[int, ...]:
        """Pick who loses: the last of the draw, else what this way's script says."""
        return self._pick(tied, number, first=False)

    def _pick(self, tied: Sequence[int], number: int, *, first: bool) -> tuple[int, ...]:
        if len(tied) <= number:
            return tuple(tied)
        self.met.append(tuple(sorted(tied)))
        if self.draw is not None:
            drawn = sorted(tied, key=self.draw.index)
            return tuple(drawn[:number] if first else drawn[-number:])
        options = list(combinations(sorted(tied), number))
        turn = len(self.widths)
        self.widths.append(len(options))
        return options[self.script[turn] if turn < len(self.script) else 0]


class Ways(Generic[T]):
    """The outcomes of all ways followed; `complete` is false where there were more than `limit`."""

    def __init__(self, count: Callable[[Ties], T], limit: int, draw: Sequence[int] | None = None) -> None:
        self.outcomes: list[T] = []
        self.complete = True
        script: list[int] | None = []
        while script is not None:
            if len(self.outcomes) >= limit:
                self.complete = False
                return
            ties = Ties(script, draw)
            self.outcomes.append(count(ties))
            script = _next(script, ties.widths)


def _next(script: list[int], widths: list[int]) -> list[int] | None:
    """Turn the last pick that has another option; None after the last way."""
    taken = script + [0] * (len(widths) - len(script))
    while taken:
        if taken[-1] + 1 < widths[len(taken) - 1]:
            return [*taken[:-1], taken[-1] + 1]
        taken.pop()
    return None

"""Where the intervals of a table lie on the logarithmic axis that they share. Positions are percent of its width."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks_runner import quantities

# Ratios that readers know; those that fall on the axis with room between them are labelled.
LABELS = (
    0.05,
    0.1,
    0.2,
    0.25,
    0.5,
    0.8,
    0.9,
    0.95,
    0.98,
    0.99,
    1.0,
    1.01,
    1.02,
    1.05,
    1.1,
    1.25,
    1.5,
    2,
    3,
    4,
    5,
    7,
    10,
)
FIRST = (1.0, 2, 0.5, 4, 10, 0.1, 1.1, 0.9, 1.5, 3)
NEAR = math.log(1.1)
# Less than this and rounding noise would look like news.
NARROWEST = math.log(1.05)
WIDEST = math.log(50)
ROOM = 9.0


@dataclass(frozen=True)
class Tick:
    """A labelled ratio of the axis."""

    position: float
    label: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Axis:
    """The ln ratios at the two ends, and the labels between."""

    low: float
    high: float
    ticks: tuple[Tick, ...]

    def position(self, log_ratio: float) -> float:
        """Return where a ln ratio lies, in percent, held inside the axis."""
        share = (log_ratio - self.low) / (self.high - self.low)
        return round(100 * min(1.0, max(0.0, share)), 2)

    @property
    def words(self) -> str:
        """Describe the axis to those who do not see it."""
        return (
            f"Candidate / baseline, logarithmic, from {math.exp(self.low):.2f} to {math.exp(self.high):.2f}; "
            "1 means as fast, more means slower."
        )


@dataclass(frozen=True)
class Bar:
    """One interval, placed."""

    word: str
    words: str
    one: float
    span: tuple[float, float] | None
    estimate: float | None
    margin: tuple[float, float] | None
    beyond_low: bool
    beyond_high: bool

    @property
    def margin_width(self) -> float:
        """Return the width of the shaded margin."""
        return round(self.margin[1] - self.margin[0], 2) if self.margin else 0.0


def axis_over(log_ratios: Sequence[float | None], *, near: bool = False) -> Axis:
    """Return the axis that holds all these ln ratios and 1.0, or the near one that ends at ±10 %."""
    if near:
        return _axis(-NEAR, NEAR)
    finite = [value for value in log_ratios if value is not None and math.isfinite(value)]
    low = max(min([*finite, 0.0]), -WIDEST)
    high = min(max([*finite, 0.0]), WIDEST)
    room = 0.06 * max(high - low, NARROWEST)
    return _axis(min(low - room, -NARROWEST), max(high + room, NARROWEST))


def bar(
    axis: Axis,
    *,
    word: str,
    estimate: float | None,
    low: float | None,
    high: float | None,
    margin: float | None,
) -> Bar | None:
    """Place one point's interval on the axis; None where there is nothing to draw."""
    if estimate is None:
        return None
    known = low is not None and high is not None
    return Bar(
        word=word,
        words=interval_words(estimate, low, high),
        one=axis.position(0.0),
        span=(axis.position(low), axis.position(high)) if low is not None and high is not None else None,
        estimate=axis.position(estimate) if axis.low <= estimate <= axis.high else None,
        margin=(axis.position(-margin), axis.position(margin)) if margin else None,
        beyond_low=(low if known and low is not None else estimate) < axis.low,
        beyond_high=(high if known and high is not None else estimate) > axis.high,
    )


def interval_words(estimate: float, low: float | None, high: float | None) -> str:
    """Say an estimate and its interval as ratios."""
    said = f"ratio {quantities.ratio(estimate, low, high)}"
    if low is None or high is None:
        return f"{said}, no interval yet"
    ends = " to ".join(quantities.ratio(end, low, high) for end in (low, high))
    return f"{said}, interval {ends}"


def _axis(low: float, high: float) -> Axis:
    """Label the axis from the ratios people know, the best known first, where they have room."""
    bare = Axis(low, high, ())
    ticks: list[Tick] = []
    for ratio in (*FIRST, *LABELS):
        if not low <= math.log(ratio) <= high:
            continue
        position = bare.position(math.log(ratio))
        if all(abs(position - tick.position) >= ROOM for tick in ticks):
            ticks.append(Tick(position, f"{ratio:g}", _anchor(position)))
    return Axis(low, high, tuple(sorted(ticks, key=lambda tick: tick.position)))


def _anchor(position: float) -> str:
    """Keep the text of an outer label inside the column."""
    if position < 4:
        return "start"
    return "end" if position > 96 else "middle"

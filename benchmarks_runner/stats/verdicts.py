"""Hold what a night's engine answers: a verdict for each point and one for the suite. All sizes are ln ratios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pass", "fail", "broken", "inconclusive"]
Arm = Literal["candidate", "baseline", "both"]


@dataclass(frozen=True)
class PointVerdict:
    """Say what is known of one point, and in `reason` why, in plain words.

    `evidence_slower` and `evidence_no_worse` are the natural logarithms of the e-values after each pair, against "not
    slower" and against "slower by the margin or more". `low` or `high` is None where so few pairs cannot bound that
    side.
    """

    point: str
    verdict: Verdict
    estimate: float | None
    low: float | None
    high: float | None
    pairs_used: int
    scale: float
    margin: float | None
    skew: float | None
    evidence_slower: tuple[float, ...]
    evidence_no_worse: tuple[float, ...]
    reason: str


@dataclass(frozen=True)
class SuiteVerdict:
    """Say what is known of the suite as a whole: the weighted mean of the points measured in each round."""

    verdict: Literal["pass", "fail", "inconclusive"]
    estimate: float | None
    low: float | None
    high: float | None
    rounds_used: int
    scale: float | None
    margin: float
    evidence_slower: tuple[float, ...]
    evidence_no_worse: tuple[float, ...]
    differences: tuple[float, ...]
    reason: str


@dataclass(frozen=True)
class NightVerdict:
    """Hold a night's verdicts; provisional while not `finished`."""

    suite: SuiteVerdict
    points: tuple[PointVerdict, ...]
    finished: bool

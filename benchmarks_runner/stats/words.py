"""Say in plain words why a verdict is what it is, and what would decide one that is not."""

from __future__ import annotations

import math

import numpy as np
from numpy.polynomial.hermite_e import hermegauss

from benchmarks_runner.stats.arrays import Floats
from benchmarks_runner.stats.describe import middle
from benchmarks_runner.stats.policy import PointRule, Policy
from benchmarks_runner.stats.wager import bet

MOST_PAIRS_FORESEEN = 500


def size(ln_ratio: float) -> str:
    """Write a ln ratio as people say it: "3.1 % slower", "2.4 times as long", "0.4 % faster"."""
    ratio = math.exp(ln_ratio)
    if ratio >= 2.0:
        return f"{ratio:.1f} times as long"
    if ratio <= 0.5:
        return f"{1 / ratio:.1f} times as fast"
    percent = abs(ratio - 1.0)
    return (
        "no change" if percent < 0.0005 else f"{percent:.1%} {'slower' if ratio > 1 else 'faster'}".replace("%", " %")
    )


def percent(ln_ratio: float) -> str:
    """Write a small ln ratio as a percentage."""
    return f"{math.expm1(ln_ratio):.1%}".replace("%", " %")


def cannot_judge(rule: PointRule, pairs: Floats) -> str:
    """Explain a point that is too noisy on this machine to pass: only a slowdown far beyond the noise can show."""
    wanted, shift = math.sqrt(2.0) * rule.scale, middle(pairs)
    seen = "" if shift is None else f" {_count(pairs.size).capitalize()} looked like {size(shift)}."
    return (
        f"Cannot be judged on this machine: A/A pairs scatter by {percent(rule.scale)}, so only slowdowns of"
        f" {percent(wanted)} or more could be ruled out, and the limit is 10 %."
        f"{seen} A quieter machine or clock would decide it."
    )


def broken(arm: str, reasons: str) -> str:
    """Explain a point of which no pair could be made."""
    if arm == "candidate":
        return f"Broken in the candidate and never in the baseline: {reasons}."
    whose = "The baseline is" if arm == "baseline" else "Both builds are"
    return f"{whose} broken here, so there is nothing to compare: {reasons}. A baseline that runs would decide it."


def failed(shift: float | None, needed: float, e_value: float) -> str:
    """Explain a fail."""
    told = "" if shift is None else f"About {size(shift)}. "
    return f"{told}Evidence that it is slower: e-value {e_value:.3g}, where {needed:.3g} was needed."


def passed(margin: float, pairs: int) -> str:
    """Explain a pass."""
    return f"{_count(pairs)} rule out that it is {percent(margin)} slower or more."


def undecided(
    margin: float,
    scale: float,
    shift: float | None,
    pairs: int,
    slower: float,
    no_worse: float,
    fail_at: float,
    pass_at: float,
    *,
    finished: bool,
) -> str:
    """Explain an inconclusive series: what it looks like, and how many more pairs would decide it if it is that.

    `slower` and `no_worse` are ln e-values, `fail_at` and `pass_at` the e-values that decide.
    """
    start = "Not decided" if finished else "Still being measured"
    if shift is None:
        return f"{start}: no pair was measured. Its first pairs would decide what can be known."
    fail_in = pairs_to_go(shift / scale, margin / scale, math.log(fail_at) - slower)
    pass_in = pairs_to_go((margin - shift) / scale, margin / scale, math.log(pass_at) - no_worse)
    return f"{start} after {_count(pairs)}: {_outlook(margin, scale, shift, fail_in, pass_in)}"


def _outlook(margin: float, scale: float, shift: float, fail_in: int | None, pass_in: int | None) -> str:
    looks = f"it looks like {size(shift)}"
    options = []
    if fail_in is not None:
        options.append((fail_in, "show that it is slower"))
    if pass_in is not None:
        options.append((pass_in, f"rule out {percent(margin)}"))
    if not options:
        return (
            f"{looks}, between nothing and its margin of {percent(margin)}, where pairs that scatter by"
            f" {percent(scale)} can show neither. A quieter machine would decide it."
        )
    more, what = min(options)
    return f"{looks}; if so, about {more} more pair{'s' * (more != 1)} at this scale ({percent(scale)}) would {what}."


def of_suite(
    verdict: str,
    policy: Policy,
    shift: float | None,
    pairs: int,
    scale: float | None,
    slower: tuple[float, ...],
    no_worse: tuple[float, ...],
    *,
    finished: bool,
) -> str:
    """Explain the suite's verdict."""
    if not pairs or scale is None:
        return "No round of the suite was measured."
    if verdict == "fail":
        return "The weighted mean over all points. " + failed(shift, 1.0 / policy.suite_fail, math.exp(slower[-1]))
    if verdict == "pass":
        return "The weighted mean over all points: " + passed(policy.suite_margin, pairs)
    return undecided(
        policy.suite_margin, scale, shift, pairs, slower[-1], no_worse[-1],
        1.0 / policy.suite_fail, 1.0 / policy.suite_pass, finished=finished,
    )  # fmt: skip


def pairs_to_go(shift: float, looked_for: float, missing: float) -> int | None:
    """Foresee how many pairs grow ln E by `missing` if the shift (in scales) is so; None where it would not grow.

    For Gaussian noise, by the mean growth of ln E per pair (Gauss-Hermite, 40 nodes; error below 1 %).
    """
    if missing <= 0:
        return 1
    nodes, weights = hermegauss(40)
    growth = max(
        float(np.log1p(bet(nodes + shift, np.full(40, strength * looked_for))) @ weights) / math.sqrt(2.0 * math.pi)
        for strength in (0.65, 1.3)
    )
    if growth <= missing / MOST_PAIRS_FORESEEN:
        return None
    return math.ceil(missing / growth)


def _count(pairs: int) -> str:
    return "one pair" if pairs == 1 else f"{pairs} pairs"

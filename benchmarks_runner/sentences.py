"""The sentence with which a page answers its question, made from the data."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks_runner import quantities

Tone = str  # "pass", "fail", "broken", "inconclusive", "live" or ""


@dataclass(frozen=True)
class Sentence:
    """What is well and what is not, in one sentence, and the tone of it."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True)
class Judged:
    """What a sentence needs to know of one point's verdict; an empty word is undecided."""

    point: str
    word: str
    estimate: float | None = None
    area: str = ""


def decided_night(points: Sequence[Judged], suite: Judged | None = None) -> Sentence:
    """Say what a decided night found."""
    failed = [point for point in points if point.word == "fail"]
    broken = [point for point in points if point.word == "broken"]
    if failed or broken:
        parts = [_slower(failed, len(points))] if failed else []
        parts += [_broken(broken, len(points))] if broken else []
        rest = _rest(points)
        return Sentence(f"{'; '.join([*parts, rest] if rest else parts)}.", "fail" if failed else "broken")
    return _none_failed(points, suite)


def running_night(points: Sequence[Judged], round_number: int) -> Sentence:
    """Say how far a running night has come and what it has found so far."""
    decided = [point for point in points if point.word]
    found = Counter(point.word for point in decided)
    so_far = [f"{found['fail']} slower"] if found["fail"] else []
    so_far += [f"{found['broken']} broken"] if found["broken"] else []
    news = f"{' and '.join(so_far)} so far" if so_far else "none slower so far"
    begun = f"Round {round_number} is being measured" if round_number else "The first round is about to begin"
    return Sentence(f"{begun}: {len(decided)} of {count(len(points), 'point')} decided, {news}.", "live")


def waiting_night(doing: str) -> Sentence:
    """Say what a night waits for before its plan is frozen."""
    return Sentence(f"{_capital(doing.rstrip('.'))}; measuring begins by itself after that.", "live")


def stopped_night(state: str, reason: str, rounds: int) -> Sentence:
    """Say why a night ended without verdicts, and what was kept."""
    kept = f" {_capital(count(rounds, 'measured round'))} {'is' if rounds == 1 else 'are'} kept." if rounds else ""
    if state == "cancelled":
        who = reason.strip().rstrip(".") or "Cancelled"
        return Sentence(f"{who}, before every point was decided.{kept}")
    return Sentence(f"This night could not be measured{_because(reason)}.{kept}", "broken")


def aa_night(points: int, typical_scale: float | None) -> Sentence:
    """Say what an A/A night found of its machine."""
    if typical_scale is None:
        return Sentence("The same build against itself: this night measures how noisy the machine is.")
    return Sentence(
        f"The same build against itself: on this machine an unchanged point seems to change by about "
        f"{quantities.percent(typical_scale)} from pair to pair ({count(points, 'point')}).",
        "pass",
    )


def judged_point(word: str, estimate: float | None, low: float | None, high: float | None, pairs: int) -> Sentence:
    """Say what a night found at one point."""
    if word == "broken":
        return Sentence("Broken in the candidate, and never in the baseline.", "broken")
    if estimate is None:
        return Sentence("No pair has been measured here yet." if not word else "Cannot be told: no pair was measured.")
    between = f" (between {_ends(low, high)})" if low is not None and high is not None else ""
    after = f"after {count(pairs, 'pair')}"
    if word == "fail":
        return Sentence(f"{_capital(quantities.change(estimate))}{between}, {after}.", "fail")
    lies = f"the ratio lies {between[2:-1]}" if between else "nothing bounds the ratio yet"
    if word == "pass":
        return Sentence(f"No slower than its margin allows: {lies}, {after}.", "pass")
    start = "Inconclusive" if word else "Not decided yet"
    return Sentence(f"{start} {after}: {lies}.", "inconclusive" if word else "live")


def count(number: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _none_failed(points: Sequence[Judged], suite: Judged | None) -> Sentence:
    open_points = [point for point in points if point.word == "inconclusive"]
    if suite and suite.word == "fail":
        size = quantities.change(suite.estimate) if suite.estimate is not None else "slower"
        return Sentence(f"No single point is shown slower, but the suite as a whole is: {size}.", "fail")
    if not points:
        return Sentence("Nothing was measured: the plan holds no point that can be judged on this machine.")
    if open_points:
        return Sentence(
            f"Nothing is shown slower, but {len(open_points)} of {count(len(points), 'point')} "
            f"{'is' if len(open_points) == 1 else 'are'} inconclusive, which is no pass.",
            "inconclusive",
        )
    return Sentence(f"Nothing slower: {_all(len(points))} decided, none slower than its margin allows.", "pass")


def _all(number: int) -> str:
    return "the one point is" if number == 1 else f"all {number} points are"


def _slower(failed: Sequence[Judged], total: int) -> str:
    """Say how many points are slower, by how much, and where if it is one area."""
    sizes = sorted(point.estimate for point in failed if point.estimate is not None)
    areas = {point.area for point in failed}
    where = (
        f", {'both' if len(failed) == 2 else 'all'} in {areas.pop()}"
        if len(areas) == 1 and all(areas) and len(failed) > 1
        else ""
    )
    by = f", by {_range(sizes)}" if sizes else ""
    return f"{_of(len(failed), total)} slower{by}{where}"


def _of(number: int, total: int) -> str:
    """Write how many of all points."""
    return f"{number} of {count(total, 'point')} {'is' if number == 1 else 'are'}"


def _range(sizes: Sequence[float]) -> str:
    """Say a range of ln ratios that are slower: 2.9–3.4 ×, 4.8 % to 4.7 ×."""
    low, high = (quantities.change(size).removesuffix(" slower") for size in (sizes[0], sizes[-1]))
    if low == high:
        return high
    one_unit = low.split(" ")[-1] == high.split(" ")[-1]
    return f"{low.split(' ')[0]}–{high}" if one_unit else f"{low} to {high}"


def _broken(broken: Sequence[Judged], total: int) -> str:
    return f"{_of(len(broken), total)} broken"


def _rest(points: Sequence[Judged]) -> str:
    """Say what became of the rest."""
    found = Counter(point.word for point in points)
    rest = [f"{found['pass']} passed"] if found["pass"] else []
    undecided = found["inconclusive"]
    rest += [f"{undecided} {'is' if undecided == 1 else 'are'} inconclusive"] if undecided else []
    return ", ".join(rest)


def _because(reason: str) -> str:
    return f": {reason.strip().rstrip('.')}" if reason.strip() else ""


def _ends(low: float, high: float) -> str:
    if math.exp(min(low, high)) >= 1.5:
        return f"{quantities.significant(math.exp(low))} and {quantities.significant(math.exp(high))} ×"
    return f"{quantities.ratio(low, low, high)} and {quantities.ratio(high, low, high)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

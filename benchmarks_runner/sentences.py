"""The sentence with which a page answers its question, made from the data."""

import math
from collections import Counter
from collections.abc import Collection, Sequence
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
        parts = [_slower(failed)] if failed else []
        parts += [_broken(broken)] if broken else []
        return Sentence(f"{_capital('; '.join(parts))}{_also(points)}.", "fail" if failed else "broken")
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


def _slower(failed: Sequence[Judged]) -> str:
    """Say how many points are slower, in which area if it is one, and by how much."""
    areas = {point.area for point in failed}
    where = f"{areas.pop()} " if len(areas) == 1 and all(point.area for point in failed) else ""
    sizes = sorted(point.estimate for point in failed if point.estimate is not None)
    noun = f"{where}point"
    number = f"{len(failed)} {noun}s are" if len(failed) != 1 else f"one {noun} is"
    return f"{number} {_range(sizes)}" if sizes else f"{number} slower"


def _range(sizes: Sequence[float]) -> str:
    """Say a range of ln ratios: 2.9–3.4 × slower."""
    low, high = quantities.change(sizes[0]), quantities.change(sizes[-1])
    if low == high or sizes[0] <= 0:
        return high
    if low.split(" ", 1)[1] == high.split(" ", 1)[1]:
        return f"{low.split(' ', 1)[0]}–{high}"
    return f"{low.removesuffix(' slower')} to {high}"


def _broken(broken: Collection[Judged]) -> str:
    return f"{len(broken)} points break" if len(broken) != 1 else "one point breaks"


def _also(points: Sequence[Judged]) -> str:
    """Say what became of the rest."""
    found = Counter(point.word for point in points)
    rest = [f"{found['pass']} passed"] if found["pass"] else []
    rest += [f"{found['inconclusive']} inconclusive"] if found["inconclusive"] else []
    return f"; of {len(points)} points {listed(rest)}" if rest else f", of {len(points)} points"


def _because(reason: str) -> str:
    return f": {reason.strip().rstrip('.')}" if reason.strip() else ""


def _ends(low: float, high: float) -> str:
    if math.exp(min(low, high)) >= 1.5:
        return f"{quantities.significant(math.exp(low))} and {quantities.significant(math.exp(high))} ×"
    return f"{quantities.ratio(low, low, high)} and {quantities.ratio(high, low, high)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

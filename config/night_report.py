"""What the command `night` shows: a line of progress while it measures, and a table at the end."""

import math
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from benchmarks_runner import quantities
from benchmarks_runner.models import Night, Verdict
from benchmarks_runner.queries import NightProgress, night_document, night_sentence, night_verdicts, suite_verdict
from config.up.instance import Instance

WIDTH = 24
SHAPES = {"pass": "●", "fail": "▲", "broken": "◆", "inconclusive": "○", "": "·"}
# Where nobody watches a line change, a new one is written when something new is told, and not more often than this.
QUIET_S = 5.0


class ProgressLine:
    """One line that changes on a terminal, plain lines elsewhere."""

    def __init__(self, out: TextIO, night: Night) -> None:
        self._out, self._night = out, night
        self._live = out.isatty()
        self._shown, self._at = "", -math.inf
        self._news: tuple[str, str] = ("", "")

    def show(self, progress: NightProgress) -> None:
        """Show how far the night has come."""
        text = f"{bar(progress.fraction)} {self._night}: {told(progress)}"
        if self._live:
            self._out.write("\r\x1b[2K" + text[:200])
        elif self._is_news(progress):
            self._out.write(text + "\n")
        self._shown = text
        self._out.flush()

    def _is_news(self, progress: NightProgress) -> bool:
        news = (progress.state, re.sub(r"\d+ of \d+ measurements", "", progress.doing))
        if news == self._news or (news[0] == self._news[0] and time.monotonic() - self._at < QUIET_S):
            return False
        self._news, self._at = news, time.monotonic()
        return True

    def interrupted(self, tell: Callable[[str], None]) -> Callable[[str], None]:
        """Return a way to tell something between two states of the line."""

        def between(message: str) -> None:
            if self._live:
                self._out.write("\r\x1b[2K")
            tell(message)

        return between

    def end(self) -> None:
        """Leave the line."""
        if self._live and self._shown:
            self._out.write("\n")
            self._out.flush()


def bar(fraction: float) -> str:
    """Draw a bar."""
    full = round(WIDTH * max(0.0, min(1.0, fraction)))
    return f"[{'#' * full}{'.' * (WIDTH - full)}]"


def told(progress: NightProgress) -> str:
    """Say in one line how far a night has come."""
    parts = [progress.doing]
    if progress.points_total and progress.state == Night.State.RUNNING:
        parts.append(f"{progress.points_decided} of {progress.points_total} points decided")
    if progress.seconds_left_estimate:
        parts.append(f"about {quantities.duration(progress.seconds_left_estimate)} left")
    return ", ".join(parts)


def table(night: Night) -> str:
    """Write a night's verdicts as a table, what needs a human first."""
    suite = suite_verdict(night)
    rows = [_row(verdict) for verdict in night_verdicts(night)]
    rows += [("the suite", *_row(suite)[1:])] if suite else []
    head = ("point", "verdict", "ratio", "interval", "pairs")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = [_line(row, widths) for row in [head, *rows]]
    seconds = night_document(night)["seconds"] or 0
    title = f"{night.candidate} against {night.baseline} on {night.device} ({night.device.model})"
    took = f"Night {night.pk} took {quantities.duration(seconds)} and {night.rounds.count()} rounds."
    note = [f"Note: {night.candidate.note}"] if night.candidate.note else []
    return "\n".join(["", title, *note, "", *lines, "", night_sentence(night).text, took])


def _row(verdict: Verdict) -> tuple[str, ...]:
    ratio = interval = quantities.MISSING
    if verdict.estimate is not None:
        ratio = quantities.ratio(verdict.estimate, verdict.low, verdict.high)
    if verdict.low is not None or verdict.high is not None:
        low, high = (_end(end, verdict) for end in (verdict.low, verdict.high))
        interval = f"{low} – {high}"
    word = f"{SHAPES[verdict.verdict]} {verdict.verdict or 'undecided'}"
    return (verdict.point, word, ratio, interval, str(verdict.pairs_used))


def _end(end: float | None, verdict: Verdict) -> str:
    return quantities.MISSING if end is None else quantities.ratio(end, verdict.low, verdict.high)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = enumerate(zip(row, widths, strict=True))
    return "  ".join(cell.ljust(w) if i < 2 else cell.rjust(w) for i, (cell, w) in cells).rstrip()


def where(night: Night, data: Path) -> str:
    """Say where the night's page is, or would be."""
    address = Instance(data).read().get("address")
    path = f"nights/{night.pk}/"
    return f"Its page: {address}{path}" if address else f"Its page, once the site runs (manage.py up): /{path}"

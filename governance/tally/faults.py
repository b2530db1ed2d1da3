"""What can be wrong with ballots or with what is asked of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One bad place: where it is, what is wrong, what to do about it."""

    source: str
    line: int | None
    what: str
    remedy: str

    def __str__(self) -> str:
        where = self.source if self.line is None else f"{self.source}, line {self.line}"
        return " ".join(f"{where}: {self.what}; {self.remedy}".split())


class TallyError(ValueError):
    """Nothing was counted; `problems` holds each bad place, the text tells the first and how many follow."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(self._told())

    def _told(self) -> str:
        first, *others = self.problems
        if not others:
            return str(first)
        lines = [str(problem.line) for problem in others if problem.line is not None]
        some = ", ".join(lines[:5]) + (", …" if len(lines) > 5 else "")
        more = f"{len(others)} more bad line{'s' if len(others) > 1 else ''}"
        return f"{first} ({more}{': ' + some if some else ''})"


def refuse(source: str, what: str, remedy: str, line: int | None = None) -> TallyError:
    """Make the error of a single bad place, to be raised."""
    return TallyError([Problem(source, line, what, remedy)])

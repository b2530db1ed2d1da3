"""CSV with a column a candidate: elekto's and CIVS's ballots, and sheets of scores or approvals."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

from governance.tally.ballots import Ballot, Ballots, Kind
from governance.tally.faults import Problem, TallyError, refuse
from governance.tally.star import FIVE_STARS

# How elekto, CIVS and people write that a ballot says nothing about a candidate.
NOTHING = {"", "-", "no opinion", "noopinion", "none", "null", "n/a"}
APPROVED = {"1", "x", "yes", "y", "true", "approve", "approved"}
NOT_APPROVED = {"0", "no", "false"} | NOTHING
LARGEST_RANK = 100_000
MOST_CANDIDATES = 10_000
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
# CIVS lets a line stand for several ballots: "3X1,2,-".
TIMES = re.compile(r"(?P<times>[0-9]{1,9})\s*[xX]\s*(?P<mark>.*)", re.ASCII | re.DOTALL)


def read_columns(text: str, source: str, kind: Kind = "ranks") -> Ballots:
    """Read a heading of candidates and a ballot a row."""
    rows = _rows(text, source)
    if not rows:
        raise refuse(source, "no heading", "write the candidates in the first line, comma-separated")
    heading_line, heading = rows[0]
    names = tuple(cell.strip() for cell in heading)
    problems = _heading_problems(names, source, heading_line)
    cast = []
    for line, cells in rows[1:]:
        try:
            cast.append(_ballot(cells, names, kind))
        except _BadRowError as error:
            problems.append(Problem(source, line, error.what, error.remedy))
    if problems:
        raise TallyError(problems)
    return Ballots(names, tuple(cast), kind)


class _BadRowError(ValueError):
    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


def _rows(text: str, source: str) -> list[tuple[int, list[str]]]:
    """Give each row that is not blank with its line."""
    rows, line = [], 1
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if row:
                rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise refuse(source, f"not CSV ({error})", "close every quotation mark", max(reader.line_num, 1)) from error
    return rows


def _heading_problems(names: tuple[str, ...], source: str, line: int) -> list[Problem]:
    problems = []
    if len(names) > MOST_CANDIDATES:
        raise refuse(source, f"{len(names)} columns", f"at most {MOST_CANDIDATES} candidates are counted", line)
    if any(not name for name in names):
        problems.append(Problem(source, line, "a column without a name", "name a candidate over every column"))
    for name in dict.fromkeys(name for name in names if name and names.count(name) > 1):
        problems.append(Problem(source, line, f"{name!r:.60} stands over two columns", "make the names differ"))
    if all(_says_rank(name) for name in names):
        problems.append(Problem(source, line, "numbers where candidates belong", "put a heading line of names first"))
    return problems


def _says_rank(cell: str) -> bool:
    return cell.casefold() in NOTHING or NUMBER.fullmatch(cell) is not None


def _ballot(cells: list[str], names: tuple[str, ...], kind: Kind) -> Ballot:
    weight = 1
    repeated = TIMES.fullmatch(cells[0].strip())
    if repeated and kind == "ranks":
        weight, cells = int(repeated["times"]), [repeated["mark"], *cells[1:]]
        if not weight:
            raise _BadRowError("a ballot cast 0 times", "leave the line out")
    if len(cells) != len(names):
        raise _BadRowError(f"{len(cells)} columns for {len(names)} candidates", "give one cell a candidate")
    return Ballot(tuple(READ[kind](cell.strip(), name) for cell, name in zip(cells, names, strict=True)), weight)


def _rank(cell: str, name: str) -> int | None:
    if cell.casefold() in NOTHING:
        return None
    if not NUMBER.fullmatch(cell) or not 1 <= int(cell) <= LARGEST_RANK:
        raise _BadRowError(f"{cell!r:.40} is no rank for {name}", "write 1 for the best, or No opinion")
    return int(cell)


def _score(cell: str, name: str) -> int | None:
    if cell.casefold() in NOTHING:
        return None
    if not NUMBER.fullmatch(cell) or int(cell) > FIVE_STARS:
        raise _BadRowError(f"{cell!r:.40} is no score for {name}", f"write 0 to {FIVE_STARS}")
    return int(cell)


def _approval(cell: str, name: str) -> int | None:
    if cell.casefold() in APPROVED:
        return 1
    if cell.casefold() in NOT_APPROVED:
        return 0
    raise _BadRowError(f"{cell!r:.40} is neither approval nor not for {name}", "write 1 or 0")


READ: dict[Kind, Callable[[str, str], int | None]] = {"ranks": _rank, "scores": _score, "approvals": _approval}

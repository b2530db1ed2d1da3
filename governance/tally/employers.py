"""Read who works for whom: CSV with the columns candidate and employer."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from governance.tally.faults import Problem, TallyError, refuse
from governance.tally.text import read_text

LOGIN = re.compile(r"^(?P<name>.*?)\s*\(@(?P<login>[^()]+)\)$")


def read_employers(path: Path) -> list[tuple[int, str, str]]:
    """Give line, name and employer of each row; a heading line is skipped."""
    rows, problems = [], []
    seen: dict[str, int] = {}
    reader = csv.reader(read_text(path).splitlines())
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells) or (reader.line_num == 1 and [cell.casefold() for cell in cells[1:2]] == ["employer"]):
                continue
            if len(cells) != 2 or not cells[0]:
                what = f"{len(cells)} columns where candidate and employer belong" if cells[0] else "no candidate"
                problems.append(Problem(str(path), reader.line_num, what, "write candidate,employer"))
            elif cells[0].casefold() in seen:
                what = f"{cells[0]} stands already in line {seen[cells[0].casefold()]}"
                problems.append(Problem(str(path), reader.line_num, what, "leave one"))
            else:
                seen[cells[0].casefold()] = reader.line_num
                rows.append((reader.line_num, cells[0], cells[1]))
    except csv.Error as error:
        raise refuse(str(path), f"not CSV ({error})", "write candidate,employer a line", reader.line_num) from error
    if problems:
        raise TallyError(problems)
    return rows


def candidates_employers(path: Path, candidates: Sequence[str]) -> dict[str, str]:
    """Give every candidate's employer; who is missing is refused, as a cap would pass them by in silence."""
    known = _spellings(candidates)
    found: dict[str, str] = {}
    problems = []
    for line, name, employer in read_employers(path):
        candidate = known.get(_key(name))
        if candidate is None:
            near = difflib.get_close_matches(_key(name), known, n=1)
            remedy = f"is it {known[near[0]]}? write the name as on the ballots" if near else "leave the line out"
            problems.append(Problem(str(path), line, f"{name!r:.60} is no candidate", remedy))
        elif candidate in found:
            problems.append(Problem(str(path), line, f"{candidate} stands there twice", "leave one"))
        else:
            found[candidate] = employer
    missing = [name for name in candidates if name not in found]
    if missing and not problems:
        remedy = "add a line for each; 'independent' or 'unknown' where there is no employer to name"
        problems.append(Problem(str(path), None, f"no employer for {', '.join(missing)}", remedy))
    if problems:
        raise TallyError(problems)
    return found


def sitting_employers(path: Path, candidates: Sequence[str]) -> dict[str, str]:
    """Give the employers of those who keep their seats; one who also stands is refused, as they would count twice."""
    known = _spellings(candidates)
    rows = read_employers(path)
    problems = [
        Problem(str(path), line, f"{name} sits and stands", "leave out members whose term ends with this election")
        for line, name, _ in rows
        if _key(name) in known
    ]
    if problems:
        raise TallyError(problems)
    return {name: employer for _, name, employer in rows}


def _spellings(candidates: Sequence[str]) -> dict[str, str]:
    """Find a candidate by the whole name, and by either part of "Name (@login)" where only one has it."""
    found: dict[str, str] = {}
    parts: dict[str, set[str]] = {}
    for candidate in candidates:
        match = LOGIN.match(candidate)
        for part in match.groups() if match else ():
            parts.setdefault(_key(part), set()).add(candidate)
        found[_key(candidate)] = candidate
    for part, holders in parts.items():
        if len(holders) == 1:
            found.setdefault(part, *holders)
    return found


def _key(name: str) -> str:
    return " ".join(name.split()).casefold().removeprefix("@")

"""BLT: ballots as candidates' numbers, as OpaVote and other STV programs write them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from governance.tally.ballots import Ballot, Ballots, Kind, Number, whole
from governance.tally.faults import Problem, TallyError, refuse
from governance.tally.text import numbered

WEIGHT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)
WITHDRAWN = re.compile(r"-([0-9]{1,6})", re.ASCII)
NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)
# OpaVote may put a ballot's identifier first: "(12-ab) 1 3 2 0".
IDENTIFIER = re.compile(r"^\([^()]*\)\s*")
MOST_CANDIDATES = 10_000


@dataclass
class _File:
    """What is read so far."""

    source: str
    kind: Kind
    candidates: int = 0
    seats: int = 0
    withdrawn: list[int] = field(default_factory=list)
    cast: list[Ballot] = field(default_factory=list)
    texts: list[tuple[int, str]] = field(default_factory=list)
    ended: bool = False
    problems: list[Problem] = field(default_factory=list)

    def bad(self, line: int, what: str, remedy: str) -> None:
        self.problems.append(Problem(self.source, line, what, remedy))


def read_blt(text: str, source: str, kind: Kind = "ranks") -> Ballots:
    """Read candidates and seats, the withdrawn, a ballot a line up to 0, the names in quotation marks, a title.

    For approvals every candidate on a ballot counts as approved. BLT holds no scores.
    """
    if kind == "scores":
        raise refuse(source, "BLT holds orders, and this method counts scores", "give a CSV of scores")
    lines = [(number, _bare(line)) for number, line in numbered(text)]
    lines = [(number, line) for number, line in lines if line]
    if not lines:
        raise refuse(source, "empty", "begin with the numbers of candidates and seats")
    read = _File(source, kind)
    _heading(read, *lines[0])
    for number, line in lines[1:]:
        _line(read, number, line)
    return _whole(read, lines[-1][0])


def _bare(line: str) -> str:
    """Cut a comment, unless the sign stands within quotation marks."""
    quoted = False
    for at, sign in enumerate(line):
        if sign == '"':
            quoted = not quoted
        elif sign == "#" and not quoted:
            return line[:at].strip()
    return line.strip()


def _heading(read: _File, number: int, line: str) -> None:
    parts = line.split()
    if len(parts) != 2 or not all(NUMBER.fullmatch(part) for part in parts):
        raise refuse(read.source, "no heading", "begin with the numbers of candidates and seats, as in 4 2", number)
    read.candidates, read.seats = int(parts[0]), int(parts[1])
    if not 1 <= read.candidates <= MOST_CANDIDATES or not read.seats:
        raise refuse(read.source, f"{line} leaves nothing to elect", "give at least 1 candidate and 1 seat", number)


def _line(read: _File, number: int, line: str) -> None:
    if read.ended:
        if len(line) >= 2 and line[0] == line[-1] == '"':
            read.texts.append((number, line[1:-1].replace('""', '"').strip()))
        else:
            read.bad(number, f"{line!r:.40} where a name belongs", 'write names in quotation marks, as in "Ann"')
    elif line == "0":
        read.ended = True
    elif line.startswith("["):
        read.bad(number, f"{line!r:.40} is an extension that only some programs read", "remove the line")
    elif line.startswith("-"):
        _withdrawn(read, number, line)
    else:
        _ballot(read, number, line)


def _withdrawn(read: _File, number: int, line: str) -> None:
    for part in line.split():
        withdrawn = WITHDRAWN.fullmatch(part)
        if not withdrawn or not 1 <= int(withdrawn[1]) <= read.candidates:
            read.bad(number, f"{part!r:.40} withdraws nobody", f"write -1 to -{read.candidates}")
        elif int(withdrawn[1]) not in read.withdrawn:
            read.withdrawn.append(int(withdrawn[1]))


def _ballot(read: _File, number: int, line: str) -> None:
    """Read weight, choices in order ("=" ties, "-" leaves a place empty) and the closing 0."""
    first, *choices = IDENTIFIER.sub("", line).split() or [""]
    if IDENTIFIER.match(line):
        # With an identifier there is no weight.
        first, choices = "1", [first, *choices]
    if not WEIGHT.fullmatch(first) or not Fraction(first):
        return read.bad(number, f"{first!r:.40} is no number of ballots", "begin with how many ballots are alike")
    if not choices or choices[-1] != "0":
        return read.bad(number, "the ballot does not end with 0", "write 0 after the last choice")
    marks: list[int | None] = [None] * read.candidates
    for place, choice in enumerate(choices[:-1], start=1):
        for part in [] if choice == "-" else choice.split("="):
            if not NUMBER.fullmatch(part) or not 1 <= int(part) <= read.candidates:
                return read.bad(number, f"{part!r:.40} is no candidate", f"write 1 to {read.candidates}")
            if marks[int(part) - 1] is not None:
                return read.bad(number, f"candidate {part} stands twice", "rank each candidate once")
            marks[int(part) - 1] = place if read.kind == "ranks" else 1
    read.cast.append(Ballot(tuple(marks), _weight(first)))
    return None


def _weight(text: str) -> Number:
    return whole(Fraction(text))


def _whole(read: _File, last: int) -> Ballots:
    if not read.ended:
        read.bad(last, "no line with 0 alone ends the ballots", "write 0 on a line after the last ballot")
    elif len(read.texts) < read.candidates:
        what = f"{len(read.texts)} names for {read.candidates} candidates"
        read.bad(last, what, "write a name a candidate after the 0, in quotation marks")
    for number, extra in read.texts[read.candidates + 3 :]:
        read.bad(number, f"{extra!r:.40} after candidates and title", "remove the line, or correct the heading")
    names = [name for _, name in read.texts[: read.candidates]]
    for at, (number, name) in enumerate(read.texts[: read.candidates]):
        if not name:
            read.bad(number, "an empty name", "name the candidate")
        elif name in names[:at]:
            read.bad(number, f"{name!r:.60} stands twice among the candidates", "make the names differ")
    if read.problems:
        raise TallyError(read.problems)
    title = read.texts[read.candidates][1] if len(read.texts) > read.candidates else ""
    withdrawn = tuple(names[position - 1] for position in read.withdrawn)
    return Ballots(tuple(names), tuple(read.cast), read.kind, read.seats, title, withdrawn)

"""PrefLib: orders (soc, soi, toc, toi) and categories (cat), with their headings of "# KEY: value"."""

from __future__ import annotations

import re

from governance.tally.ballots import Ballot, Ballots, Kind
from governance.tally.faults import Problem, TallyError, refuse
from governance.tally.star import FIVE_STARS
from governance.tally.text import numbered

HEADING = re.compile(r"#\s*(?P<key>[A-Z][A-Z0-9 ]*?)\s*:\s?(?P<value>.*)", re.ASCII)
NAMED = re.compile(r"ALTERNATIVE NAME ([0-9]{1,6})", re.ASCII)
CATEGORY = re.compile(r"CATEGORY NAME ([0-9]{1,6})", re.ASCII)
LINE = re.compile(r"\s*(?P<weight>[0-9]{1,9})\s*:(?P<order>.*)", re.ASCII)
PLACE = re.compile(r"\s*(?:\{(?P<group>[0-9,\s]*)\}|(?P<one>[0-9]{1,6}))\s*", re.ASCII)
TYPES = {"soc", "soi", "toc", "toi", "cat"}
MOST_ALTERNATIVES = 10_000


class _BadLineError(ValueError):
    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


def read_preflib(text: str, source: str, kind: Kind = "ranks") -> Ballots:
    """Read one PrefLib file.

    Orders are ranks. Categories are ranks too, the first category being best; approvals where there are two of them
    (the first approves); scores where there are at most six (the first is the highest).
    """
    headings, lines = _parted(text)
    names = _names(headings, source)
    type_ = headings.get("DATA TYPE", (1, _suffix(source)))[1].strip().casefold()
    if type_ not in TYPES:
        raise refuse(source, f"data type {type_!r:.20} is not read", f"give one of {', '.join(sorted(TYPES))}")
    categories = len([key for key in headings if CATEGORY.fullmatch(key)])
    _check_kind(source, type_, categories, kind)
    cast, problems = [], []
    for number, line in lines:
        try:
            cast.append(_ballot(line, len(names), type_, categories, kind))
        except _BadLineError as error:
            problems.append(Problem(source, number, error.what, error.remedy))
    if problems:
        raise TallyError(problems)
    title = headings.get("TITLE", (0, ""))[1].strip()
    return Ballots(names, tuple(cast), kind, title=title)


def _suffix(source: str) -> str:
    return source.rpartition(".")[2]


def _parted(text: str) -> tuple[dict[str, tuple[int, str]], list[tuple[int, str]]]:
    headings, lines = {}, []
    for number, line in numbered(text):
        match = HEADING.fullmatch(line.strip())
        if match:
            headings[match["key"]] = (number, match["value"])
        elif line.strip() and not line.lstrip().startswith("#"):
            lines.append((number, line))
    return headings, lines


def _names(headings: dict[str, tuple[int, str]], source: str) -> tuple[str, ...]:
    line, stated = headings.get("NUMBER ALTERNATIVES", (None, ""))
    if not re.fullmatch(r"\s*[0-9]{1,6}\s*", stated, re.ASCII) or not 1 <= int(stated) <= MOST_ALTERNATIVES:
        what = f"{stated!r:.20} alternatives" if line else "no heading NUMBER ALTERNATIVES"
        raise refuse(source, what, "write # NUMBER ALTERNATIVES: and their number", line)
    names = {}
    for key, (number, value) in headings.items():
        match = NAMED.fullmatch(key)
        if match:
            names[int(match[1])] = (number, value.strip())
    problems = []
    found = tuple(names.get(at, (0, str(at)))[1] or str(at) for at in range(1, int(stated) + 1))
    for at, (number, name) in names.items():
        if not 1 <= at <= int(stated):
            problems.append(Problem(source, number, f"alternative {at} of {int(stated)}", "correct the number"))
        elif found.count(name) > 1:
            problems.append(Problem(source, number, f"{name!r:.60} names two alternatives", "make the names differ"))
    if problems:
        raise TallyError(problems)
    if len(set(found)) < len(found):
        raise refuse(source, "two alternatives have one name", "name each by # ALTERNATIVE NAME", line)
    return found


def _check_kind(source: str, type_: str, categories: int, kind: Kind) -> None:
    if kind == "ranks":
        return
    if type_ != "cat":
        raise refuse(
            source, f"{type_} holds orders, and this method counts {kind}", "give a cat file, or another method"
        )
    if kind == "approvals" and categories != 2:
        raise refuse(source, f"{categories} categories, and approval has two", "give a file of two categories")
    if kind == "scores" and not 2 <= categories <= FIVE_STARS + 1:
        what = f"{categories} categories, and scores are 0 to {FIVE_STARS}"
        raise refuse(source, what, f"give a file of 2 to {FIVE_STARS + 1} categories")


def _ballot(line: str, alternatives: int, type_: str, categories: int, kind: Kind) -> Ballot:
    match = LINE.fullmatch(line)
    if not match or not int(match["weight"]):
        raise _BadLineError(f"{line.strip()!r:.40} is no order", "write how many ballots, a colon and the order")
    places = _places(match["order"])
    marks: list[int | None] = [None] * alternatives
    for place, group in enumerate(places, start=1):
        for alternative in group:
            if not 1 <= alternative <= alternatives:
                raise _BadLineError(f"{alternative} is no alternative", f"write 1 to {alternatives}")
            if marks[alternative - 1] is not None:
                raise _BadLineError(f"alternative {alternative} stands twice", "place each once")
            marks[alternative - 1] = _mark(place, categories, kind)
    _check_order(places, marks, type_, categories)
    return Ballot(tuple(marks), int(match["weight"]))


def _mark(place: int, categories: int, kind: Kind) -> int:
    if kind == "approvals":
        return int(place == 1)
    return max(0, categories - place) if kind == "scores" else place


def _places(text: str) -> list[list[int]]:
    """Read "1,{2,3},4" as places."""
    places, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = PLACE.match(text, at)
        if not match:
            raise _BadLineError(f"{text[at:]!r:.40} is no place", "write numbers with commas, ties in braces")
        inside = [match["one"]] if match["one"] else [part.strip() for part in match["group"].split(",")]
        if any(len(part.split()) > 1 or len(part) > 6 for part in inside) or (len(inside) > 1 and "" in inside):
            raise _BadLineError(f"{match[0].strip()!r:.40} is no tie", "write numbers with commas between")
        places.append([int(part) for part in inside if part])
        at = match.end()
        if at < len(text):
            if text[at] != "," or at + 1 == len(text):
                raise _BadLineError(f"{text[at:]!r:.40} after a place", "write commas between places")
            at += 1
    return places


def _check_order(places: list[list[int]], marks: list[int | None], type_: str, categories: int) -> None:
    if type_ == "cat":
        if len(places) > categories:
            raise _BadLineError(f"{len(places)} places for {categories} categories", "give one place a category")
        return
    if any(not group for group in places):
        raise _BadLineError("a place without an alternative", "leave it out")
    if type_ in {"soc", "soi"} and any(len(group) > 1 for group in places):
        raise _BadLineError(f"a tie, and {type_} has none", "name the type toc or toi")
    if type_ in {"soc", "toc"} and None in marks:
        raise _BadLineError(f"an order that is not complete, and {type_} is", "name the type soi or toi")

"""Read the headers of Python enhancement proposals: pep-NNNN.rst, and headers.json, which holds those of all.

Delegates decide, so they are the shepherds, in both spellings of their header. People are named, not by account: their
key is a slug of the name; addresses are not read. A topic is an area, and a proposal may have several. The body is not
read, but for the headings under which results of votes stand: each round is told, none is taken for another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from governance.importing.gathering import Gathering, slug_of, text_of
from governance.importing.reading import AreaRead, Place, ProposalRead, Reading, SourceFile, SourceRefused

FILE = re.compile(r"(?:.*/)?pep-(\d{4,5})\.(?:rst|txt)")
HEADER = re.compile(r"([A-Za-z][A-Za-z-]{0,30}):(.*)")
DELEGATES = {"pep-delegate", "bdfl-delegate"}
LONGEST_HEADER = 10_000
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
BODIES = re.compile(r"\b(?:working group|council|team|committee|sig)\b", re.IGNORECASE)
NO_ONE = {"todo", "tbd", "tba", "none", "n/a", "-", "?"}
GENERATIONS = {"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"}
ROUND = re.compile(r"\b(?:results?|(?:first|second|third) (?:round|vote)|round \d|run-?off|re-?(?:run|vote))\b", re.I)
ON_VOTES = re.compile(r"\b(?:election|vote|voting|governance)\b", re.IGNORECASE)
UNDERLINE = re.compile(r"([=\-~^\"'`#*+])\1{2,}\s*")
# Headers that name no one: versions, discussions, other proposals.
WITHOUT_NAMES = {
    "pep", "title", "status", "type", "created", "python-version", "post-history", "resolution", "requires",
    "replaces", "superseded-by", "discussions-to", "version", "last-modified", "content-type", "_file",
}  # fmt: skip


@dataclass(frozen=True)
class Header:
    """One header: its name in small letters, its value in one line, and where it begins."""

    name: str
    value: str
    place: Place


class Peps:
    """Python enhancement proposals."""

    name = "peps"
    project = "python"

    def recognises(self, paths: Iterable[str]) -> bool:
        """Say whether there are proposals or the list of their headers."""
        return any(self.wants(path) for path in paths)

    def wants(self, path: str) -> bool:
        """Say whether a file is a proposal or the list of headers."""
        return bool(FILE.fullmatch(path)) or path.rpartition("/")[2] == "headers.json"

    def read(self, files: Iterable[SourceFile]) -> Reading:
        """Read a source. What a proposal's own file says comes before the list.

        Raises:
            SourceRefused: when headers.json is not a list of headers.
        """
        to = Gathering(self.project, self.name)
        wanted = sorted(
            (file for file in files if self.wants(file.path)), key=lambda f: (not FILE.fullmatch(f.path), f.path)
        )
        for file in wanted:
            if FILE.fullmatch(file.path):
                _read_file(file, to)
            else:
                for headers in _listed(file, to):
                    _read_proposal(headers, to)
        return to.reading()


def _read_file(file: SourceFile, to: Gathering) -> None:
    try:
        text = text_of(file)
    except SourceRefused as refusal:
        to.leave(Place(file.path), str(refusal), "the proposal cannot be read")
        return
    headers = list(_headers(text, file.path, to))
    _read_proposal(headers, to)
    title = next((header.value for header in headers if header.name == "title"), "")
    lines = text.split("\n")
    for number, (line, under) in enumerate(pairwise(lines), 1):
        if UNDERLINE.fullmatch(under) and len(line) < 200 and ROUND.search(line) and ON_VOTES.search(title):
            to.leave(Place(file.path, number), line, f"a round of voting of {title}: enter it as an election")


def _headers(text: str, path: str, to: Gathering) -> Iterator[Header]:
    """Yield the headers before the first empty line; a line that is indented goes on with the one before."""
    name, parts, start = "", [""], 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            break
        match = HEADER.match(line)
        if line[0].isspace() and name:
            parts.append(line.strip())
        elif match:
            if name:
                yield Header(name, " ".join(parts).strip(), Place(path, start))
            name, parts, start = match[1].lower(), [match[2].strip()], number
        else:
            to.leave(Place(path, number), line, "not a header")
    if name:
        yield Header(name, " ".join(parts).strip(), Place(path, start))


def _listed(file: SourceFile, to: Gathering) -> Iterator[list[Header]]:
    """Yield the headers of each proposal in the list; a name that stands twice in one is there twice."""
    text = text_of(file)
    try:
        entries = json.loads(text, object_pairs_hook=tuple)
    except RecursionError as error:
        raise SourceRefused(f"{file.path}: nested beyond reason; a list of headers is expected.") from error
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        raise SourceRefused(f"{file.path}:{line}: not JSON, {getattr(error, 'msg', error)}; mend this line.") from error
    if not isinstance(entries, list):
        raise SourceRefused(f"{file.path}: a list of headers is expected.")
    lines = iter(_lines_of_entries(text))
    for entry in entries:
        if not isinstance(entry, tuple):
            to.leave(Place(file.path), str(entry)[:400], "not the headers of a proposal")
            continue
        place = Place(file.path, next(lines, 0) if any(name == "PEP" for name, _ in entry) else 0)
        yield [Header(name.lower(), _word(value), place) for name, value in entry if name != "_file"]


def _word(value: object) -> str:
    return " ".join((value if isinstance(value, str) else str(value)[:400]).split())


def _lines_of_entries(text: str) -> list[int]:
    """Return the lines on which the list names the numbers of its proposals."""
    return [number for number, line in enumerate(text.split("\n"), 1) for _ in re.findall(r'"PEP"\s*:', line)]


def _read_proposal(headers: list[Header], to: Gathering) -> None:
    first: dict[str, Header] = {}
    for header in headers:
        first.setdefault(header.name, header)
    number, title = (first[name].value if name in first else "" for name in ("pep", "title"))
    if not re.fullmatch(r"\d{1,5}", number):
        for header in headers[:1]:
            to.leave(header.place, f"{number} {title}".strip() or header.value, "a proposal without number")
        return
    number = number.lstrip("0") or "0"
    state = first["status"].value[:60] if "status" in first else ""
    known = to.proposals.get(number)
    if known and (known.title, known.state) == (title, state):
        return
    people: dict[str, list[str]] = {"author": [], "shepherd": []}
    areas: list[str] = []
    for header in headers:
        if len(header.value) > LONGEST_HEADER:
            to.leave(header.place, f"{header.name}: {header.value}", "longer than any header; not read")
        elif header.name == "author" or header.name in DELEGATES:
            people["author" if header.name == "author" else "shepherd"] += _people(header, to)
        elif header.name == "topic":
            areas += _topics(header, to)
        elif header.name == "sponsor":
            for name in _names(header.value):
                to.leave(header.place, f"Sponsor: {name}", "a sponsor vouches and does not decide; no office")
        elif header.name not in WITHOUT_NAMES:
            to.leave(header.place, f"{header.name}: {header.value}", "not a header that is known")
    place = first["pep"].place
    to.propose(
        ProposalRead(
            number,
            title,
            place,
            state,
            tuple(dict.fromkeys(people["author"])),
            tuple(dict.fromkeys(people["shepherd"])),
            tuple(dict.fromkeys(areas)),
            _day(first.get("created"), to),
            f"https://peps.python.org/pep-{number:0>4}/",
        )
    )


def _names(value: str) -> Iterator[str]:
    """Yield the names of a list, without addresses, `Jr.` with the name before it."""
    bare = re.sub(r"<[^<>]*>|\S+@\S+(?= *\()", "", value)
    names: list[str] = []
    for part in bare.split(","):
        name = " ".join(part.split()).strip("\"'() ")
        if name.lower() in GENERATIONS and names:
            names[-1] += f", {name}"
        elif name:
            names.append(name)
    yield from names


def _people(header: Header, to: Gathering) -> list[str]:
    """Return the keys of those whom a header names; a group, an address alone or a word for no one is unread."""
    found = []
    for name in _names(header.value):
        if name.lower() in NO_ONE or "@" in name:
            to.leave(header.place, f"{header.name}: {name}", "names no one")
        elif BODIES.search(name):
            to.leave(header.place, f"{header.name}: {name}", "a group, not a person")
        else:
            found.append(to.person(header.place, name=name))
    return found


def _topics(header: Header, to: Gathering) -> list[str]:
    topics = [" ".join(topic.split()) for topic in header.value.split(",") if topic.strip()]
    return [to.area(AreaRead(slug_of(topic), topic, header.place)) for topic in topics]


def _day(header: Header | None, to: Gathering) -> date | None:
    """Return the day of a header: 13-Jun-2000, or 2000-06-13."""
    match = (
        re.fullmatch(r"(\d{1,2})-([A-Za-z]{3})[a-z]*-(\d{4})|(\d{4})-(\d\d)-(\d\d)", header.value) if header else None
    )
    try:
        if match and match[1]:
            return date(int(match[3]), MONTHS.index(match[2].lower()) + 1, int(match[1]))
        if match:
            return date(int(match[4]), int(match[5]), int(match[6]))
    except ValueError:
        pass
    if header and header.value:
        to.leave(header.place, f"Created: {header.value}", "no day of any calendar")
    return None


FORMAT = Peps()

"""Read pytorch/rfcs: RFC-NNNN-name.md. A state is told only where the file has a header that says it.

The process keeps the state in labels of the pull request, which are not in the tree; that a file was merged says
nothing, for a rejected one was merged too. Authors stand in the header's table, or in a list below their heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from governance.importing.gathering import Gathering, lines_of, login_in
from governance.importing.one_file_each import day_of, read_each
from governance.importing.reading import Place, ProposalRead, Reading, SourceFile

FILE = re.compile(r"(?:.*/)?RFC-(\d{4})[-_]([^/]+)\.md", re.IGNORECASE)
ROW = re.compile(r"\|([^|]{1,200})\|([^|]{1,400})\|\s*")
AUTHORS = re.compile(r"(?:#+ *|\*\*)authors?(?:\(s\))?:?(?:\*\*)?:?(.*)", re.IGNORECASE)
ITEM = re.compile(r"\s{0,4}[-*+] +(.*\S)\s*")
# First headings that name a section and not the proposal.
SECTIONS = re.compile(r"(?:summary|context|motivation|abstract|authors?|background|overview|introduction)\b", re.I)
HEADER_LINES = 60
LONGEST_LINE = 2_000
NO_ONE = {"tbd", "tba", "todo", "none", "n/a"}


class PytorchRfcs:
    """PyTorch's requests for comments."""

    name = "pytorch_rfcs"
    project = "pytorch"

    def recognises(self, paths: Iterable[str]) -> bool:
        """Say whether there are requests for comments."""
        return any(self.wants(path) for path in paths)

    def wants(self, path: str) -> bool:
        """Say whether a file is a request."""
        return bool(FILE.fullmatch(path))

    def read(self, files: Iterable[SourceFile]) -> Reading:
        """Read a source."""
        to = Gathering(self.project, self.name)
        read_each((file for file in files if self.wants(file.path)), to, _read)
        return to.reading()


def _read(file: SourceFile, to: Gathering) -> None:
    match = FILE.fullmatch(file.path)
    number, slug = (match[1].lstrip("0"), match[2]) if match else ("", "")
    lines = [line[:LONGEST_LINE] for line in lines_of(file)[:HEADER_LINES]]
    if not number or "template" in slug.lower():
        to.leave(Place(file.path), slug, "a template, not a proposal")
        return
    table = dict(_table(lines, file.path))
    authors = _authors_of_table(table.get("authors") or table.get("author"), to) + _authors_of_list(
        lines, file.path, to
    )
    for key, (value, place) in table.items():
        if key not in {"authors", "author", "status", "type", "created", "resolution"}:
            to.leave(place, f"{key}: {value}", "not a part of a header that is known")
    state = table["status"][0] if "status" in table else ""
    to.propose(
        ProposalRead(
            number=number,
            title=_title(lines) or " ".join(re.split(r"[-_]+", slug)),
            place=Place(file.path, 1),
            state="" if state.lower() in NO_ONE else state[:60],
            authors=tuple(dict.fromkeys(authors)),
            created=day_of(table.get("created"), "Created", NO_ONE, to),
            url=f"https://github.com/pytorch/rfcs/blob/master/{file.path}" if "/" not in file.path else "",
        )
    )


def _table(lines: list[str], path: str) -> Iterator[tuple[str, tuple[str, Place]]]:
    """Yield the rows of the header's table: two columns, whose first row is empty."""
    begun = False
    for number, line in enumerate(lines, 1):
        row = ROW.fullmatch(line)
        if row is None:
            if begun:
                return
            continue
        key, value = row[1].strip(), row[2].strip()
        if not begun and key:
            return  # another table, further down
        begun = True
        if key and not set(key) <= set("-: "):
            yield key.lower(), (value, Place(path, number))


def _title(lines: list[str]) -> str:
    """Return the first heading, if it names the proposal and not a section."""
    heading = next((line for line in lines if re.match(r"#+ *\S", line)), "")
    title = heading.lstrip("#").strip().strip("*").strip()
    if title.startswith("[") and title.endswith("]"):
        title = title[1:-1]
    return "" if SECTIONS.match(title) else title


def _authors_of_table(entry: tuple[str, Place] | None, to: Gathering) -> list[str]:
    """Return the keys of the names in a header: `A, B and C`."""
    if entry is None:
        return []
    value, place = entry
    names = [name.strip() for name in re.split(r",|\band\b|&", value)]
    return [key for name in names if name for key in _author(name, place, to)]


def _authors_of_list(lines: list[str], path: str, to: Gathering) -> list[str]:
    """Return the keys of those who are listed below the heading `Authors`, and of those on its own line."""
    found: list[str] = []
    within = False
    for number, line in enumerate(lines, 1):
        heading, item = AUTHORS.fullmatch(line.strip()), ITEM.fullmatch(line)
        if heading:
            within = True
            for name in re.split(r",|\band\b|&", heading[1].strip(" *:")):
                found += _author(name.strip(), Place(path, number), to) if name.strip() else []
        elif within and item:
            found += _author(item[1], Place(path, number), to)
        elif within and line.strip():
            return found
    return found


def _author(text: str, place: Place, to: Gathering) -> list[str]:
    """Return the key of one author: a login with an @, a link to an account, or a name; anything else is unread."""
    name = text.strip(" ,.*")
    link = re.fullmatch(r"\[([^\]]{1,100})\]\(https?://github\.com/([\w-]+)/?\)", name)
    login = login_in(link[2]) if link else login_in(name) if name.startswith("@") else ""
    if login:
        named = link[1].strip() if link and not link[1].startswith("@") else ""
        return [to.person(place, github=login, name=named if login_in(named) != login else "")]
    if name.lower() not in NO_ONE and len(name) <= 60 and re.fullmatch(r"[^\W\d_][^\d_@/:\[\]()<>|]*", name):
        return [to.person(place, name=name)]
    to.leave(place, text, "authors: names no one that is understood")
    return []


FORMAT = PytorchRfcs()

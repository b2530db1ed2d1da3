"""Read Kubernetes enhancement proposals: keps/**/kep.yaml, and the header of a README.md that has no kep.yaml beside.

Approvers decide, so they are the shepherds; reviewers are asked for their judgement. Words stay the source's own: a day
that no calendar has and a status that the process does not know are kept as unread, the status also as the state. A
file that is not YAML loses its own proposal only, which is unread; the people's files beside (OWNERS, OWNERS_ALIASES)
are read as `kubernetes` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from governance.importing.formats.kubernetes import OF_PEOPLE, file_name, is_example, read_people
from governance.importing.formats.kubernetes.owners import Aliases, directory_of, named
from governance.importing.gathering import Gathering, login_in, slug_of, text_of
from governance.importing.marked_yaml import Node, Scalar, Table, read_yaml
from governance.importing.reading import AreaRead, ProposalRead, Reading, SourceFile, SourceRefused
from governance.importing.sheet import Sheet

STATES = {"provisional", "implementable", "implemented", "deferred", "rejected", "withdrawn", "replaced"}
NO_ONE = {"tbd", "tba", "tbc", "todo", "n/a", "na", "none", "-", "?"}
GROUP = re.compile(r"(?:sig|wg|ug|committee|provider)-[a-z0-9-]{1,50}")
DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
# Entries that name no one: the stages of a feature, its switches and measures, other proposals.
WITHOUT_NAMES = {
    "title", "kep-number", "status", "creation-date", "last-updated", "owning-sig", "stage", "latest-milestone",
    "milestone", "feature-gates", "disable-supported", "metrics", "see-also", "replaces", "superseded-by", "id", "name",
}  # fmt: skip
# Who approves the review of production readiness judges that alone: a reviewer, and no shepherd.
ROLES = {"authors": "author", "approvers": "shepherd", "reviewers": "reviewer", "prr-approvers": "reviewer"}
WHERE = "https://github.com/kubernetes/enhancements/tree/master/"


class Keps:
    """Kubernetes enhancement proposals."""

    name = "keps"
    project = "kubernetes"

    def recognises(self, paths: Iterable[str]) -> bool:
        """Say whether there are proposals."""
        return any(file_name(path) == "kep.yaml" and not is_example(path) for path in paths)

    def wants(self, path: str) -> bool:
        """Say whether a file holds a proposal or names its approvers."""
        return not is_example(path) and (file_name(path) in {"kep.yaml", *OF_PEOPLE} or _is_readme(path))

    def read(self, files: Iterable[SourceFile]) -> Reading:
        """Read a source.

        Raises:
            SourceRefused: when a file of people is not YAML.
        """
        wanted = sorted((file for file in files if self.wants(file.path)), key=lambda file: file.path)
        to = Gathering(self.project, self.name)
        aliases = read_people((file for file in wanted if file_name(file.path) in OF_PEOPLE), to)
        described = {directory_of(file.path) for file in wanted if file_name(file.path) == "kep.yaml"}
        for file in wanted:
            alone = _is_readme(file.path) and directory_of(file.path) not in described
            if alone or file_name(file.path) == "kep.yaml":
                _read_file(Sheet(file.path, to), file, aliases)
        return to.reading()


def _is_readme(path: str) -> bool:
    """Say whether a path is that of a proposal's text: keps/…/1234-name/README.md, or keps/…/1234-name.md."""
    return bool(re.fullmatch(r"(?:.*/)?keps/(?:.*/)?\d{1,4}-[^/]+(?:/README)?\.md", path))


def _read_file(sheet: Sheet, file: SourceFile, aliases: Aliases) -> None:
    """Read one proposal; a file that is not one is unread as a whole."""
    try:
        text = text_of(file)
        root = read_yaml(text if file.path.endswith(".yaml") else _header(text), file.path)
    except SourceRefused as refusal:
        line = re.match(re.escape(file.path) + r":(\d+): ", str(refusal))
        sheet.to.leave(sheet.place(int(line[1]) if line else 0), str(refusal), "the proposal cannot be read")
        return
    table = sheet.table(root, "a proposal")
    if table is None and file.path.endswith(".md"):
        table = _from_heading(text)
    if "template" in _folder(file.path) or table is None or not table.word("title"):
        sheet.to.leave(sheet.place(0), _folder(file.path), "a template, or a proposal without title")
        return
    _read_proposal(sheet, table, aliases)


def _header(text: str) -> str:
    """Return the YAML between two lines of dashes at the beginning of a text."""
    match = re.match(r"---[ \t\r]*\n(?:.*\n)*?---[ \t\r]*(?:\n|$)", text)
    return match[0].rstrip().removesuffix("---") if match else ""


def _from_heading(text: str) -> Table | None:
    """Return the title of a text without header as if it stood in one."""
    for number, line in enumerate(text.split("\n"), 1):
        heading = re.fullmatch(r"# +(?:KEP-\d+: *)?(\S.*)", line)
        if heading:
            return Table(number, [(Scalar("title", number), Scalar(heading[1], number, plain=False))])
    return None


def _folder(path: str) -> str:
    """Return the part of a path that names the proposal: 1234-name."""
    folder, _, file = path.rpartition("/")
    return folder.rpartition("/")[2] if file in ("kep.yaml", "README.md") else file.removesuffix(".md")


def _read_proposal(sheet: Sheet, table: Table, aliases: Aliases) -> None:
    roles: dict[str, list[str]] = {role: [] for role in ROLES.values()}
    areas = _groups(sheet, table.first("owning-sig"), "owning-sig")
    for key, _, value in table.items():
        if key in ROLES:
            roles[ROLES[key]] += _people(sheet, value, key, aliases)
        elif key == "participating-sigs":
            areas += _groups(sheet, value, key)
        elif key == "editor":
            _leave_editors(sheet, value)
        elif key not in WITHOUT_NAMES:
            sheet.leave(value, "not a part of a proposal that is known", key)
    directory = directory_of(sheet.path) if file_name(sheet.path) in ("kep.yaml", "README.md") else sheet.path
    sheet.to.propose(
        ProposalRead(
            number=_number(sheet, table),
            title=table.word("title"),
            place=sheet.place(table.line),
            state=_state(sheet, table),
            authors=tuple(dict.fromkeys(roles["author"])),
            shepherds=tuple(dict.fromkeys(roles["shepherd"])),
            reviewers=tuple(dict.fromkeys(roles["reviewer"])),
            areas=tuple(dict.fromkeys(areas)),
            created=_day(sheet, table.first("creation-date")),
            url=WHERE + directory if directory.startswith("keps/") else "",
        )
    )


def _number(sheet: Sheet, table: Table) -> str:
    """Return a proposal's number; where it has none yet, or another has it, its folder's name."""
    folder = _folder(sheet.path)
    word = table.first("kep-number")
    said = word.text.strip() if isinstance(word, Scalar) else ""
    number = said if re.fullmatch(r"\d{1,6}", said) else (re.match(r"\d{1,6}(?=-)", folder) or [""])[0]
    number = number.lstrip("0")
    line = sheet.place(word.line if word else table.line)
    if said and not re.fullmatch(r"\d{1,6}", said):
        sheet.to.leave(line, said, "kep-number: not a number")
    if number in sheet.to.proposals:
        sheet.to.leave(line, said, f"kep-number: taken by {sheet.to.proposals[number].place}; {folder} is used")
        number = ""
    return number or slug_of(folder)


def _state(sheet: Sheet, table: Table) -> str:
    """Return the status in the source's own word; a line that still offers all of them says none."""
    word = table.first("status")
    state = table.word("status")
    if state and state.lower() not in STATES and word:
        sheet.to.leave(sheet.place(word.line), f"status: {state}", "not a status that the process knows")
    return "" if "|" in state else state[:60]


def _day(sheet: Sheet, node: Node | None) -> date | None:
    """Return the day that a word tells, or nothing where no calendar has it: then it is unread."""
    word = node.text.strip() if isinstance(node, Scalar) and not node.empty else ""
    match = DAY.fullmatch(word)
    try:
        day = date(*map(int, match.groups())) if match else None
    except ValueError:
        day = None
    if node is not None and word and day is None:
        sheet.to.leave(sheet.place(node.line), f"creation-date: {word}", "no day of any calendar")
    elif node is not None and not isinstance(node, Scalar):
        sheet.leave(node, "a day is expected", "creation-date")
    return day


def _groups(sheet: Sheet, node: Node | None, what: str) -> list[str]:
    """Return the areas that groups are; what names no group is unread."""
    found = []
    for word in sheet.words(node, what) if node else ():
        place = sheet.place(word.line)
        for name in word.text.split(","):
            group = name.strip().lower()
            if GROUP.fullmatch(group):
                found.append(sheet.to.area(AreaRead(slug_of(group), group, place)))
            elif group:
                sheet.to.leave(place, f"{what}: {name.strip()}", "not a group")
    return found


def _people(sheet: Sheet, node: Node, what: str, aliases: Aliases) -> list[str]:
    """Return the keys of those whom a list names."""
    return [person for word in sheet.words(node, what) for person in _whom(sheet, word, what, aliases)]


def _whom(sheet: Sheet, word: Scalar, what: str, aliases: Aliases) -> list[str]:
    """Return whom one entry names: a login, an alias, logins within a sentence (which is unread), or a plain name."""
    text, place = word.text.strip(), sheet.place(word.line)
    logins = [
        login for login in re.findall(r"(?<![\w/])@([A-Za-z0-9][\w-]{0,38})(?![\w/@.-])", text) if login_in(login)
    ]
    if text.lower() in NO_ONE:
        sheet.to.leave(place, f"{what}: {text}", "names no one yet")
        return []
    if " " not in text:
        return named(sheet, word, what, aliases)
    if logins:
        sheet.to.leave(place, f"{what}: {text}", "more than a login; the logins within are read")
        return [sheet.to.person(place, github=login) for login in logins]
    if len(text) <= 60 and re.fullmatch(r"[^\W\d_][^\d_@/:]*", text):
        return [sheet.to.person(place, name=text)]
    sheet.to.leave(place, f"{what}: {text}", "names no one that is understood")
    return []


def _leave_editors(sheet: Sheet, node: Node) -> None:
    """Keep those who look after the text: they neither wrote the proposal nor judge it."""
    for word in sheet.words(node, "editor"):
        sheet.to.leave(
            sheet.place(word.line), f"editor: {word.text}", "an editor is no part of a proposal of the record"
        )


FORMAT = Keps()

"""Read rust-lang/team: people/*.toml and teams/**/*.toml.

A team is an area, its parent the team that it is part of; an archived one is sunset. Members and leads hold offices of
it, alumni are emeritus members, and a role that a team defines is an office as well. The leadership council is a
council, and no part of the project. A person is who the file says, not who it is named for.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from governance.importing.gathering import Gathering, login_in, slug_of, text_of
from governance.importing.reading import AreaRead, OfficeKind, OfficeRead, Place, Reading, SourceFile, SourceRefused

COUNCIL = "leadership-council"
LONGEST = 400_000
STRING = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'""")
HEAD = re.compile(r"\s*\[{0,2}\s*([\w-]+(?:\s*\.\s*[\w-]+)*)\s*[]=]")
# A key of many parts costs the standard library the square of their number; real keys have three.
LONG_KEY = re.compile(r"(?<![\w.-])(?:[\w-]+\s*\.\s*){12}")
# Sections and keys that place people by rule, on lists, or give access: no offices, and told as unread.
BY_RULE = {
    "included-teams", "include-all-team-members", "include-team-leads", "include-wg-leads",
    "include-project-group-leads", "include-all-alumni",
}  # fmt: skip
ON_LISTS = ("lists", "zulip-groups", "zulip-streams")
NAMING = {"extra-people", "excluded-people", "exclude-members"}
ACCESS = ("permissions", "leads-permissions")
OF_A_TEAM = {"name", "subteam-of", "top-level", "kind", "people", "github", "rfcbot", "website", "roles"}
# What a person's file says besides who they are; an address is read by nobody.
OF_A_PERSON = {
    "name", "github", "github-id", "zulip-id", "discord-id", "email", "irc", "matrix", "funding", "hardware-keys",
    "google-workspace",
}  # fmt: skip


class Lines:
    """Where words between quotes and keys stand in a file, which the standard library's reader does not tell."""

    def __init__(self, text: str) -> None:
        self.words: dict[str, list[int]] = {}
        self.keys: dict[str, list[int]] = {}
        for number, line in enumerate(text.split("\n"), 1):
            bare = STRING.sub("", line)
            code = line[: line.index("#")] if "#" in bare and "#" not in "".join(STRING.findall(line)) else line
            for word in STRING.findall(code):
                self.words.setdefault(word[1:-1], []).append(number)
            head = HEAD.match(code)
            for key in head[1].split(".") if head else ():
                self.keys.setdefault(key.strip(), []).append(number)

    @staticmethod
    def first(found: list[int], start: int) -> int:
        at = bisect_left(found, start)
        return found[at] if at < len(found) else 0


@dataclass(frozen=True)
class Page:
    """One TOML file: its values, and where they stand."""

    path: str
    lines: Lines
    values: dict[str, Any]
    to: Gathering

    def line(self, word: str, start: int = 0) -> int:
        """Return the first line from `start` on that holds a word between quotes; else 0."""
        return Lines.first(self.lines.words.get(word, []), start)

    def line_of_key(self, key: str, start: int = 0) -> int:
        """Return the first line from `start` on that sets a key or opens a table of that name; else 0."""
        return Lines.first(self.lines.keys.get(key, []), start)

    def place(self, line: int) -> Place:
        return Place(self.path, line)

    def word(self, key: str) -> str:
        value = self.values.get(key)
        return " ".join(value.split()) if isinstance(value, str) else ""


def read_page(file: SourceFile, to: Gathering) -> Page:
    """Parse one file.

    Raises:
        SourceRefused: when it is not TOML; names the line where the reader knows it.
    """
    text = text_of(file)
    if len(text) > LONGEST:
        raise SourceRefused(f"{file.path}: larger than {LONGEST:,} characters; import a team or a person.")
    for number, line in enumerate(text.split("\n"), 1):
        if LONG_KEY.search(STRING.sub("q", line).partition("#")[0]):
            raise SourceRefused(f"{file.path}:{number}: a key of more than twelve parts; shorten it.")
    try:
        return Page(file.path, Lines(text), tomllib.loads(text), to)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        at = re.search(r"line (\d+)", str(error))
        where = f"{file.path}:{at[1] if at else text.count(chr(10)) + 1}"
        raise SourceRefused(f"{where}: not TOML, {' '.join(str(error).split())[:200]}; mend this line.") from error
    except RecursionError as error:
        raise SourceRefused(f"{file.path}: nested beyond reason; write the entries out.") from error


class Rust:
    """People and teams of Rust."""

    name = "rust"
    project = "rust"

    def recognises(self, paths: Iterable[str]) -> bool:
        """Say whether there are people's or teams' files."""
        return any(self.wants(path) for path in paths)

    def wants(self, path: str) -> bool:
        """Say whether a file tells a person or a team."""
        return bool(_kind(path))

    def read(self, files: Iterable[SourceFile]) -> Reading:
        """Read a source.

        Raises:
            SourceRefused: when a file is not TOML; a team without half its files would end the terms of that half.
        """
        wanted = sorted((file for file in files if self.wants(file.path)), key=lambda file: file.path)
        to = Gathering(self.project, self.name)
        pages = [read_page(file, to) for file in wanted]
        for page in pages:
            if _kind(page.path) == "people":
                _read_person(page)
        teams = [page for page in pages if _kind(page.path) == "teams"]
        names = {_team_name(page) for page in teams}
        known = set(to.people)
        for page in teams:
            _read_team(page, names)
        _report_strangers(to, known)
        return to.reading()


def _kind(path: str) -> str:
    """Return the folder that says what a file tells: people or teams."""
    folders = path.split("/")[:-1] if path.endswith(".toml") else []
    return next((folder for folder in folders if folder in ("people", "teams")), "")


def _report_strangers(to: Gathering, known: set[str]) -> None:
    """Tell who is in a team and has no file, in a source that has people's files at all."""
    for key, mentioned in to.people.items():
        if known and key not in known:
            to.leave(mentioned.place, mentioned.github, "in a team, but no file in people/ tells who that is; kept")


def _read_person(page: Page) -> None:
    github, name, number = page.word("github"), page.word("name"), page.values.get("github-id")
    login = login_in(github)
    if not login:
        text = github or name or page.path
        page.to.leave(page.place(page.line_of_key("github")), text, "a person without a GitHub login")
        return
    valid = isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**63
    if "github-id" in page.values and not valid:
        page.to.leave(
            page.place(page.line_of_key("github-id")), f"github-id = {number}"[:80], "no number of an account"
        )
    place = page.place(page.line(github) or page.line_of_key("github"))
    page.to.person(place, github=login, name=name, number=number if valid else None)
    _leave_access(page)
    for key in sorted(page.values.keys() - OF_A_PERSON - set(ACCESS)):
        _leave(page, key, page.values[key], "not a part of a person that is known")


@dataclass(frozen=True)
class Team:
    """A team while its file is read."""

    slug: str
    name: str
    area: str
    kind: OfficeKind
    place: Place


def _read_team(page: Page, names: set[str]) -> None:
    name = _team_name(page)
    if not page.word("name"):
        page.to.leave(page.place(page.line_of_key("name")), page.path, "a team without name; its file's is taken")
    team = _team(page, name, names)
    people = page.values.get("people")
    if isinstance(people, dict):
        _read_people(page, people, team)
    elif people is not None:
        _leave(page, "people", people, "people: a table is expected")
    for key in ON_LISTS:
        _leave_named_on_lists(page, page.values.get(key), key)
    rfcbot = page.values.get("rfcbot")
    _leave_named_on_lists(page, [rfcbot] if isinstance(rfcbot, dict) else None, "rfcbot")
    _leave_access(page)
    for key in sorted(page.values.keys() - OF_A_TEAM - set(ON_LISTS) - set(ACCESS)):
        _leave(page, key, page.values[key], "not a part of a team that is known")


def _team_name(page: Page) -> str:
    return page.word("name") or page.path.rpartition("/")[2].removesuffix(".toml")


def _team(page: Page, name: str, names: set[str]) -> Team:
    """Make the area that a team is, unless it is the council."""
    website = page.values.get("website")
    title = website.get("name") if isinstance(website, dict) else ""
    shown = title if isinstance(title, str) and title.strip() else name
    place, slug = page.place(page.line_of_key("name")), slug_of(name)
    if name == COUNCIL:
        return Team(slug, shown, "", "council", place)
    parent = page.word("subteam-of")
    within = slug_of(parent) if parent in names and parent != COUNCIL and slug_of(parent) != slug else ""
    if parent and not within:
        line = page.place(page.line_of_key("subteam-of"))
        page.to.leave(line, f"subteam-of = {parent}", "a team that the source does not tell")
    if slug in page.to.areas:
        page.to.leave(place, name, f"named as the team of {page.to.areas[slug].place}; read into it")
    archived = "archive" in page.path.split("/")
    page.to.area(AreaRead(slug, shown, place, within, sunset=archived))
    return Team(slug, shown, slug, "area", place)


def _read_people(page: Page, people: dict[str, Any], team: Team) -> None:
    start = page.line_of_key("people")
    roles = dict(_roles(page))
    for key, value in people.items():
        at = page.line_of_key(key, start)
        if key == "leads":
            _fill(page, value, at, team, "lead", roles)
        elif key == "members":
            _fill(page, value, at, team, "member", roles)
        elif key == "alumni":
            _fill(page, value, at, team, "member", roles, emeritus=True)
        elif key in BY_RULE:
            page.to.leave(page.place(at), f"{key} = {value}", f"members of {team.name} by rule, not by name")
        else:
            _leave(page, key, value, "not a kind of member that is known")


def _roles(page: Page) -> Iterator[tuple[str, str]]:
    """Yield the roles that a team defines, with their names."""
    roles = page.values.get("roles", [])
    for role in roles if isinstance(roles, list) else []:
        if isinstance(role, dict) and isinstance(role.get("id"), str):
            title = role.get("description")
            yield role["id"], title if isinstance(title, str) else role["id"]
        else:
            _leave(page, "roles", role, "a role without id")


def _charter_role(team: Team, role: str) -> str:
    """Return the key of a role in the project's charter, where it has one; else the role's own word."""
    if role != "member":
        return role
    return {COUNCIL: "council", "mods": "moderator"}.get(team.slug, "team")


def _fill(
    page: Page, value: object, start: int, team: Team, role: str, roles: dict[str, str], *, emeritus: bool = False
) -> None:
    """Put those whom a list names into the team's offices; a member is a word, or a table with roles."""
    key = _charter_role(team, role)
    office = OfficeRead(f"{team.slug}-{role}", f"{team.name} {role}", team.kind, team.place, key, team.area)
    line = start
    for member in value if isinstance(value, list) else [value]:
        login = member.get("github") if isinstance(member, dict) else member
        if not (isinstance(login, str) and login_in(login)):
            _leave(page, role, member, f"{role} of {team.name}: names no GitHub login", line)
            continue
        line = page.line(login, line) or line
        place = page.place(line)
        person = page.to.person(place, github=login_in(login))
        page.to.hold(page.to.office(office), person, place, "emeritus" if emeritus else "active")
        for extra in _roles_of(page, member, place):
            if extra not in roles:
                page.to.leave(place, f"{login}: {extra}", f"a role that {team.name} does not define; kept")
            title = f"{team.name}: {roles.get(extra, extra)}"
            # Whom a council's member speaks for is no second seat.
            kind: OfficeKind = "other" if team.kind == "council" else team.kind
            slug = f"{team.slug}-{slug_of(f'role {extra}', 40)}"
            special = OfficeRead(slug, title, kind, team.place, extra[:60], team.area)
            page.to.hold(page.to.office(special), person, place, "emeritus" if emeritus else "active")


def _roles_of(page: Page, member: object, place: Place) -> list[str]:
    if not isinstance(member, dict):
        return []
    for key in sorted(member.keys() - {"github", "roles"}):
        page.to.leave(place, f"{key} = {member[key]}", "not a part of a member that is known")
    roles = member.get("roles", [])
    if not isinstance(roles, list):
        page.to.leave(place, f"roles = {roles}", "roles: a list is expected")
        return []
    return [role for role in roles if isinstance(role, str)]


def _leave_named_on_lists(page: Page, entries: object, key: str) -> None:
    """Keep those whom a mailing list, a chat group or the bot names beside the team: they hold no office."""
    if entries is None:
        return
    start = page.line_of_key(key)
    tables = [entry for entry in (entries if isinstance(entries, list) else [entries]) if isinstance(entry, dict)]
    for entry in tables:
        for name in sorted(entry.keys() & NAMING):
            at = page.line_of_key(name, start)
            for login in entry[name] if isinstance(entry[name], list) else [entry[name]]:
                at = page.line(str(login), at) or at
                page.to.leave(page.place(at), f"{name}: {login}", f"{key}: named on a list, no office")


def _leave_access(page: Page) -> None:
    """Keep what access a person or a team has: grants are entered by hand, with who gave them."""
    for key in ACCESS:
        if key in page.values:
            _leave(page, key, page.values[key], "access, no office")


def _leave(page: Page, key: str, value: object, reason: str, line: int = 0) -> None:
    """Keep every word below a value; the depth is bounded by the reader's own."""
    line = line or page.line_of_key(key)
    waiting: list[tuple[str, object]] = [(key, value)]
    while waiting:
        keys, now = waiting.pop()
        if isinstance(now, dict):
            waiting.extend((f"{keys}.{name}"[:200], each) for name, each in reversed(now.items()))
        elif isinstance(now, list):
            waiting.extend((keys, each) for each in reversed(now))
        else:
            at = page.line(now, line) if isinstance(now, str) else 0
            page.to.leave(page.place(at or line), f"{keys} = {now}", reason)


FORMAT = Rust()

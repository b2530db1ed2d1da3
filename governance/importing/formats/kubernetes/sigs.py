"""Read sigs.yaml: the groups of Kubernetes as areas, their leads as offices, the committees' members.

A special interest, working or user group is an area, and so is a committee, but for the council (Steering): it is no
part of the framework. Emeritus leads stand in an office of their own, `lead`: the file does not say what they led as.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from governance.importing.gathering import slug_of
from governance.importing.marked_yaml import Node, Scalar, Table
from governance.importing.reading import AreaRead, OfficeKind, OfficeRead
from governance.importing.sheet import Sheet

GROUPS = {"sigs": "SIG {}", "workinggroups": "WG {}", "usergroups": "UG {}", "committees": "{} Committee"}
COUNCIL = "committee-steering"
LEADERSHIP = {"chairs": "chair", "tech_leads": "tech lead", "emeritus_leads": "lead"}
# Keys of a group and of a lead that name no one and no part: when it meets, where it talks, what it is for.
# An address is read by nobody: addresses are never public.
WITHOUT_NAMES = {"dir", "name", "mission_statement", "charter_link", "label", "meetings", "description"}
OF_A_LEAD = {"github", "name", "company", "email"}
OF_A_CONTACT = {"slack", "mailing_list", "private_mailing_list", "teams"}
OWNERS_FILE = re.compile(
    r"https://(?:raw\.githubusercontent\.com|github\.com)/([\w.-]+)/([\w.-]+)/(?:blob/)?"
    r"(?:refs/heads/)?[\w.-]+/((?:[\w.-]+/)*)(?:OWNERS|MAINTAINERS)"
)
LONGEST_PATH = 200


@dataclass(frozen=True)
class Group:
    """A group while its entry is read: what its offices are called and belong to."""

    slug: str
    name: str
    area: str
    kind: OfficeKind


def read_sigs(sheet: Sheet, root: Node) -> None:
    """Read the whole file."""
    top = sheet.table(root, "sigs.yaml")
    for key, _, value in top.items() if top else ():
        if key in GROUPS:
            for entry in sheet.tables(value, key):
                _read_group(sheet, entry, key)
        elif key == "gb_rep":
            _read_representative(sheet, value)
        else:
            sheet.leave(value, "not a kind of group that is known", key)


def _read_group(sheet: Sheet, entry: Table, kind: str) -> None:
    slug = slug_of(entry.word("dir") or entry.word("name"))
    if not (entry.word("dir") or entry.word("name")):
        sheet.leave(entry, "a group without dir and name")
        return
    group = _group(sheet, entry, slug, GROUPS[kind].format(entry.word("name") or slug), kind == "committees")
    for key, _, value in entry.items():
        if key == "leadership":
            _read_leadership(sheet, value, group)
        elif key == "subprojects":
            for part in sheet.tables(value, "subprojects"):
                _read_subproject(sheet, part, group)
        elif key == "contact":
            _read_contact(sheet, value, group)
        elif key == "stakeholder_sigs":
            sheet.leave(value, f"stakeholder of {group.name}: an area has one parent only", key)
        elif key not in WITHOUT_NAMES:
            sheet.leave(value, "not a part of a group that is known", key)


def _group(sheet: Sheet, entry: Table, slug: str, name: str, committee: bool) -> Group:
    if committee and slug == COUNCIL:
        return Group(slug, name, "", "council")
    return Group(slug, name, sheet.to.area(AreaRead(slug, name, sheet.place(entry.line))), "area")


def _read_leadership(sheet: Sheet, node: Node, group: Group) -> None:
    table = sheet.table(node, "leadership")
    for key, _, value in table.items() if table else ():
        if key not in LEADERSHIP:
            sheet.leave(value, "not a kind of lead that is known", key)
            continue
        role = "member" if group.slug.startswith("committee-") else LEADERSHIP[key]
        for lead in sheet.tables(value, key):
            _seat(sheet, lead, group, role, emeritus=key == "emeritus_leads")


def _seat(sheet: Sheet, lead: Table, group: Group, role: str, *, emeritus: bool = False) -> None:
    """Put the person of one entry into the office of that role, which begins to exist with its first holder."""
    person = read_lead(sheet, lead, role)
    if person:
        place = sheet.place(lead.line)
        kind: OfficeKind = "other" if role == "liaison" else group.kind
        slug = f"{group.slug}-{slug_of(role)}"
        office = OfficeRead(slug, f"{group.name} {role}", kind, place, _charter_role(group, role), group.area)
        sheet.to.hold(sheet.to.office(office), person, place, "emeritus" if emeritus else "active")


def _charter_role(group: Group, role: str) -> str:
    """Return the key of a role in the project's charter, where it has one; else the role's own word."""
    if group.kind == "council" and role == "member":
        return "steering"
    return "sig_chair" if role == "chair" and group.slug.startswith("sig-") else role


def read_lead(sheet: Sheet, lead: Table, role: str) -> str:
    """Return the key of the person of one entry; an entry that names no one is unread."""
    github = lead.first("github")
    place = sheet.place(lead.line)
    login = sheet.login(github, role) if isinstance(github, Scalar) and not github.empty else ""
    if not (login or lead.word("name")):
        sheet.leave(lead, f"{role}: an entry that names no one")
        return ""
    for key, _, value in lead.items():
        if key not in OF_A_LEAD:
            sheet.leave(value, f"{role}: not a part of a person that is known", key)
    account = sheet.to.people[login].github if login else ""
    return sheet.to.person(place, github=account, name=lead.word("name"), employer=lead.word("company"))


def _read_subproject(sheet: Sheet, part: Table, group: Group) -> None:
    if not part.word("name"):
        sheet.leave(part, f"a subproject of {group.name} without name")
        return
    slug = slug_of(f"{group.slug}--{part.word('name')}", 64)
    name = f"{group.name}: {part.word('name')}"
    paths = tuple(dict.fromkeys(_paths(sheet, part)))
    area = sheet.to.area(AreaRead(slug, name, sheet.place(part.line), group.area, paths))
    within = Group(slug, name, area, "area")
    for key, _, value in part.items():
        if key == "leads":
            for lead in sheet.tables(value, "leads"):
                _seat(sheet, lead, within, "lead")
        elif key == "contact":
            _read_contact(sheet, value, within)
        elif key not in WITHOUT_NAMES | {"owners"}:
            sheet.leave(value, "not a part of a subproject that is known", key)


def _paths(sheet: Sheet, part: Table) -> list[str]:
    """Return the directories whose OWNERS files a subproject names, from GitHub's root: /kubernetes/website/."""
    found = []
    for key, _, value in part.items():
        for word in sheet.words(value, "owners") if key == "owners" else ():
            match = OWNERS_FILE.fullmatch(word.text.strip())
            path = f"/{match[1]}/{match[2]}/{match[3]}" if match else ""
            if path and len(path) <= LONGEST_PATH:
                found.append(path)
            else:
                sheet.to.leave(sheet.place(word.line), word.text, "owners: not the address of an OWNERS file")
    return found


def _read_contact(sheet: Sheet, node: Node, group: Group) -> None:
    """Read who of the council looks after a group; the rest of a contact names no one."""
    table = sheet.table(node, "contact")
    for key, _, value in table.items() if table else ():
        if key == "liaison":
            for person in sheet.tables(value, key):
                _seat(sheet, person, group, "liaison")
        elif key not in OF_A_CONTACT:
            sheet.leave(value, "not a part of a contact that is known", key)


def _read_representative(sheet: Sheet, node: Node) -> None:
    """Read the project's representative in the foundation's governing board: a mapping where others are lists."""
    for entry in sheet.tables(node, "gb_rep"):
        person = read_lead(sheet, entry, "representative")
        if person:
            place = sheet.place(entry.line)
            office = OfficeRead("gb-rep", "Governing Board representative", "other", place, "representative")
            sheet.to.hold(sheet.to.office(office), person, place)

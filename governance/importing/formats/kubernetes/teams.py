"""Read org.yaml and teams.yaml: who owns and belongs to a GitHub organisation, and its teams with their parents.

A team is an area, whose paths are the repositories that it may write to; its maintainers and members hold offices.
"""

from __future__ import annotations

from dataclasses import dataclass

from governance.importing.gathering import login_in, slug_of
from governance.importing.marked_yaml import Node, Scalar
from governance.importing.reading import AreaRead, OfficeRead
from governance.importing.sheet import Sheet

OF_AN_ORGANISATION = {"admins": "owner", "members": "member"}
OF_A_TEAM = {"maintainers": "maintainer", "members": "member"}
# Settings of an organisation and of a team that name no one. An address is read by nobody.
SETTINGS = {
    "billing_email", "company", "default_repository_permission", "description", "email", "has_organization_projects",
    "has_repository_projects", "location", "members_can_create_repositories", "name",
}  # fmt: skip
SETTINGS_OF_A_TEAM = {"description", "privacy", "name", "repos"}
WRITING = {"write", "maintain", "admin"}


@dataclass(frozen=True)
class Organisation:
    """Whose teams are read."""

    name: str

    @property
    def slug(self) -> str:
        return slug_of(self.name or "organisation", 24)


def organisation_of(path: str) -> Organisation:
    """Return the organisation that a path names: the directory below config, else the file's own directory."""
    parts = path.split("/")[:-1]
    if "config" in parts[:-1]:
        return Organisation(parts[parts.index("config") + 1])
    return Organisation(parts[-1] if parts else "")


def read_teams(sheet: Sheet, root: Node) -> None:
    """Read an org.yaml or a teams.yaml."""
    organisation = organisation_of(sheet.path)
    top = sheet.table(root, "organisation")
    for key, line, value in top.items() if top else ():
        if key == "teams":
            _read_teams(sheet, value, organisation, "")
        elif key in OF_AN_ORGANISATION:
            role = OF_AN_ORGANISATION[key]
            name = f"{role} of the GitHub organisation {organisation.name}".rstrip()
            office = OfficeRead(f"{organisation.slug}-{role}", name, "other", sheet.place(line), role)
            _fill(sheet, value, office, key)
        elif key not in SETTINGS:
            sheet.leave(value, "not a setting of an organisation that is known", key)


def _read_teams(sheet: Sheet, node: Node, organisation: Organisation, parent: str) -> None:
    """Read teams and the teams within; the depth is bounded by the file's."""
    teams = sheet.table(node, "teams")
    for name, line, value in teams.items() if teams else ():
        team = sheet.table(value, name)
        if team is None:
            continue
        area = AreaRead(
            slug_of(f"{organisation.slug} team {name}", 64),
            f"{organisation.name}/{name}"[:120],
            sheet.place(line),
            parent,
            _repositories(sheet, team.first("repos"), organisation),
        )
        sheet.to.area(area)
        for key, at, part in team.items():
            if key == "teams":
                _read_teams(sheet, part, organisation, area.slug)
            elif key in OF_A_TEAM:
                role = OF_A_TEAM[key]
                slug = f"{area.slug}-{role}"
                office = OfficeRead(slug, f"{role} of {area.name}", "area", sheet.place(at), role, area.slug)
                _fill(sheet, part, office, key)
            elif key == "previously":
                sheet.leave(part, f"a former name of {area.name}", key)
            elif key not in SETTINGS_OF_A_TEAM:
                sheet.leave(part, "not a setting of a team that is known", key)


def _repositories(sheet: Sheet, node: Node | None, organisation: Organisation) -> tuple[str, ...]:
    """Return the repositories that a team may write to, from GitHub's root: /etcd-io/etcd/."""
    table = sheet.table(node, "repos")
    found = []
    for name, _, right in table.items() if table else ():
        if isinstance(right, Scalar) and right.text in WRITING and login_in(name.replace(".", "-")):
            found.append(f"/{organisation.name}/{name}/"[:200])
    return tuple(dict.fromkeys(found))


def _fill(sheet: Sheet, names: Node, office: OfficeRead, what: str) -> None:
    sheet.to.office(office)
    for word in sheet.words(names, what):
        person = sheet.login(word, what)
        if person:
            sheet.to.hold(office.slug, person, sheet.place(word.line))

"""A tiny format of its own, and short ways to import it: invented people only."""

from collections.abc import Iterable, Mapping
from datetime import date

from governance.actions.imports import apply_import, propose_import
from governance.importing.coverage import families_covered, root_of
from governance.importing.held import Difference
from governance.importing.keeping import fitted
from governance.importing.read_source import Dated, digest_of
from governance.importing.reading import (
    AreaRead,
    HoldingRead,
    OfficeRead,
    PersonRead,
    Place,
    Reading,
    SourceFile,
    Unread,
)
from governance.models import Import


class Roster:
    """One file, a line each: `office: login Name, employer`; a tilde before the login says emeritus."""

    name = "roster"
    project = "loomery"

    def recognises(self, paths: Iterable[str]) -> bool:
        return any(self.wants(path) for path in paths)

    def wants(self, path: str) -> bool:
        return path.endswith("roster.txt")

    def read(self, files: Iterable[SourceFile]) -> Reading:
        people, areas, offices, holdings, unread = {}, {}, {}, [], []
        for file in files:
            for number, line in enumerate(file.text().splitlines(), 1):
                place = Place(file.path, number)
                office, colon, rest = line.partition(": ")
                if not colon:
                    if office.endswith(":"):
                        add_office(office[:-1], place, areas, offices)
                    elif line:
                        unread.append(Unread(place, line, "not an office and a login"))
                    continue
                add_office(office, place, areas, offices)
                said, _, employer = rest.partition(", ")
                login, _, name = said.partition(" ")
                emeritus, login = login.startswith("~"), login.removeprefix("~")
                people[login.lower()] = PersonRead(login.lower(), name or login, place, github=login, employer=employer)
                standing = "emeritus" if emeritus else "active"
                holdings.append(HoldingRead(slug(office), login.lower(), place, standing))
        return Reading(
            self.project, self.name, tuple(people.values()), tuple(areas.values()), tuple(offices.values()),
            tuple(holdings), (), tuple(unread),
        )  # fmt: skip


def slug(office: str) -> str:
    return office.replace(" ", "-")


def add_office(office: str, place: Place, areas: dict[str, AreaRead], offices: dict[str, OfficeRead]) -> None:
    if office == "lead":
        offices.setdefault("lead", OfficeRead("lead", "lead", "lead", place, role="lead", seats=1))
    elif office == "core":
        offices.setdefault("core", OfficeRead("core", "core", "core", place, role="core"))
    else:
        areas.setdefault(slug(office), AreaRead(slug(office), office.title(), place))
        name = f"maintainer of {office.title()}"
        offices.setdefault(slug(office), OfficeRead(slug(office), name, "area", place, "maintainer", slug(office)))


ROSTER = Roster()


def dated(text: str, on: date, *, label: str = "roster.txt") -> Dated:
    """Return a roster as read of a day."""
    return dated_reading(ROSTER.read([SourceFile("roster.txt", text.encode())]), on, label=label)


def dated_reading(reading: Reading, on: date, *, label: str = "roster.txt", paths: Iterable[str] = ()) -> Dated:
    """Return a reading as read of a day."""
    read = fitted(reading)
    root = root_of(read.format, paths)
    return Dated(
        read, label, "", on, "as --as-of says", digest_of(read), root, families_covered(read, root), "", ("roster.txt",)
    )


def imported(text: str, on: date) -> tuple[Import, Difference]:
    """Propose and apply a roster."""
    proposed, _ = propose_import(dated=dated(text, on), by=None)
    return apply_import(imported=proposed, by=None)


def applied_in_order(rosters: Mapping[date, str]) -> list[Import]:
    """Apply several rosters in the order in which they are given."""
    return [imported(text, on)[0] for on, text in rosters.items()]

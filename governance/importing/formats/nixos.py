"""Read the electorate of a NixOS steering committee election: who may vote, and who was taken out and why.

An eligible account is an elector. Who was excluded holds no office; each is unread with the reason that the list gives,
so that the two lists together lose no one. Ballots name no voter and are counted by `tally`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from governance.importing.gathering import Gathering, lines_of, login_in
from governance.importing.reading import OfficeRead, Place, Reading, SourceFile

ELIGIBLE, EXCLUDED, DETAILS = "eligible.csv", "excluded.csv", "excluded-details.csv"
ELECTOR = "elector"
LARGEST_NUMBER = 2**63


class Nixos:
    """Electorates of NixOS."""

    name = "nixos"
    project = "nixos"

    def recognises(self, paths: Iterable[str]) -> bool:
        """Say whether there is a list of eligible or excluded accounts."""
        return any(self.wants(path) for path in paths)

    def wants(self, path: str) -> bool:
        """Say whether a file is one of the lists."""
        return path.rpartition("/")[2] in (ELIGIBLE, EXCLUDED, DETAILS)

    def read(self, files: Iterable[SourceFile]) -> Reading:
        """Read a source.

        Raises:
            SourceRefused: when a list is not text; half an electorate would shut the other half out.
        """
        to = Gathering(self.project, self.name)
        wanted = sorted((file for file in files if self.wants(file.path)), key=lambda file: file.path)
        detailed: set[str] = set()
        for file in wanted:
            if file.path.endswith(ELIGIBLE):
                _read_eligible(file, to)
            elif file.path.endswith(DETAILS):
                detailed |= _read_details(file, to)
        for file in wanted:
            if file.path.rpartition("/")[2] == EXCLUDED:
                _read_excluded(file, to, detailed)
        return to.reading()


def _rows(file: SourceFile) -> Iterator[tuple[Place, list[str]]]:
    """Yield the fields of each line that holds any."""
    for number, line in enumerate(lines_of(file), 1):
        if line.strip():
            yield Place(file.path, number), [field.strip().strip('"') for field in line.split(",")]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) < LARGEST_NUMBER


def _read_eligible(file: SourceFile, to: Gathering) -> None:
    """Read number and login of each elector; a line of words alone at the top names the columns."""
    for place, fields in _rows(file):
        number, login = fields[0], login_in(fields[1]) if len(fields) > 1 else ""
        if place.line == 1 and not any(character.isdigit() for character in number):
            continue
        if not (_is_number(number) and login) or len(fields) > 2:
            to.leave(place, ",".join(fields), "a number and a login of GitHub are expected")
            continue
        office = to.office(OfficeRead(ELECTOR, ELECTOR, "other", Place(file.path), ELECTOR))
        to.hold(office, to.person(place, github=login, number=int(number)), place)


def _read_details(file: SourceFile, to: Gathering) -> set[str]:
    """Keep each excluded account with its reason; return the numbers."""
    told = set()
    for place, fields in _rows(file):
        reason = fields[2] if len(fields) > 2 and fields[2] else "no reason told"
        to.leave(place, ",".join(fields[:2]), f"excluded from the electorate: {reason}"[:120])
        told.add(fields[0])
    return told


def _read_excluded(file: SourceFile, to: Gathering, detailed: set[str]) -> None:
    """Keep each excluded account that the details do not tell."""
    for place, fields in _rows(file):
        if fields[0] not in detailed:
            to.leave(place, ",".join(fields), "excluded from the electorate: no reason told")


FORMAT = Nixos()

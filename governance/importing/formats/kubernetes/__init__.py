"""Read Kubernetes' groups, owners and teams: sigs.yaml, OWNERS, OWNERS_ALIASES, org.yaml, teams.yaml."""

from __future__ import annotations

from collections.abc import Iterable

from governance.importing.formats.kubernetes.owners import Aliases, directory_of, read_aliases, read_owners
from governance.importing.formats.kubernetes.sigs import read_sigs
from governance.importing.formats.kubernetes.teams import read_teams
from governance.importing.gathering import Gathering, text_of
from governance.importing.marked_yaml import read_yaml
from governance.importing.reading import Reading, SourceFile
from governance.importing.sheet import Sheet

OF_PEOPLE = {"sigs.yaml", "OWNERS", "OWNERS_ALIASES", "org.yaml", "teams.yaml"}


def file_name(path: str) -> str:
    """Return the last part of a path."""
    return path.rpartition("/")[2]


def is_example(path: str) -> bool:
    """Say whether a file is there for tests or to be copied: it names people who do not exist."""
    return "testdata" in path.split("/")


class Kubernetes:
    """Groups, owners and teams of Kubernetes."""

    name = "kubernetes"
    project = "kubernetes"

    def recognises(self, paths: Iterable[str]) -> bool:
        """Say whether there are groups, owners or teams, and no proposals beside them (those are `keps`)."""
        names = {file_name(path) for path in paths if not is_example(path)}
        return bool(names & OF_PEOPLE) and "kep.yaml" not in names

    def wants(self, path: str) -> bool:
        """Say whether a file names people."""
        return file_name(path) in OF_PEOPLE and not is_example(path)

    def read(self, files: Iterable[SourceFile]) -> Reading:
        """Read a source.

        Raises:
            SourceRefused: when a file is not YAML; half a list of owners would end the terms of the other half.
        """
        wanted = sorted((file for file in files if self.wants(file.path)), key=_order)
        to = Gathering(self.project, self.name)
        read_people(wanted, to)
        return to.reading()


def _order(file: SourceFile) -> tuple[int, str]:
    """Put what describes people first: the groups, then the aliases that OWNERS files use."""
    name = file_name(file.path)
    return (("sigs.yaml", "OWNERS_ALIASES").index(name) if name in ("sigs.yaml", "OWNERS_ALIASES") else 2, file.path)


def read_people(files: Iterable[SourceFile], to: Gathering) -> Aliases:
    """Read the files that name people, aliases first; return the aliases."""
    wanted = sorted(files, key=_order)
    directories = {directory_of(file.path) for file in wanted if file_name(file.path) == "OWNERS"}
    aliases = Aliases()
    for file in wanted:
        sheet, root, name = Sheet(file.path, to), read_yaml(text_of(file), file.path), file_name(file.path)
        if root is None:
            continue
        if name == "sigs.yaml":
            read_sigs(sheet, root)
        elif name == "OWNERS_ALIASES":
            read_aliases(sheet, root, aliases)
        elif name == "OWNERS":
            read_owners(sheet, root, aliases, directories)
        else:
            read_teams(sheet, root)
    return aliases


FORMAT = Kubernetes()

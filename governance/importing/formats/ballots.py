"""Tell a folder of ballots from a folder of offices: ballots name no voter, and `tally` counts them."""

from __future__ import annotations

from collections.abc import Iterable

from governance.importing.gathering import Gathering
from governance.importing.reading import Place, Reading, SourceFile


class Ballots:
    """Ballots, as elekto and others publish them."""

    name = "ballots"
    project = "elekto"

    def recognises(self, paths: Iterable[str]) -> bool:
        """Say whether there are ballots and no file of another suffix that holds data."""
        data = [path for path in paths if path.endswith((".csv", ".blt", ".yaml", ".json", ".toml"))]
        return bool(data) and all(self.wants(path) for path in data)

    def wants(self, path: str) -> bool:
        """Say whether a file holds ballots."""
        name = path.rpartition("/")[2].lower()
        return name.endswith(".blt") or name == "ballots.csv"

    def read(self, files: Iterable[SourceFile]) -> Reading:
        """Read a source: each file of ballots is unread, with what to do."""
        to = Gathering(self.project, self.name)
        for file in files:
            if self.wants(file.path):
                to.leave(
                    Place(file.path), file.path.rpartition("/")[2], "ballots name no office; count them by `tally`"
                )
        return to.reading()


FORMAT = Ballots()

"""Read PyTorch's public files: persons of interest, CODEOWNERS and merge rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from governance.importing.formats.pytorch.code_owners import read_code_owners
from governance.importing.formats.pytorch.merge_rules import read_merge_rules
from governance.importing.formats.pytorch.persons import read_persons
from governance.importing.gathering import Gathering
from governance.importing.reading import Reading, SourceFile, SourceRefused

PERSONS = re.compile(r"persons_of_interest(?:\.[\w-]+)?\.(?:md|rst)")
MERGE_RULES = re.compile(r"merge_rules(?:\.[\w-]+)?\.(?:ya?ml|json)")
CODE_OWNERS = "CODEOWNERS"

# Where the files stand below the root of a revision; the longest that fits is taken off to find the root.
HOMES = ("docs/source/community", ".github", "docs", "")
# GitHub reads the first of these that is there, and no other.
CODE_OWNERS_HOMES = (".github", "", "docs")


class PyTorch:
    """PyTorch's files as a format."""

    name = "pytorch"
    project = "pytorch"

    def recognises(self, paths: Iterable[str]) -> bool:
        """Say whether these are PyTorch's; CODEOWNERS tells only when it is all there is: most projects have one."""
        names = [PurePosixPath(path).name for path in paths]
        return names == [CODE_OWNERS] or any(PERSONS.fullmatch(name) or MERGE_RULES.fullmatch(name) for name in names)

    def wants(self, path: str) -> bool:
        """Say whether a file is one of the three kinds."""
        name = PurePosixPath(path).name
        return name == CODE_OWNERS or bool(PERSONS.fullmatch(name) or MERGE_RULES.fullmatch(name))

    def read(self, files: Iterable[SourceFile]) -> Reading:
        """Read one revision.

        Raises:
            SourceRefused: when there is no file of PyTorch's, when there are several revisions, or when a file as a
                whole cannot be read.
        """
        wanted = sorted((file for file in files if self.wants(file.path)), key=lambda file: file.path)
        check_one_revision([file.path for file in wanted])
        to = Gathering(self.project, self.name)
        for file in wanted:
            if PERSONS.fullmatch(PurePosixPath(file.path).name):
                read_persons(file, to)
        owners = min((f for f in wanted if is_code_owners(f.path)), key=lambda f: home_rank(f.path), default=None)
        if owners is not None:
            read_code_owners(owners, to)
        for file in wanted:
            if MERGE_RULES.fullmatch(PurePosixPath(file.path).name):
                read_merge_rules(file, to)
        return to.reading()


def check_one_revision(paths: list[str]) -> None:
    """Refuse a folder of several revisions: one is read at a time, with its own date."""
    if not paths:
        raise SourceRefused(
            "no persons_of_interest, CODEOWNERS or merge_rules file here; name the root of the project."
        )
    roots = sorted({root_of(path) for path in paths})
    pages = [path for path in paths if PERSONS.fullmatch(PurePosixPath(path).name)]
    if len(roots) > 1:
        raise SourceRefused(f"several revisions are here, and one is read at a time: name one of {', '.join(roots)}.")
    if len(pages) > 1:
        raise SourceRefused(
            f"several revisions of one page, and one is read at a time: name one of {', '.join(pages)}."
        )


def of_revision(paths: Iterable[str], revision: str) -> list[str]:
    """Return the files of a folder of revisions that carry this one in a folder's or their own name."""
    mark = re.compile(rf"(?:^|[/.-]){re.escape(revision)}(?:[/.]|$)")
    return [path for path in paths if mark.search(path)]


def root_of(path: str) -> str:
    """Return the root of the revision that a file belongs to."""
    folder = str(PurePosixPath(path).parent)
    folder = "" if folder == "." else folder
    for home in HOMES:
        if folder == home or folder.endswith(f"/{home}"):
            return folder.removesuffix(home).rstrip("/") or "."
    return folder


def is_code_owners(path: str) -> bool:
    """Say whether a file is CODEOWNERS."""
    return PurePosixPath(path).name == CODE_OWNERS


def home_rank(path: str) -> int:
    """Return how early GitHub looks for CODEOWNERS there."""
    folder = str(PurePosixPath(path).parent).removeprefix(root_of(path)).strip("./")
    return [home.strip("./") for home in CODE_OWNERS_HOMES].index(folder) if folder in ("github", "", "docs") else 9


FORMAT = PyTorch()

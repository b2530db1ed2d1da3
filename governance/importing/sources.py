"""Open what is to be read: a file, a folder, or a revision of a git repository, which is never checked out."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

from governance.importing.reading import Place, SourceFile, SourceRefused, Unread

LARGEST_FILE_BYTES = 16 * 1024 * 1024
LARGEST_SOURCE_BYTES = 512 * 1024 * 1024
MOST_FILES = 500_000
GIT_SECONDS = 120
# Nothing of the repository's own settings may run or ask anything; its objects are only read.
GIT = (
    *("git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"),
    # A signature would be checked by whatever program the repository names.
    *("-c", "log.showSignature=false"),
)
ON_GITHUB = re.compile(r"(?:https://|git@|ssh://git@)(?:www\.)?github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?$")


@dataclass
class Source:
    """A tree of files at one revision: their paths, and how one is opened."""

    label: str
    paths: list[str]
    opened: Callable[[Sequence[str]], Iterator[tuple[str, bytes]]]
    revision: str = ""
    on: date | None = None
    # Where a file is seen in public, with {file}; nothing where that is not known.
    url: str = ""
    unread: list[Unread] = field(default_factory=list)

    def files(self, wanted: Sequence[str]) -> Iterator[SourceFile]:
        """Open files one after another.

        Raises:
            SourceRefused: when they cannot be read, or are larger than any list of people would be.
        """
        total = 0
        try:
            for path, content in self.opened(wanted):
                total += len(content)
                check_size(path, len(content), total)
                yield SourceFile(path, content)
        except OSError as error:
            raise SourceRefused(f"{self.label} cannot be read: {error.strerror or error}.") from error

    def leave(self, path: str, reason: str) -> None:
        """Say that a file as a whole is not read."""
        self.unread.append(Unread(Place(path), PurePosixPath(path).name, reason))


def check_size(path: str, size: int, total: int) -> None:
    """Refuse what is larger than any list of people would be."""
    if size > LARGEST_FILE_BYTES:
        raise SourceRefused(f"{path}: larger than {LARGEST_FILE_BYTES // 2**20} MiB; is it the file you meant to read?")
    if total > LARGEST_SOURCE_BYTES:
        raise SourceRefused(
            f"The files to read hold more than {LARGEST_SOURCE_BYTES // 2**20} MiB; name the part to read."
        )


def open_source(name: str, *, revision: str = "") -> Source:
    """Open a file or a tree; a repository at a revision, or at its present commit when it is named itself.

    Raises:
        SourceRefused: when there is nothing of that name, or no such revision.
    """
    if "\0" in name or "\0" in revision:
        raise SourceRefused("A name cannot hold a NUL character.")
    path = Path(name)
    try:
        if not path.exists():
            raise SourceRefused(f"There is no file or folder {name}.")
        in_repository = is_repository(path) or (revision and repository_of(path) is not None)
        if in_repository:
            return open_revision(path, revision or "HEAD")
        return open_file(path) if path.is_file() else open_folder(path, revision)
    except OSError as error:
        raise SourceRefused(f"{name} cannot be read: {error.strerror or error}.") from error


# -- plain files ---------------------------------------------------------------------------------------------------


def open_file(path: Path) -> Source:
    """Open one file by as much of its path as tells what it is; see `candidates`."""
    return Source(path.name, [path.name], lambda wanted: ((name, read_bytes(path)) for name in wanted))


def candidates(source: Source, path: str) -> Iterator[Source]:
    """Yield the ways to name a single file: alone, then below its folder, its folder's folder, and so on to four."""
    yield source
    if len(source.paths) == 1 and source.paths[0] == source.label:
        parts = Path(path).absolute().parts
        for depth in range(2, min(len(parts) - 1, 5) + 1):
            yield replace(source, paths=["/".join(parts[-depth:])])


def open_folder(folder: Path, revision: str) -> Source:
    """Open a plain folder; `revision` is then a word that its files of that revision carry in their paths."""
    paths = list(below(folder))
    if revision:
        mark = re.compile(rf"(?:^|[/.-]){re.escape(revision)}(?:[/.]|$)")
        paths = [path for path in paths if mark.search(path)]
        if not paths:
            raise SourceRefused(
                f"{folder.name} is no git repository, and no file or folder in it carries {revision} in its name."
            )

    def opened(wanted: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        return ((path, read_bytes(folder / path)) for path in wanted)

    return Source(folder.absolute().name, paths, opened, revision)


def below(folder: Path) -> Iterator[str]:
    """Yield the files of a folder in order, with forward slashes; links that lead out of it are not followed."""
    count = 0
    for root, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(files):
            path = Path(root, name)
            if path.is_symlink() or not path.is_file():
                continue
            count += 1
            if count > MOST_FILES:
                raise SourceRefused(f"{folder.name} holds more than {MOST_FILES} files; name the part to read.")
            yield os.fsencode(path.relative_to(folder)).decode("utf-8", "replace").replace(os.sep, "/")


def refuse(error: OSError) -> None:
    """Refuse a folder that cannot be listed: who is not listed would be taken to have left."""
    raise error


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes, and no more than tell that it is too large."""
    with path.open("rb") as opened:
        return opened.read(LARGEST_FILE_BYTES + 1)


# -- git -----------------------------------------------------------------------------------------------------------


def is_repository(path: Path) -> bool:
    """Say whether a folder is itself the top of a repository, or a bare one."""
    return path.is_dir() and (
        (path / ".git").exists() or all((path / part).exists() for part in ("HEAD", "objects", "refs"))
    )


def repository_of(path: Path) -> str | None:
    """Return the top of the repository that a path is in, if any."""
    folder = path if path.is_dir() else path.parent
    told = git(folder, "rev-parse", "--show-prefix", check=False)
    return None if told is None else told.decode("utf-8", "replace").strip()


def open_revision(path: Path, revision: str) -> Source:
    """Open a repository, or a file or folder of one, at a revision: its objects are read, nothing is checked out."""
    folder = path if path.is_dir() else path.parent
    commit = commit_of(folder, revision)
    prefix = (repository_of(path) or "") if not is_repository(path) else ""
    inside = prefix + path.name if path.is_file() else prefix
    listed = {name: blob for name, blob in tree(folder, commit).items() if name == inside or name.startswith(prefix)}
    if path.is_file():
        listed = {name: blob for name, blob in listed.items() if name == inside}
    if not listed:
        raise SourceRefused(f"Nothing of {path.name} is in the revision {revision}.")
    # A file keeps its path from the root, by which it is recognised; a folder's files begin below it.
    if not path.is_file():
        listed = {name.removeprefix(prefix): blob for name, blob in listed.items()}
    public = public_address(folder, commit)
    url = f"{public}{'' if path.is_file() else prefix}{{file}}" if public else ""

    def opened(wanted: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        return blobs(folder, listed, wanted)

    return Source(path.absolute().name, list(listed), opened, commit, day_of(folder, commit), url)


def commit_of(folder: Path, revision: str) -> str:
    """Return the full name of a revision's commit.

    Raises:
        SourceRefused: when the repository has no such revision.
    """
    told = git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", check=False)
    # git 2.30 and later echo the marker.
    names = [line for line in (told or b"").decode("ascii", "replace").split() if not line.startswith("--")]
    if not names:
        raise SourceRefused(f"{folder.absolute().name} has no revision {revision}.")
    return names[-1]


def day_of(folder: Path, commit: str) -> date:
    """Return the day of a commit, in UTC."""
    told = git(folder, "show", "-s", "--format=%ct", commit) or b""
    return datetime.fromtimestamp(int(told.split()[-1]), tz=UTC).date()


@dataclass(frozen=True)
class Blob:
    """A file's content in the repository: its name there, and its size."""

    name: str
    size: int


def tree(folder: Path, commit: str) -> dict[str, Blob]:
    """Return the files of a commit; links and submodules are none."""
    listed = git(folder, "ls-tree", "-r", "-l", "-z", "--full-tree", commit) or b""
    found = {}
    for entry in listed.split(b"\0"):
        head, _, name = entry.partition(b"\t")
        parts = head.split()
        if len(parts) == 4 and parts[0] in (b"100644", b"100755"):
            size = int(parts[3]) if parts[3].isdigit() else 0
            found[name.decode("utf-8", "replace")] = Blob(parts[2].decode("ascii"), size)
    return found


def public_address(folder: Path, commit: str) -> str:
    """Return where a commit's files are seen on GitHub, if the repository says that it comes from there."""
    told = git(folder, "config", "--get", "remote.origin.url", check=False) or b""
    found = ON_GITHUB.match(told.decode("utf-8", "replace").strip())
    return f"https://github.com/{found[1]}/blob/{commit}/" if found else ""


def blobs(folder: Path, listed: dict[str, Blob], wanted: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield files' bytes, all from one `git cat-file --batch`.

    Raises:
        SourceRefused: when a file is too large, or not in this copy.
    """
    total = sum(listed[path].size for path in wanted)
    for path in wanted:
        check_size(path, listed[path].size, total)
    asked = "".join(f"{listed[path].name}\n" for path in wanted).encode("ascii")
    told = git(folder, "cat-file", "--batch", said=asked) or b""
    at = 0
    for path in wanted:
        end = told.index(b"\n", at)
        head = told[at:end].split()
        if len(head) != 3:
            raise SourceRefused(f"{path}: its content is not in this copy of the repository; fetch it whole.")
        size = int(head[2])
        yield path, told[end + 1 : end + 1 + size]
        at = end + 2 + size


def git(folder: Path, *arguments: str, check: bool = True, said: bytes = b"") -> bytes | None:
    """Return what git prints; None where it fails and that is an answer.

    Raises:
        SourceRefused: when git is missing, or fails where it may not.
    """
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        # An older git knows no such word: nothing is fetched by any other way either, for a way may be a program.
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
    }
    try:
        done = subprocess.run(
            [*GIT, "-C", str(folder), *arguments],
            capture_output=True,
            timeout=GIT_SECONDS,
            env=environment,
            input=said,
            check=False,
        )
    except FileNotFoundError as error:
        raise SourceRefused("git is not on PATH: install it, or read a plain folder without --revision.") from error
    except subprocess.TimeoutExpired as error:
        raise SourceRefused(f"git did not answer within {GIT_SECONDS} seconds: {arguments[0]}.") from error
    if done.returncode == 0:
        return done.stdout
    if check:
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise SourceRefused(f"git {arguments[0]}: {reason[-1] if reason else 'failed'}.")
    return None

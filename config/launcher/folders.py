"""Where the embedded services keep what they write, and how much of it a socket's short path allows."""

import hashlib
import os
import re
import shutil
import stat
from pathlib import Path

# A unix socket's whole path has at most 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET_PATH = 103
LONGEST_SOCKET_NAME = "/.s.PGSQL.5432"
NEEDED_BYTES = 200 * 10**6
FAILURE = re.compile(r"FATAL|PANIC|ERROR|error:|Error\b")


class LaunchError(Exception):
    """A service cannot be started or stopped; the message is one line that says what to do."""


def socket_folder(data: Path) -> Path:
    """Name the folder of the services' sockets, the same for every process that knows the data folder.

    It lies in the data folder, unless that path is too long for a socket; then in /tmp, whatever TMPDIR says, since
    two processes with different environments must find the same one.
    """
    inside = data / "run" / "sockets"
    if len(os.fsencode(inside)) + len(LONGEST_SOCKET_NAME) <= LONGEST_SOCKET_PATH:
        return inside
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path("/tmp") / f"flamekeeper-{owner(data)}-{digest}"  # noqa: S108  (made and checked by private_folder)


def owner(data: Path) -> int:
    """Return the number of the user whose data this is."""
    try:
        return data.stat().st_uid
    except OSError:
        return os.geteuid()


def make_data_folder(data: Path) -> None:
    """Make the data folder with its parts that everybody writes to.

    Raises:
        LaunchError: where it cannot be written or the disk is full.
    """
    try:
        (data / "run").mkdir(parents=True, exist_ok=True)
        # The site's log names the administrator's link once it was followed.
        (data / "logs").mkdir(mode=0o700, exist_ok=True)
        probe = data / "run" / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise LaunchError(unwritable(data, error.strerror)) from None
    foreign = [path for path in (data / "logs").glob("*.log") if not os.access(path, os.W_OK)]
    if foreign:
        raise LaunchError(unwritable(data, f"{foreign[0].name} belongs to somebody else"))
    free = shutil.disk_usage(data).free
    if free < NEEDED_BYTES:
        raise LaunchError(
            f"only {free / 1e6:.0f} MB are free on the disk of {data}, at least {NEEDED_BYTES / 1e6:.0f} are needed. "
            f"Make room, or name a folder on another disk (up --data DIR)."
        )


def unwritable(data: Path, why: str | None) -> str:
    return (
        f"the data folder {data} cannot be written ({why}). "
        f"Start as its owner, or name another folder (up --data DIR, or FLAMEKEEPER_DATA)."
    )


def private_folder(folder: Path, user: int) -> None:
    """Make a folder that only this user enters; in /tmp a stranger may have been there first.

    Raises:
        LaunchError: where the folder is a link, or somebody else's.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (user, os.geteuid()):
        raise LaunchError(f"{folder} belongs to somebody else. Remove it, or use another data folder.")
    if found.st_uid != user:
        os.chown(folder, user, -1)
    folder.chmod(0o700)


def log_file(data: Path, name: str, keep_bytes: int = 10 * 10**6) -> Path:
    """Name a log, putting a long one aside first: `web.log` becomes `web.log.1`."""
    path = data / "logs" / f"{name}.log"
    if path.exists() and path.stat().st_size > keep_bytes:
        path.replace(path.with_name(path.name + ".1"))
    return path


def failure(log: Path) -> str:
    """Return the line of a log's end that tells what failed: the last that says so, else the last one."""
    try:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines()[-40:] if line.strip()]
    except OSError:
        lines = []
    telling = [line for line in lines if FAILURE.search(line)]
    return (telling or lines or ["nothing was logged"])[-1]

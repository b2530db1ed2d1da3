"""As whom the services run: PostgreSQL refuses root, and root's folders may be closed to everybody else.

docs/adr/0001-embedded-postgresql-and-redis.md tells why it is done this way.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from config.launcher.folders import LaunchError, owner

# What lets a process walk through closed folders, the weaker first: reading only, then reading and writing.
CAPABILITIES = ("dac_read_search", "dac_override")


@dataclass(frozen=True)
class RunAs:
    """How a service is started: words before its command, and the user that it becomes."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    @property
    def uid(self) -> int:
        return os.geteuid() if self.user is None else self.user

    @property
    def popen(self) -> dict[str, object]:
        """Return the arguments of subprocess that change the user; none where a prefix does it, or nobody needs it."""
        if self.user is None or self.prefix:
            return {}
        return {"user": self.user, "group": self.group, "extra_groups": []}


def run_as(data: Path, program: Path) -> RunAs:
    """Choose the user of a service: ourselves, or, for root, one who is not root and reaches program and data.

    Raises:
        LaunchError: where root's folders are closed and the system lets nobody through.
    """
    if os.geteuid() != 0:
        return RunAs()
    account = unprivileged(data)
    plain = RunAs((), account.pw_uid, account.pw_gid)
    candidates = [plain, *(through_closed_folders(plain, name) for name in CAPABILITIES)]
    for candidate in candidates:
        if reaches(candidate, data, program):
            return candidate
    raise LaunchError(
        f"root may not run PostgreSQL, and the user {account.pw_name} cannot reach {program} or {data}. "
        f"Put the project where everybody may enter its folders, or start as an ordinary user."
    )


def unprivileged(data: Path) -> pwd.struct_passwd:
    """Return who runs the services for root: the data folder's owner, else nobody."""
    number = owner(data)
    try:
        return pwd.getpwuid(number) if number else pwd.getpwnam("nobody")
    except KeyError:
        raise LaunchError(
            "root may not run PostgreSQL, and there is no user `nobody`. Start as an ordinary user."
        ) from None


def through_closed_folders(plain: RunAs, capability: str) -> RunAs:
    """Let the user through folders that are closed to it by one capability, with every other one given up."""
    if not shutil.which("setpriv"):
        return plain
    prefix = (
        "setpriv",
        f"--reuid={plain.user}",
        f"--regid={plain.group}",
        "--clear-groups",
        "--no-new-privs",
        # Without it access(2), by which initdb looks for its server, leaves capabilities out.
        "--securebits=+no_setuid_fixup",
        f"--inh-caps=-all,+{capability}",
        f"--ambient-caps=-all,+{capability}",
        f"--bounding-set=-all,+{capability}",
    )
    return RunAs(prefix, plain.user, plain.group)


def reaches(candidate: RunAs, data: Path, program: Path) -> bool:
    """Try it: whether that user can start the program and enter the data folder."""
    test = 'test -x "$1" && test -x "$2"'
    try:
        tried = subprocess.run(
            [*candidate.prefix, "/bin/sh", "-c", test, "sh", str(program), str(data)],
            capture_output=True,
            check=False,
            cwd="/",
            **candidate.popen,  # type: ignore[call-overload]
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return bool(tried.returncode == 0)

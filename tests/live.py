"""Real processes on the test's own database and broker: a site, workers. Each is ended by its own number."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from config.launcher import Services
from config.launcher.processes import Process, process, wait_until
from config.up.instance import end_group

ROOT = Path(__file__).resolve().parents[1]


def live_environment(services: Services, **variables: str) -> dict[str, str]:
    """Return the variables that lead a process to the test database and to nothing of the user's."""
    from django.db import connection

    addresses = services.environment()
    name = connection.settings_dict["NAME"]
    addresses["DATABASE_URL"] = urlsplit(addresses["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    return {**os.environ, **addresses, "DJANGO_SETTINGS_MODULE": "config.settings", **variables}


@dataclass
class Live:
    """A process of ours that a test may talk to, kill and wait for."""

    leader: Process
    popen: "subprocess.Popen[bytes]"
    log: Path

    @property
    def pid(self) -> int:
        return self.leader.pid

    @property
    def running(self) -> bool:
        return self.popen.poll() is None

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """Kill the process alone, as a machine out of memory would, and leave its children to themselves."""
        os.kill(self.pid, signal.SIGKILL)
        self.popen.wait(60)

    def stop(self, seconds: float = 10) -> None:
        """End the process and everything in its group."""
        end_group(self.leader, seconds)
        self.popen.wait(60)


def start(command: tuple[str, ...], log: Path, environment: Mapping[str, str], files: tuple[int, ...] = ()) -> Live:
    """Start a program in a session of its own, with its words in a log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        popen = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=files,
            start_new_session=True,
        )
    leader = process(popen.pid)
    assert leader, f"{command} ended at once: {log.read_text()}"
    return Live(leader, popen, log)


def start_worker(services: Services, queue: str, *, pool: str = "solo", **variables: str) -> Live:
    """Start a Celery worker of one queue and wait until it takes tasks."""
    command = (
        *(
            sys.executable,
            "-m",
            "celery",
            "-A",
            "config.celery",
            "worker",
            "-Q",
            queue,
            "-n",
            f"{queue}-{time.time_ns()}@%h",
        ),
        *("--pool", pool, "-c", "1", "--prefetch-multiplier", "1", "--without-gossip", "--without-mingle"),
        *("--loglevel", "INFO"),
    )
    log = services.data / "logs" / f"test-worker-{queue}-{time.time_ns()}.log"
    worker = start(command, log, live_environment(services, **variables))
    await_live(worker, lambda: " ready." in worker.said())
    return worker


def await_live(started: Live, ready: Callable[[], bool]) -> None:
    """Wait until a process is ready, and fail with what it said where it ends before."""
    wait_until(lambda: not started.running or ready(), 240)
    assert started.running, f"it ended at once: {started.said()}"
    assert ready(), f"it does not get ready: {started.said()}"


def answers(port: int, path: str = "/healthz") -> bool:
    """Tell whether a site answers with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def running_site(services: Services) -> Iterator[str]:
    """Have a real web server on the test database, and return its address without a slash at the end."""
    from config.up import programs
    from config.up.run import open_door

    environment = live_environment(services, FLAMEKEEPER_POOL="1")
    subprocess.run(
        programs.command("collectstatic", "--no-input", "-v", "0"),
        env=environment,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    with open_door(0) as door:
        program = programs.web(door.fileno())
        site = start(program.command, services.data / "logs" / "test-web.log", environment, program.files)
        port = door.getsockname()[1]
        try:
            await_live(site, lambda: answers(port))
            yield f"http://127.0.0.1:{port}"
        finally:
            site.stop()

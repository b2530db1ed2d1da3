"""The story of one `up`: claim, services, preparation, programs, first night, and the orderly end."""

import errno
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config.launcher import LaunchError, Services, services_running
from config.launcher.folders import failure, log_file
from config.up import programs
from config.up.arguments import parse
from config.up.crew import Crew, base_environment, exited
from config.up.instance import UpError, claimed
from config.up.programs import ROOT, Program
from config.up.sources import note_prepared, prepared_before
from config.up.telling import Phases, complain, say, tell

SITE_SECONDS = 120
SERVICES_PAUSE_S = 10.0
# The sample's candidate is the same wheel told to ignore the processor's vector instructions, as a mis-built one would.
BASELINE = "torch==2.13.0"
CANDIDATE = "torch==2.13.0,ATEN_CPU_CAPABILITY=default"
# What `night` ends with when it has a verdict: all passed, something failed, something cannot be told.
VERDICTS = (0, 1, 3)


def main(arguments: Sequence[str]) -> int:
    """Run the site until Ctrl-C (or, with --once, until the first night's verdict) and return the exit status."""
    given = parse(arguments)
    data = Path(given.data or os.environ.get("FLAMEKEEPER_DATA") or ROOT / ".flamekeeper").resolve()
    os.environ["FLAMEKEEPER_DATA"] = str(data)
    interrupts = Interrupts()
    try:
        return Up(data, given.port, once=given.once, night=not given.no_night, interrupts=interrupts).run()
    except (LaunchError, UpError) as error:
        complain(f"cannot start: {error}")
        return 2
    except KeyboardInterrupt:
        say("Stopped: every process that was started has ended.")
        # Ctrl-C is how a site ends; for who waits for a verdict it came too early.
        return 130 if given.once else 0


class Interrupts:
    """Ctrl-C, a termination and a closed terminal: the first one begins the stop, a later one hurries it."""

    def __init__(self) -> None:
        self.stopping = False
        self.asked_again = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Who starts us with `nohup` wants the closed terminal ignored.
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._arrived)

    def _arrived(self, number: int, frame: object) -> None:
        if self.stopping:
            self.asked_again = True
            return
        self.stopping = True
        raise KeyboardInterrupt

    def hurry(self) -> bool:
        return self.asked_again


class Up:
    """One start of everything."""

    def __init__(self, data: Path, port: int, *, once: bool, night: bool, interrupts: Interrupts) -> None:
        self.data = data
        self.port = port
        self.once = once
        self.night = night
        self.interrupts = interrupts
        self.phases = Phases()
        self.services_again_at = 0.0

    def run(self) -> int:
        """Start everything in the order in which one needs the other, and stop it in reverse."""
        with ExitStack() as held:
            instance = held.enter_context(claimed(self.data, tell))
            door = held.enter_context(open_door(self.port))
            address = f"http://127.0.0.1:{door.getsockname()[1]}/"
            with self.phases.phase("services", "starting PostgreSQL and Redis"):
                services = held.enter_context(services_running(self.data, tell))
            crew = Crew(instance, address, base_environment(services.environment()))
            held.callback(self._stop, crew)
            prepared = self._open_site(crew, door, services)
            self._start_workers(crew, prepared)
            self._greet(crew, address)
            status = self._first_night(crew, services, prepared) if self.night else 0
            if not self.once:
                self._stay(crew, services)
            self._close(address)
            return status

    def _open_site(self, crew: Crew, door: socket.socket, services: Services) -> dict[str, object]:
        """Prepare, then serve; serve first where nothing has changed since the last start."""
        database = services.environment()["DATABASE_URL"]
        if prepared_before(self.data, database):
            self._start_site(crew, door)
            prepared = self._prepare(crew)
        else:
            prepared = self._prepare(crew)
            self._start_site(crew, door)
        note_prepared(self.data, database)
        return prepared

    def _prepare(self, crew: Crew) -> dict[str, object]:
        """Bring the database and the static files up to date, and ask what there is to start."""
        log = log_file(self.data, "prepare")
        with self.phases.phase("preparation", "preparing the database, the sample project and the static files"):
            with log.open("ab") as output:
                done = subprocess.run(
                    programs.command("prepare_site"),
                    env=crew.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=output,
                    start_new_session=True,
                    check=False,
                )
            if done.returncode:
                raise UpError(f"the site's database could not be prepared: {failure(log)} (see {log})")
            prepared: dict[str, object] = json.loads(done.stdout)
            return prepared

    def _start_site(self, crew: Crew, door: socket.socket) -> None:
        with self.phases.phase("site", "starting the site"):
            web = crew.start(programs.web(door.fileno()))
            host, port = door.getsockname()
            end = time.monotonic() + SITE_SECONDS
            while not healthy(host, port):
                if exited(web) is not None or time.monotonic() > end:
                    log = self.data / "logs" / "web.log"
                    raise UpError(f"the site does not answer: {failure(log)} (see {log})")
                time.sleep(0.1)
        say(f"\nFlamekeeper is at {crew.address}")

    def _start_workers(self, crew: Crew, prepared: dict[str, object]) -> None:
        """Start who works behind the site; the first page need not wait for them."""
        crew.start(programs.default_worker())
        for queue in listed(prepared.get("queues")):
            crew.start(programs.device_worker(queue))
        crew.start(programs.beat())

    def _greet(self, crew: Crew, address: str) -> None:
        """Tell how the first administrator gets in."""
        made = subprocess.run(
            programs.command("administrator_link", "--site", address, "--json"),
            env=crew.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            start_new_session=True,
            check=False,
        )
        if made.returncode:
            tell(
                f"no administrator link could be made: {(made.stderr.strip().splitlines() or ['no reason given'])[-1]}"
            )
            return
        link = json.loads(made.stdout)
        if link["url"]:
            say(f"Become its administrator (works once, until {link['expires_at'][:16]}): {link['url']}")
        else:
            tell(link["reason"])

    def _first_night(self, crew: Crew, services: Services, prepared: dict[str, object]) -> int:
        """Run the first night and return the status of a start that was asked for it."""
        decided = prepared.get("decided_night")
        if isinstance(decided, dict):
            say(f"The first night was decided before: {crew.address}nights/{decided['number']}/")
            if self.once:
                say(decided["table"])
            return 0
        with self.phases.phase("first night", f"first night: {BASELINE} against {CANDIDATE}"):
            words = programs.command("night", "--baseline", BASELINE, "--candidate", CANDIDATE)
            night = crew.start(Program("night", words), quiet=False)
            while (status := exited(night)) is None:
                self._tend(crew, services, but="night")
                time.sleep(0.2)
        crew.forget("night")
        if status in VERDICTS:
            return 0
        tell(f"the first night has no verdict (`night` ended with status {status})")
        return 1

    def _stay(self, crew: Crew, services: Services) -> None:
        say(f"\nFlamekeeper runs at {crew.address} until Ctrl-C.")
        while True:
            self._tend(crew, services)
            time.sleep(0.5)

    def _tend(self, crew: Crew, services: Services, but: str = "") -> None:
        """Start again what has died, the services first: the others need them."""
        lost = set(services.parts) - set(services.processes())
        if lost and time.monotonic() > self.services_again_at:
            tell(f"{' and '.join(sorted(lost))} ended; starting again")
            try:
                services.start(tell, keep=False)
            except LaunchError as error:
                tell(str(error))
                self.services_again_at = time.monotonic() + SERVICES_PAUSE_S
        crew.tend(tell, but=but)

    def _close(self, address: str) -> None:
        say(f"\nSeconds of each phase:\n{self.phases.table()}")
        say(f"The site would be at {address} for as long as you like: python3 manage.py up")

    def _stop(self, crew: Crew) -> None:
        """Stop what was started: who asks for work first, then who does it, then the site."""
        self.interrupts.stopping = True
        tell("stopping")
        crew.stop([name for name in crew.members if name != "web"], self.interrupts.hurry)
        crew.stop(["web"], self.interrupts.hurry)


@contextmanager
def open_door(port: int) -> Iterator[socket.socket]:
    """Listen on the loopback address; the web server gets the open socket.

    Raises:
        UpError: where the port is taken or not ours to take.
    """
    try:
        door = socket.create_server(("127.0.0.1", port), backlog=256)
    except OSError as error:
        why = "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise UpError(f"port {port} {why}. Choose another: python3 manage.py up --port {free_port()}") from None
    with door:
        yield door


def free_port() -> int:
    """Return a port that is free just now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def healthy(host: str, port: int) -> bool:
    """Tell whether the site answers with its database."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def listed(value: object) -> list[str]:
    return [str(word) for word in value] if isinstance(value, list) else []

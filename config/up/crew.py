"""The processes of one `up`: started, written down, started again when they die, and stopped in order."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import IO

from config.launcher.folders import failure, log_file
from config.launcher.processes import Process, process, signal_group, signal_process, undisturbed, wait_until
from config.up.instance import Instance, end_group
from config.up.programs import ROOT, Program

LONGEST_PAUSE_S = 30.0
# What ran this long and died was not failing to start.
STEADY_AFTER_S = 60.0
# A round in progress is not waited for: it is measured again by whoever takes it next.
POLITE_S = 5.0


@dataclass
class Member:
    """One program that is to run, and the process that runs it now."""

    program: Program
    popen: "subprocess.Popen[bytes] | None" = None
    running: Process | None = None
    began_at: float = 0.0
    deaths: int = 0
    again_at: float = 0.0


class Crew:
    """All programs of one `up`."""

    def __init__(self, instance: Instance, address: str, environment: Mapping[str, str]) -> None:
        self.instance = instance
        self.address = address
        self.environment = dict(environment)
        self.members: dict[str, Member] = {}

    def start(self, program: Program, *, quiet: bool = True) -> Member:
        """Start a program in a session of its own: the terminal's Ctrl-C reaches `up` alone, which stops the rest."""
        member = self.members.setdefault(program.name, Member(program))
        with self._output(program, quiet) as output, undisturbed():
            member.popen = subprocess.Popen(
                program.command,
                cwd=ROOT,
                env={**self.environment, **dict(program.variables)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=program.files,
                start_new_session=True,
            )
            member.running = process(member.popen.pid)
            member.began_at = time.monotonic()
            self.write_down()
        return member

    def _output(self, program: Program, quiet: bool) -> AbstractContextManager[IO[bytes] | None]:
        """Return where a program's words go: its log, or the terminal."""
        return log_file(self.instance.data, program.name).open("ab") if quiet else nullcontext()

    def write_down(self) -> None:
        running = {name: member.running for name, member in self.members.items() if member.running}
        self.instance.write(self.address, running)

    def tend(self, tell: Callable[[str], None], *, but: str = "") -> None:
        """Start again what has died (but for one that is to end), after a pause that doubles while it keeps dying."""
        now = time.monotonic()
        for name, member in list(self.members.items()):
            if name == but:
                continue
            if member.popen is None:
                if now >= member.again_at:
                    self.start(member.program)
            elif member.popen.poll() is not None:
                self._note_death(member, now, tell)

    def _note_death(self, member: Member, now: float, tell: Callable[[str], None]) -> None:
        assert member.popen is not None
        status = member.popen.returncode
        # Its children went astray with it: nothing of it may hold a port or a queue.
        if member.running:
            end_group(member.running)
        member.deaths = 1 if now - member.began_at > STEADY_AFTER_S else member.deaths + 1
        pause = min(LONGEST_PAUSE_S, 2.0 ** (member.deaths - 1))
        member.popen, member.running, member.again_at = None, None, now + pause
        self.write_down()
        said = failure(self.instance.data / "logs" / f"{member.program.name}.log")
        tell(f"{member.program.name} ended ({ended(status)}); starting it again in {pause:.0f} s. It said: {said}")

    def forget(self, name: str) -> None:
        """Leave out a program that has done its work."""
        self.members.pop(name, None)
        self.write_down()

    def stop(self, names: list[str], hurry: Callable[[], bool]) -> None:
        """Stop these programs together: asked first, then less politely, and nothing of theirs is left."""
        leaders = [member.running for name in names if (member := self.members.get(name)) and member.running]
        for number, seconds in ((signal.SIGTERM, POLITE_S), (signal.SIGQUIT, 3.0)):
            for leader in leaders:
                signal_process(leader, number)
            wait_until(lambda: hurry() or not any(leader.alive for leader in leaders), seconds)
        for leader in leaders:
            signal_group(leader, signal.SIGKILL)
        for name in names:
            member = self.members.pop(name, None)
            if member and member.popen:
                member.popen.wait()
        self.write_down()


def ended(status: int) -> str:
    """Say how a process ended."""
    if status >= 0:
        return f"status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"


def exited(member: Member) -> int | None:
    """Return a member's status once it has ended."""
    return member.popen.poll() if member.popen else None


def base_environment(services: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of every program of a site."""
    return {**os.environ, **services, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONUNBUFFERED": "1"}

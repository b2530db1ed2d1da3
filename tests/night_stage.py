"""A data folder of a test's own in which whole nights run: real services, real workers, real processes.

The command `night` drives them, as a person would; the test looks on through its own connection to their database.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from benchmarks_runner.actions import processes
from config.launcher import Services
from config.launcher.processes import process, wait_until
from config.testing.private_data import short_folder
from tests.bundle_wheels import AWAY, make_wheel

ROOT = Path(__file__).resolve().parents[1]
BASELINE = "selftested==1.0.0"
SLOWER = "selftested==1.0.0,SELFTEST_SLOWDOWN=sort"
SORT = "selftest.sort"
POINTS = (SORT, "selftest.square", "selftest.sum", "selftest.table")
# The pairs of each round and point: attempts of which both processes ran to an end of their own and measured it.
PAIRS = """
    SELECT r.number || ' ' || one.point, count(*)
    FROM benchmarks_runner_round r
    JOIN benchmarks_runner_attempt b ON b.round_id = r.id AND b.arm = 'baseline'
    JOIN benchmarks_runner_attempt c
      ON c.round_id = r.id AND c.arm = 'candidate' AND c.shard = b.shard AND c.number = b.number
    JOIN benchmarks_runner_sample one ON one.attempt_id = b.id
    JOIN benchmarks_runner_sample other ON other.attempt_id = c.id AND other.point = one.point
    WHERE r.night_id = %s AND r.state = 'complete' AND b.void_reason = '' AND c.void_reason = ''
      AND NOT ARRAY[b.ended, c.ended]::text[] && ARRAY['', 'lost', 'cancelled']
    GROUP BY 1
"""


class FailedByChance(AssertionError):
    """An unchanged point failed: in one night of 200 of this size the coin alone does that, so it is looked at again.

    tests/conftest.py plays a test that raises it once more, from its beginning. What is no chance fails again.
    """


def spare_the_unchanged(verdicts: Mapping[str, str], changed: Collection[str] = (SORT,)) -> None:
    """Raise FailedByChance where a point failed that is as fast in both arms."""
    failed = {point for point, verdict in verdicts.items() if verdict == "fail"} - set(changed)
    if failed:
        raise FailedByChance(f"{', '.join(sorted(failed))} failed, and nothing is slower there")


@dataclass
class Stage:
    """One data folder, its services and its variables."""

    services: Services
    environment: dict[str, str]
    rounds: int | None = None  # how many rounds each comparison gets at most; None: as many as its suite says
    started: list["Played"] = field(default_factory=list)

    def play(self, *arguments: str, **variables: str) -> "Played":
        """Start `night` on the suite selftest."""
        command = [sys.executable, str(ROOT / "manage.py"), "night", "--suite", "selftest", "--json", *arguments]
        log = self.services.data / "logs" / f"night-{time.time_ns()}.log"
        with log.open("wb") as errors:
            popen = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**self.environment, **variables},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        self.started.append(Played(self, popen, log))
        return self.started[-1]

    def compare(self, candidate: str = SLOWER, **variables: str) -> "Played":
        """Start a night of a build against its baseline, whatever was measured before."""
        cap = ("--cap", str(self.rounds)) if self.rounds else ()
        return self.play("--baseline", BASELINE, "--candidate", candidate, "--again", *cap, **variables)

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the stage's database; it may be away for a moment."""
        end = time.monotonic() + 60
        while True:
            try:
                with psycopg.connect(self.services.environment()["DATABASE_URL"]) as connection:
                    return connection.execute(statement, values).fetchall()
            except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def samples(self) -> dict[int, float]:
        """Return every sample by its number."""
        return dict(self.rows("SELECT id, cpu_ns FROM benchmarks_runner_sample"))

    def lease(self) -> dict[str, Any]:
        """Return who holds the device, and what runs on it."""
        names = ("token", "holder", "process_group", "round_id")
        (row,) = self.rows(f"SELECT {', '.join(names)} FROM benchmarks_runner_lease")
        return dict(zip(names, row, strict=True))

    def measuring(self, after_round: int = 0) -> dict[str, Any]:
        """Wait until a process is measured in a round of a comparison later than that, and return the lease."""
        found: dict[str, Any] = {}

        def looks() -> bool:
            found.update(self.lease())
            if not found["process_group"] or not found["round_id"]:
                return False
            (row,) = self.rows(
                "SELECT r.number, n.kind, n.id FROM benchmarks_runner_round r JOIN benchmarks_runner_night n"
                " ON n.id = r.night_id WHERE r.id = %s",
                found["round_id"],
            )
            found["number"], kind, found["night"] = row
            return kind == "comparison" and found["number"] > after_round

        assert wait_until(looks, 120, every=0.01), "no process was measured"
        return found

    def begun(self, after_round: int = 0) -> dict[str, Any]:
        """Wait until a process has just begun in such a round, with most of its work before it; return the lease."""
        seen = self.measuring(after_round)["process_group"]
        found: dict[str, Any] = {}

        def another() -> bool:
            found.update(self.measuring(after_round))
            return bool(found["process_group"] != seen)

        assert wait_until(another, 120, every=0.01), "no other process was begun"
        return found

    def whole(self, night: int) -> None:
        """Assert that a night's pairs are counted once each, and that nothing of it is left running or held."""
        measured = dict(self.rows(PAIRS, night))
        wanted = self.rows(
            "SELECT r.number, p.point FROM benchmarks_runner_round r, jsonb_array_elements_text(r.points) p(point)"
            " WHERE r.night_id = %s AND r.state = 'complete'",
            night,
        )
        verdicts = (
            "SELECT point, pairs_used, verdict FROM benchmarks_runner_verdict WHERE night_id = %s AND point <> ''"
        )
        used = {point: (pairs, verdict) for point, pairs, verdict in self.rows(verdicts, night)}
        judged = {point for point, (_, verdict) in used.items() if verdict != "broken"}
        again = {f"{number} {point}": 1 for number, point in wanted if point in judged}
        assert {key: count for key, count in measured.items() if key.partition(" ")[2] in judged} == again
        for point in judged:
            assert used[point][0] == sum(key.partition(" ")[2] == point for key in again), point
        lease = self.lease()
        assert (lease["holder"], lease["process_group"], lease["round_id"]) == ("", None, None)
        groups = self.rows("SELECT process_group FROM benchmarks_runner_attempt WHERE process_group IS NOT NULL")
        assert [group for (group,) in groups if processes.members(group)] == []

    def ended(self, night: int) -> list[str]:
        """Return how the night's processes ended, other than well."""
        found = self.rows(
            "SELECT a.ended FROM benchmarks_runner_attempt a JOIN benchmarks_runner_round r ON r.id = a.round_id"
            " WHERE r.night_id = %s AND a.ended <> 'done' ORDER BY a.id",
            night,
        )
        return [ended for (ended,) in found]


@dataclass
class Played:
    """A `night` that was started."""

    stage: Stage
    popen: "subprocess.Popen[bytes]"
    log: Path

    def answer(self, seconds: float = 600) -> tuple[int, dict[str, Any]]:
        """Wait for its end and return its status and its document."""
        out, _ = self.popen.communicate(timeout=seconds)
        assert out, f"it printed nothing: {self.said()}"
        return self.popen.returncode, json.loads(out)

    def said(self) -> str:
        logs = sorted(self.log.parent.glob("*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in logs)

    def end(self) -> None:
        """End it, should the test have failed before."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            self.popen.wait(120)
        if self.popen.stdout:
            self.popen.stdout.close()


@contextmanager
def staged(rounds: int | None = None) -> Iterator[Stage]:
    """Have a data folder with running services and one wheel to install."""
    folder = Path(tempfile.mkdtemp(prefix="flk-stage-", dir=short_folder()))
    folder.chmod(0o711)
    services = Services(folder / "data")
    make_wheel(folder / "wheels", "selftested")
    own = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CELERY_BROKER_URL")}
    environment = {
        **own, **AWAY, "PIP_FIND_LINKS": str(folder / "wheels"), "FLAMEKEEPER_DATA": str(services.data),
    }  # fmt: skip
    stage = Stage(services, environment, rounds)
    try:
        with services.used():
            yield stage
            for played in stage.started:
                played.end()
    finally:
        services.stop()
        shutil.rmtree(folder, ignore_errors=True)


def holder_of(lease: dict[str, Any]) -> int:
    """Return the number of the process that held the device then."""
    return int(lease["holder"].partition(" ")[0])


def gone(pid: int) -> Callable[[], bool]:
    """Return a question: whether a process has ended."""
    return lambda: process(pid) is None

"""A command on a machine where nothing runs: it brings its own services, or says in one line what is wrong."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from config.launcher import Services, services_running

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def asleep(services: Services):
    """Have a data folder whose services do not run, beside this run's own."""
    folder = Path(tempfile.mkdtemp(prefix="x", dir=services.data))
    yield folder
    Services(folder).stop()


def command(data: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CELERY_BROKER_URL")}
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *words],
        env={**kept, "FLAMEKEEPER_DATA": str(data), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_command_starts_the_services_that_it_lacks_and_stops_them_again(asleep):
    unprepared = command(asleep, "verify_record")
    assert unprepared.returncode == 2
    assert re.search(r"the database is not prepared \(.*\): python3 manage.py migrate", unprepared.stderr)
    assert "Traceback" not in unprepared.stderr
    migrated = command(asleep, "migrate", "-v", "0")
    assert migrated.returncode == 0, migrated.stderr
    verified = command(asleep, "verify_record", "--json")
    assert verified.returncode == 0, verified.stderr
    assert verified.stdout.startswith("{")
    assert Services(asleep).processes() == {}


def test_a_command_beside_running_services_stops_nothing(asleep):
    with services_running(asleep) as running:
        before = running.processes()
        assert command(asleep, "migrate", "-v", "0").returncode == 0
        assert running.processes() == before


def test_a_server_that_does_not_answer_is_one_line(asleep):
    refused = command(asleep, "verify_record", DATABASE_URL="postgresql://somebody@127.0.0.1:9/site")
    assert refused.returncode == 2
    assert refused.stderr.startswith("Flamekeeper: the database does not answer: ")
    assert refused.stderr.count("\n") == 1


def test_a_command_that_asks_no_database_starts_none(asleep):
    assert command(asleep, "help").returncode == 0
    assert not (asleep / "postgres").exists()


def test_an_argument_that_is_no_text_is_refused_in_one_line(asleep):
    told = command(asleep, "night", "--baseline", os.fsdecode(b"torch==2.13.0,A=\xff"), "--candidate", "torch==2.13.0")
    assert told.returncode == 2
    assert "not UTF-8" in told.stderr
    assert "Traceback" not in told.stderr
    assert told.stdout == ""

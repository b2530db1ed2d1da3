"""`manage.py up` as a person uses it: real processes from start to Ctrl-C, each known by its number."""

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.launcher import Services
from config.launcher.processes import from_row, group_members, process, wait_until
from config.testing.private_data import short_folder
from tests.live import answers

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.faults]


class Started:
    """A running `up`, with what it says."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        command = [sys.executable, str(ROOT / "manage.py"), "up", "--data", str(data), "--no-night", *options]
        self.began = time.monotonic()
        self.popen = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self.said: list[str] = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.said.append(line)
            self.lines.put(line)
        self.popen.stdout.close()

    def await_line(self, words: str, seconds: float = 300) -> str:
        """Wait until it says something."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                line = self.lines.get(timeout=0.2)
            except queue.Empty:
                assert self.popen.poll() is None, f"it ended with {self.popen.returncode}: {''.join(self.said)}"
                continue
            if words in line:
                return line
        raise AssertionError(f"it never said {words!r}: {''.join(self.said)}")

    def await_running(self) -> "Started":
        self.await_line("until Ctrl-C")
        return self

    @property
    def port(self) -> int:
        return int(re.findall(r"127\.0\.0\.1:(\d+)", "".join(self.said))[0])

    def children(self) -> dict[str, int]:
        """Return the numbers of its programs, as it wrote them down."""
        rows = json.loads((self.data / "run" / "up.json").read_text())["children"]
        return {name: found.pid for name, row in rows.items() if (found := from_row(row)) and found.alive}

    def everything(self) -> set[int]:
        """Return every process of its programs and services."""
        members = {pid for leader in self.children().values() for pid in group_members(leader)}
        return members | {found.pid for found in Services(self.data).processes().values()}

    def end(self, number: signal.Signals = signal.SIGINT, seconds: float = 120) -> int:
        self.popen.send_signal(number)
        status = self.popen.wait(seconds)
        self.reader.join()
        return status


def environment() -> dict[str, str]:
    """Return this environment without what would lead `up` to the services of this run of the tests."""
    away = ("DATABASE_URL", "CELERY_BROKER_URL", "FLAMEKEEPER_DATA")
    return {name: value for name, value in os.environ.items() if name not in away}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Have one data folder for these tests: only the first start of them is a first one."""
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="flk-up-", dir=short_folder()))
    yield folder
    Services(folder).stop()
    shutil.rmtree(folder)


@pytest.fixture
def up(data: Path) -> Iterator[Started]:
    started = Started(data, "--port", "0")
    yield started
    if started.popen.poll() is None:
        started.end()
    started.reader.join()


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if process(pid)}


def test_everything_starts_and_ctrl_c_stops_it_and_nothing_else(up):
    stranger = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        up.await_running()
        assert answers(up.port)
        assert answers(up.port, "/")
        assert {"web", "worker-default", "beat"} < set(up.children())
        assert any(name.startswith("worker-device-") for name in up.children())
        everything = up.everything()
        assert len(everything) > 6
        assert up.end() == 0
        assert alive(everything) == set()
        assert stranger.poll() is None
        assert not answers(up.port)
        assert not (up.data / "run" / "up.json").exists()
    finally:
        stranger.kill()
        stranger.wait()


def test_a_second_start_answers_within_fifteen_seconds(data):
    """The quickest of three, as it is where others leave the machine alone for that long."""
    took = []
    while len(took) < 3 and min(took, default=15) >= 15:
        up = Started(data, "--port", "0")
        try:
            up.await_line("Flamekeeper is at")
            assert answers(up.port, "/")
            took.append(time.monotonic() - up.began)
        finally:
            assert up.end() == 0
    assert min(took) < 15


def test_a_start_beside_it_says_where_it_runs(up, data):
    up.await_running()
    beside = Started(data, "--port", "0")
    assert beside.popen.wait(120) == 2
    beside.reader.join()
    assert f"it runs already, at http://127.0.0.1:{up.port}/" in "".join(beside.said)
    assert "Traceback" not in "".join(beside.said)
    assert answers(up.port)


def test_a_taken_port_is_one_line_with_the_remedy(data):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = Started(data, "--port", str(port))
        assert refused.popen.wait(120) == 2
    refused.reader.join()
    said = "".join(refused.said)
    assert re.fullmatch(rf"Flamekeeper: cannot start: port {port} is taken .* up --port \d+\n", said), said


def test_what_dies_is_started_again(up):
    up.await_running()
    before = up.children()
    os.kill(before["web"], signal.SIGKILL)
    up.await_line("web ended (SIGKILL); starting it again")
    assert wait_until(lambda: up.children().get("web") not in (None, before["web"]) and answers(up.port), 120)
    server = Services(up.data).processes()["postgres"]
    os.kill(server.pid, signal.SIGKILL)
    up.await_line("postgres ended; starting again")
    assert wait_until(lambda: answers(up.port), 120)
    assert Services(up.data).processes()["postgres"] != server
    assert {name: pid for name, pid in up.children().items() if name != "web"}.items() <= before.items()


def test_a_killed_up_is_recovered_by_the_next(data):
    killed = Started(data, "--port", "0").await_running()
    left = killed.everything()
    servers = {found.pid for found in Services(data).processes().values()}
    killed.popen.kill()
    killed.popen.wait()
    assert alive(left) == left
    following = Started(data, "--port", str(killed.port)).await_running()
    killed.reader.join()
    try:
        assert answers(following.port)
        # The services went on and are used; every program is a new one, and nothing is there twice.
        assert {found.pid for found in Services(data).processes().values()} == servers
        assert wait_until(lambda: alive(left - servers) == set(), 60)
        assert "which a killed start left behind" in "".join(following.said)
    finally:
        assert following.end(signal.SIGTERM) == 0
    assert alive(left) == set()


def test_an_impatient_second_ctrl_c_hurries_the_end(up):
    up.await_running()
    everything = up.everything()
    began = time.monotonic()
    up.popen.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert up.end() == 0
    assert time.monotonic() - began < 15
    assert alive(everything) == set()


def test_once_without_a_night_ends_by_itself_and_tells_the_seconds(data):
    once = Started(data, "--port", "0", "--once")
    assert once.popen.wait(240) == 0
    once.reader.join()
    said = "".join(once.said)
    assert re.search(r"services +\d+\.\d s", said)
    assert re.search(r"together +\d+\.\d s", said)
    assert Services(data).processes() == {}

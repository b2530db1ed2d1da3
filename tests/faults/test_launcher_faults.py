"""The embedded services under everything that goes wrong with real processes, each ended by its recorded number."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from config.launcher import LaunchError, Services, postgres, redis, services_running, socket_folder
from config.launcher.processes import process, wait_until
from config.testing.private_data import short_folder

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parents[2]
DEBIAN = Path("/usr/lib/postgresql")


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Have a data folder with a short path; whatever runs on it is stopped afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="flk-faults-", dir=short_folder()))
    yield folder / "data"
    Services(folder / "data").stop()
    shutil.rmtree(folder)


def pids(services: Services) -> dict[str, int]:
    return {name: found.pid for name, found in services.processes().items()}


def kept(services: Services, statement: str) -> str:
    return postgres.ask(services.data, postgres.find_binaries(), statement).strip()


def kill(pid: int) -> None:
    """Kill a server and wait until the system has forgotten it."""
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: process(pid) is None, 60)


@contextmanager
def owner_that_hangs(data: Path) -> Iterator["subprocess.Popen[str]"]:
    """Start a program that uses the services and would stop them at its end, and wait until it has them."""
    program = (
        "import sys, time; from pathlib import Path; from config.launcher import services_running\n"
        "with services_running(Path(sys.argv[1])): print('up', flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", program, str(data)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "up\n"
        yield owner
        owner.kill()


def test_start_stop_and_start_again_keep_what_was_written(data):
    services = Services(data)
    assert services.start() == ["postgres", "redis"]
    assert services.running()
    first = pids(services)
    kept(services, "CREATE TABLE diary AS SELECT 7 AS page")
    redis.ask(data, b"SET message 42\r\n")
    assert services.stop() == ["redis", "postgres"]
    assert [process(pid) for pid in first.values()] == [None, None]
    assert not services.running()
    assert services.stop() == []
    services.start()
    assert kept(services, "SELECT page FROM diary") == "7"
    assert redis.ask(data, b"GET message\r\n") == b"$2\r\n42\r\n"


def test_a_start_beside_a_running_one_adds_nothing(data):
    services = Services(data)
    services.start()
    before = pids(services)
    assert Services(data).start() == []
    assert pids(Services(data)) == before


def test_nothing_listens_to_the_network_and_strangers_stay_out(data):
    services = Services(data)
    services.start()
    assert kept(services, "SHOW listen_addresses") == ""
    assert b"\r\n0\r\n" in redis.ask(data, b"CONFIG GET port\r\n")
    assert socket_folder(data).stat().st_mode & 0o077 == 0
    assert (data / "postgres").stat().st_mode & 0o077 == 0
    assert (data / "redis").stat().st_mode & 0o077 == 0
    assert kept(services, "SELECT count(*) FROM pg_extension WHERE extname = 'btree_gist'") == "0"
    kept(services, "CREATE EXTENSION btree_gist")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must give root up")
def test_no_service_of_root_runs_as_root(data):
    services = Services(data)
    services.start()
    for pid in pids(services).values():
        status = Path(f"/proc/{pid}/status").read_text()
        uids = next(line.split()[1:] for line in status.splitlines() if line.startswith("Uid:"))
        assert "0" not in uids


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's services have another user than root's folders")
def test_roots_closed_folders_let_the_services_through_with_one_capability_and_no_folder_opened(data):
    data.mkdir()
    closed = data.parent
    closed.chmod(0o700)
    services = Services(data)
    services.start()
    assert services.running()
    assert closed.stat().st_mode & 0o777 == 0o700
    for pid in pids(services).values():
        status = Path(f"/proc/{pid}/status").read_text()
        effective = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff:"))
        assert effective.bit_count() == 1


def test_killed_servers_are_started_again_and_lose_nothing_that_was_committed(data):
    services = Services(data)
    services.start()
    kept(services, "CREATE TABLE diary AS SELECT generate_series(1, 1000) AS page")
    before = pids(services)
    for pid in before.values():
        kill(pid)
    assert not services.running()
    assert services.start() == ["postgres", "redis"]
    assert kept(services, "SELECT count(*) FROM diary") == "1000"
    assert set(pids(services).values()).isdisjoint(before.values())


def test_services_of_a_killed_owner_are_adopted_and_end_with_the_next_one(data):
    with owner_that_hangs(data) as owner:
        before = pids(Services(data))
        owner.kill()
    assert Services(data).running()
    with services_running(data) as services:
        assert pids(services) == before
    assert [process(pid) for pid in before.values()] == [None, None]


def test_the_last_one_to_leave_stops_the_services(data):
    with ExitStack() as users:
        first = users.enter_context(services_running(data))
        running = pids(first)
        with services_running(data):
            pass
        assert first.running()
        with owner_that_hangs(data) as owner:
            users.pop_all().close()
            assert first.running()
            owner.send_signal(signal.SIGINT)
            owner.wait(120)
    assert [process(pid) for pid in running.values()] == [None, None]


def test_services_that_were_asked_to_stay_outlive_their_users(data):
    Services(data).start()
    with services_running(data):
        pass
    assert Services(data).running()


def test_a_state_file_that_names_a_process_of_somebody_else_kills_nobody(data):
    stranger = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        services = Services(data)
        services.start()
        services.stop()
        state = {name: {"pid": stranger.pid, "began": "another boot:1"} for name in ("postgres", "redis")}
        (data / "run" / "services.json").write_text(json.dumps(state))
        assert services.processes() == {}
        assert services.stop() == []
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_pid_file_whose_number_another_process_has_now_does_not_keep_the_server_from_starting(data):
    services = Services(data)
    services.start()
    server = services.processes()["postgres"].pid
    pid_file = (data / "postgres" / "postmaster.pid").read_text()
    services.stop()
    stranger = subprocess.Popen(["sleep", "600"], start_new_session=True, **same_user(data))
    try:
        stale = pid_file.replace(str(server), str(stranger.pid), 1)
        for left in postgres.pid_files(data):
            left.write_text(stale)
        assert services.start() == ["postgres", "redis"]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def same_user(data: Path) -> dict[str, int]:
    """Become the server's user: PostgreSQL takes the number of anybody else's process for a stale one itself."""
    return {"user": (data / "postgres").stat().st_uid} if os.geteuid() == 0 else {}


def test_a_lost_state_file_does_not_lose_the_servers(data):
    services = Services(data)
    services.start()
    before = pids(services)
    (data / "run" / "services.json").unlink()
    assert services.start() == []
    assert pids(services) == before
    (data / "run" / "services.json").write_text("{ half a fi")
    assert services.stop() == ["redis", "postgres"]
    assert [process(pid) for pid in before.values()] == [None, None]


def test_an_interrupted_first_start_is_not_used(data):
    (data / "postgres.new").mkdir(parents=True)
    (data / "postgres.new" / "PG_VERSION").write_text("18\n")
    services = Services(data)
    services.start()
    assert services.running()
    assert not (data / "postgres.new").exists()


def test_a_start_killed_before_the_database_was_made_is_completed_by_the_next(data):
    services = Services(data)
    services.start()
    kept(services, "DROP DATABASE flamekeeper")
    assert services.start() == []
    assert kept(services, "SELECT 1 FROM pg_database WHERE datname = 'flamekeeper'") == "1"


def working_in(folder: Path) -> list[int]:
    """Return the processes whose working folder this is: all of a PostgreSQL server's, whatever their group."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            found += [int(entry.parent.name)] if entry.readlink() == folder else []
    return found


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="this system does not show where processes work")
def test_stopping_leaves_no_process_behind(data):
    services = Services(data)
    services.start()
    assert len(working_in(data / "postgres")) > 3
    assert len(working_in(data / "redis")) == 1
    services.stop()
    assert working_in(data / "postgres") + working_in(data / "redis") == []


def test_a_folder_that_cannot_be_written_is_one_line(data):
    with pytest.raises(LaunchError) as refused:
        Services(Path("/proc/flamekeeper")).start()
    assert "cannot be written" in str(refused.value)
    assert "\n" not in str(refused.value)
    data.write_text("a file where the folder should be")
    with pytest.raises(LaunchError, match="cannot be written"):
        Services(data).start()
    data.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_of_somebody_else_is_one_line(data):
    data.mkdir()
    data.parent.chmod(0o755)
    program = (
        "import os, sys; from pathlib import Path; from config.launcher import LaunchError, Services\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try: Services(Path(sys.argv[1])).start()\n"
        "except LaunchError as error: print(error)"
    )
    refused = subprocess.run([sys.executable, "-c", program, str(data)], cwd=ROOT, capture_output=True, text=True)
    assert refused.stderr == ""
    assert "cannot be written" in refused.stdout
    assert refused.stdout.count("\n") == 1


def test_a_path_too_long_for_a_socket_works_all_the_same(data):
    long = data / ("a-very-long-folder-name-" * 5)
    services = Services(long)
    try:
        services.start()
        assert services.running()
        assert socket_folder(long).parent == Path("/tmp")
        assert kept(services, "SELECT 1") == "1"
    finally:
        services.stop()


def test_a_squatted_socket_folder_is_refused(data):
    long = data / ("a-very-long-folder-name-" * 5)
    long.mkdir(parents=True)
    folder = socket_folder(long)
    folder.symlink_to(data)
    try:
        with pytest.raises(LaunchError, match="belongs to somebody else"):
            Services(long).start()
    finally:
        folder.unlink()


def test_other_binaries_and_a_server_of_ones_own_replace_the_embedded_parts(data, monkeypatch):
    monkeypatch.setenv("PG_BIN", "/nowhere")
    with pytest.raises(LaunchError, match="PG_BIN=/nowhere"):
        Services(data).start()
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@elsewhere/site")
    services = Services(data)
    assert services.start() == ["redis"]
    assert services.environment()["DATABASE_URL"] == "postgresql://somebody@elsewhere/site"
    services.stop()
    monkeypatch.setenv("CELERY_BROKER_URL", "amqp://elsewhere")
    assert services.start() == []
    assert services.running()


@pytest.mark.skipif(not list(DEBIAN.glob("*/bin/initdb")), reason="no other PostgreSQL is installed here")
def test_data_of_another_version_are_refused_in_one_line(data, monkeypatch):
    other = sorted(DEBIAN.glob("*/bin/initdb"))[0].parent
    monkeypatch.setenv("PG_BIN", str(other))
    services = Services(data)
    services.start()
    version = kept(services, "SHOW server_version")
    assert version.startswith(other.parent.name)
    services.stop()
    monkeypatch.delenv("PG_BIN")
    with pytest.raises(LaunchError, match=f"are of PostgreSQL {other.parent.name}"):
        services.start()

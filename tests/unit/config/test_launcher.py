"""Folders and identities: the parts of the launcher that need no server."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from config.launcher import socket_folder
from config.launcher.folders import LONGEST_SOCKET_NAME, failure, log_file, make_data_folder
from config.launcher.processes import (
    Process,
    from_row,
    group_members,
    ours,
    process,
    signal_group,
    signal_process,
    undisturbed,
    wait_until,
)


@pytest.fixture
def sleeper():
    """Have a process in a session of its own."""
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    yield child
    child.kill()
    child.wait()


@pytest.mark.parametrize("length", [1, 40, 60, 70, 80, 120, 250])
def test_a_sockets_path_is_short_whatever_the_data_folders(length):
    data = Path("/" + "d" * length)
    assert len(os.fsencode(socket_folder(data))) + len(LONGEST_SOCKET_NAME) <= 103
    assert socket_folder(data) == socket_folder(data)


def test_long_folders_do_not_share_their_sockets(monkeypatch):
    first, second = (Path("/" + "d" * 120 + name) for name in "ab")
    before = socket_folder(first)
    assert before != socket_folder(second)
    monkeypatch.setenv("TMPDIR", "/somewhere/else")
    assert socket_folder(first) == before


def test_a_process_is_known_by_its_number_and_its_beginning(sleeper):
    known = process(sleeper.pid)
    assert known
    assert known.alive
    assert from_row(known.as_row) == known
    assert not Process(sleeper.pid, "another boot:1").alive
    sleeper.kill()
    # Dead and not yet waited for: it holds its number and does nothing any more.
    assert wait_until(lambda: not known.alive, 60)
    assert process(sleeper.pid) is None


@pytest.mark.parametrize("row", [None, 7, {}, {"pid": "1"}, {"pid": 1, "began": "x"}, {"pid": -5, "began": "x"}])
def test_what_is_no_process_is_none(row):
    assert from_row(row) is None


def test_a_stranger_with_the_same_number_is_never_signalled(sleeper):
    stranger = Process(sleeper.pid, "another boot:1")
    assert not signal_process(stranger, signal.SIGKILL)
    assert not signal_group(stranger, signal.SIGKILL)
    assert not ours(stranger)
    assert sleeper.poll() is None


def test_what_a_killed_leader_left_behind_is_still_ours():
    leader = subprocess.Popen(["/bin/sh", "-c", "sleep 600 & wait"], start_new_session=True)
    known = process(leader.pid)
    assert known
    assert wait_until(lambda: len(group_members(leader.pid)) == 2, 60)
    leader.kill()
    leader.wait()
    (orphan,) = group_members(leader.pid)
    assert ours(known)
    assert signal_group(known, signal.SIGKILL)
    assert wait_until(lambda: process(orphan) is None, 60)
    assert not ours(known)


@pytest.fixture
def interruptible():
    """Let Ctrl-C be heard, though a shell that starts tests in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_waits_until_a_new_process_is_written_down(interruptible):
    steps = []

    def start_and_write_down() -> None:
        with undisturbed():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
            steps.append("written down")

    with pytest.raises(KeyboardInterrupt):
        start_and_write_down()
    assert steps == ["written down"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_outside_the_main_thread_there_is_nothing_to_hold_back():
    passed = []

    def work() -> None:
        with undisturbed():
            passed.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert passed == [True]


def test_a_long_log_is_put_aside(tmp_path):
    make_data_folder(tmp_path)
    log = log_file(tmp_path, "web")
    log.write_text("x" * 100)
    assert log_file(tmp_path, "web", keep_bytes=1000).read_text() == "x" * 100
    assert not log_file(tmp_path, "web", keep_bytes=50).exists()
    assert (tmp_path / "logs" / "web.log.1").read_text() == "x" * 100


def test_a_logs_end_tells_what_failed(tmp_path):
    log = tmp_path / "a.log"
    assert failure(log) == "nothing was logged"
    log.write_text("one\nFATAL:  the reason\nshut down\n\n")
    assert failure(log) == "FATAL:  the reason"
    log.write_text("one\ntwo\n")
    assert failure(log) == "two"


def test_the_launcher_and_the_set_up_need_the_standard_library_only():
    program = "import config.bootstrap, config.launcher, config.up.run; print('django' in sys.modules)"
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-S", "-I", "-c", f"import sys; sys.path.insert(0, {str(root)!r}); {program}"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"

"""The parts of `up` that need no server: options, what changed, the door, phases, how a process ended."""

import signal
import socket
import time

import pytest

from config.launcher.processes import wait_until
from config.up import sources
from config.up.arguments import parse
from config.up.crew import Crew, ended, exited
from config.up.instance import Instance, UpError, claimed
from config.up.programs import Program
from config.up.run import healthy, open_door
from config.up.telling import Phases


@pytest.mark.parametrize(
    "words", [["--port", "many"], ["--port", "70000"], ["--port", "-1"], ["--prot", "1"], ["more"]]
)
def test_bad_options_end_with_two(words, capsys):
    with pytest.raises(SystemExit) as ending:
        parse(words)
    assert ending.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_the_usual_start_needs_no_options():
    given = parse([])
    assert (given.port, given.once, given.no_night, given.data) == (8000, False, False, None)


def test_a_door_is_open_to_this_machine_only_and_a_taken_one_is_told():
    with open_door(0) as door:
        host, port = door.getsockname()
        assert host == "127.0.0.1"
        with pytest.raises(UpError, match=f"port {port} is taken .* --port"), open_door(port):
            pass
        assert not socket.create_connection((host, port), timeout=1).close()
    with open_door(port):
        pass


def test_what_does_not_answer_is_not_healthy():
    with open_door(0) as door:
        host, port = door.getsockname()
    assert not healthy(host, port)


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "record").mkdir()
    (tmp_path / "record" / "models.py").write_text("a = 1\n")
    (tmp_path / "data" / "run").mkdir(parents=True)
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    return tmp_path


def test_a_second_start_knows_that_nothing_has_changed(project):
    data = project / "data"
    assert not sources.prepared_before(data, "here")
    sources.note_prepared(data, "here")
    assert sources.prepared_before(data, "here")


def test_another_file_database_or_cluster_has_to_be_prepared(project):
    data = project / "data"
    sources.note_prepared(data, "here")
    assert not sources.prepared_before(data, "there")
    (project / "record" / "models.py").write_text("a = 22\n")
    assert not sources.prepared_before(data, "here")
    sources.note_prepared(data, "here")
    (data / "postgres").mkdir()
    (data / "postgres" / "PG_VERSION").write_text("18\n")
    assert not sources.prepared_before(data, "here")


def test_the_seconds_of_phases_add_up(monkeypatch, capsys):
    monkeypatch.setenv("FLAMEKEEPER_SETUP_SECONDS", "10.5")
    phases = Phases()
    with phases.phase("services", "starting"):
        time.sleep(0.02)
    assert "starting" in capsys.readouterr().err
    rows = dict(line.split()[:2] for line in phases.table().splitlines())
    assert rows["environment"] == "10.5"
    assert float(rows["together"]) == pytest.approx(float(rows["environment"]) + float(rows["services"]), abs=0.11)


@pytest.mark.parametrize(("status", "words"), [(0, "status 0"), (3, "status 3"), (-9, "SIGKILL"), (-200, "signal 200")])
def test_how_a_process_ended_is_said_in_words(status, words):
    assert ended(status) == words


@pytest.fixture
def crew(tmp_path):
    """Have a crew that is stopped at the end."""
    with claimed(tmp_path, print) as instance:
        crew = Crew(instance, "http://127.0.0.1:1/", {"PATH": "/usr/bin:/bin"})
        yield crew
        crew.stop(list(crew.members), lambda: True)


def test_a_program_that_keeps_dying_is_started_ever_later(crew):
    told: list[str] = []
    member = crew.start(Program("mayfly", ("/bin/sh", "-c", "echo my last words; exit 7")))
    for pause in (1, 2, 4, 8):
        assert member.popen
        member.popen.wait(60)
        before = time.monotonic()
        crew.tend(told.append)
        assert before <= member.again_at - pause <= time.monotonic()
        member.again_at = 0
        crew.tend(told.append)
    assert told[0] == "mayfly ended (status 7); starting it again in 1 s. It said: my last words"


def test_who_is_asked_to_stop_and_does_not_is_made_to_with_all_its_children(crew):
    stubborn = "trap '' TERM QUIT; echo deaf; sleep 600 & while :; do sleep 0.1; done"
    member = crew.start(Program("stubborn", ("/bin/sh", "-c", stubborn)))
    log = crew.instance.data / "logs" / "stubborn.log"
    assert wait_until(lambda: "deaf" in log.read_text(), 60)
    began = time.monotonic()
    crew.stop(["stubborn"], lambda: time.monotonic() - began > 0.5)
    assert exited(member) == -signal.SIGKILL
    assert Instance(crew.instance.data).left_behind() == {}


def test_a_second_claim_is_refused_with_the_address(crew):
    crew.write_down()
    with pytest.raises(UpError, match=r"at http://127\.0\.0\.1:1/\."), claimed(crew.instance.data, print):
        pass

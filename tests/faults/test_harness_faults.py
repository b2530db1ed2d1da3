"""The harness when its child hangs, dies, lies or runs out of memory: real processes, none left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ci_gpu import processes, rounds, supervisor
from ci_gpu.night import attempts_of
from ci_gpu.supervisor import Interpreter, Order, run_order

pytestmark = [pytest.mark.faults, pytest.mark.torch]

ROOT = Path(supervisor.__file__).parent.parent
POINTS = ("dispatch.float32.add", "softmax.float32.rows", "reduction.float32.sum")
SUSPECT = POINTS[1]


@pytest.fixture
def marks(monkeypatch):
    """Collect the mark of every process started, and find all of them gone in the end."""
    tokens = []
    given = supervisor.environment

    def noted(interpreter, order, scratch, token):
        tokens.append(token)
        return given(interpreter, order, scratch, token)

    monkeypatch.setattr(supervisor, "environment", noted)
    monkeypatch.setenv("FLAMEKEEPER_FAULTS", "1")
    yield tokens
    assert tokens, "no process was started"
    assert not [pid for token in tokens for pid in processes.marked(token)]


def faulty(torch_python, kind, *, deadline_s=60, points=POINTS, cancelled=None):
    fault = {"point": SUSPECT, "kind": kind} if kind else None
    order = Order(tuple(points), seed=3, budget_s=0.05, fault=fault)
    return run_order(Interpreter(Path(torch_python)), order, deadline_s=deadline_s, cancelled=cancelled)


def measured(outcome):
    return [sample["point"] for sample in outcome.samples]


def test_a_hung_child_is_ended_at_its_deadline(torch_python, marks):
    """It hangs in C and keeps the interpreter: nothing but the process's end can stop it."""
    outcome = faulty(torch_python, "hang", deadline_s=12)
    assert (outcome.ended, outcome.last_point, outcome.clean) == ("timeout", SUSPECT, True)
    assert 12 <= outcome.seconds < 25
    assert measured(outcome) == [POINTS[0]]
    assert outcome.exit_status == -signal.SIGKILL


def test_a_child_that_prints_garbage(torch_python, marks):
    outcome = faulty(torch_python, "garbage")
    assert (outcome.ended, outcome.last_point, outcome.clean) == ("garbage", SUSPECT, True)
    assert "talks too much" in outcome.detail
    assert measured(outcome) == [POINTS[0]]


def test_a_child_that_dies_in_the_middle_of_a_line(torch_python, marks):
    outcome = faulty(torch_python, "die_mid_line")
    assert (outcome.ended, outcome.last_point, outcome.clean) == ("crash", SUSPECT, True)
    assert "in the middle of a line" in outcome.detail
    assert measured(outcome) == [POINTS[0]]


def test_a_child_that_runs_out_of_memory(torch_python, marks):
    """Memory really runs out, below a limit that the fault sets for its own process."""
    outcome = faulty(torch_python, "out_of_memory")
    assert (outcome.ended, outcome.last_point, outcome.clean) == ("out_of_memory", SUSPECT, True)
    assert [failure["reason"] for failure in outcome.failures] == ["out_of_memory"]
    assert measured(outcome) == [POINTS[0]]


def test_a_child_that_exits(torch_python, marks):
    outcome = faulty(torch_python, "exit")
    assert (outcome.ended, outcome.last_point, outcome.exit_status) == ("crash", SUSPECT, 7)


def test_wrong_numbers_are_a_failure_of_one_point_alone(torch_python, marks):
    outcome = faulty(torch_python, "wrong_numerics")
    assert outcome.ended == "done"
    assert measured(outcome) == [POINTS[0], POINTS[2]]
    assert [(f["point"], f["reason"]) for f in outcome.failures] == [(SUSPECT, "numerics")]


def test_a_cancelled_child_is_gone_at_once(torch_python, marks):
    started = time.monotonic()
    outcome = faulty(torch_python, "hang", cancelled=lambda: time.monotonic() > started + 5)
    assert (outcome.ended, outcome.clean) == ("cancelled", True)
    assert outcome.seconds < 15


def test_no_fault_happens_where_faults_are_not_allowed(torch_python, marks, monkeypatch):
    monkeypatch.delenv("FLAMEKEEPER_FAULTS")
    outcome = faulty(torch_python, "exit")
    assert outcome.ended == "done"
    assert measured(outcome) == list(POINTS)


def arm_run(outcome, points):
    return rounds.ArmRun(
        tuple(points),
        {sample["point"]: sample["error"] for sample in outcome.samples},
        {failure["point"]: failure["reason"] for failure in outcome.failures},
        outcome.ended,
        outcome.last_point,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "reason"), [("exit", "crash"), ("wrong_numerics", "numerics")])
def test_a_round_with_a_broken_candidate_ends_with_every_other_pair(torch_python, marks, kind, reason):
    attempts = []
    while groups := rounds.next_orders(POINTS, attempts):
        group = groups[0]
        arms = [arm_run(faulty(torch_python, fault, points=group), group) for fault in (None, kind)]
        attempts.append(rounds.Attempt(*arms))
    assert set(rounds.complete(attempts)) == set(POINTS) - {SUSPECT}
    assert rounds.breakages(attempts) == {SUSPECT: rounds.Breakage("candidate", reason)}
    assert [len(attempt.candidate.points) for attempt in attempts if SUSPECT in attempt.candidate.points] == [3, 1]


def night(torch_python, output, number_of_rounds):
    command = [sys.executable, "-m", "ci_gpu", "night", "--rounds", str(number_of_rounds), "--output", str(output)]
    command += ["--baseline-python", str(torch_python), "--candidate-python", str(torch_python), "--budget", "0.05"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def children_of(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in children.read_text().split()] if children.exists() else []


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_night_killed_in_a_round_leaves_no_process_and_goes_on_with_the_next_missing_pair(torch_python, tmp_path):
    output = tmp_path / "results.json"
    killed = night(torch_python, output, 2)
    child = pid_of_child_in_round(killed, "round 2/2")
    before = json.loads(output.read_text())
    killed.kill()
    killed.communicate()
    until = time.monotonic() + 10
    while alive(child):
        assert time.monotonic() < until, "the child outlived its parent"
        time.sleep(0.05)
    continued = night(torch_python, output, 2)
    _, progress = continued.communicate(timeout=240)
    after = json.loads(output.read_text())
    assert continued.returncode == 0, progress
    assert "round 1/2" not in progress
    assert after["rounds"][0] == before["rounds"][0]
    pairs = [rounds.complete(attempts_of(entry, {})) for entry in after["rounds"]]
    assert [len(found) for found in pairs] == [16, 16]
    assert [len(entry["attempts"]) for entry in after["rounds"]] == [2, 2]


def pid_of_child_in_round(process, announced):
    """Return the measured child's id once the night has said that it is in that round."""
    for line in process.stderr:
        if announced in line:
            break
    until = time.monotonic() + 30
    while not (found := children_of(process.pid)):
        assert time.monotonic() < until
        time.sleep(0.02)
    time.sleep(1)
    return found[0]


@pytest.mark.slow
def test_a_night_that_is_told_to_stop_stops_and_says_so(torch_python, tmp_path):
    stopped = night(torch_python, tmp_path / "results.json", 3)
    child = pid_of_child_in_round(stopped, "round 1/3")
    os.kill(stopped.pid, signal.SIGTERM)
    _, words = stopped.communicate(timeout=60)
    assert stopped.returncode == 130
    assert "Traceback" not in words
    assert words.splitlines()[-1].startswith("stopped")
    assert not alive(child)

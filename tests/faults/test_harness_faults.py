"""The harness when its child hangs, dies, lies or runs out of memory: real processes, none left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ci_gpu import catalogue, processes, rounds, supervisor
from ci_gpu.night import attempts_of
from ci_gpu.supervisor import Interpreter, Order, run_order

pytestmark = pytest.mark.faults

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


def faulty(torch_python, kind, *, deadline_s=240, points=POINTS, **listening):
    fault = {"point": SUSPECT, "kind": kind} if kind else None
    order = Order(tuple(points), seed=3, budget_s=0.05, fault=fault)
    return run_order(Interpreter(Path(torch_python)), order, deadline_s=deadline_s, **listening)


def measured(outcome):
    return [sample["point"] for sample in outcome.samples]


@pytest.mark.torch
def test_a_hung_child_is_ended_at_its_deadline(torch_python, marks):
    """It hangs in C and keeps the interpreter: nothing but the process's end can stop it.

    A machine too busy to reach the hang before the deadline is given a longer one.
    """
    for deadline_s in (4, 20, 120):
        outcome = faulty(torch_python, "hang", deadline_s=deadline_s)
        assert (outcome.ended, outcome.clean) == ("timeout", True)
        assert deadline_s <= outcome.seconds < deadline_s + 60
        if outcome.last_point == SUSPECT:
            break
    assert outcome.last_point == SUSPECT
    assert measured(outcome) == [POINTS[0]]
    assert outcome.exit_status == -signal.SIGKILL


@pytest.mark.torch
def test_a_child_that_prints_garbage(torch_python, marks):
    outcome = faulty(torch_python, "garbage")
    assert (outcome.ended, outcome.last_point, outcome.clean) == ("garbage", SUSPECT, True)
    assert "talks too much" in outcome.detail
    assert measured(outcome) == [POINTS[0]]


@pytest.mark.torch
def test_a_child_that_dies_in_the_middle_of_a_line(torch_python, marks):
    outcome = faulty(torch_python, "die_mid_line")
    assert (outcome.ended, outcome.last_point, outcome.clean) == ("crash", SUSPECT, True)
    assert "in the middle of a line" in outcome.detail
    assert measured(outcome) == [POINTS[0]]


@pytest.mark.torch
def test_a_child_that_runs_out_of_memory(torch_python, marks):
    """Memory really runs out, below a limit that the fault sets for its own process."""
    outcome = faulty(torch_python, "out_of_memory")
    assert (outcome.ended, outcome.last_point, outcome.clean) == ("out_of_memory", SUSPECT, True)
    assert [failure["reason"] for failure in outcome.failures] == ["out_of_memory"]
    assert measured(outcome) == [POINTS[0]]


@pytest.mark.torch
def test_a_child_that_exits(torch_python, marks):
    outcome = faulty(torch_python, "exit")
    assert (outcome.ended, outcome.last_point, outcome.exit_status) == ("crash", SUSPECT, 7)


@pytest.mark.torch
def test_wrong_numbers_are_a_failure_of_one_point_alone(torch_python, marks):
    outcome = faulty(torch_python, "wrong_numerics")
    assert outcome.ended == "done"
    assert measured(outcome) == [POINTS[0], POINTS[2]]
    assert [(f["point"], f["reason"]) for f in outcome.failures] == [(SUSPECT, "numerics")]


@pytest.mark.torch
def test_a_cancelled_child_is_gone_at_once(torch_python, marks):
    """It is cancelled when it says that it begins the point at which it hangs."""
    heard, asked = [], []

    def cancelled():
        if heard and heard[-1].get("point") == SUSPECT:
            asked.append(time.monotonic())
        return bool(asked)

    outcome = faulty(torch_python, "hang", on_message=heard.append, cancelled=cancelled)
    assert (outcome.ended, outcome.last_point, outcome.clean) == ("cancelled", SUSPECT, True)
    assert time.monotonic() - asked[0] < 30


@pytest.mark.torch
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


@pytest.mark.torch
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


SUITE = catalogue.SUITES["selftest"]


def night(output, number_of_rounds):
    """Start a night in a process of its own; its points need no framework."""
    command = [sys.executable, "-m", "ci_gpu", "night", "--suite", SUITE.name, "--rounds", str(number_of_rounds)]
    command += ["--baseline-python", sys.executable, "--candidate-python", sys.executable]
    command += ["--budget", "0.3", "--output", str(output)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def children_of(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in children.read_text().split()] if children.exists() else []


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except OSError:
        return False


def wait_until(condition, complaint):
    until = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < until, complaint
        time.sleep(0.02)
    return found


linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux
@pytest.mark.slow
def test_a_night_killed_in_a_round_leaves_no_process_and_goes_on_with_the_next_missing_pair(tmp_path):
    output = tmp_path / "results.json"
    killed = night(output, 2)
    child = child_in_round(killed, "round 2/2")
    killed.kill()
    killed.communicate()
    wait_until(lambda: not alive(child), "the child outlived its parent")
    before = json.loads(output.read_text())
    assert [len(entry["attempts"]) for entry in before["rounds"]] in ([2], [2, 0])
    continued = night(output, 2)
    _, progress = continued.communicate(timeout=240)
    after = json.loads(output.read_text())
    assert continued.returncode == 0, progress
    assert "round 1/2" not in progress
    assert after["rounds"][0] == before["rounds"][0]
    pairs = [rounds.complete(attempts_of(entry, {})) for entry in after["rounds"]]
    assert [len(found) for found in pairs] == [len(SUITE.points)] * 2
    assert [len(entry["attempts"]) for entry in after["rounds"]] == [2, 2]


def child_in_round(process, announced):
    """Return the measured child's id once the night has said that it is in that round, and the child measures."""
    assert any(announced in line for line in process.stderr)
    (child,) = wait_until(lambda: children_of(process.pid), "no process was started")
    # Its lifeline is a thread: from then on it has its order.
    wait_until(lambda: len(list(Path(f"/proc/{child}/task").glob("*"))) > 1, "it never began")
    return child


@linux
def test_a_night_that_is_told_to_stop_stops_and_says_so(tmp_path):
    stopped = night(tmp_path / "results.json", 3)
    child = child_in_round(stopped, "round 1/3")
    os.kill(stopped.pid, signal.SIGTERM)
    _, words = stopped.communicate(timeout=120)
    assert stopped.returncode == 130
    assert "Traceback" not in words
    assert words.splitlines()[-1].startswith("stopped")
    assert not alive(child)

"""Nights under everything that goes wrong: real workers, services and measured processes, ended by recorded numbers.

After each: the night ends with its verdicts, no sample is lost or counted twice, and no process is left behind.
"""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from benchmarks_runner.actions import processes
from config.launcher.processes import wait_until
from config.up.programs import Program, default_worker, device_worker
from tests.night_stage import BASELINE, POINTS, ROOT, SLOWER, SORT, Stage, gone, holder_of, spare_the_unchanged, staged

pytestmark = [pytest.mark.faults, pytest.mark.slow]


@pytest.fixture(scope="module")
def stage():
    """A stage on which one night has run already, so that bundle and A/A pairs are there.

    Its worker of the queue `default` stays, as that of a site does: no night here needs to start one of its own.
    """
    # Eight pairs are the least that can fail a point of four; the rest of a night tells these tests nothing.
    with staged(rounds=12) as made:
        status, document = made.compare().answer()
        assert (status, verdicts(document)[SORT]) == (1, "fail")
        made.whole(document["night"])
        worker = started(made, default_worker())
        try:
            yield made
        finally:
            end(worker)


def verdicts(document):
    return {row["point"]: row["verdict"] for row in document["points"]}


def decided_as_ever(stage: Stage, played) -> dict:
    """Assert that a night ended as it does when nothing goes wrong, each pair measured and counted once."""
    status, document = played.answer()
    assert status == 1, played.said()
    told = verdicts(document)
    assert set(told) == set(POINTS)
    assert told[SORT] == "fail"
    assert "broken" not in told.values()
    stage.whole(document["night"])
    spare_the_unchanged(told)
    return document


def test_a_worker_killed_in_a_round(stage):
    played = stage.compare()
    lease = stage.begun(after_round=1)
    worker = holder_of(lease)
    os.kill(worker, signal.SIGKILL)
    assert wait_until(gone(worker), 60)
    document = decided_as_ever(stage, played)
    assert "lost" in stage.ended(document["night"])
    assert not processes.members(lease["process_group"])


def test_the_measured_process_killed(stage):
    played = stage.compare()
    os.killpg(stage.begun(after_round=1)["process_group"], signal.SIGKILL)
    document = decided_as_ever(stage, played)
    assert stage.ended(document["night"]) == ["crash"]


ONCE = {"arm": "candidate", "round": 2, "attempt": 1, "point": SORT}


@pytest.mark.parametrize(
    ("kind", "ended"),
    [
        ("hang", ["timeout"]),
        ("garbage", ["garbage"]),
        ("die_mid_line", ["crash"]),
        ("out_of_memory", ["out_of_memory"]),
        ("exit", ["crash"]),
    ],
)
def test_a_measured_process_that_fails_once_is_measured_anew(stage, kind, ended):
    plan = json.dumps([{**ONCE, "kind": kind}])
    # What hangs ends at its deadline, and nothing else may: not even where the machine stands still for seconds.
    deadline = {"FLAMEKEEPER_DEADLINE_SECONDS": "10"} if kind == "hang" else {}
    played = stage.compare(FLAMEKEEPER_FAULTS="1", FLAMEKEEPER_FAULT_PLAN=plan, **deadline)
    document = decided_as_ever(stage, played)
    assert stage.ended(document["night"]) == ended


def always(arm, kind, point="selftest.table"):
    plan = json.dumps([{"night": "comparison", "arm": arm, "point": point, "kind": kind}])
    return {"FLAMEKEEPER_FAULTS": "1", "FLAMEKEEPER_FAULT_PLAN": plan}


@pytest.mark.parametrize(("kind", "words"), [("exit", "crashed"), ("out_of_memory", "ran out of memory")])
def test_a_candidate_that_always_breaks_at_a_point_is_broken_there(stage, kind, words):
    status, document = stage.compare(BASELINE, **always("candidate", kind)).answer()
    told = verdicts(document)
    assert (status, told.pop("selftest.table")) == (1, "broken")
    assert any(words in row["reason"] for row in document["points"] if row["point"] == "selftest.table")
    assert "broken" not in told.values()
    stage.whole(document["night"])
    spare_the_unchanged(told, changed=())


def test_a_baseline_that_breaks_leaves_the_point_inconclusive(stage):
    _, document = stage.compare(BASELINE, **always("baseline", "exit")).answer()
    told = {row["point"]: row for row in document["points"]}
    assert told["selftest.table"]["verdict"] == "inconclusive"
    assert "baseline" in told["selftest.table"]["reason"]


def test_redis_killed(stage):
    played = stage.compare()
    stage.measuring(after_round=1)
    redis = stage.services.processes()["redis"].pid
    os.kill(redis, signal.SIGKILL)
    assert wait_until(gone(redis), 60)
    decided_as_ever(stage, played)
    assert stage.services.processes()["redis"].pid != redis


def test_postgresql_killed(stage):
    played = stage.compare()
    stage.measuring(after_round=1)
    postgres = stage.services.processes()["postgres"].pid
    os.kill(postgres, signal.SIGKILL)
    assert wait_until(gone(postgres), 60)
    decided_as_ever(stage, played)
    assert stage.services.processes()["postgres"].pid != postgres


SEND = """
import sys
from config.celery import app
for _ in range(10):
    app.send_task("benchmarks_runner.tasks.measure_round", args=[int(sys.argv[1])], queue=sys.argv[2])
"""


def second_worker(stage: Stage, queue: str, **variables: str) -> "subprocess.Popen[bytes]":
    """Start another worker of the device, which should not be there."""
    return started(stage, device_worker(queue), "-n", f"second-{time.time_ns()}@%h", **variables)


def started(stage: Stage, program: Program, *options: str, **variables: str) -> "subprocess.Popen[bytes]":
    """Start a worker that no `night` started, and wait until it takes messages."""
    environment = {**stage.environment, **stage.services.environment(), "DJANGO_SETTINGS_MODULE": "config.settings"}
    log = stage.services.data / "logs" / f"other-{time.time_ns()}.log"
    with log.open("wb") as said:
        worker = subprocess.Popen(
            [*program.command, *options], cwd=ROOT, env={**environment, **variables}, stdout=said, stderr=said,
            start_new_session=True,
        )  # fmt: skip
    assert wait_until(lambda: b" ready." in log.read_bytes(), 120), log.read_text()
    return worker


def queue_of(stage: Stage) -> str:
    (row,) = stage.rows("SELECT digest FROM benchmarks_runner_machine")
    return f"device-{row[0][:12]}-cpu"


def end(worker: "subprocess.Popen[bytes]") -> None:
    worker.send_signal(signal.SIGTERM)
    try:
        worker.wait(60)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


def test_the_same_message_many_times_to_two_workers(stage):
    queue = queue_of(stage)
    worker = second_worker(stage, queue)
    try:
        played = stage.compare()
        round = stage.measuring()["round_id"]
        environment = {**stage.environment, **stage.services.environment()}
        subprocess.run([sys.executable, "-c", SEND, str(round), queue], env=environment, cwd=ROOT, check=True)
        document = decided_as_ever(stage, played)
    finally:
        end(worker)
    assert stage.ended(document["night"]) == []
    attempts = stage.rows(
        "SELECT r.number, count(*) FROM benchmarks_runner_attempt a JOIN benchmarks_runner_round r ON r.id = a.round_id"
        " WHERE r.night_id = %s GROUP BY 1",
        document["night"],
    )
    assert {count for _, count in attempts} == {2}


def freeze(stage: Stage, worker: int) -> None:
    """Let a worker live and not beat, as one whose machine was suspended: between two transactions.

    One that it held open would keep the next holder waiting; one that commits later would count as a late sample.
    """
    others = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    for _ in range(20):
        os.kill(worker, signal.SIGSTOP)
        if wait_until(lambda: not stage.rows(f"{others} AND state <> 'idle'"), 3):
            return
        os.kill(worker, signal.SIGCONT)
    raise AssertionError("it never was between two transactions")


def test_a_lease_stolen_after_expiry_refuses_its_former_holder(stage):
    short = {"FLAMEKEEPER_LEASE_SECONDS": "2"}
    played = stage.compare(**short)
    lease = stage.begun(after_round=1)
    frozen = holder_of(lease)
    freeze(stage, frozen)
    before, second = stage.samples(), second_worker(stage, queue_of(stage), **short)
    try:
        assert wait_until(lambda: stage.lease()["token"] > lease["token"], 60), "nobody took the device over"
        assert wait_until(lambda: not processes.members(lease["process_group"]), 60)
        os.kill(frozen, signal.SIGCONT)
        document = decided_as_ever(stage, played)
    finally:
        os.kill(frozen, signal.SIGCONT) if not gone(frozen)() else None
        end(second)
    late = stage.rows(
        "SELECT count(*) FROM benchmarks_runner_sample s JOIN benchmarks_runner_attempt a ON a.id = s.attempt_id"
        " WHERE a.lease_token = %s AND s.id > %s",
        lease["token"],
        max(before),
    )
    assert late == [(0,)]
    assert "lost" in stage.ended(document["night"])


def test_workers_of_somebody_else_that_stop_are_replaced(stage):
    """As where two commands `night` run at once, or an `up` is stopped beside one: the first started the workers."""
    others = second_worker(stage, queue_of(stage))
    played = stage.compare()
    assert holder_of(stage.measuring()) == others.pid
    end(others)
    decided_as_ever(stage, played)
    assert "since nobody runs it any more" in played.log.read_text()


def test_a_device_that_is_taken_out_of_use_ends_the_command_and_the_same_goes_on_afterwards(stage):
    played = stage.compare()
    night = stage.measuring(after_round=1)["night"]
    set_device(stage, "quarantined", "a process could not be ended.")
    try:
        assert played.popen.wait(120) == 2
    finally:
        set_device(stage, "free", "")
    (last,) = played.log.read_text().strip().splitlines()[-1:]
    assert f"Night {night} waits: " in last
    assert "could not be ended. Once somebody has looked" in last
    second = stage.play("--baseline", BASELINE, "--candidate", SLOWER)
    assert decided_as_ever(stage, second)["night"] == night


def set_device(stage: Stage, state: str, reason: str) -> None:
    stage.rows("UPDATE benchmarks_runner_device SET state = %s, state_reason = %s RETURNING id", state, reason)


def test_a_night_that_is_interrupted_is_gone_on_with(stage):
    first = stage.compare()
    night = stage.measuring(after_round=1)["night"]
    first.popen.send_signal(signal.SIGTERM)
    assert first.popen.wait(120) == 130
    second = stage.play("--baseline", BASELINE, "--candidate", SLOWER)
    assert decided_as_ever(stage, second)["night"] == night


def test_a_night_killed_with_its_terminal_leaves_workers_that_the_next_one_ends(stage):
    first = stage.compare()
    worker = holder_of(stage.measuring(after_round=1))
    first.popen.kill()
    first.popen.wait()
    second = stage.play("--baseline", BASELINE, "--candidate", SLOWER)
    decided_as_ever(stage, second)
    assert wait_until(gone(worker), 60)

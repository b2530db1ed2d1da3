"""A night of real processes that speak the protocol but measure nothing: what is kept, and what comes next."""

import functools
import json
import operator
import subprocess
import sys

import pytest

from ci_gpu import catalogue, night, rounds, supervisor
from ci_gpu.night import Night, NightError, Plan
from ci_gpu.supervisor import Interpreter

BUILD = """
import json
order = json.loads(order)
def tell(kind, **fields):
    say(json.dumps(dict(protocol=1, kind=kind, **fields)).encode() + b"\\n")
parts = dict(machine=dict(digest="m"), interpreter=dict(version="3"), framework=dict(name="none", version="1",
             device=dict(uuid=os.environ["GPU"]) if "GPU" in os.environ else None))
tell("hello", fingerprint=dict(parts, digest=dict(machine=os.environ.get("MACHINE", "m"), build=os.environ["BUILD"])))
for point in order["points"]:
    tell("start", point=point)
    if point == os.environ.get("CRASHES"):
        os._exit(7)
    tell("sample", point=point, wall_ns=10, cpu_ns=10, device_ns=None, sentinel_ns=5, sentinel_wall_ns=5, iterations=5,
         warmups=1, steady=True, durations_ns=[10], spread=None, skew=None, flops=1, bytes=1, roofline_fraction=None,
         roofline_valid=False, error=0.0, peak_memory_bytes=None, host_ns=None, telemetry=None)
tell("done", seconds=0.0 if "LIES" in os.environ and order["points"] else 60)
"""
SUITE = catalogue.SUITES["smoke"]
SUSPECT = "softmax.float32.rows"


@pytest.fixture
def build(acting):
    """Make a build: `build(BUILD="b", CRASHES=point)`."""
    return lambda **variables: acting(BUILD, **{"BUILD": "b", **variables})


def plan(baseline: Interpreter, candidate: Interpreter, **changes) -> Plan:
    settings = {"device": "cpu", "threads": 1, "budget_s": 0.1, "seed": 3, **changes}
    return Plan("smoke", SUITE.version, arms={"baseline": baseline, "candidate": candidate}, **settings)


def run(agreed, path, number_of_rounds, progress=None):
    under_way = Night(agreed, path, calibration=None, progress=progress)
    under_way.greet()
    return under_way.measure(number_of_rounds)


def pairs(document):
    return [len(rounds.complete(night.attempts_of(entry, {}))) for entry in document["rounds"]]


def test_each_round_is_a_pair_of_processes_in_the_order_of_the_coin(build, tmp_path):
    document = run(plan(build(), build()), tmp_path / "r.json", 3)
    assert pairs(document) == [16, 16, 16]
    for entry in document["rounds"]:
        first, second = entry["attempts"]
        assert entry["order"] == rounds.coin(3, night.KEY, entry["number"], 0) == f"{first['arm']}_first"
        assert first["points"] == second["points"]
        assert sorted(first["points"]) == sorted(point.id for point in SUITE.points)


def test_what_was_returned_is_what_the_file_holds(build, tmp_path):
    document = run(plan(build(), build()), tmp_path / "r.json", 1)
    assert night.read(tmp_path / "r.json") == json.loads(json.dumps(document))


def test_more_rounds_continue_the_same_file(build, tmp_path):
    agreed, path, said = plan(build(), build()), tmp_path / "r.json", []
    before = json.loads(json.dumps(run(agreed, path, 1)))
    after = run(agreed, path, 2, said.append)
    assert after["rounds"][0] == before["rounds"][0]
    assert pairs(after) == [16, 16]
    assert not [line for line in said if line.startswith("round 1/")]


def test_a_crash_costs_no_other_pair_and_the_broken_point_leaves_the_schedule(build, tmp_path):
    document = run(plan(build(), build(CRASHES=SUSPECT)), tmp_path / "r.json", 2)
    assert pairs(document) == [15, 15]
    first, second = document["rounds"]
    suspects = [attempt for attempt in first["attempts"] if SUSPECT in attempt["points"]]
    assert [(a["arm"], len(a["points"])) for a in suspects if a["arm"] == "candidate"] == [
        ("candidate", 16),
        ("candidate", 1),
    ]
    assert not [attempt for attempt in second["attempts"] if SUSPECT in attempt["points"]]


def test_a_round_of_which_half_was_kept_is_measured_anew(build, tmp_path):
    """As a crash of the machine could leave it: one arm is there, the other is not."""
    agreed, path = plan(build(), build()), tmp_path / "r.json"
    document = run(agreed, path, 1)
    del document["rounds"][0]["attempts"][1]
    night.write(path, document)
    attempts = run(agreed, path, 1)["rounds"][0]["attempts"]
    assert [attempt["number"] for attempt in attempts] == [1, 2, 2]


@pytest.mark.parametrize("changes", [{"seed": 4}, {"threads": 2}, {"budget_s": 0.2}])
def test_a_file_of_another_plan_is_refused(build, tmp_path, changes):
    run(plan(build(), build()), tmp_path / "r.json", 1)
    with pytest.raises(NightError, match=f"another plan: {next(iter(changes))}"):
        Night(plan(build(), build(), **changes), tmp_path / "r.json", calibration=None)


def test_a_build_that_changed_under_the_same_name_stops_the_night(build, tmp_path, acting):
    agreed = plan(build(), build())
    run(agreed, tmp_path / "r.json", 1)
    acting(BUILD.replace('os.environ["BUILD"]', '"another"'))  # the same interpreter, reinstalled
    with pytest.raises(NightError, match="no longer the build"):
        run(agreed, tmp_path / "r.json", 2)


def test_another_machine_stops_the_night(build, tmp_path, acting):
    agreed = plan(build(), build())
    run(agreed, tmp_path / "r.json", 1)
    acting(BUILD.replace('os.environ.get("MACHINE", "m")', '"another"'))
    with pytest.raises(NightError, match="not the machine"):
        run(agreed, tmp_path / "r.json", 2)


def test_builds_that_measure_different_devices_are_no_pair(build, tmp_path):
    run(plan(build(GPU="GPU-1"), build(GPU="GPU-1")), tmp_path / "same.json", 1)
    with pytest.raises(NightError, match="different devices: GPU-1, GPU-2"):
        run(plan(build(GPU="GPU-1"), build(GPU="GPU-2")), tmp_path / "r.json", 1)


def test_a_build_that_cannot_start_is_told_at_once(acting, build, tmp_path):
    build_that_starts = build()
    agreed = plan(build_that_starts, Interpreter(tmp_path / "nowhere"))
    with pytest.raises(NightError, match="candidate cannot start"):
        run(agreed, tmp_path / "r.json", 1)


def test_two_nights_do_not_share_a_file(tmp_path):
    """The lock is the system's: it goes with the process that holds it, however that ends."""
    path = tmp_path / "r.json"
    held = "import sys; from pathlib import Path; from ci_gpu.night import alone_with\n"
    held += "with alone_with(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-c", held, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(NightError, match="another night"), night.alone_with(path):
            pass
    finally:
        other.kill()
        other.communicate()
    with night.alone_with(path):
        pass


NEEDED = [
    ("suite",), ("seed",), ("arms",), ("arms", "candidate"), ("arms", "baseline", "variables"), ("machine", "digest"),
    ("calibration",), ("rounds",), ("rounds", 0, "number"), ("rounds", 0, "attempts"),
    ("rounds", 0, "attempts", 0, "points"), ("rounds", 0, "attempts", 0, "samples", 3, "error"),
    ("rounds", 0, "attempts", 1, "arm"), ("rounds", 0, "attempts", 1, "last_point"),
]  # fmt: skip


def test_a_file_that_lacks_what_going_on_needs_is_refused_by_its_place(build, tmp_path):
    """Each part once left out, once something else."""
    run(plan(build(), build()), tmp_path / "r.json", 1)
    whole = (tmp_path / "r.json").read_text()
    for *way, name in NEEDED:
        for left_out in (True, False):
            document = json.loads(whole)
            part = functools.reduce(operator.getitem, way, document)
            part[name] = True
            if left_out:
                del part[name]
            (tmp_path / "other.json").write_text(json.dumps(document))
            with pytest.raises(NightError, match=f"is no whole .*{name} is "):
                night.read(tmp_path / "other.json")


def test_a_round_out_of_its_place_is_refused(build, tmp_path):
    results = run(plan(build(), build()), tmp_path / "r.json", 1)
    results["rounds"][0]["number"] = 2
    night.write(tmp_path / "r.json", results)
    with pytest.raises(NightError, match=r"rounds\[0\].number is 2, expected 1"):
        night.read(tmp_path / "r.json")


def test_results_that_cannot_be_kept_are_told(tmp_path):
    (tmp_path / "r.json").mkdir()
    with pytest.raises(NightError, match=r"cannot write .*r.json: "):
        night.write(tmp_path / "r.json", {"format": night.FORMAT})


def test_two_builds_of_which_one_lies_about_time_make_no_pair(build, monkeypatch, tmp_path):
    monkeypatch.setattr(supervisor, "CLOCKS_SLACK_S", 0.0)
    monkeypatch.setattr(supervisor, "CLOCKS_AGREE", 1.0)
    document = run(plan(build(), build(LIES="1")), tmp_path / "r.json", 2)
    assert pairs(document) == [0, 0]
    assert [len(entry["attempts"]) for entry in document["rounds"]] == [4, 0]
    lied = [a["ended"] for a in document["rounds"][0]["attempts"] if a["arm"] == "candidate"]
    assert lied == ["garbage", "garbage"]
    assert {a["ended"] for a in document["rounds"][0]["attempts"] if a["arm"] == "baseline"} == {"done"}


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "r.json"
    night.write(path, {"format": night.FORMAT, "n": 1})
    with pytest.raises(TypeError):
        night.write(path, {"format": night.FORMAT, "n": object()})
    assert json.loads(path.read_text())["n"] == 1
    assert [entry.name for entry in tmp_path.iterdir() if not entry.name.endswith(".new")] == ["r.json"]

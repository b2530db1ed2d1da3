"""The command line: what it prints, and what it says to bad input."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import ci_gpu
from ci_gpu.catalogue import POINTS, SELFTEST
from ci_gpu.night import FORMAT

ROOT = Path(ci_gpu.__file__).parent.parent


def harness(*arguments):
    command = [sys.executable, "-m", "ci_gpu", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("command", [[], ["list"], ["run"], ["calibrate"], ["night"]])
def test_every_command_has_help(command):
    found = harness(*command, "--help")
    assert found.returncode == 0
    assert "usage:" in found.stdout
    assert found.stderr == ""


def test_list_prints_one_document():
    found = harness("list", "--json")
    rows = json.loads(found.stdout)
    assert found.returncode == 0
    assert [row["point"] for row in rows] == list(POINTS)
    for row in rows:
        assert {"point", "family", "suites", "areas", "dtype", "flops", "bytes", "frameworks", "devices"} <= set(row)
        assert row["flops"] == POINTS[row["point"]].flops


def test_list_shows_a_gpus_sizes():
    rows = {row["point"]: row for row in json.loads(harness("list", "--json", "--device", "cuda").stdout)}
    assert rows["gemm.float32.square"]["sizes"] == {"m": 2048, "n": 2048, "k": 2048}


def test_list_for_people_has_a_line_for_each_point():
    assert len(harness("list", "--suite", "smoke").stdout.splitlines()) == 17


NIGHT = ["night", "--baseline-python", sys.executable, "--candidate-python", sys.executable, "--rounds", "1"]

BAD = {
    "no command": [],
    "unknown command": ["measure"],
    "unknown suite": ["list", "--suite", "everything"],
    "unknown device": ["list", "--device", "tpu"],
    "unknown option": ["list", "--quick"],
    "unknown point": ["run", "--point", "gemm"],
    "bad device": ["run", "--device", "cuda:x"],
    "no threads": ["run", "--threads", "0"],
    "no time": ["run", "--budget", "0"],
    "bad number": ["run", "--seed", "one"],
    "no interpreter": ["run", "--python", "/nowhere/python"],
    "no variable": ["run", "--env", "X"],
    "no framework": ["run", "--json"],
    "no calibration file": ["run", "--calibration", "/nowhere/file"],
    "calibrate without framework": ["calibrate"],
    "no output folder": [*NIGHT, "--output", "/nowhere/at/all.json"],
    "no output": NIGHT,
    "no rounds": [*NIGHT[:-1], "0", "--output", "{tmp}/x.json"],
    "night without framework": [*NIGHT, "--output", "{tmp}/x.json"],
    "results of something else": [*NIGHT, "--output", "{tmp}/other.json"],
    "results that are no JSON": [*NIGHT, "--output", "{tmp}/text.json"],
    "results cut down to their format": [*NIGHT, "--output", "{tmp}/bare.json"],
    "results without arms": [*NIGHT, "--output", "{tmp}/armless.json"],
    "results nested without end": [*NIGHT, "--output", "{tmp}/deep.json"],
    "a folder for results": [*NIGHT, "--output", "{tmp}"],
    "results in a place that takes none": [*NIGHT, "--output", "/proc/results.json"],
    "a seed below 0": ["run", "--seed", "-3"],
    "a night's seed below 0": [*NIGHT, "--seed", "-3", "--output", "{tmp}/x.json"],
    "a night's seed that no column holds": [*NIGHT, "--seed", str(2**63), "--output", "{tmp}/x.json"],
    "run into a folder": ["run", "--suite", "selftest", "--output", "{tmp}"],
    "run into a place that takes none": ["run", "--suite", "selftest", "--output", "/proc/run.json"],
    "run into a folder that is not there": ["run", "--suite", "selftest", "--output", "/nowhere/at/all.json"],
    "calibrate into a place that takes none": ["calibrate", "--output", "/proc/calibration.json"],
}


@pytest.mark.parametrize("arguments", BAD.values(), ids=BAD)
def test_bad_input_is_one_line_and_status_2(arguments, tmp_path):
    (tmp_path / "other.json").write_text('{"format": "other"}')
    (tmp_path / "text.json").write_text("results")
    (tmp_path / "bare.json").write_text(json.dumps({"format": FORMAT}))
    (tmp_path / "armless.json").write_text(json.dumps({"format": FORMAT, "seed": 1}))
    (tmp_path / "deep.json").write_text("[" * 100_000)
    before = sorted(tmp_path.iterdir())
    found = harness(*(argument.replace("{tmp}", str(tmp_path)) for argument in arguments))
    assert found.returncode == 2
    assert len(found.stderr.splitlines()) == 1, found.stderr
    assert "Traceback" not in found.stderr
    assert found.stdout == ""
    assert sorted(tmp_path.iterdir()) == before


def test_an_output_that_cannot_be_written_is_told_before_anything_is_measured():
    """The interpreter is not there: had it been started first, that would be the complaint."""
    found = harness("run", "--suite", "selftest", "--python", "/bin/false", "--output", "/proc/run.json")
    assert found.stderr == "python3 -m ci_gpu run: cannot write /proc/run.json: No such file or directory\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_is_full_by_then_does_not_take_what_was_measured():
    found = harness("run", "--suite", "selftest", "--json", "--output", "/dev/full")
    assert [sample["point"] for sample in json.loads(found.stdout)["samples"]] == list(SELFTEST)
    assert found.returncode == 2
    assert found.stderr == "python3 -m ci_gpu run: cannot write /dev/full: No space left on device\n"


def test_an_output_that_is_there_is_replaced_and_kept_where_nothing_was_measured(tmp_path):
    path = tmp_path / "run.json"
    path.write_text("earlier")
    assert harness("run", "--point", "gemm.float32.square", "--output", path).returncode == 2
    assert path.read_text() == "earlier"
    assert harness("run", "--suite", "selftest", "--output", path).returncode == 0
    assert json.loads(path.read_text())["ended"] == "done"


def test_a_missing_framework_is_named():
    assert "No module named 'torch'" in harness("run").stderr

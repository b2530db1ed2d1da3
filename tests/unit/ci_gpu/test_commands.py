"""The command line: what it prints, and what it says to bad input."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import ci_gpu
from ci_gpu.catalogue import POINTS

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
}


@pytest.mark.parametrize("arguments", BAD.values(), ids=BAD)
def test_bad_input_is_one_line_and_status_2(arguments, tmp_path):
    (tmp_path / "other.json").write_text('{"format": "other"}')
    (tmp_path / "text.json").write_text("results")
    found = harness(*(argument.replace("{tmp}", str(tmp_path)) for argument in arguments))
    assert found.returncode == 2
    assert len(found.stderr.splitlines()) == 1, found.stderr
    assert "Traceback" not in found.stderr
    assert found.stdout == ""


def test_a_missing_framework_is_named():
    assert "No module named 'torch'" in harness("run").stderr

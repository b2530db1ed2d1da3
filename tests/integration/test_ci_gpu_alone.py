"""The harness alone: the room copied away from the house, an interpreter that has torch and nothing else."""

import json
import math
import shutil
import statistics
import subprocess
from pathlib import Path

import pytest

import ci_gpu

pytestmark = [pytest.mark.torch, pytest.mark.slow]
# The least of which a median does not mind that one was disturbed.
ROUNDS = 3


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Have the room in a folder of its own, without the site beside it."""
    folder = tmp_path_factory.mktemp("bare")
    shutil.copytree(Path(ci_gpu.__file__).parent, folder / "ci_gpu", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def harness(torch_python, elsewhere):
    """Run a command of the harness under the bundle's interpreter with next to no environment."""

    def run(*arguments):
        command = [str(torch_python), "-m", "ci_gpu", *map(str, arguments)]
        return subprocess.run(
            command,
            cwd=elsewhere,
            env={"PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    return run


def document(found):
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


@pytest.fixture(scope="module")
def calibration(harness, elsewhere):
    path = elsewhere / "calibration.json"
    found = document(harness("calibrate", "--json", "--output", path))
    assert json.loads(path.read_text()) == found
    return path


def test_list(harness):
    assert len(document(harness("list", "--json"))) == 16


def test_calibrate_finds_rates_that_a_processor_can_have(calibration):
    found = json.loads(calibration.read_text())
    assert found["format"] == "flamekeeper-calibration/1"
    assert {"float32", "bfloat16", "convolution.float32"} <= set(found["flops_per_s"])
    assert all(1e8 < rate < 1e14 for rate in found["flops_per_s"].values())
    assert 1e8 < found["bandwidth_bytes_per_s"] < 1e13


def test_run_a_point_with_its_fraction_of_the_roofline(harness, calibration, elsewhere):
    """A calibration is the machine's best; one made while others had the machine is not, and is made anew."""
    for number in range(4):
        found = document(
            harness("run", "--json", "--point", "gemm.float32.square", "--budget", "0.3", "--calibration", calibration)
        )
        (sample,) = found["samples"]
        assert found["ended"] == "done"
        assert sample["roofline_valid"]
        if 0.2 < sample["roofline_fraction"] <= 1.05:
            break
        calibration = elsewhere / f"calibration-{number}.json"
        document(harness("calibrate", "--json", "--output", calibration))
    assert 0.2 < sample["roofline_fraction"] <= 1.05


def test_run_for_people_shows_each_point(harness):
    found = harness("run", "--point", "dispatch.float32.add", "--budget", "0.05")
    assert found.returncode == 0
    assert found.stdout.startswith("dispatch.float32.add")


def test_a_gpu_that_is_not_there_is_one_clear_line(harness):
    found = harness("run", "--device", "cuda:63")
    assert found.returncode == 2
    assert "finds no device cuda:63" in found.stderr
    assert len(found.stderr.splitlines()) == 1


@pytest.fixture(scope="module")
def misbuilt(harness, torch_python, elsewhere, calibration):
    """A night of three rounds: the same wheel, and the same wheel told to ignore the vector instructions."""
    output = elsewhere / "results.json"
    found = harness(
        "night", "--baseline-python", torch_python, "--candidate-python", torch_python,
        "--candidate-env", "ATEN_CPU_CAPABILITY=default", "--rounds", ROUNDS, "--seed", 4, "--budget", 0.05,
        "--calibration", calibration, "--output", output, "--json",
    )  # fmt: skip
    return document(found), json.loads(output.read_text())


def test_night_says_what_it_has(misbuilt):
    summary, _ = misbuilt
    assert summary["rounds"] == ROUNDS
    assert summary["broken"] == {}
    assert len(summary["pairs"]) == 16
    assert set(summary["pairs"].values()) == {ROUNDS}


def test_the_results_file_is_whole(misbuilt):
    _, results = misbuilt
    assert results["format"] == "flamekeeper-results/1"
    assert results["suite"] == "smoke"
    assert results["seed"] == 4
    assert results["calibration"]["format"] == "flamekeeper-calibration/1"
    assert results["machine"]["digest"]
    assert results["arms"]["candidate"]["variables"] == {"ATEN_CPU_CAPABILITY": "default"}
    for entry in results["rounds"]:
        assert {attempt["arm"] for attempt in entry["attempts"]} == {"baseline", "candidate"}
        first = entry["attempts"][0]["arm"]
        assert entry["order"] == f"{first}_first"
        assert entry["attempts"][0]["points"] == entry["attempts"][1]["points"]
    assert results["rounds"][0]["attempts"][0]["points"] != results["rounds"][1]["attempts"][0]["points"]


def test_the_same_command_has_nothing_left_to_do_and_another_plan_is_refused(
    misbuilt, harness, torch_python, elsewhere
):
    output = elsewhere / "results.json"
    before = output.read_bytes()
    same = ["night", "--baseline-python", torch_python, "--candidate-python", torch_python, "--budget", 0.05]
    same += ["--candidate-env", "ATEN_CPU_CAPABILITY=default", "--rounds", ROUNDS, "--output", output]
    again = harness(*same)
    assert again.returncode == 0
    assert "attempt" not in again.stderr
    assert json.loads(output.read_bytes())["rounds"] == json.loads(before)["rounds"]
    other = harness(*same, "--candidate-env", "X=1")
    assert other.returncode == 2
    assert "another plan: arms" in other.stderr


def ratios(results):
    """Return candidate over baseline of each point, in CPU time over the sentinel's, as a median over the rounds."""
    by_point = {}
    for entry in results["rounds"]:
        arms = {a["arm"]: {s["point"]: s["cpu_ns"] / s["sentinel_ns"] for s in a["samples"]} for a in entry["attempts"]}
        for point, value in arms["baseline"].items():
            by_point.setdefault(point, []).append(math.log(arms["candidate"][point] / value))
    return {point: math.exp(statistics.median(logs)) for point, logs in by_point.items()}


def test_a_build_without_vector_instructions_is_slow_where_its_own_kernels_run(misbuilt):
    """What libraries of their own compute (MKL, oneDNN), and what the host does, stays as it was."""
    _, results = misbuilt
    if results["arms"]["baseline"]["framework"]["cpu_capability"] in ("DEFAULT", "NO AVX"):
        pytest.skip("this processor has no vector instructions to ignore")
    found = ratios(results)
    for point in ("softmax.float32.rows", "attention.causal", "reduction.float32.sum", "optimizer.float32.adamw"):
        assert found[point] > 1.7, (point, found)
    for point in ("gemm.float32.square", "convolution.float32.3x3", "dispatch.float32.add"):
        assert found[point] < 1.4, (point, found)

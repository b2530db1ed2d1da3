"""The first night that everybody sees: torch against the same wheel told to ignore the CPU's vector instructions."""

import os
import shutil
import subprocess
import tempfile
from math import log
from pathlib import Path

import pytest

from config.launcher import Services
from config.testing.private_data import short_folder
from tests.night_stage import Stage

pytestmark = [pytest.mark.torch, pytest.mark.slow]
BASELINE, CANDIDATE = "torch==2.13.0", "torch==2.13.0,ATEN_CPU_CAPABILITY=default"
# What lives from vector instructions, and at least how much slower it is without (about half of what was seen).
SLOWER = {
    "softmax.float32.rows": 2.0,
    "reduction.float32.sum": 2.0,
    "optimizer.float32.adamw": 1.8,
    "attention.causal": 1.4,
}
# What brings vector code of its own.
UNTOUCHED = ("gemm.float32.square", "convolution.float32.3x3", "dispatch.float32.chain")


@pytest.fixture(scope="module")
def stage(torch_python, test_cache):
    told = subprocess.run(
        [torch_python, "-W", "ignore", "-c", "import torch; print(torch.backends.cpu.get_cpu_capability())"],
        capture_output=True,
        text=True,
        check=True,
    )
    if told.stdout.strip() == "DEFAULT":
        pytest.skip("this CPU has no vector instructions that torch would use, so ignoring them changes nothing")
    folder = Path(tempfile.mkdtemp(prefix="flk-stage-", dir=short_folder()))
    folder.chmod(0o711)
    services = Services(folder / "data")
    services.data.mkdir()
    kept = test_cache / "bundles"
    kept.mkdir(exist_ok=True)
    (services.data / "bundles").symlink_to(kept)
    own = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CELERY_BROKER_URL")}
    stage = Stage(services, {**own, "FLAMEKEEPER_DATA": str(services.data)})
    try:
        with services.used():
            yield stage
            for played in stage.started:
                played.end()
    finally:
        services.stop()
        (services.data / "bundles").unlink()
        shutil.rmtree(folder, ignore_errors=True)


def played(stage, *arguments):
    # Nine pairs are the least that can fail alone, sixteen leave room for a noisy machine.
    compared = ("--baseline", BASELINE, "--candidate", CANDIDATE, "--suite", "smoke", "--cap", "16")
    night = stage.play(*compared, *arguments)
    status, document = night.answer(1200)
    assert status == 1, night.said()
    return document


@pytest.fixture(scope="module")
def night(stage):
    return played(stage)


def test_what_lives_from_vector_instructions_fails(night):
    told = {row["point"]: row for row in night["points"]}
    assert {point: told[point]["verdict"] for point in SLOWER} == dict.fromkeys(SLOWER, "fail")
    for point, ratio in SLOWER.items():
        assert told[point]["estimate"] > log(ratio), point
        assert told[point]["low"] > 0, point
    assert night["suite"]["verdict"] == "fail"


def untouched_that_fail(night):
    told = {row["point"]: row for row in night["points"]}
    return {point: told[point] for point in UNTOUCHED if told[point]["verdict"] not in ("pass", "inconclusive")}


def test_what_brings_vector_code_of_its_own_does_not(stage, night):
    """What fails in two nights is no chance.

    Where half of the points fail, e-BH asks less of each of the others, and two processes that differ in anything
    may keep a small lasting difference at sums of one element: one night in forty is sure of it (night-figures.md).
    """
    failed = untouched_that_fail(night)
    if failed:
        again = untouched_that_fail(played(stage, "--again"))
        assert not failed.keys() & again.keys(), (failed, again)


def test_a_failing_point_names_those_whom_it_concerns(night):
    failing = next(row for row in night["points"] if row["point"] == "softmax.float32.rows")
    assert failing["areas"]
    assert failing["maintainers"]


def test_the_device_was_calibrated_once_so_that_points_have_a_roofline(night, stage):
    ((calibration,),) = stage.rows("SELECT calibration FROM benchmarks_runner_device")
    assert calibration["flops_per_s"]["float32"] > 1e9
    assert calibration["bandwidth_bytes_per_s"] > 1e8
    events = stage.rows("SELECT count(*) FROM record_event WHERE kind = 'device.calibrated'")
    assert events == [(1,)]
    fractions = stage.rows(
        "SELECT s.roofline_fraction FROM benchmarks_runner_sample s JOIN benchmarks_runner_attempt a"
        " ON a.id = s.attempt_id JOIN benchmarks_runner_round r ON r.id = a.round_id"
        " WHERE r.night_id = %s AND s.point = 'gemm.float32.square' AND a.arm = 'baseline'",
        night["night"],
    )
    assert fractions
    assert all(0.2 < fraction < 1.5 for (fraction,) in fractions)

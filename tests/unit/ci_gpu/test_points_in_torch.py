"""The points as PyTorch really runs them: counts, exactness and the clocks. One torch process answers for all tests."""

import json
import subprocess
from pathlib import Path

import pytest

from ci_gpu import catalogue, supervisor
from ci_gpu.catalogue import POINTS

pytestmark = pytest.mark.torch

ROOT = Path(catalogue.__file__).parent.parent

PROBE = """
import json, sys
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode
from ci_gpu import catalogue
from ci_gpu.points import pytorch, references
from ci_gpu.points.pytorch.kernel import Source

torch.set_num_threads(1)
counted, errors = {}, {}
for point in catalogue.POINTS.values():
    variant, kernel = point.on("cpu"), pytorch.KERNELS[point.kernel]
    call = kernel.prepare(variant.sizes, Source("cpu", variant.dtype, 3))
    # The fused kernel of processors is unknown to torch's counter; the plain one is two products.
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        call()
    counted[point.id] = counter.get_total_flops()
    dtypes = {variant.dtype, point.on("cuda").dtype}
    errors[point.id] = {
        dtype: [references.relative_error(*kernel.check(Source("cpu", dtype, seed))) for seed in range(5)]
        for dtype in dtypes
    }
print(json.dumps({"counted": counted, "errors": errors}))
"""


@pytest.fixture(scope="module")
def probe(torch_python):
    found = subprocess.run(
        [str(torch_python), "-c", PROBE], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


COUNTED_ALIKE = [
    "gemm.float32.square",
    "gemm.bfloat16.skinny",
    "convolution.float32.3x3",
    "model.mlp.training",
    "model.tree.training",
]


@pytest.mark.parametrize("point", COUNTED_ALIKE)
def test_torch_counts_the_same_operations(probe, point):
    assert probe["counted"][point] == POINTS[point].flops


def test_torch_counts_the_masked_half_of_attention_too(probe):
    assert probe["counted"]["attention.causal"] == 2 * POINTS["attention.causal"].flops


@pytest.mark.parametrize("point", POINTS)
def test_every_point_is_exact_in_both_its_types(probe, point):
    from ci_gpu.child import GROSS

    for dtype, errors in probe["errors"][point].items():
        assert max(errors) <= GROSS[dtype] / 3, dtype


@pytest.mark.parametrize("point", POINTS)
def test_small_inputs_differ_with_the_seed(probe, point):
    """The lookup copies, so it is exact whatever the seed; the others round."""
    if POINTS[point].kernel in ("embedding", "small_add"):
        assert max(probe["errors"][point]["float32"]) < 1e-7
    else:
        assert len(set(probe["errors"][point][POINTS[point].dtype])) > 1


@pytest.fixture(scope="module")
def outcome(torch_python):
    order = supervisor.Order(tuple(POINTS), seed=5, budget_s=0.1, calibration=CALIBRATION)
    interpreter = supervisor.Interpreter(Path(torch_python))
    return supervisor.run_order(interpreter, order, deadline_s=supervisor.deadline_for(order))


CALIBRATION = {
    "flops_per_s": {"float32": 1e13, "bfloat16": 1e13, "convolution.float32": 1e13},
    "bandwidth_bytes_per_s": 1e12,
    "llc_bytes": 1 << 25,
}


def test_the_whole_suite_in_one_process(outcome):
    assert (outcome.ended, outcome.clean, outcome.failures) == ("done", True, ())
    assert [sample["point"] for sample in outcome.samples] == list(POINTS)


def test_each_sample_is_whole(outcome):
    for sample in outcome.samples:
        point = POINTS[sample["point"]]
        assert sample["flops"] == point.flops
        assert sample["bytes"] == point.bytes
        assert sample["cpu_ns"] > 100
        assert sample["sentinel_ns"] > 1000
        assert sample["peak_memory_bytes"] > 50 << 20
        assert sample["telemetry"] is None
        assert 0 <= sample["error"] < 1e-2
        assert sample["roofline_valid"] == (point.on("cpu").bound in ("gemm", "convolution"))


def test_the_machine_is_the_one_the_supervisor_sees(outcome):
    from ci_gpu import fingerprint

    assert outcome.fingerprint["machine"] == json.loads(json.dumps(fingerprint.machine()))
    assert outcome.fingerprint["digest"]["machine"] == fingerprint.machine()["digest"]
    assert outcome.fingerprint["framework"]["name"] == "torch"


def test_a_bundles_variable_reaches_the_framework_and_its_digest(torch_python, outcome):
    interpreter = supervisor.Interpreter(Path(torch_python), {"ATEN_CPU_CAPABILITY": "default"})
    other = supervisor.run_order(interpreter, supervisor.Order((), 5), deadline_s=60)
    assert other.fingerprint["framework"]["cpu_capability"] == "DEFAULT"
    assert other.fingerprint["digest"]["build"] != outcome.fingerprint["digest"]["build"]
    assert other.fingerprint["digest"]["machine"] == outcome.fingerprint["digest"]["machine"]


def test_an_impossible_speed_is_no_sample(torch_python):
    """A machine calibrated a thousand times too slow: the product is then faster than can be."""
    slow = {**CALIBRATION, "flops_per_s": {"float32": 1e8}}
    order = supervisor.Order(("gemm.float32.square",), 5, calibration=slow, budget_s=0.05)
    found = supervisor.run_order(supervisor.Interpreter(Path(torch_python)), order, deadline_s=60)
    assert found.samples == ()
    assert found.failures[0]["reason"] == "invalid_timing"
    assert found.ended == "done"

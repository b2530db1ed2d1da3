"""The bound that no implementation can beat, and when it means something."""

import pytest

from ci_gpu.catalogue import POINTS, Variant
from ci_gpu.roofline import fits, rate_name, roofline

CALIBRATION = {
    "flops_per_s": {"float32": 1e11, "convolution.float32": 2e11},
    "bandwidth_bytes_per_s": 1e10,
    "llc_bytes": 1 << 20,
}


def variant(flops, nbytes, bound="gemm", dtype="float32"):
    return Variant(dtype, {}, flops, nbytes, bound, "warm", "cpu")


def test_bound_by_operations():
    found = roofline(variant(10**8, 10**4), 2e6, CALIBRATION)  # at best one millisecond
    assert found.fraction == pytest.approx(0.5)
    assert found.valid
    assert not found.impossible


def test_bound_by_bytes_only_where_the_caches_cannot_serve_them():
    large, resident = (roofline(variant(1, n, "bandwidth"), n / 10 * 0.5, CALIBRATION) for n in (10**8, 10**6))
    assert large.fraction == resident.fraction == pytest.approx(2)
    assert large.impossible
    assert not resident.valid
    assert not resident.impossible


@pytest.mark.parametrize(("taken_ns", "impossible"), [(0.94e6, True), (0.96e6, False), (1e6, False)])
def test_five_per_cent_too_fast_is_too_fast(taken_ns, impossible):
    assert roofline(variant(10**8, 1), taken_ns, CALIBRATION).impossible is impossible


def test_a_convolution_is_held_against_a_calibrated_convolution():
    assert roofline(variant(10**8, 1, "convolution"), 1e6, CALIBRATION).fraction == pytest.approx(0.5)
    assert rate_name(POINTS["convolution.float32.3x3"].on("cpu")) == "convolution.float32"


def test_what_the_host_bounds_has_no_valid_fraction():
    assert not roofline(variant(1, 1, "host"), 1e3, CALIBRATION).valid


@pytest.mark.parametrize(
    "calibration", [None, {}, {"flops_per_s": {"float32": 1e9}}, {**CALIBRATION, "flops_per_s": {"bfloat16": 1e9}}]
)
def test_without_a_calibration_there_is_no_fraction(calibration):
    found = roofline(variant(1, 1), 1e6, calibration)
    assert found.fraction is None
    assert not found.valid
    assert not found.impossible


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, True), ({"machine": "n"}, False), ({"device": "cuda:0"}, False), ({"threads": 2}, False)],
)
def test_a_calibration_of_something_else_does_not_fit(changes, expected):
    calibration = {**CALIBRATION, "machine": "m", "device": "cpu", "threads": 1, **changes}
    assert fits(calibration, "m", "cpu", 1) is expected
    assert not fits(None, "m", "cpu", 1)

"""The catalogue: what is measured, readable without any framework."""

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ci_gpu import catalogue
from ci_gpu.catalogue import POINTS, SUITES, device_kind, suite

ROOM = Path(catalogue.__file__).parent
AREAS = {
    "linear-algebra", "attention", "normalization", "pointwise", "reductions", "indexing",
    "convolution", "dispatch", "autograd", "optimizers", "nn-modules",
}  # fmt: skip


def test_smoke_has_sixteen_points_of_every_family():
    points = suite("smoke")
    assert len(points) == 16
    assert {p.family for p in points} == {
        "gemm", "attention", "norm", "reduction", "pointwise", "indexing", "convolution", "host", "optimizer", "model",
    }  # fmt: skip


def test_every_area_has_a_point_and_every_point_an_area():
    assert {area for point in POINTS.values() for area in point.areas} == AREAS
    assert all(point.areas for point in POINTS.values())


@pytest.mark.parametrize("point", POINTS.values(), ids=lambda p: p.id)
def test_a_point_says_everything_about_itself(point):
    assert re.fullmatch(r"[a-z0-9]+(\.[a-z0-9]+)+", point.id)
    assert POINTS[point.id] is point
    assert point.suites
    assert set(point.variants) == set(catalogue.DEVICE_KINDS)
    for variant in point.variants.values():
        assert variant.bytes > 0
        assert variant.flops >= 0
        assert variant.bound in ("gemm", "convolution", "bandwidth", "host")
        assert all(isinstance(size, int) for size in variant.sizes.values())


def test_a_gpu_measures_more_work_than_a_processor():
    grown = [p for p in POINTS.values() if p.on("cuda").bound != "host"]
    assert grown
    assert all(p.on("cuda").bytes > p.on("cpu").bytes for p in grown)


def test_only_points_bound_by_the_device_are_timed_by_its_events():
    for point in POINTS.values():
        variant = point.on("cuda")
        assert (variant.timer == "host") == (variant.bound == "host")
        assert point.on("cpu").timer == "cpu"


def test_the_trees_are_the_same_every_time():
    assert catalogue.tree_shapes(8) == catalogue.tree_shapes.__wrapped__(8)
    sizes = POINTS["model.tree.training"].on("cpu").sizes
    assert sizes["inner"] == sizes["leaves"] - sizes["trees"]


def change(point, **changes):
    variants = {kind: dataclasses.replace(v, **changes) for kind, v in point.variants.items()}
    return dataclasses.replace(point, variants=variants)


def test_the_version_changes_with_any_definition_and_with_nothing_else():
    smoke = SUITES["smoke"]
    first, *rest = smoke.points
    for changed in (change(first, flops=1), change(first, sizes={"m": 1}), dataclasses.replace(first, kernel="mm")):
        assert dataclasses.replace(smoke, points=(changed, *rest)).version != smoke.version
    renamed = dataclasses.replace(first, title="Another title")
    assert dataclasses.replace(smoke, points=(renamed, *rest)).version == smoke.version


@pytest.mark.parametrize(("device", "kind"), [("cpu", "cpu"), ("cuda", "cuda"), ("cuda:0", "cuda"), ("cuda:7", "cuda")])
def test_device_kind(device, kind):
    assert device_kind(device) == kind


@pytest.mark.parametrize("device", ["", "gpu", "cpu:0", "cuda:x", "cuda:-1"])
def test_an_unknown_device_is_refused(device):
    with pytest.raises(ValueError, match="device"):
        device_kind(device)


def test_no_calibration_point_is_in_a_suite():
    assert not set(catalogue.CALIBRATION) & set(POINTS)
    assert all(not p.suites for p in catalogue.CALIBRATION.values())
    assert catalogue.find("calibration.triad.float32").kernel == "triad"
    with pytest.raises(KeyError):
        catalogue.find("nothing")


def test_definitions_are_plain_values():
    for point in POINTS.values():
        assert json.loads(json.dumps(point.definition())) == point.definition()


WHAT_IS_IMPORTED = """
import importlib.util, json, sys
before = set(sys.modules)
spec = importlib.util.spec_from_file_location("ci_gpu", sys.argv[1], submodule_search_locations=[sys.argv[2]])
sys.modules["ci_gpu"] = package = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
for name in ("catalogue", "supervisor", "rounds", "night", "calibration", "fingerprint", "protocol", "commands"):
    __import__("ci_gpu." + name)
tops = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps(sorted(tops - set(sys.stdlib_module_names))))
"""


def test_everything_but_the_points_needs_the_standard_library_alone():
    """Started without site-packages and without the folder around the room."""
    command = [sys.executable, "-I", "-S", "-c", WHAT_IS_IMPORTED, str(ROOM / "__init__.py"), str(ROOM)]
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    assert json.loads(found.stdout) == ["ci_gpu"]


def test_the_selftest_needs_no_framework_and_speaks_for_no_area():
    points = suite("selftest")
    assert {p.id for p in points} == set(catalogue.SELFTEST)
    assert not set(catalogue.SELFTEST) & set(POINTS)
    assert all(not p.frameworks and not p.areas and set(p.variants) == {"cpu"} for p in points)
    assert catalogue.find("selftest.sum") is catalogue.SELFTEST["selftest.sum"]

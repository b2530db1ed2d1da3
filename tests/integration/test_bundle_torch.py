"""The real torch, as the default bundle: installed where pip finds it, imported, and shared between variables."""

import os
import subprocess
from pathlib import Path

import pytest

from benchmarks_runner.bundles.errors import BundleError
from benchmarks_runner.bundles.install import ensure_environment, install
from benchmarks_runner.bundles.inventory import marker_of
from benchmarks_runner.bundles.lock import lock_from_rows
from benchmarks_runner.bundles.specification import parse
from benchmarks_runner.bundles.store import Store

pytestmark = [pytest.mark.torch, pytest.mark.slow]
MEASURE = "import torch; print(torch.__version__, torch.backends.cpu.get_cpu_capability(), torch.__file__)"


@pytest.fixture(scope="module")
def folder():
    return Path(os.environ["FLAMEKEEPER_TEST_CACHE"]) / "bundles"


@pytest.fixture(scope="module")
def python(folder):
    try:
        return ensure_environment(["torch==2.13.0"], folder)
    except BundleError as problem:
        pytest.skip(f"torch cannot be had here: {problem}")


def measured(python, **variables):
    ended = subprocess.run(
        [python, "-I", "-W", "ignore", "-c", MEASURE],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **variables},
    )
    return ended.stdout.split(maxsplit=2)


def test_torch_is_the_locked_one_and_obeys_the_bundles_variables(folder, python):
    marker = marker_of(python.parents[1])
    locked = {row["name"]: row["version"] for row in marker["lock"]}
    version, capability, _ = measured(python)
    assert version == locked["torch"]
    assert locked["torch"].split("+")[0] == "2.13.0"
    assert measured(python, ATEN_CPU_CAPABILITY="default")[1] == "DEFAULT"
    if capability == "DEFAULT":
        pytest.skip("this CPU has no vector instructions that torch would use")


def test_the_same_wheels_with_a_variable_are_the_same_environment(folder, python):
    lock = lock_from_rows(marker_of(python.parents[1])["lock"])
    wanted = parse("torch==2.13.0,ATEN_CPU_CAPABILITY=default")
    assert install(Store(folder), wanted, known_lock=lambda: lock).python == python


def test_a_second_copy_is_torch_too_from_files_of_its_own(folder, python):
    store, lock = Store(folder), lock_from_rows(marker_of(python.parents[1])["lock"])
    second = install(store, parse("torch==2.13.0"), copy="b", known_lock=lambda: lock)
    try:
        one, two = measured(python), measured(second.python)
        assert one[:2] == two[:2]
        assert one[2] != two[2]
        assert len(one[2]) == len(two[2])
        assert not Path(one[2].strip()).samefile(two[2].strip())
    finally:
        with store.changing():
            store.discard(second.python.parents[1])  # 800 MB that only this test needs

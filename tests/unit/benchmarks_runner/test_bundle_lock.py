"""The lock: what it keeps of pip's report, what it leaves out, and what the digests depend on."""

import json

import pytest

from benchmarks_runner.bundles.errors import BundleError
from benchmarks_runner.bundles.lock import (
    LockedWheel,
    bundle_digest,
    environment_digest,
    hashed_requirements,
    lock_from_report,
    lock_from_rows,
    lock_rows,
)

TORCH = LockedWheel("torch", "2.13.0+cpu", "6" * 64, "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl")
SYMPY = LockedWheel("sympy", "1.14.0", "e" * 64, "sympy-1.14.0-py3-none-any.whl")


def reported(
    name="Torch", version="2.13.0+cpu", file="torch-2.13.0%2Bcpu-cp311-cp311-linux_x86_64.whl", sha256="6" * 64
):
    archive = {"hash": f"sha256={sha256}", "hashes": {"sha256": sha256}} if sha256 else {}
    return {
        "metadata": {"name": name, "version": version},
        "download_info": {"url": f"https://user:secret@index.example/simple/{file}#egg=x", "archive_info": archive},
    }


def test_a_lock_holds_no_address():
    lock = lock_from_report({"install": [reported()]})
    assert lock == (LockedWheel("torch", "2.13.0+cpu", "6" * 64, "torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl"),)
    assert "example" not in json.dumps(lock_rows(lock))


def test_a_source_archive_is_refused():
    with pytest.raises(BundleError, match="offered as source only"):
        lock_from_report({"install": [reported(file="torch-2.13.0.tar.gz")]})


def test_a_wheel_without_a_hash_is_refused():
    with pytest.raises(BundleError, match="no SHA-256"):
        lock_from_report({"install": [reported(sha256="")]})


def test_rows_and_lock_are_one_thing_in_any_order():
    assert lock_from_rows(reversed(lock_rows((SYMPY, TORCH)))) == (SYMPY, TORCH)


@pytest.mark.parametrize(
    "other",
    [
        ((SYMPY, TORCH), "3.11.8 cpython-311"),
        ((SYMPY,), "3.11.7 cpython-311"),
        ((SYMPY, LockedWheel(TORCH.name, TORCH.version, "7" * 64, TORCH.file)), "3.11.7 cpython-311"),
    ],
)
def test_an_environment_is_its_wheels_and_its_interpreter(other):
    assert environment_digest((SYMPY, TORCH), "3.11.7 cpython-311") != environment_digest(*other)


def test_digests_are_what_they_were():
    """Folders on disk are found by them: a change of form would install everything again."""
    digest = environment_digest((SYMPY, TORCH), "3.11.7 cpython-311")
    assert digest == "2c0e2335ecd7b423a8412dc57bd4e47571c643ba0349df386a09436a0a145cf5"
    assert bundle_digest(digest, {}) != bundle_digest(digest, {"ATEN_CPU_CAPABILITY": "default"})


def test_pip_is_told_to_accept_these_files_only():
    assert hashed_requirements([TORCH]) == f"torch==2.13.0+cpu --hash=sha256:{'6' * 64}\n"

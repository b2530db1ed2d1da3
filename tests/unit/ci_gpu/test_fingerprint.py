"""Facts of machine and interpreter: the same again and again, and nobody's private ones."""

import getpass
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from ci_gpu import fingerprint, nvml

ROOT = Path(fingerprint.__file__).parent.parent


def test_the_machine_is_the_same_twice():
    assert fingerprint.machine() == fingerprint.machine()


def test_a_child_with_a_bare_environment_finds_the_same_machine():
    program = "import json; from ci_gpu import fingerprint; print(json.dumps(fingerprint.machine()))"
    command = [sys.executable, "-c", program]
    found = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    assert json.loads(found.stdout) == json.loads(json.dumps(fingerprint.machine()))


def test_neither_host_nor_user_nor_folder_is_named():
    text = json.dumps([fingerprint.machine(), fingerprint.interpreter(), fingerprint.python_name()])
    private = {platform.node(), os.path.expanduser("~"), sys.prefix, str(Path.cwd())}
    assert not [name for name in private if len(name) > 3 and name in text]
    assert f'"{getpass.getuser()}"' not in text


def test_a_digest_depends_on_every_fact_and_not_on_their_order():
    facts = fingerprint.machine()
    own = facts.pop("digest")
    assert fingerprint.digest(dict(reversed(facts.items()))) == own
    for name in facts:
        assert fingerprint.digest({**facts, name: "changed"}) != own


def test_a_build_is_its_variables_too():
    interpreter, framework = fingerprint.interpreter(), {"version": "1"}
    plain = fingerprint.of_build(interpreter, framework, {})
    assert plain == fingerprint.of_build(interpreter, framework, {})
    assert plain != fingerprint.of_build(interpreter, framework, {"ATEN_CPU_CAPABILITY": "default"})
    assert plain != fingerprint.of_build(interpreter, {"version": "2"}, {})


def test_packages_of_this_interpreter():
    assert fingerprint.packages()["pytest"] == pytest.__version__


@pytest.mark.skipif(not Path("/sys/devices/system/cpu/cpu0/cache").exists(), reason="this system shows no caches")
def test_the_last_level_is_the_largest_cache():
    assert fingerprint.last_level_cache_bytes() == max(fingerprint.caches().values()) >= 1 << 18


@pytest.mark.skipif(nvml._library() is not None, reason="there is an NVIDIA driver here")
def test_without_a_gpu_telemetry_is_empty():
    assert nvml.devices() == []
    assert nvml.telemetry("GPU-0") is None
    assert nvml.telemetry(None) is None
    assert nvml.processes("GPU-0") is None


def test_throttle_reasons_are_named():
    assert nvml.throttle_reasons(0x4 | 0x40) == ["power_cap", "hardware_thermal"]
    assert nvml.throttle_reasons(0) == []
    assert set(nvml.THROTTLE_REASONS.values()) >= nvml.SLOWING

"""Say what machine and what interpreter this is, as facts that stay the same from day to day.

Times are only ever compared under one machine digest, so a fact belongs here if changing it can change a time.
Nothing here names the host, its users or its folders. The framework adds its own part (ci_gpu/points/<framework>/).
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import sys
import sysconfig
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from ci_gpu import nvml

_CPU = Path("/sys/devices/system/cpu")


def digest(facts: object) -> str:
    """Return a short digest of plain facts, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def machine() -> dict[str, object]:
    """Return the machine's facts, with their digest under "digest"."""
    facts: dict[str, object] = {
        "id": _machine_id(),
        "system": platform.system(),
        "kernel": platform.release(),
        "libc": "-".join(platform.libc_ver()),
        "architecture": platform.machine(),
        "processor": _processor(),
        "features": digest(_cpu_field("flags") or _cpu_field("Features")),
        "cores": _cores(),
        "cpu_quota": _cpu_quota(),
        "caches": caches(),
        "memory_gib": _memory_gib(),
        "governor": _text(_CPU / "cpu0/cpufreq/scaling_governor"),
        "boost": _text(_CPU / "cpufreq/boost"),
        "gpus": nvml.devices(),
    }
    return {**facts, "digest": digest(facts)}


def interpreter() -> dict[str, object]:
    """Return the facts of the interpreter that runs this."""
    return {
        "implementation": platform.python_implementation(),
        "version": platform.python_version(),
        "compiler": platform.python_compiler(),
        "built": " ".join(platform.python_build()),
        "configuration": digest({k: str(v) for k, v in sysconfig.get_config_vars().items() if k in _BUILD_VARIABLES}),
        "packages": packages(),
    }


_BUILD_VARIABLES = ("CFLAGS", "OPT", "CONFIG_ARGS", "SOABI", "Py_DEBUG", "Py_GIL_DISABLED")


def packages() -> dict[str, str]:
    """Return the installed distributions by name, with their versions."""
    found = ((d.metadata["Name"], d.version) for d in metadata.distributions())
    return dict(sorted((str(name).lower(), version) for name, version in found if name))


def of_build(
    interpreter_facts: Mapping[str, object], framework: Mapping[str, object], variables: Mapping[str, str]
) -> str:
    """Return the digest of a build: the same for every process that runs the same code with the same variables."""
    return digest([interpreter_facts, framework, dict(variables)])


def last_level_cache_bytes() -> int | None:
    """Return the size of the largest cache, None where the system does not say."""
    sizes = [size for size in caches().values() if size]
    return max(sizes) if sizes else None


def caches() -> dict[str, int]:
    """Return the sizes of the first core's caches in bytes, by level and type."""
    found = {}
    for index in sorted((_CPU / "cpu0/cache").glob("index*")):
        size = re.fullmatch(r"(\d+)([KM]?)", _text(index / "size") or "")
        if size:
            name = f"L{_text(index / 'level')} {(_text(index / 'type') or '').lower()}"
            found[name] = int(size[1]) * {"": 1, "K": 1 << 10, "M": 1 << 20}[size[2]]
    return found


def _text(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None


def _machine_id() -> str | None:
    """Return a digest that tells two equal machines apart without saying which they are."""
    own = _text(Path("/etc/machine-id"))
    return hashlib.sha256(f"flamekeeper harness {own}".encode()).hexdigest()[:16] if own else None


def _cpu_field(name: str) -> str | None:
    found = re.search(rf"^{name}\s*:\s*(.*)$", _text(Path("/proc/cpuinfo")) or "", re.MULTILINE)
    return found[1].strip() if found else None


def _processor() -> str:
    parts = [_cpu_field(name) for name in ("model name", "cpu family", "model", "stepping")]
    return " / ".join(part for part in parts if part) or platform.processor() or "unknown"


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu_quota() -> str | None:
    return _text(Path("/sys/fs/cgroup/cpu.max"))


def _memory_gib() -> int | None:
    found = re.search(r"^MemTotal:\s+(\d+) kB$", _text(Path("/proc/meminfo")) or "", re.MULTILINE)
    return round(int(found[1]) / 2**20) if found else None


def python_name() -> str:
    """Return the interpreter in words, without its path."""
    return (
        f"{platform.python_implementation()} {sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    )

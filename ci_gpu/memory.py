"""Say how much memory a process used at its highest, and whether the kernel killed for want of it."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

# What frameworks say when memory is short, where they do not raise MemoryError.
_OUT_OF_MEMORY = re.compile(
    r"out of memory|can't allocate memory|cannot allocate memory|not enough memory|alloc_failed|bad_alloc",
    re.IGNORECASE,
)


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an exception means that memory ran out."""
    named = any(kind.__name__ in ("OutOfMemoryError", "MemoryError") for kind in type(error).__mro__)
    return named or (isinstance(error, RuntimeError | OSError) and bool(_OUT_OF_MEMORY.search(str(error))))


def reset_peak() -> bool:
    """Start the high-water mark of this process anew; False where the system has no such thing."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def peak_bytes() -> int | None:
    """Return the high-water mark of this process's resident memory, None where the system does not say."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return _peak_by_usage()
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def _peak_by_usage() -> int | None:
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def kernel_kills() -> int | None:
    """Return how many processes the kernel has killed for want of memory here, None where it does not count."""
    counts = [count for path, name in _counters() if (count := _counted(path, name)) is not None]
    return sum(counts) if counts else None


def _counters() -> list[tuple[Path, str]]:
    """Return the files that count such kills, with the name of the counter: the machine's and this control group's."""
    places = [(Path("/proc/vmstat"), "oom_kill")]
    group = _own_group()
    if group is not None:
        places.append((group / "memory.events", "oom_kill"))
    return places


def _own_group() -> Path | None:
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    found = [line.removeprefix("0::/") for line in lines if line.startswith("0::/")]
    return Path("/sys/fs/cgroup", found[0]) if found else None


def _counted(path: Path, name: str) -> int | None:
    try:
        text = path.read_text()
    except OSError:
        return None
    found = re.search(rf"^{name} (\d+)$", text, re.MULTILINE)
    return int(found[1]) if found else None


def limit_address_space(extra_bytes: int) -> None:
    """Let this process grow by at most that much: the fault that runs out of memory asks for it first."""
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    ceiling = pages * os.sysconf("SC_PAGE_SIZE") + extra_bytes
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, resource.getrlimit(resource.RLIMIT_AS)[1]))

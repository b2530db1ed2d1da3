"""The framework's own facts, its device's timers and its memory, behind the few names that the child uses."""

from __future__ import annotations

import contextlib
import hashlib
from typing import Any

import torch

from ci_gpu import memory
from ci_gpu.catalogue import Variant, device_kind
from ci_gpu.timers import Batch, Call, CpuTimer, Timer, cpu_ns, wall_ns

LONGEST_SPIN = 1 << 26  # cycles, some forty milliseconds: a call that needs more is not short of work


def settle(threads: int) -> None:
    """Set what every point is measured under."""
    torch.set_num_threads(threads)
    with contextlib.suppress(RuntimeError):  # only before the first parallel work
        torch.set_num_interop_threads(1)


def facts(device: str) -> dict[str, object]:
    """Return what this framework is: version, build and what it found on this machine."""
    return {
        "name": "torch",
        "version": torch.__version__,
        "git_version": torch.version.git_version,
        "build": hashlib.sha256(torch.__config__.show().encode()).hexdigest()[:16],
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version() if device_kind(device) == "cuda" else None,
        "threads": torch.get_num_threads(),
        "device": _device(device),
    }


def _device(device: str) -> dict[str, object] | None:
    if device_kind(device) == "cpu":
        return None
    found = torch.cuda.get_device_properties(device)
    return {
        "name": found.name,
        "uuid": device_uuid(device),
        "capability": f"{found.major}.{found.minor}",
        "multiprocessors": found.multi_processor_count,
        "memory_bytes": found.total_memory,
        "l2_bytes": found.L2_cache_size,
    }


def device_uuid(device: str) -> str | None:
    """Return the UUID under which NVML knows the device, None for a processor."""
    if device_kind(device) == "cpu":
        return None
    own = getattr(torch.cuda.get_device_properties(device), "uuid", None)
    return None if own is None else str(own) if str(own).startswith(("GPU-", "MIG-")) else f"GPU-{own}"


def cache_bytes(device: str) -> int | None:
    """Return the size of a GPU's last-level cache; None for a processor."""
    return None if device_kind(device) == "cpu" else int(torch.cuda.get_device_properties(device).L2_cache_size)


def has(device: str) -> bool:
    """Say whether this build can use the device at all."""
    if device_kind(device) == "cpu":
        return True
    _, _, number = device.partition(":")
    return bool(torch.cuda.is_available()) and int(number or 0) < torch.cuda.device_count()


def timer_for(variant: Variant, device: str) -> Timer:
    """Return the timer that a point asks for."""
    if variant.timer == "cpu":
        return CpuTimer()
    return HostTimer(device) if variant.timer == "host" else DeviceTimer(device, cold=variant.cache == "cold")


class HostTimer:
    """Wall time of a batch that ends when the device has caught up: for points whose cost is the host's."""

    most_calls = 1 << 12

    def __init__(self, device: str) -> None:
        self._device = device

    def batch(self, call: Call, calls: int) -> Batch:
        """Return the time per call, and the part of it until all work was handed over."""
        torch.cuda.synchronize(self._device)
        wall, cpu = wall_ns(), cpu_ns()
        for _ in range(calls):
            call()
        host = wall_ns() - wall
        torch.cuda.synchronize(self._device)
        wall, cpu = wall_ns() - wall, cpu_ns() - cpu
        return Batch(wall / calls, max(cpu, 1) / calls, host_ns=host / calls)


class DeviceTimer:
    """Device events around each call, with the work queued ahead behind a spinning kernel.

    Without the spin a small kernel would be timed at the pace of the host that launches it. Between calls the
    last-level cache is overwritten where the point says "cold"; that work lies outside the pair of events.
    """

    most_calls = 48  # the launch queue holds about a thousand: a full one would make the host wait inside the batch

    def __init__(self, device: str, *, cold: bool) -> None:
        self._device = device
        self._host = HostTimer(device)
        self._flush: Any = None
        self._spin = 1 << 20  # cycles
        self.queued_ahead: bool | None = None  # False: this point's kernels may have been timed at the host's pace
        if cold:
            room = max(2 * (cache_bytes(device) or 0), 64 << 20)
            self._flush = torch.empty(room, dtype=torch.int8, device=device)

    @property
    def held_bytes(self) -> int:
        """Return the memory that this timer itself occupies on the device."""
        return 0 if self._flush is None else int(self._flush.numel())

    def batch(self, call: Call, calls: int) -> Batch:
        """Return the device's median time per call, with the host's times of as many calls without events."""
        times = self._events(call, calls)
        host = self._host.batch(call, calls)
        return Batch(host.wall_ns, host.cpu_ns, sorted(times)[len(times) // 2], host.host_ns)

    def _events(self, call: Call, calls: int) -> list[float]:
        while True:
            times, ahead = self._attempt(call, calls)
            if ahead or self._spin >= LONGEST_SPIN:
                self.queued_ahead = ahead
                return times
            self._spin *= 2

    def _attempt(self, call: Call, calls: int) -> tuple[list[float], bool]:
        """Return the time of each call, and whether the host was ahead of the device all the while."""
        marks = [(torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)) for _ in range(calls)]
        with torch.cuda.device(self._device):
            torch.cuda.synchronize()
            torch.cuda._sleep(self._spin)
            for before, after in marks:
                if self._flush is not None:
                    self._flush.zero_()
                before.record()
                call()
                after.record()
            ahead = not marks[0][0].query()
            torch.cuda.synchronize()
        return [before.elapsed_time(after) * 1e6 for before, after in marks], ahead


def reset_peak(device: str) -> None:
    """Start counting the highest memory anew."""
    if device_kind(device) == "cpu":
        memory.reset_peak()
    else:
        torch.cuda.reset_peak_memory_stats(device)


def peak_bytes(device: str, timer: Timer) -> int | None:
    """Return the highest memory since then: resident memory on a processor, the allocator's on a GPU."""
    if device_kind(device) == "cpu":
        return memory.peak_bytes()
    return int(torch.cuda.max_memory_allocated(device)) - int(getattr(timer, "held_bytes", 0))


def is_fatal(error: BaseException) -> bool:
    """Say whether nothing can be trusted on this device any more after the error."""
    return "CUDA error" in str(error) or "device-side assert" in str(error)

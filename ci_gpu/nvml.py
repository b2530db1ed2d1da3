"""Read NVIDIA devices through NVML by ctypes: never write a setting, and be empty where there is none.

Only `nvmlDeviceGet*` and `nvmlSystemGet*` are called. Clocks, power limits, MIG, persistence and compute mode are
facts of the machine that somebody else decides.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SUCCESS = 0
INSUFFICIENT_SIZE = 7
TEMPERATURE_GPU = 0
CLOCK_SM, CLOCK_MEMORY = 1, 2

# Bits of the clocks-event ("throttle") reasons, NVIDIA Management Library reference.
THROTTLE_REASONS = {
    0x1: "idle",
    0x2: "application_clocks",
    0x4: "power_cap",
    0x8: "hardware_slowdown",
    0x10: "sync_boost",
    0x20: "software_thermal",
    0x40: "hardware_thermal",
    0x80: "hardware_power_brake",
    0x100: "display_clocks",
}
# Reasons that say the device ran slower than asked, rather than that it had nothing to do.
SLOWING = frozenset({"power_cap", "hardware_slowdown", "software_thermal", "hardware_thermal", "hardware_power_brake"})

Handle = ctypes.c_void_p


class _Memory(ctypes.Structure):
    _fields_ = [("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong)]


class _Process(ctypes.Structure):
    """nvmlProcessInfo_t as the functions of version 3 fill it."""

    _fields_ = [
        ("pid", ctypes.c_uint),
        ("used_memory", ctypes.c_ulonglong),
        ("gpu_instance", ctypes.c_uint),
        ("compute_instance", ctypes.c_uint),
    ]


def _library() -> Any | None:
    name = "nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1"
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None


@contextmanager
def opened() -> Iterator[Any | None]:
    """Lend the library, initialised; None where there is no driver."""
    library = _library()
    if library is None or library.nvmlInit_v2() != SUCCESS:
        yield None
        return
    try:
        yield library
    finally:
        library.nvmlShutdown()


def _text(library: Any, function: str, *before: object) -> str | None:
    buffer = ctypes.create_string_buffer(96)
    code = getattr(library, function)(*before, buffer, ctypes.c_uint(len(buffer)))
    return buffer.value.decode(errors="replace") if code == SUCCESS else None


def _number(library: Any, function: str, *before: object, kind: Any = ctypes.c_uint) -> int | None:
    value = kind()
    try:
        code = getattr(library, function)(*before, ctypes.byref(value))
    except AttributeError:  # an older driver lacks newer functions
        return None
    return int(value.value) if code == SUCCESS else None


def _handles(library: Any) -> list[Handle]:
    handles = []
    for index in range(_number(library, "nvmlDeviceGetCount_v2") or 0):
        handle = Handle()
        if library.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(index), ctypes.byref(handle)) == SUCCESS:
            handles.append(handle)
    return handles


def _handle(library: Any, uuid: str) -> Handle | None:
    handle = Handle()
    code = library.nvmlDeviceGetHandleByUUID(uuid.encode(), ctypes.byref(handle))
    return handle if code == SUCCESS else None


def devices() -> list[dict[str, object]]:
    """Return the lasting facts of every device: part of the machine's fingerprint."""
    with opened() as library:
        if library is None:
            return []
        driver = _text(library, "nvmlSystemGetDriverVersion")
        return [_device(library, handle, driver) for handle in _handles(library)]


def _device(library: Any, handle: Handle, driver: str | None) -> dict[str, object]:
    memory = _Memory()
    known = library.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == SUCCESS
    current, pending = ctypes.c_uint(), ctypes.c_uint()
    mig = library.nvmlDeviceGetMigMode(handle, ctypes.byref(current), ctypes.byref(pending)) == SUCCESS
    return {
        "uuid": _text(library, "nvmlDeviceGetUUID", handle),
        "name": _text(library, "nvmlDeviceGetName", handle),
        "driver": driver,
        "memory_gib": round(memory.total / 2**30) if known else None,
        "power_limit_mw": _number(library, "nvmlDeviceGetPowerManagementLimit", handle),
        "maximum_sm_clock_mhz": _number(library, "nvmlDeviceGetMaxClockInfo", handle, ctypes.c_uint(CLOCK_SM)),
        "persistence": _number(library, "nvmlDeviceGetPersistenceMode", handle),
        "compute_mode": _number(library, "nvmlDeviceGetComputeMode", handle),
        "mig": int(current.value) if mig else None,
    }


def telemetry(uuid: str | None) -> dict[str, object] | None:
    """Return clocks, power, temperature and throttle reasons of one device now; None where nothing can be read."""
    if uuid is None:
        return None
    with opened() as library:
        handle = _handle(library, uuid) if library is not None else None
        return _reading(library, handle) if handle is not None else None


def _reading(library: Any, handle: Handle) -> dict[str, object]:
    return {
        "sm_clock_mhz": _number(library, "nvmlDeviceGetClockInfo", handle, ctypes.c_uint(CLOCK_SM)),
        "memory_clock_mhz": _number(library, "nvmlDeviceGetClockInfo", handle, ctypes.c_uint(CLOCK_MEMORY)),
        "power_mw": _number(library, "nvmlDeviceGetPowerUsage", handle),
        "temperature_c": _number(library, "nvmlDeviceGetTemperature", handle, ctypes.c_uint(TEMPERATURE_GPU)),
        "throttle_reasons": throttle_reasons(_throttle_bits(library, handle)),
    }


def _throttle_bits(library: Any, handle: Handle) -> int:
    """Return the bits under the name that this driver has: the function was renamed from "throttle" to "event"."""
    for name in ("nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"):
        bits = _number(library, name, handle, kind=ctypes.c_ulonglong)
        if bits is not None:
            return bits
    return 0


def throttle_reasons(bits: int) -> list[str]:
    """Return the names of the reasons set in `bits`."""
    return [name for bit, name in THROTTLE_REASONS.items() if bits & bit]


def processes(uuid: str) -> set[int] | None:
    """Return the ids of the processes that compute on one device, None where that cannot be read."""
    with opened() as library:
        handle = _handle(library, uuid) if library is not None else None
        return _running(library, handle) if handle is not None else None


def _running(library: Any, handle: Handle) -> set[int] | None:
    room = 64
    while room <= 4096:
        count, found = ctypes.c_uint(room), (_Process * room)()
        try:
            code = library.nvmlDeviceGetComputeRunningProcesses_v3(handle, ctypes.byref(count), found)
        except AttributeError:
            return None
        if code == SUCCESS:
            return {int(process.pid) for process in found[: count.value]}
        if code != INSUFFICIENT_SIZE:
            return None
        room *= 4
    return None

"""What can be tried of the GPU's side without one: the reading of NVML, and the logic of queueing ahead.

The rest is listed in docs/reference/gpu.md, with the commands that try it.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ci_gpu import catalogue

ROOT = Path(catalogue.__file__).parent.parent

# A library with NVML's functions as the driver's header declares them; it knows one device.
NVML = """
#include <string.h>
typedef void *device; typedef struct {unsigned long long total, free, used;} memory;
typedef struct {unsigned int pid; unsigned long long used; unsigned int gpu, compute;} process;
static int one; static int calls_of_shutdown;
int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlSystemGetDriverVersion(char *text, unsigned int length) { strncpy(text, "580.1", length); return 0; }
int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 1; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, device *found) { *found = &one; return index != 0; }
int nvmlDeviceGetHandleByUUID(const char *uuid, device *found) { *found = &one; return strcmp(uuid, "GPU-1") ? 6 : 0; }
int nvmlDeviceGetUUID(device d, char *text, unsigned int length) { strncpy(text, "GPU-1", length); return d != &one; }
int nvmlDeviceGetName(device d, char *text, unsigned int length) { strncpy(text, "Card", length); return d != &one; }
int nvmlDeviceGetMemoryInfo(device d, memory *m) { m->total = 80ull << 30; m->free = m->used = 1; return d != &one; }
int nvmlDeviceGetMigMode(device d, unsigned int *now, unsigned int *next) { *now = 0; *next = 1; return d != &one; }
int nvmlDeviceGetPowerManagementLimit(device d, unsigned int *value) { *value = 700000; return d != &one; }
int nvmlDeviceGetMaxClockInfo(device d, unsigned int kind, unsigned int *value) { *value = 1980; return kind != 1; }
int nvmlDeviceGetPersistenceMode(device d, unsigned int *value) { *value = 1; return d != &one; }
int nvmlDeviceGetComputeMode(device d, unsigned int *value) { return 3; }
int nvmlDeviceGetClockInfo(device d, unsigned int kind, unsigned int *value) { *value = 1000 + kind; return d != &one; }
int nvmlDeviceGetPowerUsage(device d, unsigned int *value) { *value = 4000000000u; return d != &one; }
int nvmlDeviceGetTemperature(device d, unsigned int sensor, unsigned int *value) { *value = 60; return sensor != 0; }
int nvmlDeviceGetCurrentClocksThrottleReasons(device d, unsigned long long *bits) { *bits = 0x24; return d != &one; }
int nvmlDeviceGetComputeRunningProcesses_v3(device d, unsigned int *count, process *found) {
    unsigned int room = *count, i; *count = 70;
    if (room < 70) return 7;
    for (i = 0; i < 70; i++) { found[i].pid = 5000 + i; found[i].used = ~0ull; found[i].gpu = found[i].compute = ~0u; }
    return 0;
}
"""
READ = """
import json
from ci_gpu import nvml
pids = nvml.processes("GPU-1")
print(json.dumps([nvml.devices(), nvml.telemetry("GPU-1"), sorted(pids), nvml.telemetry("GPU-2")]))
"""


@pytest.fixture(scope="module")
def nvml_reading(tmp_path_factory):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("no C compiler to make a library of NVML's functions with")
    folder = tmp_path_factory.mktemp("nvml")
    (folder / "nvml.c").write_text(NVML)
    library = folder / "libnvidia-ml.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-w", "-o", library, folder / "nvml.c"], check=True)
    environment = {"LD_LIBRARY_PATH": str(folder), "PYTHONPATH": str(ROOT)}
    found = subprocess.run([sys.executable, "-c", READ], env=environment, capture_output=True, text=True, check=True)
    return json.loads(found.stdout)


def test_the_lasting_facts_of_a_device(nvml_reading):
    (device,) = nvml_reading[0]
    assert device == {
        "uuid": "GPU-1",
        "name": "Card",
        "driver": "580.1",
        "memory_gib": 80,
        "power_limit_mw": 700000,
        "maximum_sm_clock_mhz": 1980,
        "persistence": 1,
        "compute_mode": None,  # this driver does not say
        "mig": 0,
    }


def test_the_state_of_a_device_now(nvml_reading):
    assert nvml_reading[1] == {
        "sm_clock_mhz": 1001,
        "memory_clock_mhz": 1002,
        "power_mw": 4000000000,
        "temperature_c": 60,
        "throttle_reasons": ["power_cap", "software_thermal"],
    }


def test_all_processes_are_read_however_many_there_are(nvml_reading):
    assert nvml_reading[2] == list(range(5000, 5070))


def test_an_unknown_device_has_no_state(nvml_reading):
    assert nvml_reading[3] is None


# A device whose queue is simulated in real time: a kernel takes 20 us, the host 100 us to launch one.
QUEUE = """
import contextlib, json, time
import torch
from ci_gpu.points.pytorch import device

NAMES = ("Event", "_sleep", "synchronize", "device", "get_device_properties", "max_memory_allocated",
         "reset_peak_memory_stats", "is_available", "device_count")
missing = [name for name in NAMES if not hasattr(torch.cuda, name)]
missing += [name for name in ("record", "query", "elapsed_time") if not hasattr(torch.cuda.Event, name)]

free = [0.0]
def enqueue(seconds):
    free[0] = max(free[0], time.perf_counter()) + seconds
    return free[0]
class Event:
    def __init__(self, enable_timing): assert enable_timing
    def record(self): self.at = enqueue(0.0)
    def query(self): return time.perf_counter() >= self.at
    def elapsed_time(self, other): return (other.at - self.at) * 1e3
def synchronize(*_):
    while time.perf_counter() < free[0]: pass
torch.cuda.Event, torch.cuda.synchronize = Event, synchronize
torch.cuda._sleep = lambda cycles: enqueue(cycles / 1e9)
torch.cuda.device = lambda name: contextlib.nullcontext()
torch.cuda.get_device_properties = lambda name: type("Properties", (), {"L2_cache_size": 1 << 20})
flushed = []
class Buffer:
    def zero_(self): flushed.append(enqueue(50e-6))
    def numel(self): return 64 << 20
device.torch.empty = lambda *shape, **kw: Buffer()
def call():
    until = time.perf_counter() + 100e-6
    while time.perf_counter() < until: pass
    enqueue(20e-6)

found = {}
for cold in (False, True):
    timer = device.DeviceTimer("cuda:0", cold=cold)
    timer._spin = 1 << 10
    batch = timer.batch(call, 10)
    found["cold" if cold else "warm"] = [batch.device_ns, batch.host_ns, batch.wall_ns, timer.queued_ahead,
                                         timer.held_bytes, len(flushed)]
host = device.HostTimer("cuda:0").batch(call, 10)
print(json.dumps({"missing": missing, **found, "host": [host.wall_ns, host.device_ns]}))
"""


@pytest.fixture(scope="module")
def queue(torch_python):
    found = subprocess.run(
        [str(torch_python), "-c", QUEUE], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


@pytest.mark.torch
def test_torch_has_every_function_that_the_gpu_side_calls(queue):
    assert queue["missing"] == []


@pytest.mark.torch
@pytest.mark.parametrize("cache", ["warm", "cold"])
def test_a_small_kernel_is_timed_at_the_devices_pace_and_not_the_hosts(queue, cache):
    """The spin grows until the host is ahead: 20 us are seen although each launch takes 100 us."""
    device_ns, host_ns, wall_ns, ahead, *_ = queue[cache]
    assert ahead is True
    assert device_ns == pytest.approx(20_000, rel=0.05)
    assert wall_ns >= host_ns >= 95_000


@pytest.mark.torch
def test_the_cache_is_flushed_before_each_call_where_the_point_is_cold(queue):
    assert queue["warm"][4:] == [0, 0]
    held, flushes = queue["cold"][4:]
    assert held == 64 << 20
    assert flushes >= 10
    assert flushes % 10 == 0


@pytest.mark.torch
def test_a_host_bound_point_is_timed_until_the_device_has_caught_up(queue):
    wall_ns, device_ns = queue["host"]
    assert wall_ns > 95_000
    assert device_ns is None

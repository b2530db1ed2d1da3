"""How much memory was used, and who says that it ran out."""

import subprocess
import sys

import pytest

from ci_gpu import memory


class OutOfMemoryError(RuntimeError):
    """As torch names its own."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OutOfMemoryError("whatever"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:115] DefaultCPUAllocator: can't allocate memory: you tried ..."),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("std::bad_alloc"),
        OSError("[Errno 12] Cannot allocate memory"),
    ],
)
def test_out_of_memory(error):
    assert memory.is_out_of_memory(error)


@pytest.mark.parametrize("error", [RuntimeError("shape mismatch"), ValueError("out of memory"), KeyError("memory")])
def test_other_errors(error):
    assert not memory.is_out_of_memory(error)


GROW = """
from ci_gpu import memory
before = memory.peak_bytes()
held = bytearray(200 << 20); held[::4096] = b"x" * len(held[::4096])
high = memory.peak_bytes()
del held
memory.reset_peak()
print(before, high, memory.peak_bytes())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the high-water mark is reset through /proc")
def test_the_high_water_mark_rises_and_is_reset():
    found = subprocess.run([sys.executable, "-c", GROW], capture_output=True, text=True, check=True)
    before, high, after = map(int, found.stdout.split())
    assert high - before > 190 << 20
    assert high - after > 190 << 20


LIMIT = """
from ci_gpu import memory
memory.limit_address_space(64 << 20)
bytearray(16 << 20)
try:
    bytearray(128 << 20)
except MemoryError:
    print("short")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_limit_of_the_fault_is_a_real_one():
    found = subprocess.run([sys.executable, "-c", LIMIT], capture_output=True, text=True, check=True)
    assert found.stdout == "short\n"


def test_the_kernels_count_is_a_count_or_unknown():
    count = memory.kernel_kills()
    assert count is None or count >= 0

"""Time a fixed piece of work that no build under test can change.

The C library sorts a fixed list of short strings with its own `strcmp`: integer work, branches and small memory,
the same instructions in both arms whatever framework or interpreter they carry. How long it takes says how fast
the processor was just then; it is timed in turn with the point.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable

# Taken before a framework is imported, so that a build that replaces time.* does not reach them.
_wall_ns = time.perf_counter_ns
_cpu_ns = time.process_time_ns

WORDS = 2048
WIDTH = 8


def _words() -> bytes:
    """Return the list to sort: the top bytes of a fixed linear congruential sequence, as hexadecimal text."""
    state, words = 1, []
    for _ in range(WORDS):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        words.append(f"{state >> 36:07x}\0".encode())
    return b"".join(words)


class Sentinel:
    """The fixed work, ready to be done again and again."""

    def __init__(self) -> None:
        library = ctypes.CDLL(None)
        self._sort: Callable[..., object] = library.qsort
        self._compare = ctypes.cast(library.strcmp, ctypes.c_void_p)
        self._words = _words()
        self._buffer = ctypes.create_string_buffer(len(self._words))

    def work(self) -> None:
        """Sort the list once."""
        ctypes.memmove(self._buffer, self._words, len(self._words))
        self._sort(self._buffer, ctypes.c_size_t(WORDS), ctypes.c_size_t(WIDTH), self._compare)

    def time(self) -> tuple[int, int]:
        """Return the CPU and the wall nanoseconds of one piece of work.

        It is done once before, untimed: else the caches that the point left behind would be timed.
        """
        self.work()
        wall, cpu = _wall_ns(), _cpu_ns()
        self.work()
        return _cpu_ns() - cpu, _wall_ns() - wall

    def sorted_words(self) -> bytes:
        """Return what the last piece of work left, for tests."""
        return self._buffer.raw

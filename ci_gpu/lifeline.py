"""Make the measured process die with the process that started it, however that one died.

Two lines, because each has a hole. The kernel's parent-death signal works even while C code holds the
interpreter, but exists on Linux only. The end of standard input works everywhere, but needs the interpreter.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from typing import NoReturn

PR_SET_PDEATHSIG = 1


def read_order(descriptor: int = 0) -> bytes:
    """Return the first line of `descriptor` without reading past it; empty where it ended before."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(descriptor, 1)
        if not byte:
            return b""
        line += byte
    return bytes(line)


def die_with_parent(parent: int, descriptor: int = 0) -> None:
    """End this process group as soon as the parent is gone; `parent` is what `os.getppid()` said at the beginning."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel was asked: no signal will come
        _end()
    threading.Thread(target=_wait_for_end, args=(descriptor,), name="lifeline", daemon=True).start()


def _wait_for_end(descriptor: int) -> None:
    while os.read(descriptor, 4096):
        pass
    _end()


def _end() -> NoReturn:
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)

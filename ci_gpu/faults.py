"""Break the measured process on purpose, for the tests of those who supervise it.

Honoured only where the environment says FLAMEKEEPER_FAULTS=1, so that no order can do harm on its own.
"""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from ci_gpu import memory, protocol

KINDS = ("hang", "garbage", "die_mid_line", "out_of_memory", "exit", "wrong_numerics")
VARIABLE = "FLAMEKEEPER_FAULTS"


class Writer(Protocol):
    def write(self, line: bytes) -> None: ...


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and at which point."""

    point: str
    kind: str

    @classmethod
    def wanted(cls, plain: Mapping[str, Any] | None) -> Fault | None:
        """Return the fault of an order, None where there is none or faults are not allowed here."""
        if plain is None or os.environ.get(VARIABLE) != "1":
            return None
        if plain.get("kind") not in KINDS:
            raise ValueError(f"unknown fault {plain.get('kind')!r}")
        return cls(str(plain["point"]), str(plain["kind"]))

    def strike(self, line: Writer) -> None:
        """Do what the fault says, unless it only distorts numbers."""
        if self.kind == "hang":
            _hang()
        elif self.kind == "garbage":
            line.write(b"Segmentation fault? No: a framework that talks too much\n")
        elif self.kind == "die_mid_line":
            _die_mid_line(line, self.point)
        elif self.kind == "out_of_memory":
            _exhaust_memory()
        elif self.kind == "exit":
            os._exit(7)

    def distorted(self, values: Sequence[float]) -> Sequence[float]:
        """Return numbers that are one per cent wrong, where that is the fault."""
        return [value * 1.01 for value in values] if self.kind == "wrong_numerics" else values


def _hang() -> NoReturn:
    """Wait for ever in C code that keeps the interpreter: the worst kind, no thread of Python can run."""
    library = ctypes.PyDLL(None)
    while True:
        library.pause()


def _die_mid_line(line: Writer, point: str) -> None:
    whole = protocol.encode("sample", point=point)
    line.write(whole[: len(whole) // 2])
    os.kill(os.getpid(), signal.SIGKILL)


def _exhaust_memory() -> None:
    memory.limit_address_space(256 << 20)
    held = []
    while True:
        held.append(bytearray(32 << 20))

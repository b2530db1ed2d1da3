"""Read and write the lines between the supervisor and the measured child: JSON lines, version 1.

The child runs code under test, so nothing it says is trusted: `Conversation` accepts only messages whose fields have
the right types and which come in an order that makes sense. docs/reference/harness.md is the written form.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

VERSION = 1
LONGEST_LINE = 1 << 20

Message = dict[str, Any]

REASONS = ("out_of_memory", "error", "numerics", "unsupported", "invalid_timing")

_NUMBER = (int, float)
_OPTIONAL = (int, float, type(None))
_FIELDS: Mapping[str, Mapping[str, tuple[type, ...]]] = {
    "hello": {"fingerprint": (dict,)},
    "start": {"point": (str,)},
    "sample": {
        "point": (str,),
        "wall_ns": _NUMBER,
        "cpu_ns": _NUMBER,
        "device_ns": _OPTIONAL,
        "sentinel_ns": _OPTIONAL,
        "sentinel_wall_ns": _OPTIONAL,
        "iterations": (int,),
        "warmups": (int,),
        "steady": (bool,),
        "durations_ns": (list,),
        "spread": _OPTIONAL,
        "skew": _OPTIONAL,
        "flops": (int,),
        "bytes": (int,),
        "roofline_fraction": _OPTIONAL,
        "roofline_valid": (bool,),
        "error": _OPTIONAL,
        "peak_memory_bytes": (int, type(None)),
        "host_ns": _OPTIONAL,
        "telemetry": (dict, type(None)),
    },
    "failure": {"point": (str,), "reason": (str,), "message": (str,)},
    "done": {"seconds": _NUMBER},
}
_POSITIVE = ("wall_ns", "cpu_ns", "device_ns", "sentinel_ns", "sentinel_wall_ns", "host_ns", "iterations")


class ProtocolError(ValueError):
    """The other side said something that the protocol does not know."""


def encode(kind: str, **fields: object) -> bytes:
    """Return one message as a line; ValueError for a number that JSON cannot hold."""
    return json.dumps({"protocol": VERSION, "kind": kind, **fields}, allow_nan=False).encode() + b"\n"


def _refuse_constant(name: str) -> float:
    raise ProtocolError(f"{name} is no number")


def _document(line: bytes) -> Message:
    try:
        document = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"no JSON message: {_shown(line)} ({error})") from error
    if not isinstance(document, dict):
        raise ProtocolError(f"no JSON object: {_shown(line)}")
    if document.get("protocol") != VERSION:
        raise ProtocolError(f"protocol {document.get('protocol')!r}, expected {VERSION}")
    return document


def _shown(line: bytes) -> str:
    text = line.decode(errors="backslashreplace").strip()
    return repr(text if len(text) <= 120 else text[:117] + "...")


def decode(line: bytes) -> Message:
    """Return the message in one line; ProtocolError where it is none."""
    message = _document(line)
    fields = _FIELDS.get(str(message.get("kind")))
    if fields is None:
        raise ProtocolError(f"unknown kind {message.get('kind')!r}")
    for name, types in fields.items():
        _check_field(message, name, types)
    _check_values(message)
    return message


def _check_field(message: Message, name: str, types: tuple[type, ...]) -> None:
    if name not in message:
        raise ProtocolError(f"{message['kind']} without {name}")
    value = message[name]
    wrong = not isinstance(value, types) or (isinstance(value, bool) and bool not in types)
    if wrong or (isinstance(value, float) and not math.isfinite(value)):
        raise ProtocolError(f"{message['kind']}: {name} is {value!r:.60}")


def _check_values(message: Message) -> None:
    for name in _POSITIVE:
        value = message.get(name)
        if value is not None and value <= 0:
            raise ProtocolError(f"{message['kind']}: {name} is {value}, expected more than 0")
    if message["kind"] == "failure" and message["reason"] not in REASONS:
        raise ProtocolError(f"failure: unknown reason {message['reason']!r:.60}")
    durations = message.get("durations_ns", [])
    if not all(isinstance(d, _NUMBER) and not isinstance(d, bool) and math.isfinite(d) for d in durations):
        raise ProtocolError("sample: durations_ns holds something else than numbers")


class Conversation:
    """Follow one child from hello to done, refusing what is out of order."""

    def __init__(self, points: Sequence[str]) -> None:
        self._waiting = list(points)
        self.current: str | None = None
        self.greeted = False
        self.finished = False

    def hear(self, line: bytes) -> Message:
        """Return the message in `line`; ProtocolError where it cannot come now."""
        message = decode(line)
        getattr(self, f"_{message['kind']}")(message)
        return message

    def _hello(self, message: Message) -> None:
        if self.greeted:
            raise ProtocolError("a second hello")
        self.greeted = True

    def _start(self, message: Message) -> None:
        self._expect(self.greeted and self.current is None and not self.finished, message)
        self._expect(self._waiting[:1] == [message["point"]], message)
        self.current = self._waiting.pop(0)

    def _sample(self, message: Message) -> None:
        self._expect(self.current is not None and message["point"] == self.current, message)
        self.current = None

    _failure = _sample

    def _done(self, message: Message) -> None:
        self._expect(self.greeted and self.current is None and not self._waiting, message)
        self.finished = True

    def _expect(self, condition: bool, message: Message) -> None:
        if not condition or self.finished:
            raise ProtocolError(f"{message['kind']} {message.get('point', '')} out of order".replace("  ", " "))

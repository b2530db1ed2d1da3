"""Read and write the lines between the supervisor and the measured child: JSON lines, version 1.

The child runs code under test, so nothing it says is trusted: `Conversation` accepts only messages whose fields have
the right types and which come in an order that makes sense. docs/reference/harness.md is the written form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

VERSION = 1
LONGEST_LINE = 1 << 20
LARGEST = 2**63 - 1  # of any number: what a database's columns hold
SHORTEST_NS = 1e-6  # of any time: nothing a computer does is shorter than a femtosecond
DEEPEST = 32  # levels of objects and lists in one message

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
_NOT_NEGATIVE = ("warmups", "flops", "bytes", "spread", "error", "roofline_fraction", "peak_memory_bytes", "seconds")
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")


class ProtocolError(ValueError):
    """The other side said something that the protocol does not know."""


def clean(text: str) -> str:
    """Return a text that any reader can keep: NULs and lone surrogates, which no database holds, become U+FFFD."""
    return _UNKEEPABLE.sub("\N{REPLACEMENT CHARACTER}", text)


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
        raise ProtocolError(f"protocol {document.get('protocol')!r:.60}, expected {VERSION}")
    return document


def _shown(line: bytes) -> str:
    text = line.decode(errors="backslashreplace").strip()
    return repr(text if len(text) <= 120 else text[:117] + "...")


def decode(line: bytes) -> Message:
    """Return the message in one line; ProtocolError where it is none."""
    message = _document(line)
    fields = _FIELDS.get(str(message.get("kind")))
    if fields is None:
        raise ProtocolError(f"unknown kind {message.get('kind')!r:.60}")
    for name, types in fields.items():
        _check_field(message, name, types)
    for name, value in message.items():
        _check_keepable(f"{message['kind']}: {name!a:.60}", [name, value])
    _check_values(message)
    return message


def _check_field(message: Message, name: str, types: tuple[type, ...]) -> None:
    if name not in message:
        raise ProtocolError(f"{message['kind']} without {name}")
    value = message[name]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise ProtocolError(f"{message['kind']}: {name} is {value!r:.60}")


def _check_keepable(where: str, value: object) -> None:
    """Refuse what a reader could not keep, however deep it lies and though the field is not listed: all is kept."""
    layer: list[object] = [value]
    for _ in range(DEEPEST):
        for item in layer:
            _check_plain(where, item)
        layer = [inner for item in layer for inner in _within(item)]
    if layer:
        raise ProtocolError(f"{where} is nested more than {DEEPEST} deep")


def _within(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else ()


def _check_plain(where: str, value: object) -> None:
    if isinstance(value, str) and _UNKEEPABLE.search(value):
        raise ProtocolError(f"{where} holds a character that cannot be kept")
    if isinstance(value, _NUMBER) and not abs(value) <= LARGEST:  # so written, infinity is refused too
        raise ProtocolError(f"{where} holds a number beyond 2**63")


def _check_values(message: Message) -> None:
    for least, names in ((SHORTEST_NS, _POSITIVE), (0, _NOT_NEGATIVE)):
        for name in names:
            value = message.get(name)
            if isinstance(value, _NUMBER) and value < least:
                raise ProtocolError(f"{message['kind']}: {name} is {value}, expected at least {least:g}")
    if message["kind"] == "failure" and message["reason"] not in REASONS:
        raise ProtocolError(f"failure: unknown reason {message['reason']!r:.60}")
    durations = message["durations_ns"] if message["kind"] == "sample" else []
    if not all(isinstance(d, _NUMBER) and not isinstance(d, bool) and d >= 0 for d in durations):
        raise ProtocolError("sample: durations_ns holds something else than durations")


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

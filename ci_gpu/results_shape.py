"""Say whether a document has the parts of a results file that a night needs to go on with it.

The file may have been cut by hand or written by another version; finding that out in the middle of a night is too late.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ci_gpu.rounds import ARMS

Shape = Mapping[str, tuple[type, ...]]

_NOTHING = type(None)
_NIGHT: Shape = {
    "suite": (str,),
    "suite_version": (str,),
    "device": (dict,),
    "threads": (int,),
    "budget_s": (int, float),
    "seed": (int,),
    "arms": (dict,),
    "machine": (dict, _NOTHING),
    "calibration": (dict, _NOTHING),
    "rounds": (list,),
}
_ARM: Shape = {"python": (str,), "variables": (dict,)}
_ROUND: Shape = {"number": (int,), "attempts": (list,)}
_ATTEMPT: Shape = {
    "number": (int,),
    "shard": (int,),
    "arm": (str,),
    "points": (list,),
    "ended": (str,),
    "last_point": (str, _NOTHING),
    "samples": (list,),
    "failures": (list,),
}
_SAMPLE: Shape = {"point": (str,), "error": (int, float, _NOTHING)}
_FAILURE: Shape = {"point": (str,), "reason": (str,)}


class MisshapenError(ValueError):
    """A part is missing or is something else; the message names its place."""


def check(document: Mapping[str, Any]) -> None:
    """Raise MisshapenError unless a night can go on with these results."""
    _require(document, "", _NIGHT)
    if document["machine"] is not None:
        _require(document["machine"], "machine", {"digest": (str,)})
    for arm in ARMS:
        _check_arm(document["arms"].get(arm), f"arms.{arm}")
    for index, entry in enumerate(document["rounds"]):
        _check_round(entry, index)


def _check_arm(arm: Any, path: str) -> None:
    _require(arm, path, _ARM)
    framework = arm.get("framework")
    if framework is not None:
        _require(framework, f"{path}.framework", {"device": (dict, _NOTHING)})


def _check_round(entry: Any, index: int) -> None:
    path = f"rounds[{index}]"
    _require(entry, path, _ROUND)
    if entry["number"] != index + 1:
        raise MisshapenError(f"{path}.number is {entry['number']}, expected {index + 1}")
    for place, attempt in enumerate(entry["attempts"]):
        _check_attempt(attempt, f"{path}.attempts[{place}]")


def _check_attempt(attempt: Any, path: str) -> None:
    _require(attempt, path, _ATTEMPT)
    if attempt["arm"] not in ARMS:
        raise MisshapenError(f"{path}.arm is {attempt['arm']!r:.60}")
    if not all(isinstance(point, str) for point in attempt["points"]):
        raise MisshapenError(f"{path}.points holds something else than names")
    for name, shape in (("samples", _SAMPLE), ("failures", _FAILURE)):
        for index, message in enumerate(attempt[name]):
            _require(message, f"{path}.{name}[{index}]", shape)


def _require(value: Any, path: str, shape: Shape) -> None:
    """Raise MisshapenError unless `value` is an object with these fields."""
    if not isinstance(value, dict):
        raise MisshapenError(f"{path} is {value!r:.60}, expected an object")
    for name, types in shape.items():
        place = f"{path}.{name}" if path else name
        if name not in value:
            raise MisshapenError(f"{place} is missing")
        if isinstance(value[name], bool) or not isinstance(value[name], types):
            raise MisshapenError(f"{place} is {value[name]!r:.60}")

"""Read a results file of `python3 -m ci_gpu night`: check all of it before anything is made of it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from ci_gpu import protocol
from ci_gpu.catalogue import device_kind
from ci_gpu.night import FORMAT
from ci_gpu.rounds import ARMS

LARGEST_BYTES = 500 * 10**6
ENDED = ("done", "crash", "timeout", "out_of_memory", "garbage", "cancelled")


class ResultsRefused(ValueError):
    """A file that is no results file; the message names the place and says what to do."""


@dataclass(frozen=True)
class ArmFacts:
    """One build of the file: what it was, as its own processes said."""

    framework: str
    version: str
    variables: dict[str, str]
    build: str

    @property
    def requirement(self) -> str:
        return f"{self.framework}=={self.version}"


@dataclass(frozen=True)
class AttemptFacts:
    """One process of the file."""

    number: int
    shard: int
    arm: str
    position: int
    points: tuple[str, ...]
    ended: str
    last_point: str
    detail: str
    stderr: str
    started_at: datetime
    ended_at: datetime
    fingerprint: dict[str, Any] | None
    samples: tuple[dict[str, Any], ...]
    failures: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class RoundFacts:
    """One round of the file."""

    number: int
    attempts: tuple[AttemptFacts, ...]

    @property
    def points(self) -> list[str]:
        return list(dict.fromkeys(point for attempt in self.attempts for point in sorted(attempt.points)))


@dataclass(frozen=True)
class Results:
    """A whole file, checked."""

    digest: str
    suite: str
    suite_version: str
    device: str
    threads: int
    seed: int
    machine: dict[str, Any]
    calibration: dict[str, Any] | None
    arms: Mapping[str, ArmFacts]
    rounds: tuple[RoundFacts, ...]

    @property
    def is_aa(self) -> bool:
        """Say whether both arms are the same build."""
        return self.arms["baseline"].build == self.arms["candidate"].build


def read_results(path: Path) -> Results:
    """Read and check a results file.

    Raises:
        ResultsRefused: with the place and the remedy.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ResultsRefused(f"{path.name} has more than {LARGEST_BYTES:,} bytes: no results file is that large")
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise ResultsRefused(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ResultsRefused(f"{path.name} is no JSON document ({error}): copy it again as a whole") from None
    return checked(document)


def checked(document: Any) -> Results:
    """Return a document's results, every part of it checked."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        found = document.get("format") if isinstance(document, dict) else type(document).__name__
        raise ResultsRefused(f"format: found {found!r}, expected {FORMAT!r}; make it with `python3 -m ci_gpu night`")
    root = Place(document, "")
    device = root.at("device").text("id")
    root.at("device").require(_is_device(device), "id", "cpu or cuda:N")
    machine = root.object("machine")
    root.at("machine").text("digest")
    rounds = tuple(_round(place) for place in root.each("rounds"))
    root.require([r.number for r in rounds] == list(range(1, len(rounds) + 1)), "rounds", "numbered 1, 2, 3 …")
    root.require(bool(rounds), "rounds", "at least one: let the night measure one")
    return Results(
        digest=hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest(),
        suite=root.text("suite"),
        suite_version=root.text("suite_version"),
        device=device,
        threads=root.whole("threads"),
        seed=root.whole("seed"),
        machine=machine,
        calibration=root.optional("calibration", dict),
        arms={arm: _arm(root.at("arms").at(arm)) for arm in ARMS},
        rounds=rounds,
    )


@dataclass(frozen=True)
class Place:
    """A part of the document, and where it stands in it."""

    value: Any
    path: str

    def _child(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def require(self, fine: bool, name: str, expected: str) -> None:
        if not fine:
            found = self.value.get(name) if isinstance(self.value, dict) else self.value
            raise ResultsRefused(f"{self._child(name)}: expected {expected}, found {str(found)[:80]!r}")

    def object(self, name: str) -> dict[str, Any]:
        found = self._get(name)
        self.require(isinstance(found, dict), name, "an object")
        return dict(found)

    def at(self, name: str) -> "Place":
        return Place(self.object(name), self._child(name))

    def text(self, name: str) -> str:
        found = self._get(name)
        self.require(isinstance(found, str) and 0 < len(found) <= 200, name, "a short text")
        return str(found)

    def whole(self, name: str, least: int = 0) -> int:
        found = self._get(name)
        fine = isinstance(found, int) and not isinstance(found, bool) and least <= found < 2**63
        self.require(fine, name, f"a whole number from {least}")
        return int(found)

    def number(self, name: str) -> float:
        found = self._get(name)
        fine = isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found < 1e9
        self.require(fine, name, "a number of seconds")
        return float(found)

    def optional(self, name: str, kind: type) -> Any:
        found = self._get(name)
        self.require(found is None or isinstance(found, kind), name, f"{kind.__name__} or null")
        return found

    def each(self, name: str) -> list["Place"]:
        found = self._get(name)
        self.require(isinstance(found, list), name, "a list")
        places = [Place(item, f"{self._child(name)}[{index}]") for index, item in enumerate(found)]
        for place in places:
            if not isinstance(place.value, dict):
                raise ResultsRefused(f"{place.path}: expected an object, found {str(place.value)[:80]!r}")
        return places

    def words(self, name: str) -> tuple[str, ...]:
        found = self._get(name)
        fine = isinstance(found, list) and all(isinstance(word, str) and len(word) <= 120 for word in found)
        self.require(fine, name, "a list of short texts")
        return tuple(found)

    def _get(self, name: str) -> Any:
        if not isinstance(self.value, dict) or name not in self.value:
            raise ResultsRefused(f"{self._child(name)}: missing; was the file written by another version of ci_gpu?")
        return self.value[name]


def _is_device(text: str) -> bool:
    try:
        device_kind(text)
    except ValueError:
        return False
    return True


def _arm(place: Place) -> ArmFacts:
    framework, variables = place.at("framework"), place.object("variables")
    texts = all(isinstance(value, str) for value in variables.values())
    place.require(texts, "variables", "an object of texts")
    version = framework.text("version")
    framework.require(_is_version(version), "version", "a version")
    return ArmFacts(framework.text("name"), version, variables, place.text("build"))


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _round(place: Place) -> RoundFacts:
    attempts: list[AttemptFacts] = []
    seen: set[tuple[int, int]] = set()
    for each in place.each("attempts"):
        key = (each.whole("shard"), each.whole("number", 1))
        attempts.append(_attempt(each, position=int(key in seen)))
        seen.add(key)
    keys = [(a.shard, a.number, a.arm) for a in attempts]
    place.require(len(set(keys)) == len(keys), "attempts", "each process once")
    place.require(bool(attempts), "attempts", "at least one process")
    return RoundFacts(place.whole("number", 1), tuple(attempts))


def _attempt(place: Place, position: int) -> AttemptFacts:
    arm, ended, points = place.text("arm"), place.text("ended"), place.words("points")
    place.require(arm in ARMS, "arm", "baseline or candidate")
    place.require(ended in ENDED, "ended", " or ".join(ENDED))
    began = _moment(place, "started_at")
    last_point = place.optional("last_point", str) or ""
    samples = _messages(place, "samples", points, "sample")
    return AttemptFacts(
        number=place.whole("number", 1),
        shard=place.whole("shard"),
        arm=arm,
        position=position,
        points=points,
        ended=ended,
        last_point=last_point,
        detail=str(place.value.get("detail") or "")[:2000],
        stderr=str(place.value.get("stderr_tail") or ""),
        started_at=began,
        ended_at=began + timedelta(seconds=place.number("seconds")),
        fingerprint=place.optional("fingerprint", dict),
        samples=samples,
        failures=_messages(place, "failures", points, "failure"),
    )


def _moment(place: Place, name: str) -> datetime:
    text = place.text(name)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ResultsRefused(f"{place._child(name)}: expected a date and time, found {text[:80]!r}") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _messages(place: Place, name: str, points: Sequence[str], kind: str) -> tuple[dict[str, Any], ...]:
    """Return the messages of one kind, each as the harness's protocol allows it and each point once."""
    found = []
    for each in place.each(name):
        message = _decoded(each)
        each.require(message["kind"] == kind, "kind", kind)
        each.require(message["point"] in points, "point", "one of the points that this process was asked for")
        found.append(message)
    named = [message["point"] for message in found]
    place.require(len(set(named)) == len(named), name, "each point once")
    return tuple(found)


def _decoded(place: Place) -> dict[str, Any]:
    try:
        return protocol.decode(json.dumps(place.value).encode())
    except protocol.ProtocolError as error:
        raise ResultsRefused(f"{place.path}: {error}") from None

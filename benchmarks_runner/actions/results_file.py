"""Read a results file of `python3 -m ci_gpu night`: check all of it before anything is made of it."""

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from benchmarks_runner.bundles.specification import Specification, SpecificationError, parse
from benchmarks_runner.models import Attempt, Device, Machine, Night, Round, Sample
from ci_gpu import protocol
from ci_gpu.catalogue import device_kind
from ci_gpu.night import FORMAT
from ci_gpu.rounds import ARMS

LARGEST_BYTES = 500 * 10**6
ENDED = ("done", "crash", "timeout", "out_of_memory", "garbage", "cancelled")
DEEPEST = 40
LARGEST_WHOLE = 2**63 - 1
# A call that takes less than a thousandth of a nanosecond, or more than a day, was not timed.
TIMES_NS = (1e-3, 86_400e9)
YEARS = (2000, 2200)
# What stands in a point's address.
POINT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


class ResultsRefused(ValueError):
    """A file that is no results file; the message names the place and says what to do."""


@dataclass(frozen=True)
class ArmFacts:
    """One build of the file: what it was, as its own processes said."""

    specification: Specification
    build: str


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
    _refuse_what_cannot_be_kept(document)
    root = Place(document, "")
    device = _device(root.at("device"))
    machine = _machine(root.at("machine"))
    rounds = tuple(_round(place) for place in root.each("rounds"))
    root.require([r.number for r in rounds] == list(range(1, len(rounds) + 1)), "rounds", "numbered 1, 2, 3 …")
    root.require(bool(rounds), "rounds", "at least one: let the night measure one")
    return Results(
        digest=hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest(),
        suite=root.text("suite", Night, "suite"),
        suite_version=root.text("suite_version", Night, "suite_version"),
        device=device,
        threads=root.whole("threads", Night, "threads"),
        seed=root.whole("seed", Night, "seed"),
        machine=machine,
        calibration=_calibration(root),
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

    def text(self, name: str, *column: Any) -> str:
        found = self._get(name)
        self.require(isinstance(found, str) and 0 < len(found) <= 200, name, "a short text")
        self.fit(name, found, *column)
        return str(found)

    def whole(self, name: str, *column: Any, least: int = 0) -> int:
        found = self._get(name)
        fine = isinstance(found, int) and not isinstance(found, bool) and least <= found
        self.require(fine, name, f"a whole number from {least}")
        self.fit(name, found, *column)
        return int(found)

    def fit(self, name: str, value: Any, model: type[Model] | None = None, field: str = "") -> None:
        """Refuse what the column that is to keep it would refuse, by the limits of the model itself."""
        if model is None:
            return
        try:
            model._meta.get_field(field).run_validators(value)  # type: ignore[union-attr]
        except ValidationError as error:
            said = " ".join(error.messages).rstrip(".")
            raise ResultsRefused(f"{self._child(name)}: {said}, found {str(value)[:80]!r}") from None

    def number(self, name: str) -> float:
        found = self._get(name)
        fine = isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found < 1e9
        self.require(fine, name, "a number of seconds")
        return float(found)

    def amount(self, name: str) -> None:
        found = self._get(name)
        fine = isinstance(found, int | float) and not isinstance(found, bool) and found >= 0
        self.require(fine, name, "a number from 0")

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
        fine = isinstance(found, list) and all(isinstance(word, str) for word in found)
        self.require(fine, name, "a list of texts")
        return tuple(found)

    def _get(self, name: str) -> Any:
        if not isinstance(self.value, dict) or name not in self.value:
            raise ResultsRefused(f"{self._child(name)}: missing; was the file written by another version of ci_gpu?")
        return self.value[name]


def _refuse_what_cannot_be_kept(document: Any) -> None:
    """Refuse, wherever it stands, what no database keeps: text with NUL or half characters, and numbers without end."""
    for path, depth, value in _parts(document):
        if depth > DEEPEST:
            raise ResultsRefused(f"{path[:200]}: nested more than {DEEPEST} deep, which no results file is")
        if isinstance(value, str) and ("\x00" in value or not _is_unicode(value)):
            raise ResultsRefused(f"{path}: expected text without NUL and half characters, found {ascii(value)[:80]}")
        if isinstance(value, int) and abs(value) > LARGEST_WHOLE:
            raise ResultsRefused(f"{path}: expected a number below 2^63, found {value!r:.60}…")
        if isinstance(value, float) and not math.isfinite(value):
            raise ResultsRefused(f"{path}: expected a finite number, found {value!r}")


def _parts(document: Any) -> Iterator[tuple[str, int, Any]]:
    """Return every value and every name in a document with its place and depth; no recursion, however deep it is."""
    waiting = [("", 0, document)]
    while waiting:
        path, depth, value = waiting.pop()
        yield path, depth, value
        if isinstance(value, dict):
            for name, inner in value.items():
                place = f"{path}.{ascii(name)[1:-1]}" if path else ascii(name)[1:-1]
                yield place, depth, name
                waiting.append((place, depth + 1, inner))
        elif isinstance(value, list):
            waiting += [(f"{path}[{index}]", depth + 1, inner) for index, inner in enumerate(value)]


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_device(text: str) -> bool:
    try:
        return text.isascii() and bool(device_kind(text))
    except ValueError:
        return False


def _device(place: Place) -> str:
    text = place.text("id")
    place.require(_is_device(text), "id", "cpu or cuda:N")
    place.fit("id", int(text.partition(":")[2] or 0), Device, "index")
    return text


def _machine(place: Place) -> dict[str, Any]:
    """Return the machine's facts; those that make it and its devices known are checked, the rest is only shown."""
    place.text("digest", Machine, "digest")
    if place.value.get("gpus"):
        for gpu in place.each("gpus"):
            gpu.fit("uuid", str(gpu.value.get("uuid") or ""), Device, "uuid")
    return dict(place.value)


def _calibration(root: Place) -> dict[str, Any] | None:
    if root.optional("calibration", dict) is None:
        return None
    place = root.at("calibration")
    for name in place.object("flops_per_s"):
        place.at("flops_per_s").amount(name)
    place.amount("bandwidth_bytes_per_s")
    return dict(place.value)


def _arm(place: Place) -> ArmFacts:
    """Return an arm as a specification: a build that is known by it can be asked for again."""
    framework, variables = place.at("framework"), place.object("variables")
    texts = all(isinstance(value, str) for value in variables.values())
    place.require(texts, "variables", "an object of texts")
    requirement = f"{framework.text('name')}=={framework.text('version')}"
    _readable(framework, "version", requirement, {})
    return ArmFacts(_readable(place, "variables", requirement, variables), place.text("build"))


def _readable(place: Place, name: str, requirement: str, variables: dict[str, str]) -> Specification:
    """Return what a bundle's specification says, and refuse what it would read as something else."""
    written = Specification((requirement,), variables)
    try:
        read = parse(written.canonical)
    except SpecificationError as error:
        raise ResultsRefused(f"{place._child(name)}: {error}") from None
    fine = len(read.requirements) == 1 and dict(read.variables) == variables
    place.require(fine, name, "one package of one version, and variables by their names")
    return read


def _round(place: Place) -> RoundFacts:
    attempts: list[AttemptFacts] = []
    seen: set[tuple[int, int]] = set()
    for each in place.each("attempts"):
        key = (each.whole("shard", Attempt, "shard"), each.whole("number", Attempt, "number", least=1))
        attempts.append(_attempt(each, position=int(key in seen)))
        seen.add(key)
    keys = [(a.shard, a.number, a.arm) for a in attempts]
    place.require(len(set(keys)) == len(keys), "attempts", "each process once")
    place.require(bool(attempts), "attempts", "at least one process")
    return RoundFacts(place.whole("number", Round, "number", least=1), tuple(attempts))


def _attempt(place: Place, position: int) -> AttemptFacts:
    arm, ended, points = place.text("arm"), place.text("ended"), _points(place)
    place.require(arm in ARMS, "arm", "baseline or candidate")
    place.require(ended in ENDED, "ended", " or ".join(ENDED))
    began = _moment(place, "started_at")
    last_point = place.optional("last_point", str) or ""
    place.require(last_point in ("", *points), "last_point", "one of the points that this process was asked for")
    samples = _messages(place, "samples", points, "sample")
    return AttemptFacts(
        number=place.whole("number"),
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
        fingerprint=_fingerprint(place),
        samples=samples,
        failures=_messages(place, "failures", points, "failure"),
    )


def _fingerprint(place: Place) -> dict[str, Any] | None:
    if place.optional("fingerprint", dict) is None:
        return None
    told = place.at("fingerprint")
    for part in ("machine", "interpreter", "framework", "digest"):
        told.object(part)
    return dict(told.value)


def _points(place: Place) -> tuple[str, ...]:
    """Return the points that a process was asked for; each has a page, so its name stands in an address."""
    points = place.words("points")
    for index, point in enumerate(points):
        place.require(bool(POINT.fullmatch(point)), "points", f"at {index} a name of letters, digits, dots and dashes")
        place.fit(f"points[{index}]", point, Sample, "point")
    return points


def _moment(place: Place, name: str) -> datetime:
    text = place.text(name)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ResultsRefused(f"{place._child(name)}: expected a date and time, found {text[:80]!r}") from None
    place.require(YEARS[0] <= found.year < YEARS[1], name, f"a moment of the years {YEARS[0]} to {YEARS[1]}")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _messages(place: Place, name: str, points: Sequence[str], kind: str) -> tuple[dict[str, Any], ...]:
    """Return the messages of one kind, each as the harness's protocol allows it and each point once."""
    found = []
    for each in place.each(name):
        message = _decoded(each)
        each.require(message["kind"] == kind, "kind", kind)
        each.require(message["point"] in points, "point", "one of the points that this process was asked for")
        _check_times(each)
        _check_throttling(each)
        found.append(message)
    named = [message["point"] for message in found]
    place.require(len(set(named)) == len(named), name, "each point once")
    return tuple(found)


def _check_times(place: Place) -> None:
    """Refuse times that no clock gave: their ratios would say nothing, or could not be written down."""
    shortest, longest = TIMES_NS
    for name, value in place.value.items():
        if name.endswith("_ns") and isinstance(value, int | float):
            place.require(shortest <= value <= longest, name, f"a time from {shortest} ns to a day")


def _check_throttling(place: Place) -> None:
    """Refuse telemetry whose reasons for a slower clock could not be shown."""
    after = (place.value.get("telemetry") or {}).get("after") or {}
    place.require(isinstance(after, dict), "telemetry", "an object whose `after` is an object")
    if after.get("throttle_reasons"):
        Place(after, f"{place.path}.telemetry.after").words("throttle_reasons")


def _decoded(place: Place) -> dict[str, Any]:
    try:
        return protocol.decode(json.dumps(place.value).encode())
    except protocol.ProtocolError as error:
        raise ResultsRefused(f"{place.path}: {error}") from None

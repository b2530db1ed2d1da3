"""Measure paired fresh processes round after round into a results file that can be continued.

The harness alone: no database, no verdict. What it writes, `manage.py import_results` reads.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ci_gpu import catalogue, results_shape, rounds
from ci_gpu.supervisor import Interpreter, Order, Outcome, deadline_for, run_order

FORMAT = "flamekeeper-results/1"
KEY = "alone"  # what stands in the coin's key where the site puts its night

Document = dict[str, Any]
Progress = Callable[[str], None]


class NightError(RuntimeError):
    """The night cannot begin or cannot go on; the message says why in one line."""


@dataclass(frozen=True)
class Plan:
    """What a night compares and how: two runs may share a file only if this is the same."""

    suite: str
    suite_version: str
    device: str
    threads: int
    budget_s: float
    seed: int
    arms: Mapping[rounds.Arm, Interpreter]

    def document(self) -> Document:
        """Return the plan's part of the results file."""
        arms = {arm: {"python": str(i.python), "variables": dict(i.environment)} for arm, i in self.arms.items()}
        return {
            "format": FORMAT,
            "suite": self.suite,
            "suite_version": self.suite_version,
            "device": {"id": self.device, "kind": catalogue.device_kind(self.device)},
            "threads": self.threads,
            "budget_s": self.budget_s,
            "seed": self.seed,
            "arms": arms,
        }


@contextlib.contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Hold a results file against a second night; NightError where one holds it already."""
    lock = path.with_name(path.name + ".lock")
    try:
        if path.is_dir():
            raise NightError(f"cannot write {path}: it is a folder")
        descriptor = os.open(lock, os.O_CREAT | os.O_RDWR, 0o644)
    except OSError as error:
        raise NightError(f"cannot write beside {path}: {error.strerror}") from error
    try:
        _lock(descriptor, path)
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise NightError(f"another night is writing {path}") from error


def read(path: Path) -> Document | None:
    """Return an earlier night's results, None where there are none; NightError where the file is something else."""
    if not path.exists():
        return None
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError) as error:
        raise NightError(f"{path} cannot be read as results: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise NightError(f"{path} is no {FORMAT} file")
    try:
        results_shape.check(document)
    except results_shape.MisshapenError as error:
        raise NightError(f"{path} is no whole {FORMAT} file: {error}") from error
    return document


def write(path: Path, document: Document) -> None:
    """Replace the results file so that a reader, or a crash, never meets half of it; NightError where it cannot be."""
    fresh = path.with_name(path.name + ".new")
    try:
        with fresh.open("w") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise NightError(f"cannot write {path}: {error.strerror}") from error


def opened(path: Path, plan: Plan) -> Document:
    """Return the results to go on with; NightError where the file holds another plan."""
    wanted, found = plan.document(), read(path)
    if found is None:
        return {**wanted, "machine": None, "rounds": [], "calibration": None}
    known = {**found, "arms": {arm: _own(found["arms"][arm]) for arm in rounds.ARMS}}
    different = [name for name, value in wanted.items() if known.get(name) != value]
    if different:
        raise NightError(f"{path} holds another plan: {', '.join(different)} differ")
    return found


def _own(arm: Mapping[str, Any]) -> Document:
    return {"python": arm["python"], "variables": arm["variables"]}


class Night:
    """A night under way: its plan, its results so far, and the file they are kept in."""

    def __init__(
        self, plan: Plan, path: Path, *, calibration: Mapping[str, Any] | None, progress: Progress | None = None
    ) -> None:
        self._plan, self._path = plan, path
        self._document = opened(path, plan)
        self._calibration = calibration if calibration is not None else self._document["calibration"]
        self._document["calibration"] = self._calibration
        self._say = progress or (lambda line: None)
        self._dtypes = {point.id: point.on(plan.device).dtype for point in self._points()}

    def _points(self) -> list[catalogue.Point]:
        kind = catalogue.device_kind(self._plan.device)
        return [point for point in catalogue.suite(self._plan.suite) if kind in point.variants]

    def greet(self) -> None:
        """Start both builds once without points: know them, and fail now rather than in an hour."""
        first = self._points()[0]
        # An order without points brings in the framework; a suite that needs none has one point measured instead.
        points = () if first.frameworks else (first.id,)
        for arm, interpreter in self._plan.arms.items():
            outcome = self._run(arm, interpreter, points, seed=self._plan.seed)
            if outcome.ended != "done" or outcome.fingerprint is None:
                raise NightError(f"the {arm} cannot start: {_last_line(outcome)}")
            self._recognise(arm, outcome.fingerprint)
        write(self._path, self._document)

    def _recognise(self, arm: rounds.Arm, found: Mapping[str, Any]) -> None:
        """Note who measures where; NightError where that is not who it was."""
        known = self._document["arms"][arm]
        if known.get("build", found["digest"]["build"]) != found["digest"]["build"]:
            raise NightError(f"the {arm} is no longer the build that this night began with")
        known.update(build=found["digest"]["build"], framework=found["framework"], interpreter=found["interpreter"])
        self._document["machine"] = self._document["machine"] or found["machine"]
        if self._document["machine"]["digest"] != found["digest"]["machine"]:
            raise NightError("this is not the machine that the night began on")
        if len(self._devices()) > 1:
            raise NightError(f"the builds measure different devices: {', '.join(sorted(self._devices()))}")

    def _devices(self) -> set[str]:
        """Return the GPUs that the builds say they measure on, by their UUIDs."""
        devices = [(arm.get("framework") or {}).get("device") for arm in self._document["arms"].values()]
        return {str(device["uuid"]) for device in devices if device and device.get("uuid")}

    def measure(self, number_of_rounds: int) -> Document:
        """Measure whatever pairs are still missing up to that round, and return the results."""
        for number in range(1, number_of_rounds + 1):
            entry = self._round(number)
            broken = rounds.breakages(self._attempts())
            points = [point.id for point in self._points() if point.id not in broken]
            for shard, group in enumerate(rounds.shards(points)):
                self._complete(entry, shard, group, number_of_rounds)
        return self._document

    def _round(self, number: int) -> Document:
        """Return one round's entry, begun if it is not there yet."""
        entries = self._document["rounds"]
        if len(entries) < number:
            plan = self._plan
            seed = rounds.seed_of(plan.seed, KEY, number, 0)
            entries.append({"number": number, "seed": seed, "order": self._coin(number, 0, 1), "attempts": []})
        return entries[number - 1]

    def _coin(self, number: int, shard: int, attempt: int) -> rounds.Coin:
        return rounds.coin(self._plan.seed, KEY, number, shard, attempt)

    def _complete(self, entry: Document, shard: int, points: Sequence[str], number_of_rounds: int) -> None:
        """Measure one shard of a round until no pair is missing that could still be had."""
        while groups := rounds.next_orders(points, self._attempts_in(entry, shard)):
            attempt = 1 + max((a["number"] for a in entry["attempts"] if a["shard"] == shard), default=0)
            self._say(f"round {entry['number']}/{number_of_rounds}, attempt {attempt}: {len(groups[0])} points")
            entry["attempts"].extend(self._pair(entry, shard, attempt, groups[0]))
            write(self._path, self._document)

    def _pair(self, entry: Document, shard: int, attempt: int, group: Sequence[str]) -> list[Document]:
        """Measure a group once with each build, in the order that the coin says."""
        plan, number = self._plan, entry["number"]
        ordered = rounds.point_order(group, plan.seed, KEY, number, shard)
        seed = rounds.seed_of(plan.seed, KEY, number, shard)
        runs = []
        for arm in rounds.arms_in_order(self._coin(number, shard, attempt)):
            began = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            outcome = self._run(arm, plan.arms[arm], ordered, seed=seed)
            if outcome.fingerprint:
                self._recognise(arm, outcome.fingerprint)
            runs.append(
                {"number": attempt, "shard": shard, "arm": arm, "started_at": began, **_plain(outcome, ordered)}
            )
            self._say(f"  {arm}: {outcome.ended}, {len(outcome.samples)} samples in {outcome.seconds:.1f} s")
        return runs

    def _run(self, arm: rounds.Arm, interpreter: Interpreter, points: Sequence[str], *, seed: int) -> Outcome:
        plan = self._plan
        order = Order(tuple(points), seed, plan.device, plan.threads, self._calibration, plan.budget_s)
        try:
            outcome = run_order(interpreter, order, deadline_s=deadline_for(order))
        except OSError as error:
            raise NightError(f"the {arm} cannot start: {error}") from error
        if not outcome.clean:
            raise NightError(f"processes of the {arm} are still there after it was ended; the device is not free")
        return outcome

    def _attempts(self) -> list[rounds.Attempt]:
        return [a for entry in self._document["rounds"] for a in attempts_of(entry, self._dtypes)]

    def _attempts_in(self, entry: Document, shard: int) -> list[rounds.Attempt]:
        return attempts_of({"attempts": [a for a in entry["attempts"] if a["shard"] == shard]}, self._dtypes)


def attempts_of(entry: Mapping[str, Any], dtypes: Mapping[str, str]) -> list[rounds.Attempt]:
    """Return a round of a results file as the attempts that ci_gpu.rounds judges."""
    by_number: dict[tuple[int, int], dict[str, rounds.ArmRun]] = {}
    for run in entry["attempts"]:
        by_number.setdefault((run["shard"], run["number"]), {})[run["arm"]] = arm_run(run)
    return [rounds.Attempt(runs.get("baseline"), runs.get("candidate"), dtypes) for runs in by_number.values()]


def arm_run(run: Mapping[str, Any]) -> rounds.ArmRun:
    """Return one process of a results file as ci_gpu.rounds sees it."""
    return rounds.ArmRun(
        points=tuple(run["points"]),
        measured={sample["point"]: sample["error"] for sample in run["samples"]},
        failed={failure["point"]: failure["reason"] for failure in run["failures"]},
        ended=run["ended"],
        last_point=run["last_point"],
    )


def _plain(outcome: Outcome, points: Sequence[str]) -> Document:
    """Return an outcome as the results file holds it."""
    plain = asdict(outcome)
    return {"points": list(points), **{name: plain[name] for name in plain if name != "clean"}}


def _last_line(outcome: Outcome) -> str:
    lines = [line for line in outcome.stderr_tail.strip().splitlines() if line.strip()]
    return lines[-1] if lines else outcome.detail

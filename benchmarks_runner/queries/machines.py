"""Read machines with their devices and the standing proof of how often their verdicts lie."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.db.models import QuerySet

from benchmarks_runner.models import Device, Lease, Machine, Night
from benchmarks_runner.queries.evidence import attempts_of, pairs_in
from benchmarks_runner.queries.scales import FEWEST_PAIRS, RECENT_PAIRS, aa_pairs, differences_by_clock
from benchmarks_runner.stats import NightEngine, PointRule, Policy, choose_clock, margin

FLIPS = 400


def machines() -> QuerySet[Machine]:
    """Return the machines with their devices and leases."""
    return Machine.objects.prefetch_related("devices__lease").order_by("name")


def device_lease(device: Device) -> Lease | None:
    """Return a device's lease where somebody holds it."""
    return Lease.objects.filter(device=device).exclude(holder="").select_related("round__night").first()


@dataclass(frozen=True)
class NoiseRow:
    """How noisy one point is on one device."""

    point: str
    clock: str
    scale: float
    margin: float | None
    differences: tuple[float, ...]


@dataclass(frozen=True)
class AaRecord:
    """What a device's recorded A/A pairs say of a suite there: the noise of each point, and how often a night lies."""

    device: Device
    suite: str
    suite_version: str
    framework: str
    nights: int
    rounds: int
    rows: tuple[NoiseRow, ...]
    flips: int
    false_point_nights: int
    false_suite_nights: int


def aa_records(device: Device) -> list[AaRecord]:
    """Return the A/A record of each suite and framework that was measured against itself on this device."""
    kinds = (
        Night.objects.filter(device=device, kind=Night.Kind.AA, state=Night.State.DECIDED)
        .order_by()
        .values_list("suite", "suite_version", "baseline__framework")
        .distinct()
    )
    return [_record(device, *kind) for kind in sorted(kinds)]


def _record(device: Device, suite: str, version: str, framework: str) -> AaRecord:
    found = Night.objects.filter(
        device=device, kind=Night.Kind.AA, state=Night.State.DECIDED, suite=suite, suite_version=version,
        baseline__framework=framework,
    ).order_by("-ended_at", "-pk")  # fmt: skip
    nights = list(found)
    rounds = _differences_by_round(nights)
    rows = tuple(_rows(nights, device.kind))
    false_points, false_suites = sign_flips(rows, _as_table(rounds, rows)) if rows else (0, 0)
    flips = FLIPS if rows else 0
    return AaRecord(
        device, suite, version, framework, len(nights), len(rounds), rows, flips, false_points, false_suites
    )


def _differences_by_round(nights: list[Night]) -> list[dict[str, dict[str, float | None]]]:
    """Return the recorded A/A pairs, a round of a night each: point → clock → difference; the latest night first."""
    rounds: dict[tuple[int, int], dict[str, dict[str, float | None]]] = {}
    for night in nights:
        clocks = ("cpu", "cpu/sentinel", "wall", "wall/sentinel", "device")
        for pair in pairs_in(attempts_of(night)):
            told = {clock: pair.difference(clock) for clock in clocks}
            rounds.setdefault((-night.pk, pair.round), {})[pair.point] = told
    return [rounds[key] for key in sorted(rounds)][:RECENT_PAIRS]


def _rows(nights: list[Night], kind: str) -> list[NoiseRow]:
    rows = []
    for point, pairs in sorted(aa_pairs(nights).items()):
        by_clock = differences_by_clock(pairs, kind)
        if len(pairs) >= FEWEST_PAIRS and by_clock:
            choice = choose_clock(by_clock)
            told = tuple(by_clock[choice.clock])
            rows.append(NoiseRow(point, choice.clock, choice.scale, margin(choice.scale), told))
    return rows


def _as_table(
    rounds: list[dict[str, dict[str, float | None]]], rows: tuple[NoiseRow, ...]
) -> tuple[tuple[float, ...], ...]:
    """Return the differences as rounds × points by the chosen clocks; a missing pair is NaN."""
    return tuple(
        tuple(_value(of_round.get(row.point, {}).get(row.clock)) for row in rows) for of_round in rounds
    )  # fmt: skip


def _value(difference: float | None) -> float:
    return float("nan") if difference is None else difference


@lru_cache(maxsize=32)
def sign_flips(rows: tuple[NoiseRow, ...], table: tuple[tuple[float, ...], ...]) -> tuple[int, int]:
    """Return in how many of 400 unchanged nights a point, and the suite, would have failed falsely.

    The coin decides which process of an A/A pair is called the candidate, so every flip of a round's signs is a night
    that could have been as well: rounds are drawn from the recorded ones, and the sign of each, all points together.
    """
    random = np.random.default_rng(20240713)
    data = np.array(table, dtype=float)
    rules = [PointRule(row.point, row.scale, row.margin) for row in rows]
    played = [_flipped_night(rules, data, random) for _ in range(FLIPS)]
    return sum(points for points, _ in played), sum(suite for _, suite in played)


def _flipped_night(rules: list[PointRule], data: np.ndarray, random: np.random.Generator) -> tuple[bool, bool]:
    engine = NightEngine(rules, cap=40, policy=Policy())
    number = 0
    while not engine.finished:
        number += 1
        values = data[random.integers(len(data))] * random.choice((-1.0, 1.0))
        open_points = set(engine.undecided)
        for rule, value in zip(rules, values, strict=True):
            if rule.id in open_points and np.isfinite(value):
                engine.feed(rule.id, number, float(value))
        engine.close_round(number)
    result = engine.result()
    return any(point.verdict == "fail" for point in result.points), result.suite.verdict == "fail"

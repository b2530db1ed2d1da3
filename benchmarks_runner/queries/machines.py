"""Read machines with their devices and the standing proof of how often their verdicts lie."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle, islice

from django.db.models import QuerySet

from benchmarks_runner.models import Device, Lease, Machine, Night
from benchmarks_runner.queries.evidence import attempts_of, pairs_in
from benchmarks_runner.queries.scales import FEWEST_PAIRS, RECENT_PAIRS, aa_pairs, differences_by_clock
from benchmarks_runner.stats import PointRule, StandingProof, choose_clock, margin, standing_proof

FLIPS = 200
ROUNDS = 40
SEED = 20240713


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
    proof = proven(rows, _whole_rounds(rounds, rows))
    return AaRecord(
        device,
        suite,
        version,
        framework,
        nights=len(nights),
        rounds=len(rounds),
        rows=rows,
        flips=proof.nights if proof else 0,
        false_point_nights=proof.nights_with_a_fail if proof else 0,
        false_suite_nights=proof.suite_fails if proof else 0,
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


def _whole_rounds(
    rounds: list[dict[str, dict[str, float | None]]], rows: tuple[NoiseRow, ...]
) -> tuple[tuple[float, ...], ...]:
    """Return the differences of the rounds that have a pair of every point, by the chosen clocks."""
    told = [tuple(of_round.get(row.point, {}).get(row.clock) for row in rows) for of_round in rounds]
    return tuple(tuple(v for v in values if v is not None) for values in told if None not in values)


@lru_cache(maxsize=32)
def proven(rows: tuple[NoiseRow, ...], rounds: tuple[tuple[float, ...], ...]) -> StandingProof | None:
    """Decide 200 unchanged nights made of recorded A/A pairs by new coins; None where there are no pairs.

    A night may take 40 rounds: where fewer are recorded they are gone through again, each time with a new coin, which
    leaves every night exchangeable.
    """
    if not rows or not rounds:
        return None
    turns = list(islice(cycle(rounds), max(ROUNDS, len(rounds))))
    pairs = {row.point: [values[i] for values in turns] for i, row in enumerate(rows)}
    rules = [PointRule(row.point, row.scale, row.margin) for row in rows]
    return standing_proof(rules, pairs, nights=FLIPS, seed=SEED)

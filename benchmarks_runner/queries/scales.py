"""Read from a machine's A/A nights how noisy each point is there, by every clock."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks_runner.models import Device, Night
from benchmarks_runner.queries.clocks import candidates
from benchmarks_runner.queries.evidence import Pair, attempts_of, pairs_in
from benchmarks_runner.stats import ClockChoice, choose_clock

# More A/A pairs than these say nothing new of the machine as it is now.
RECENT_PAIRS = 60
FEWEST_PAIRS = 5


@dataclass(frozen=True)
class Noise:
    """What A/A pairs say of one point on one device: the clock to judge it by, and how many pairs say so."""

    choice: ClockChoice
    pairs: int


def aa_nights(device: Device, framework: str, suite: str, suite_version: str) -> list[Night]:
    """Return the decided A/A nights that speak for a plan, the latest first."""
    return list(
        Night.objects.filter(
            kind=Night.Kind.AA,
            state=Night.State.DECIDED,
            device=device,
            baseline__framework=framework,
            suite=suite,
            suite_version=suite_version,
        ).order_by("-ended_at", "-pk")
    )


def aa_pairs(nights: Iterable[Night]) -> dict[str, list[Pair]]:
    """Return the most recent A/A pairs of each point, the latest night's first."""
    found: dict[str, list[Pair]] = defaultdict(list)
    for night in nights:
        for pair in pairs_in(attempts_of(night)):
            if len(found[pair.point]) < RECENT_PAIRS:
                found[pair.point].append(pair)
    return found


def differences_by_clock(pairs: list[Pair], kind: str) -> dict[str, list[float]]:
    """Return the ln ratios of the same pairs by each clock that reads them all, in order of preference."""
    read = {clock: [pair.difference(clock) for pair in pairs] for clock in candidates(kind)}
    return {clock: [v for v in values if v is not None] for clock, values in read.items() if None not in values}


def noise_of(device: Device, framework: str, suite: str, suite_version: str) -> dict[str, Noise]:
    """Return what this device's A/A nights say of each point; points with fewer than five pairs are left out."""
    by_point = aa_pairs(aa_nights(device, framework, suite, suite_version))
    usable = {
        point: found
        for point, pairs in by_point.items()
        if len(pairs) >= FEWEST_PAIRS and (found := differences_by_clock(pairs, device.kind))
    }
    return {point: Noise(choose_clock(found), len(by_point[point])) for point, found in usable.items()}


def night_scales(night: Night) -> dict[str, float]:
    """Return the A/A scale of each point that one A/A night gives five pairs of."""
    by_point = aa_pairs([night])
    found = {point: differences_by_clock(pairs, night.device.kind) for point, pairs in by_point.items()}
    enough = {point: each for point, each in found.items() if each and len(by_point[point]) >= FEWEST_PAIRS}
    return {point: choose_clock(each).scale for point, each in enough.items()}

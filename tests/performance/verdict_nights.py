"""Simulate nights with known truth for the other scripts here: what each process measures, slot by slot.

Noise is Gaussian, heavy-tailed (Student's t3) or two-moded; part of it is shared by the points of a shard, and the
machine drifts. A slot is one process of one build; a pair is two neighbouring slots whose order a coin per shard draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from benchmarks_runner.stats import NightEngine, NightVerdict, PointRule, aa_scale, margin


@dataclass(frozen=True)
class Machine:
    """Say how noisy a simulated machine is.

    `noise` is the median relative SD of one process, `spread` the SD of its ln over the points.
    """

    points: int = 110
    shards: int = 5
    noise: float = 0.008
    spread: float = 0.6
    shared: float = 0.3
    drift: float = 0.1


@dataclass(frozen=True)
class Bench:
    """Hold one machine's points: each one's noise (relative SD of a process) and its shape."""

    machine: Machine
    noise: np.ndarray
    shape: np.ndarray

    @classmethod
    def draw(cls, machine: Machine, rng: np.random.Generator) -> Bench:
        noise = np.exp(rng.normal(math.log(machine.noise), machine.spread, machine.points))
        return cls(machine, noise, rng.integers(0, 3, machine.points))

    @property
    def shard(self) -> np.ndarray:
        return np.arange(self.machine.points) % self.machine.shards

    def slots(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Draw ln times (points, count) of processes of one and the same build, in the order in which they run."""
        own = np.array([_own(shape, count, rng) for shape in self.shape])
        shock = rng.normal(0, 1, (self.machine.shards, count))[self.shard]
        drift = np.cumsum(rng.normal(0, self.machine.drift, count))
        return self.noise[:, None] * (
            math.sqrt(self.machine.shared) * shock + math.sqrt(1 - self.machine.shared) * own + drift
        )

    def arms(self, pairs: int, shift: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw ln times of baseline and candidate (points, pairs), interleaved by coin."""
        slots = self.slots(2 * pairs, rng)
        coin = (rng.random((self.machine.shards, pairs)) < 0.5)[self.shard]
        first, second = slots[:, 0::2], slots[:, 1::2]
        return np.where(coin, first, second), np.where(coin, second, first) + shift[:, None]

    def rules(self, aa_pairs: int, rng: np.random.Generator) -> list[PointRule]:
        """Make the points' rules from A/A pairs, as a plan does."""
        baseline, candidate = self.arms(aa_pairs, np.zeros(self.machine.points), rng)
        scales = [aa_scale(row) for row in candidate - baseline]
        return [PointRule(str(i), s, margin(s), int(self.shard[i])) for i, s in enumerate(scales)]


def _own(shape: int, count: int, rng: np.random.Generator) -> np.ndarray:
    if shape == 0:
        return rng.normal(0, 1, count)
    if shape == 1:
        return rng.standard_t(3, count) / math.sqrt(3)
    return (rng.normal(0, 0.5, count) + 1.7 * (rng.random(count) < 0.5) - 0.85) / 0.986


def decide(rules: list[PointRule], differences: np.ndarray) -> NightVerdict:
    """Feed a night to the engine, only what it asks for."""
    engine = NightEngine(rules, cap=differences.shape[1])
    for number in range(differences.shape[1]):
        if engine.finished:
            break
        for point in engine.undecided:
            engine.feed(point, number + 1, differences[int(point), number])
        engine.close_round(number + 1)
    return engine.result()

"""Hold what is frozen before a night begins: the rules of the verdict, and what is known of each point."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """Fix every constant of a night's verdict.

    `q` bounds the false discoveries among failing points, `beta` the chance that a point as slow as its margin passes,
    `alpha` the chance that an interval misses. The suite has its own three. `linger` is how many further pairs a failed
    point may be measured so that its (selection-corrected) interval is finite and leaves zero out.
    """

    q: float = 0.05
    beta: float = 0.02
    alpha: float = 0.05
    suite_margin: float = 0.01
    suite_fail: float = 0.01
    suite_pass: float = 0.02
    shard_correlation: float = 0.5
    linger: int = 2

    def __post_init__(self) -> None:
        for name in ("q", "beta", "alpha", "suite_margin", "suite_fail", "suite_pass"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must lie between 0 and 1, got {getattr(self, name)}")
        if not 0 <= self.shard_correlation <= 1:
            raise ValueError(f"shard_correlation must lie between 0 and 1, got {self.shard_correlation}")
        if self.linger < 0:
            raise ValueError(f"linger must not be negative, got {self.linger}")


@dataclass(frozen=True)
class PointRule:
    """Say what a night's plan froze about one point.

    `scale` is the A/A scale of its pair differences (ln ratio), `margin` the slowdown that "pass" rules out (ln ratio),
    or None where this machine is too noisy to judge the point. Points of one `shard` share a process and a coin.
    """

    id: str
    scale: float
    margin: float | None
    shard: int = 0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.scale) and self.scale > 0):
            raise ValueError(f"{self.id}: the scale must be a positive number, got {self.scale}")
        if self.margin is not None and not (math.isfinite(self.margin) and self.margin > 0):
            raise ValueError(f"{self.id}: the margin must be a positive number or None, got {self.margin}")

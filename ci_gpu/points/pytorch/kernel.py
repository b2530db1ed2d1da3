"""What every kernel offers, and the few conversions they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ci_gpu.points import references


@dataclass(frozen=True)
class Source:
    """Where a kernel draws its inputs: a device, a dtype and a seed."""

    device: str
    dtype: str
    seed: int

    @property
    def generator(self) -> Any:
        return torch.Generator(self.device).manual_seed(self.seed)

    def normal(self, *shape: int, generator: Any = None) -> Tensor:
        """Return standard normal numbers; hand the same generator on to draw several tensors."""
        drawn = torch.randn(shape, generator=generator or self.generator, device=self.device)
        return drawn.to(getattr(torch, self.dtype))

    def small(self, offset: int, *shape: int) -> Tensor:
        """Return a small input for the numerics check, drawn without the framework's generator."""
        values = references.uniform(self.seed + offset, *shape)
        return torch.tensor(values, device=self.device, dtype=getattr(torch, self.dtype)).reshape(shape)


Sizes = Mapping[str, int]
Pair = tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True)
class Kernel:
    """How a point is prepared for timing, and what it gave beside what it should have given."""

    prepare: Callable[[Sizes, Source], Callable[[], object]]
    check: Callable[[Source], Pair] | None


def plain(tensor: Tensor) -> list[float]:
    """Return a tensor's numbers in float64."""
    numbers: list[float] = tensor.detach().double().cpu().flatten().tolist()
    return numbers

"""The points in PyTorch: `KERNELS` maps a point's kernel to what prepares it and what checks it."""

from __future__ import annotations

from collections.abc import Mapping

from ci_gpu.points.pytorch import dense, host, rows, training
from ci_gpu.points.pytorch.kernel import Kernel

KERNELS: Mapping[str, Kernel] = {**dense.KERNELS, **rows.KERNELS, **host.KERNELS, **training.KERNELS}

"""What the host does around each operation: dispatch, and the walk of autograd."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ci_gpu.points.pytorch.kernel import Kernel, Pair, Sizes, Source, plain

FACTOR = 1.0009765625  # exactly 1 + 2**-10


def small_add(sizes: Sizes, source: Source) -> Callable[[], object]:
    a, b = source.small(0, sizes["n"]), source.small(1, sizes["n"])
    return lambda: torch.add(a, b)


def check_small_add(source: Source) -> Pair:
    a, b = source.small(0, 1), source.small(1, 1)
    return plain(torch.add(a, b)), [plain(a)[0] + plain(b)[0]]


def chain(sizes: Sizes, source: Source) -> Callable[[], object]:
    a, length = source.small(0, sizes["n"]), sizes["length"]
    return lambda: _chain(a, length)


def _chain(a: Tensor, length: int) -> Tensor:
    total = a
    for _ in range(length):
        total = torch.add(total, a)
    return total


def check_chain(source: Source) -> Pair:
    a = source.small(0, 1)
    return plain(_chain(a, 20)), [21 * plain(a)[0]]


def deep_backward(sizes: Sizes, source: Source) -> Callable[[], object]:
    """Build the graph once and keep it: what is timed is the walk back alone."""
    leaf = source.small(0, sizes["n"]).requires_grad_()
    end = _deep(leaf, sizes["depth"]).sum()
    return lambda: torch.autograd.grad(end, leaf, retain_graph=True)


def _deep(x: Tensor, depth: int) -> Tensor:
    for _ in range(depth):
        x = x * FACTOR
    return x


def check_deep_backward(source: Source) -> Pair:
    leaf = source.small(0, 5).requires_grad_()
    (gradient,) = torch.autograd.grad(_deep(leaf, 40).square().sum(), leaf)
    return plain(gradient), [2 * FACTOR**80 * value for value in plain(leaf)]


KERNELS = {
    "small_add": Kernel(small_add, check_small_add),
    "chain": Kernel(chain, check_chain),
    "deep_backward": Kernel(deep_backward, check_deep_backward),
}

"""Matrix product, attention, convolution."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from ci_gpu.points import references
from ci_gpu.points.pytorch.kernel import Kernel, Pair, Sizes, Source, plain


def gemm(sizes: Sizes, source: Source) -> Callable[[], object]:
    generator = source.generator
    a = source.normal(sizes["m"], sizes["k"], generator=generator)
    b = source.normal(sizes["k"], sizes["n"], generator=generator)
    return lambda: torch.mm(a, b)


def check_gemm(source: Source) -> Pair:
    a, b = source.small(0, 24, 40), source.small(1, 40, 33)
    want = references.product(references.rows(plain(a), 40), references.rows(plain(b), 33))
    return plain(torch.mm(a, b)), references.flat(want)


def attention(sizes: Sizes, source: Source) -> Callable[[], object]:
    generator = source.generator
    shape = (sizes["batch"], sizes["heads"], sizes["length"], sizes["width"])
    q, k, v = (source.normal(*shape, generator=generator) for _ in range(3))
    return lambda: _attend(q, k, v)


def _attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


def check_attention(source: Source) -> Pair:
    q, k, v = (source.small(i, 1, 1, 40, 32) for i in range(3))
    want = references.causal_attention(*(references.rows(plain(x), 32) for x in (q, k, v)))
    return plain(_attend(q, k, v)), references.flat(want)


def convolution(sizes: Sizes, source: Source) -> Callable[[], object]:
    generator, side, channels = source.generator, sizes["side"], sizes["channels"]
    image = source.normal(sizes["n"], channels, side, side, generator=generator)
    weights = source.normal(channels, channels, sizes["kernel"], sizes["kernel"], generator=generator)
    return lambda: F.conv2d(image, weights, padding=1)


def check_convolution(source: Source) -> Pair:
    channels, side, kernels = 4, 9, 8
    image, weights = source.small(0, 1, channels, side, side), source.small(1, kernels, channels, 3, 3)
    want = references.convolution(image[0].double().tolist(), weights.double().tolist())
    got = F.conv2d(image, weights, padding=1)
    return plain(got), references.flat([references.flat(plane) for plane in want])


KERNELS = {
    "gemm": Kernel(gemm, check_gemm),
    "attention": Kernel(attention, check_attention),
    "convolution": Kernel(convolution, check_convolution),
}

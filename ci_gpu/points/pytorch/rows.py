"""Normalisation, reduction, elementwise work and lookups."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F

from ci_gpu.points import references
from ci_gpu.points.pytorch.kernel import Kernel, Pair, Sizes, Source, plain


def layer_norm(sizes: Sizes, source: Source) -> Callable[[], object]:
    generator, columns = source.generator, sizes["columns"]
    x = source.normal(sizes["rows"], columns, generator=generator)
    weight, bias = (source.normal(columns, generator=generator) for _ in range(2))
    return lambda: F.layer_norm(x, (columns,), weight, bias)


def check_layer_norm(source: Source) -> Pair:
    x, weight, bias = source.small(0, 6, 203), source.small(1, 203), source.small(2, 203)
    want = [references.layer_norm(row, plain(weight), plain(bias)) for row in references.rows(plain(x), 203)]
    return plain(F.layer_norm(x, (203,), weight, bias)), references.flat(want)


def softmax(sizes: Sizes, source: Source) -> Callable[[], object]:
    x = source.normal(sizes["rows"], sizes["columns"])
    return lambda: torch.softmax(x, -1)


def check_softmax(source: Source) -> Pair:
    x = 4 * source.small(0, 6, 203)
    want = [references.softmax(row) for row in references.rows(plain(x), 203)]
    return plain(torch.softmax(x, -1)), references.flat(want)


def total(sizes: Sizes, source: Source) -> Callable[[], object]:
    x = source.normal(sizes["n"])
    return lambda: torch.sum(x)


def check_total(source: Source) -> Pair:
    # Numbers of one sign: an error is then relative to the sum, not to what cancelled out.
    x = source.small(0, 5003) + 2
    return plain(torch.sum(x)), [math.fsum(plain(x))]


def add(sizes: Sizes, source: Source) -> Callable[[], object]:
    generator = source.generator
    a, b = (source.normal(sizes["n"], generator=generator) for _ in range(2))
    return lambda: torch.add(a, b)


def check_add(source: Source) -> Pair:
    a, b = source.small(0, 1003), source.small(1, 1003)
    return plain(torch.add(a, b)), [x + y for x, y in zip(plain(a), plain(b), strict=True)]


def triad(sizes: Sizes, source: Source) -> Callable[[], object]:
    generator = source.generator
    a, b = (source.normal(sizes["n"], generator=generator) for _ in range(2))
    out = torch.empty_like(a)
    return lambda: torch.add(a, b, alpha=3.0, out=out)


def gelu(sizes: Sizes, source: Source) -> Callable[[], object]:
    x = source.normal(sizes["n"])
    return lambda: F.gelu(x)


def check_gelu(source: Source) -> Pair:
    x = 4 * source.small(0, 1003)
    return plain(F.gelu(x)), [references.gelu(value) for value in plain(x)]


def embedding(sizes: Sizes, source: Source) -> Callable[[], object]:
    generator = source.generator
    table = source.normal(sizes["table"], sizes["width"], generator=generator)
    rows = torch.randint(0, sizes["table"], (sizes["rows"],), generator=generator, device=source.device)
    return lambda: F.embedding(rows, table)


def check_embedding(source: Source) -> Pair:
    table = source.small(0, 50, 19)
    numbers = [int(25 + 25 * value) for value in references.uniform(source.seed + 1, 80)]
    stored = references.rows(plain(table), 19)
    got = F.embedding(torch.tensor(numbers, device=source.device), table)
    return plain(got), references.flat([stored[number] for number in numbers])


KERNELS = {
    "layer_norm": Kernel(layer_norm, check_layer_norm),
    "softmax": Kernel(softmax, check_softmax),
    "sum": Kernel(total, check_total),
    "add": Kernel(add, check_add),
    "triad": Kernel(triad, None),
    "gelu": Kernel(gelu, check_gelu),
    "embedding": Kernel(embedding, check_embedding),
}

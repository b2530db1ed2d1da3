"""Compute what the points should give, in Python's own float64, without the framework under test.

Small inputs only: these are loops. A framework checked against its own float64 would share its own mistakes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

Row = list[float]
Matrix = list[Row]


def uniform(seed: int, *shape: int) -> list[float]:
    """Return as many numbers in (-1, 1) as the shape holds, the same ones on every machine and version."""
    source = random.Random(seed)  # noqa: S311 (inputs, not secrets)
    return [2 * source.random() - 1 for _ in range(math.prod(shape))]


def rows(flat: Sequence[float], columns: int) -> Matrix:
    return [list(flat[i : i + columns]) for i in range(0, len(flat), columns)]


def flat(matrix: Sequence[Sequence[float]]) -> Row:
    return [value for row in matrix for value in row]


def dot(a: Sequence[float], b: Sequence[float]) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def product(a: Matrix, b: Matrix) -> Matrix:
    columns = list(zip(*b, strict=True))
    return [[dot(row, column) for column in columns] for row in a]


def softmax(row: Sequence[float]) -> Row:
    top = max(row)
    weights = [math.exp(value - top) for value in row]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def layer_norm(row: Sequence[float], weight: Sequence[float], bias: Sequence[float], epsilon: float = 1e-5) -> Row:
    mean = math.fsum(row) / len(row)
    variance = math.fsum((value - mean) ** 2 for value in row) / len(row)
    scale = 1 / math.sqrt(variance + epsilon)
    return [(value - mean) * scale * w + b for value, w, b in zip(row, weight, bias, strict=True)]


def gelu(value: float) -> float:
    return 0.5 * value * (1 + math.erf(value / math.sqrt(2)))


def causal_attention(q: Matrix, k: Matrix, v: Matrix) -> Matrix:
    scale = 1 / math.sqrt(len(q[0]))
    seen = ([dot(query, key) * scale for key in k[: i + 1]] for i, query in enumerate(q))
    return [product([softmax(scores)], v[: len(scores)])[0] for scores in seen]


def convolution(image: Sequence[Matrix], weights: Sequence[Sequence[Matrix]]) -> list[Matrix]:
    """Return a 3 by 3 convolution of channels x rows x columns, padded by one so that the size stays."""
    padded = [_padded(channel) for channel in image]
    height, width = len(image[0]), len(image[0][0])
    return [[[_window(padded, kernel, i, j) for j in range(width)] for i in range(height)] for kernel in weights]


def _padded(channel: Matrix) -> Matrix:
    empty = [0.0] * (len(channel[0]) + 2)
    return [empty, *([0.0, *row, 0.0] for row in channel), empty]


def _window(padded: Sequence[Matrix], kernel: Sequence[Matrix], i: int, j: int) -> float:
    return math.fsum(
        padded[c][i + di][j + dj] * weight
        for c, plane in enumerate(kernel)
        for di, row in enumerate(plane)
        for dj, weight in enumerate(row)
    )


def linear(row: Sequence[float], weight: Matrix, bias: Sequence[float]) -> Row:
    return [dot(row, w) + b for w, b in zip(weight, bias, strict=True)]


def adamw(parameter: float, gradient: float, steps: int, rate: float = 1e-3) -> float:
    """Return a parameter after `steps` AdamW steps along a gradient that stays the same (decay 1e-2)."""
    first = second = 0.0
    for step in range(1, steps + 1):
        parameter *= 1 - rate * 1e-2
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient * gradient
        root = math.sqrt(second / (1 - 0.999**step)) + 1e-8
        parameter -= rate * (first / (1 - 0.9**step)) / root
    return parameter


def slope(function: Callable[[Row], float], at: Row, along: Row, step: float = 1e-4) -> float:
    """Return the derivative of a function along a direction, by central differences of fourth order."""

    def value(times: float) -> float:
        return function([x + times * step * d for x, d in zip(at, along, strict=True)])

    return (8 * (value(1) - value(-1)) - (value(2) - value(-2))) / (12 * step)


def relative_error(got: Sequence[float], want: Sequence[float]) -> float:
    """Return the largest difference, relative to the largest wanted value; infinite where something is no number."""
    if len(got) != len(want) or not all(map(math.isfinite, got)):
        return math.inf
    scale = max((abs(value) for value in want), default=0.0) or 1.0
    return max((abs(a - b) for a, b in zip(got, want, strict=True)), default=0.0) / scale

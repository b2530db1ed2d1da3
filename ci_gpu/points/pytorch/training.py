"""An optimizer's step and two small models, forward and backward."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ci_gpu import trees
from ci_gpu.catalogue import tree_shapes
from ci_gpu.points import references
from ci_gpu.points.pytorch.kernel import Kernel, Pair, Sizes, Source, plain


def adamw(sizes: Sizes, source: Source) -> Callable[[], object]:
    generator = source.generator
    parameters = [_parameter(source, sizes["elements"], generator) for _ in range(sizes["tensors"])]
    return _adamw(parameters, foreach=bool(sizes["foreach"])).step


def _parameter(source: Source, elements: int, generator: Any) -> Any:
    parameter = torch.nn.Parameter(source.normal(elements, generator=generator))
    parameter.grad = source.normal(elements, generator=generator)
    return parameter


def _adamw(parameters: list[Any], *, foreach: bool) -> Any:
    return torch.optim.AdamW(parameters, lr=1e-3, weight_decay=1e-2, foreach=foreach, fused=False)


def check_adamw(source: Source) -> Pair:
    parameter = torch.nn.Parameter(source.small(0, 203))
    parameter.grad = source.small(1, 203)
    before, gradients = plain(parameter), plain(parameter.grad)
    optimizer = _adamw([parameter], foreach=False)
    for _ in range(5):
        optimizer.step()
    return plain(parameter), [references.adamw(p, g, 5) for p, g in zip(before, gradients, strict=True)]


def mlp(sizes: Sizes, source: Source) -> Callable[[], object]:
    generator, width = source.generator, sizes["width"]
    scale = width**-0.5
    weights = [
        (source.normal(width, width, generator=generator) * scale).requires_grad_() for _ in range(sizes["layers"])
    ]
    biases = [source.normal(width, generator=generator).requires_grad_() for _ in range(sizes["layers"])]
    # The input asks for its gradient too, as it would in the middle of a larger model.
    x = source.normal(sizes["batch"], width, generator=generator).requires_grad_()
    return lambda: torch.autograd.grad(_mlp(x, weights, biases), [x, *weights, *biases])


def _mlp(x: Tensor, weights: list[Tensor], biases: list[Tensor]) -> Tensor:
    for weight, bias in zip(weights, biases, strict=True):
        x = F.gelu(F.linear(x, weight, bias))
    return x.square().mean()


def check_mlp(source: Source) -> Pair:
    """Return the loss and its slope along a direction, beside those of float64."""
    width = 19
    weights = [(source.small(i, width, width) * 0.5).requires_grad_() for i in range(2)]
    biases = [source.small(2 + i, width) for i in range(2)]
    x = source.small(4, 3, width)
    loss = _mlp(x, weights, biases)
    return _loss_and_slope(loss, weights, source.seed, lambda at: _plain_mlp(x, at, biases, width))


def _plain_mlp(x: Tensor, at: list[float], biases: list[Tensor], width: int) -> float:
    values = references.rows(plain(x), width)
    layers = references.rows(at, width * width)
    for flat, bias in zip(layers, map(plain, biases), strict=True):
        weight = references.rows(flat, width)
        values = [[references.gelu(v) for v in references.linear(row, weight, bias)] for row in values]
    squares = [value * value for row in values for value in row]
    return math.fsum(squares) / len(squares)


def _loss_and_slope(loss: Tensor, weights: list[Tensor], seed: int, plain_loss: Callable[[list[float]], float]) -> Pair:
    gradients = torch.autograd.grad(loss, weights)
    at = [value for weight in weights for value in plain(weight)]
    along = references.uniform(seed + 99, len(at))
    gradient = [value for part in gradients for value in plain(part)]
    got = [plain(loss)[0], references.dot(gradient, along)]
    return got, [plain_loss(at), references.slope(plain_loss, at, along)]


Net = tuple[Tensor, Tensor, Tensor, Tensor]  # leaf weight and bias, inner weight and bias


def tree(sizes: Sizes, source: Source) -> Callable[[], object]:
    generator, width = source.generator, sizes["width"]
    words = source.normal(trees.VOCABULARY, 1, width, generator=generator).unbind(0)
    net = (
        (source.normal(width, width, generator=generator) * width**-0.5).requires_grad_(),
        source.normal(width, generator=generator).requires_grad_(),
        (source.normal(width, 2 * width, generator=generator) * width**-0.5).requires_grad_(),
        source.normal(width, generator=generator).requires_grad_(),
    )
    shapes = tree_shapes(sizes["trees"])
    return lambda: torch.autograd.grad(_forest(shapes, words, net), net)


def _forest(shapes: tuple[trees.Tree, ...], words: Any, net: Net) -> Tensor:
    return torch.cat([_embed(shape, words, net) for shape in shapes]).square().mean()


def _embed(shape: trees.Tree, words: Any, net: Net) -> Tensor:
    """Follow one tree: the graph is whatever this recursion does, as define-by-run means it."""
    if isinstance(shape, int):
        return torch.tanh(F.linear(words[shape], net[0], net[1]))
    both = torch.cat([_embed(shape[0], words, net), _embed(shape[1], words, net)], dim=1)
    return torch.tanh(F.linear(both, net[2], net[3]))


def check_tree(source: Source) -> Pair:
    width, shapes = 7, ((0, (1, 2)), ((2, 1), 0))
    words = source.small(0, 3, 1, width).unbind(0)
    sizes = ((width, width), (width,), (width, 2 * width), (width,))
    net = tuple(source.small(1 + i, *size).requires_grad_() for i, size in enumerate(sizes))
    loss = _forest(shapes, words, net)
    return _loss_and_slope(loss, list(net), source.seed, lambda at: _plain_forest(shapes, words, at, width))


def _plain_forest(shapes: tuple[trees.Tree, ...], words: Any, at: list[float], width: int) -> float:
    ends = [width * width, width * width + width, 3 * width * width + width]
    leaf, leaf_bias = references.rows(at[: ends[0]], width), at[ends[0] : ends[1]]
    inner, inner_bias = references.rows(at[ends[1] : ends[2]], 2 * width), at[ends[2] :]

    def embed(shape: trees.Tree) -> list[float]:
        if isinstance(shape, int):
            return [math.tanh(v) for v in references.linear(plain(words[shape]), leaf, leaf_bias)]
        return [math.tanh(v) for v in references.linear(embed(shape[0]) + embed(shape[1]), inner, inner_bias)]

    squares = [value * value for shape in shapes for value in embed(shape)]
    return math.fsum(squares) / len(squares)


KERNELS = {
    "adamw": Kernel(adamw, check_adamw),
    "mlp": Kernel(mlp, check_mlp),
    "tree": Kernel(tree, check_tree),
}

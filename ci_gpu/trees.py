"""Draw the random trees of the define-by-run model, without any framework.

Their shapes fix the model's work, so they come from a fixed seed and belong to the suite's version;
weights and inputs are drawn anew in every process.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

# A leaf is the number of the word it reads; an inner node is a pair.
Tree = int | tuple["Tree", "Tree"]

VOCABULARY = 512


def grow(leaves: int, source: random.Random) -> Tree:
    """Return a random binary tree with that many leaves, split unevenly at every node."""
    if leaves == 1:
        return int(source.random() * VOCABULARY)
    left = 1 + int(source.random() * (leaves - 1))
    return grow(left, source), grow(leaves - left, source)


def forest(trees: int, smallest: int, largest: int, seed: int) -> tuple[Tree, ...]:
    """Return `trees` random trees of `smallest` to `largest` leaves."""
    source = random.Random(seed)  # noqa: S311 (shapes, not secrets)
    return tuple(grow(smallest + int(source.random() * (largest - smallest + 1)), source) for _ in range(trees))


def _nodes(tree: Tree) -> Iterator[Tree]:
    yield tree
    if isinstance(tree, tuple):
        yield from _nodes(tree[0])
        yield from _nodes(tree[1])


def count(trees: tuple[Tree, ...]) -> tuple[int, int]:
    """Return how many leaves and how many inner nodes the trees have together."""
    nodes = [node for tree in trees for node in _nodes(tree)]
    leaves = sum(isinstance(node, int) for node in nodes)
    return leaves, len(nodes) - leaves

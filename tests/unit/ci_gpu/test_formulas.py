"""Operation and byte counts, against loops that really count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gpu import formulas, trees

small = st.integers(1, 5)


def counted_gemm(m, n, k):
    """Multiply as at school and count each multiplication and each addition."""
    count = 0
    for _ in range(m):
        for _ in range(n):
            for _ in range(k):
                count += 2
    return count


@given(small, small, small)
def test_gemm(m, n, k):
    assert formulas.gemm_flops(m, n, k) == counted_gemm(m, n, k)
    assert formulas.gemm_flops(m, n, k, batch=3) == 3 * counted_gemm(m, n, k)
    assert formulas.gemm_bytes(m, n, k, 4) == 4 * (len(range(m)) * k + k * n + m * n)


@given(small, small, small, small)
def test_attention_is_two_products_for_each_head(b, h, s, d):
    both = counted_gemm(s, s, d) + counted_gemm(s, d, s)
    assert formulas.attention_flops(b, h, s, d, causal=False) == b * h * both
    assert formulas.attention_flops(b, h, s, d, causal=True) == b * h * both // 2


@given(small, small, small, small, small)
def test_attention_moves_four_tensors_and_shares_keys_among_heads(b, kv, share, s, d):
    heads = kv * share
    tensors = [b * heads * s * d, b * heads * s * d, b * kv * s * d, b * kv * s * d]
    assert formulas.attention_bytes(b, heads, kv, s, d, 2) == 2 * sum(tensors)


@given(small, small, small, small, small)
def test_convolution_is_a_product_for_each_output(n, co, h, w, ci):
    count = sum(counted_gemm(1, 1, ci * 9) for _ in range(n * co * h * w))
    assert formulas.convolution_flops(n, co, h, w, ci, 3) == count


def test_convolution_bytes():
    assert formulas.convolution_bytes(1, 2, 3, 3, 5, 3, 3, 3, 4) == 4 * (18 + 90 + 45)


def test_gather_reads_numbers_and_rows_and_writes_rows():
    assert formulas.gather_bytes(10, 7, 4) == 10 * 8 + 2 * 10 * 7 * 4


def test_adamw_moves_seven_numbers_for_each_parameter():
    assert formulas.ADAMW_BYTES_PER_PARAMETER == (4 + 3) * 4


def test_training_an_mlp_is_three_products_a_layer():
    assert formulas.mlp_training_flops(4, 16, 8) == 4 * 3 * counted_gemm(8, 16, 16)


@given(st.integers(1, 60), st.integers(0, 999))
def test_a_tree_has_the_leaves_it_was_asked_for(leaves, seed):
    grown = trees.forest(1, leaves, leaves, seed)
    assert trees.count(grown) == (leaves, leaves - 1)


def test_a_forest_is_drawn_from_its_seed():
    assert trees.forest(5, 4, 24, 1) == trees.forest(5, 4, 24, 1)
    assert trees.forest(5, 4, 24, 1) != trees.forest(5, 4, 24, 2)
    leaves = [trees.count((tree,))[0] for tree in trees.forest(500, 4, 24, 3)]
    assert min(leaves) == 4
    assert max(leaves) == 24


def test_words_of_the_trees_are_in_the_vocabulary():
    def words(tree):
        return [tree] if isinstance(tree, int) else words(tree[0]) + words(tree[1])

    found = [word for tree in trees.forest(50, 4, 24, 3) for word in words(tree)]
    assert all(0 <= word < trees.VOCABULARY for word in found)


@pytest.mark.parametrize(("leaves", "inner", "width"), [(1, 0, 4), (3, 2, 4), (117, 109, 64)])
def test_training_a_tree_counts_each_product(leaves, inner, width):
    forward = leaves * counted_gemm(1, width, width) + inner * counted_gemm(1, width, 2 * width)
    by_weight = forward
    by_input = inner * counted_gemm(1, 2 * width, width)  # leaves read words, which ask for no gradient
    assert formulas.tree_training_flops(leaves, inner, width) == forward + by_weight + by_input

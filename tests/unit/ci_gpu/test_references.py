"""The float64 references, against identities and numbers worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gpu.points import references

numbers = st.floats(-50, 50)


@given(st.lists(numbers, min_size=1, max_size=20), numbers)
def test_softmax_sums_to_one_and_does_not_mind_a_shift(row, shift):
    found = references.softmax(row)
    assert math.fsum(found) == pytest.approx(1)
    assert references.softmax([x + shift for x in row]) == pytest.approx(found, rel=1e-9)


def test_layer_norm_by_hand():
    # mean 2, variance 2/3
    scale = 1 / math.sqrt(2 / 3 + 1e-5)
    found = references.layer_norm([1.0, 2.0, 3.0], [1.0, 1.0, 2.0], [0.0, 5.0, 0.0])
    assert found == pytest.approx([-scale, 5.0, 2 * scale])


@given(numbers)
def test_gelu_is_x_times_the_normal_distribution(x):
    assert references.gelu(x) == pytest.approx(x * 0.5 * math.erfc(-x / math.sqrt(2)), abs=1e-12)


def test_attention_of_the_first_row_sees_itself_alone():
    v = [[1.0, 2.0], [3.0, 4.0]]
    found = references.causal_attention([[1.0, 0.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]], v)
    assert found[0] == v[0]
    assert found[1] == pytest.approx([2.0, 3.0])  # equal scores: the mean


def test_convolution_with_a_single_one_shifts_the_image():
    kernel = [[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]
    assert references.convolution([[[1.0, 2.0], [3.0, 4.0]]], [kernel]) == [[[0.0, 1.0], [0.0, 3.0]]]


def test_adamw_first_step_is_the_rate_itself():
    """At the first step both corrections cancel: the step is rate * sign(gradient)."""
    assert references.adamw(2.0, 5.0, 1) == pytest.approx(2.0 * (1 - 1e-5) - 1e-3, abs=1e-11)
    assert references.adamw(2.0, -5.0, 1) == pytest.approx(2.0 * (1 - 1e-5) + 1e-3, abs=1e-11)


def test_slope_of_a_polynomial():
    def function(at):
        return at[0] ** 3 + 2 * at[1]

    assert references.slope(function, [2.0, 1.0], [1.0, -1.0]) == pytest.approx(12 - 2, rel=1e-9)


def test_uniform_is_the_same_everywhere():
    assert references.uniform(1, 2, 2) == references.uniform(1, 4)
    assert references.uniform(1, 1)[0] == pytest.approx(2 * 0.13436424411240122 - 1)


def test_relative_error():
    assert references.relative_error([1.0, 2.0], [1.0, 2.2]) == pytest.approx(0.2 / 2.2)
    assert references.relative_error([0.0], [0.0]) == 0
    assert references.relative_error([1.0, math.nan], [1.0, 1.0]) == math.inf
    assert references.relative_error([1.0], [1.0, 1.0]) == math.inf

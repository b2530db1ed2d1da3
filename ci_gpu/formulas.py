"""Count floating-point operations and bytes moved, from shapes alone.

The framework under test is never asked: a build that counts its own work could make itself look busy.
A multiplication and an addition are two operations. Bytes are the least that must move when every input is
read once and every output written once, so B / bandwidth is a bound that no implementation can beat once the
data is larger than the caches. Where a family has no agreed count (a softmax, a GELU) the per-element figure
below is a convention: such points are bound by bytes, and the figure only has to stay the same.
"""

ITEM_SIZE = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2, "int64": 8}

SOFTMAX_PER_ELEMENT = 5  # maximum, difference, exponential, sum, quotient
LAYER_NORM_PER_ELEMENT = 8  # two moments (4), centre, scale, weight, bias
GELU_PER_ELEMENT = 8  # counted as one polynomial and a product; the erf itself has no agreed figure
ADAMW_PER_PARAMETER = 14  # decay, two moments (6), two corrections, root, epsilon, quotient, step (2)
ADAMW_BYTES_PER_PARAMETER = 28  # float32: read p, g, m, v; write p, m, v


def gemm_flops(m: int, n: int, k: int, batch: int = 1) -> int:
    return 2 * batch * m * n * k


def gemm_bytes(m: int, n: int, k: int, item: int, batch: int = 1) -> int:
    return batch * item * (m * k + k * n + m * n)


def attention_flops(batch: int, heads: int, length: int, width: int, *, causal: bool) -> int:
    """Count both products of scaled dot-product attention; a causal mask leaves half of each."""
    both = 4 * batch * heads * length * length * width
    return both // 2 if causal else both


def attention_bytes(batch: int, heads: int, kv_heads: int, length: int, width: int, item: int) -> int:
    """Count q, k, v read and the output written: scores need never leave the chip."""
    return 2 * item * batch * width * (heads + kv_heads) * length


def elementwise_bytes(elements: int, inputs: int, outputs: int, item: int) -> int:
    return item * elements * (inputs + outputs)


def gather_bytes(rows: int, width: int, item: int) -> int:
    """Count the indices (int64), the rows read and the rows written."""
    return 8 * rows + 2 * item * rows * width


def convolution_flops(n: int, c_out: int, h_out: int, w_out: int, c_in_per_group: int, kernel: int) -> int:
    """Count a direct convolution; Winograd does fewer, so it is bounded by a calibrated convolution instead."""
    return 2 * n * c_out * h_out * w_out * c_in_per_group * kernel * kernel


def convolution_bytes(
    n: int, c_in: int, h: int, w: int, c_out: int, h_out: int, w_out: int, kernel: int, item: int
) -> int:
    return item * (n * c_in * h * w + c_out * c_in * kernel * kernel + n * c_out * h_out * w_out)


def mlp_training_flops(layers: int, width: int, batch: int) -> int:
    """Count forward, gradient by input and gradient by weight of `layers` square layers."""
    return 3 * gemm_flops(batch, width, width) * layers


def mlp_training_bytes(layers: int, width: int, batch: int, item: int) -> int:
    """Count weights read twice and their gradients written, activations written once and read twice."""
    return item * layers * (3 * (width * width + width) + 3 * batch * width)


def tree_training_flops(leaves: int, inner: int, width: int) -> int:
    """Count the leaf layer (d to d, input needs no gradient) and the inner layer (2d to d)."""
    return 2 * gemm_flops(1, width, width) * leaves + 3 * gemm_flops(1, width, 2 * width) * inner


def tree_training_bytes(leaves: int, inner: int, width: int, item: int) -> int:
    weights = 3 * (width * width + width + 2 * width * width + width)
    return item * (weights + 2 * width * (leaves + inner))

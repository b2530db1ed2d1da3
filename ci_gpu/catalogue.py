"""The points that can be measured and the suites that select them, readable without any framework.

A point's name is the same on every device, its size is not: `Variant` holds what one kind of device measures.
Results of different kinds are never compared (a machine's fingerprint says which kind it is).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from ci_gpu import formulas, trees

DEVICE_KINDS = ("cpu", "cuda")
TREE_SEED = 20240713


@dataclass(frozen=True)
class Variant:
    """One point on one kind of device."""

    dtype: str
    sizes: Mapping[str, int]
    flops: int
    bytes: int
    bound: str  # which calibrated rate bounds it from below: "gemm", "convolution", "bandwidth" or "host"
    cache: str  # "warm": the same tensors again and again; "cold": the device's last-level cache is overwritten between
    timer: (
        str  # "cpu": wall and CPU clocks; "device": events on the queue; "host": wall clock around a synchronised batch
    )
    operations: int = 1  # framework operations (or nodes) in one call, for a time per operation

    def __post_init__(self) -> None:
        object.__setattr__(self, "sizes", MappingProxyType(dict(self.sizes)))


@dataclass(frozen=True)
class Point:
    """One shape and dtype of one family of work."""

    id: str
    title: str
    family: str
    areas: tuple[str, ...]
    kernel: str  # which function of ci_gpu/points/<framework>/ prepares it
    variants: Mapping[str, Variant]
    suites: tuple[str, ...] = ("smoke",)
    frameworks: tuple[str, ...] = ("torch",)
    unit: str = "ns per call"
    direction: str = "lower"

    @property
    def devices(self) -> tuple[str, ...]:
        return tuple(self.variants)

    @property
    def dtype(self) -> str:
        return self._first.dtype

    @property
    def shapes(self) -> Mapping[str, int]:
        return self._first.sizes

    @property
    def flops(self) -> int:
        return self._first.flops

    @property
    def bytes(self) -> int:
        return self._first.bytes

    @property
    def _first(self) -> Variant:
        return next(iter(self.variants.values()))

    def on(self, device: str) -> Variant:
        """Return what `device` ("cpu", "cuda:0") measures at this point; KeyError where it measures nothing."""
        return self.variants[device_kind(device)]

    def definition(self) -> dict[str, object]:
        """Return everything that makes this point this point, as plain values."""
        return {
            "id": self.id,
            "kernel": self.kernel,
            "variants": {kind: {**asdict_variant(v)} for kind, v in sorted(self.variants.items())},
        }


def asdict_variant(variant: Variant) -> dict[str, object]:
    """Return a variant as plain values."""
    plain = {name: getattr(variant, name) for name in Variant.__dataclass_fields__ if name != "sizes"}
    return {**plain, "sizes": dict(variant.sizes)}


@dataclass(frozen=True)
class Suite:
    """A named selection of points."""

    name: str
    title: str
    points: tuple[Point, ...] = field(repr=False)
    budget_s: float  # seconds given to each point

    @property
    def version(self) -> str:
        """Return a digest of the definitions: it changes whenever what is measured changes."""
        plain = json.dumps([p.definition() for p in self.points] + [MEASUREMENT], sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()[:12]


# Raised when the way of measuring changes so that times before and after must not be compared.
MEASUREMENT = 1


def device_kind(device: str) -> str:
    """Return "cpu" or "cuda"; ValueError for anything else."""
    kind, _, number = device.partition(":")
    if kind not in DEVICE_KINDS or (number and not number.isdigit()) or (kind == "cpu" and number):
        raise ValueError(f"unknown device {device!r}: expected cpu or cuda:N")
    return kind


def _gemm(dtype: str, m: int, n: int, k: int, kind: str) -> Variant:
    item = formulas.ITEM_SIZE[dtype]
    sizes = {"m": m, "n": n, "k": k}
    return _variant(kind, dtype, sizes, formulas.gemm_flops(m, n, k), formulas.gemm_bytes(m, n, k, item), "gemm")


def _variant(
    kind: str, dtype: str, sizes: Mapping[str, int], flops: int, nbytes: int, bound: str, operations: int = 1
) -> Variant:
    """Return a variant with the timer and the cache state that its kind of device and its bound ask for."""
    on_gpu = kind == "cuda"
    timer = "cpu" if not on_gpu else "host" if bound == "host" else "device"
    cold = on_gpu and bound != "host"
    return Variant(dtype, sizes, flops, nbytes, bound, "cold" if cold else "warm", timer, operations)


def _attention(kind: str, dtype: str, b: int, h: int, s: int, d: int) -> Variant:
    flops = formulas.attention_flops(b, h, s, d, causal=True)
    moved = formulas.attention_bytes(b, h, h, s, d, formulas.ITEM_SIZE[dtype])
    return _variant(kind, dtype, {"batch": b, "heads": h, "length": s, "width": d}, flops, moved, "gemm")


def _rows(kind: str, rows: int, columns: int, per_element: int, extra_bytes: int = 0) -> Variant:
    n = rows * columns
    moved = formulas.elementwise_bytes(n, 1, 1, 4) + extra_bytes
    return _variant(kind, "float32", {"rows": rows, "columns": columns}, per_element * n, moved, "bandwidth")


def _elements(kind: str, n: int, inputs: int, outputs_bytes: int, per_element: int) -> Variant:
    return _variant(kind, "float32", {"n": n}, per_element * n, 4 * n * inputs + outputs_bytes, "bandwidth")


def _embedding(kind: str, table: int, width: int, rows: int) -> Variant:
    moved = formulas.gather_bytes(rows, width, 4)
    return _variant(kind, "float32", {"table": table, "width": width, "rows": rows}, 0, moved, "bandwidth")


def _convolution(kind: str, n: int, channels: int, side: int) -> Variant:
    flops = formulas.convolution_flops(n, channels, side, side, channels, 3)
    moved = formulas.convolution_bytes(n, channels, side, side, channels, side, side, 3, 4)
    sizes = {"n": n, "channels": channels, "side": side, "kernel": 3}
    return _variant(kind, "float32", sizes, flops, moved, "convolution")


def _host(kind: str, sizes: Mapping[str, int], flops: int, nbytes: int, operations: int) -> Variant:
    return _variant(kind, "float32", sizes, flops, nbytes, "host", operations)


def _adamw(kind: str, tensors: int, elements: int) -> Variant:
    n = tensors * elements
    moved = formulas.ADAMW_BYTES_PER_PARAMETER * n
    sizes = {"tensors": tensors, "elements": elements, "foreach": int(kind == "cuda")}
    return _variant(kind, "float32", sizes, formulas.ADAMW_PER_PARAMETER * n, moved, "bandwidth", tensors)


def _mlp(kind: str, dtype: str, layers: int, width: int, batch: int) -> Variant:
    flops = formulas.mlp_training_flops(layers, width, batch)
    moved = formulas.mlp_training_bytes(layers, width, batch, formulas.ITEM_SIZE[dtype])
    return _variant(kind, dtype, {"layers": layers, "width": width, "batch": batch}, flops, moved, "gemm")


@cache
def tree_shapes(number: int) -> tuple[trees.Tree, ...]:
    """Return the trees of the define-by-run model: `number` of them, 4 to 24 leaves each."""
    return trees.forest(number, 4, 24, TREE_SEED)


def _tree(kind: str, number: int, width: int) -> Variant:
    leaves, inner = trees.count(tree_shapes(number))
    flops = formulas.tree_training_flops(leaves, inner, width)
    moved = formulas.tree_training_bytes(leaves, inner, width, 4)
    sizes = {"trees": number, "width": width, "leaves": leaves, "inner": inner}
    return _host(kind, sizes, flops, moved, leaves + inner)


def _pair(cpu: Variant, cuda: Variant) -> Mapping[str, Variant]:
    return MappingProxyType({"cpu": cpu, "cuda": cuda})


_SMOKE = (
    Point("gemm.float32.square", "Square matrix product, float32", "gemm", ("linear-algebra",), "gemm",
          _pair(_gemm("float32", 256, 256, 256, "cpu"), _gemm("float32", 2048, 2048, 2048, "cuda"))),
    Point("gemm.bfloat16.skinny", "Few rows times a large matrix, bfloat16", "gemm", ("linear-algebra",), "gemm",
          _pair(_gemm("bfloat16", 16, 1024, 1024, "cpu"), _gemm("bfloat16", 16, 8192, 8192, "cuda"))),
    Point("attention.causal", "Scaled dot-product attention, causal", "attention", ("attention",), "attention",
          _pair(_attention("cpu", "float32", 1, 4, 512, 32), _attention("cuda", "bfloat16", 8, 32, 2048, 128))),
    Point("norm.float32.layer", "Layer normalisation", "norm", ("normalization",), "layer_norm",
          _pair(_rows("cpu", 256, 1024, formulas.LAYER_NORM_PER_ELEMENT, 8 * 1024),
                _rows("cuda", 8192, 4096, formulas.LAYER_NORM_PER_ELEMENT, 8 * 4096))),
    Point("softmax.float32.rows", "Softmax over rows", "norm", ("normalization",), "softmax",
          _pair(_rows("cpu", 256, 1024, formulas.SOFTMAX_PER_ELEMENT),
                _rows("cuda", 8192, 4096, formulas.SOFTMAX_PER_ELEMENT))),
    Point("reduction.float32.sum", "Sum of all elements", "reduction", ("reductions",), "sum",
          _pair(_elements("cpu", 1 << 18, 1, 4, 1), _elements("cuda", 1 << 26, 1, 4, 1))),
    Point("pointwise.float32.add", "Sum of two tensors", "pointwise", ("pointwise",), "add",
          _pair(_elements("cpu", 1 << 18, 2, 4 << 18, 1), _elements("cuda", 1 << 26, 2, 4 << 26, 1))),
    Point("pointwise.float32.gelu", "GELU, exact", "pointwise", ("pointwise",), "gelu",
          _pair(_elements("cpu", 1 << 16, 1, 4 << 16, formulas.GELU_PER_ELEMENT),
                _elements("cuda", 1 << 26, 1, 4 << 26, formulas.GELU_PER_ELEMENT))),
    Point("indexing.float32.embedding", "Rows looked up in a table", "indexing", ("indexing",), "embedding",
          _pair(_embedding("cpu", 8192, 64, 4096), _embedding("cuda", 1 << 20, 128, 1 << 18))),
    Point("convolution.float32.3x3", "Convolution, 3 by 3", "convolution", ("convolution",), "convolution",
          _pair(_convolution("cpu", 1, 32, 28), _convolution("cuda", 32, 256, 56))),
    Point("dispatch.float32.add", "Sum of two one-element tensors", "host", ("dispatch",), "small_add",
          _pair(_host("cpu", {"n": 1}, 1, 12, 1), _host("cuda", {"n": 1}, 1, 12, 1))),
    Point("dispatch.float32.chain", "A hundred sums, each of the last", "host", ("dispatch",), "chain",
          _pair(_host("cpu", {"n": 1, "length": 100}, 100, 1200, 100),
                _host("cuda", {"n": 1, "length": 100}, 100, 1200, 100))),
    Point("autograd.float32.deep", "Backward through a thousand nodes", "host", ("autograd",), "deep_backward",
          _pair(_host("cpu", {"n": 8, "depth": 1000}, 8_000, 96_000, 1000),
                _host("cuda", {"n": 8, "depth": 1000}, 8_000, 96_000, 1000))),
    Point("optimizer.float32.adamw", "AdamW step", "optimizer", ("optimizers",), "adamw",
          _pair(_adamw("cpu", 2, 65_536), _adamw("cuda", 400, 250_000))),
    Point("model.mlp.training", "Multi-layer perceptron, forward and backward", "model",
          ("nn-modules", "linear-algebra"), "mlp",
          _pair(_mlp("cpu", "float32", 4, 256, 32), _mlp("cuda", "bfloat16", 4, 8192, 4096))),
    Point("model.tree.training", "Tree-recursive net, defined by running", "model", ("nn-modules", "autograd"), "tree",
          _pair(_tree("cpu", 8, 64), _tree("cuda", 256, 64))),
)  # fmt: skip

POINTS: Mapping[str, Point] = MappingProxyType({point.id: point for point in _SMOKE})


def _selftest(name: str, n: int) -> Point:
    """Return a point in plain Python: no framework is judged by it, so it has no area."""
    variant = _variant("cpu", "float64", {"n": n}, n, 8 * n, "host")
    title = f"Plain Python: {name} of {n} numbers"
    return Point(f"selftest.{name}", title, "selftest", (), name, {"cpu": variant}, ("selftest",), frameworks=())


_SELFTEST = (_selftest("sum", 2_000), _selftest("sort", 1_000), _selftest("table", 1_000), _selftest("square", 1_000))
SELFTEST: Mapping[str, Point] = MappingProxyType({point.id: point for point in _SELFTEST})

SUITES: Mapping[str, Suite] = MappingProxyType(
    {
        "smoke": Suite("smoke", "One or two points of each family, minutes on two CPU cores", _SMOKE, budget_s=0.4),
        "selftest": Suite(
            "selftest", "Plain Python, any bundle: can a night be run here at all?", _SELFTEST, budget_s=0.05
        ),
    }
)


def _reference(name: str, kernel: str, variants: Mapping[str, Variant]) -> Point:
    """Return a point of the calibration: how fast this machine is at its best. Judged by nobody, in no suite."""
    return Point(f"calibration.{name}", "Reference rate", "calibration", (), kernel, variants, suites=())


def _reference_gemms(dtype: str) -> tuple[Point, ...]:
    sizes = (("cpu", 256), ("cpu", 512), ("cpu", 1024), ("cuda", 4096), ("cuda", 8192))
    return tuple(_reference(f"gemm.{dtype}.{n}", "gemm", {kind: _gemm(dtype, n, n, n, kind)}) for kind, n in sizes)


_CALIBRATION = (
    *_reference_gemms("float32"),
    *_reference_gemms("bfloat16"),
    _reference("convolution.float32.small", "convolution",
               _pair(_convolution("cpu", 1, 32, 28), _convolution("cuda", 32, 256, 56))),
    _reference("convolution.float32.large", "convolution",
               _pair(_convolution("cpu", 1, 64, 28), _convolution("cuda", 64, 256, 56))),
    _reference("triad.float32", "triad",
               _pair(_elements("cpu", 1 << 25, 2, 4 << 25, 2), _elements("cuda", 1 << 28, 2, 4 << 28, 2))),
)  # fmt: skip

CALIBRATION: Mapping[str, Point] = MappingProxyType({point.id: point for point in _CALIBRATION})


def find(point: str) -> Point:
    """Return a point of any suite or of the calibration; KeyError where there is none of that name."""
    return next((known[point] for known in (POINTS, SELFTEST) if point in known), None) or CALIBRATION[point]


def suite(name: str) -> tuple[Point, ...]:
    """Return the points of a suite; KeyError where there is none of that name."""
    return SUITES[name].points

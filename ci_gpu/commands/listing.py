"""List the points that can be measured, with their operation and byte counts."""

from __future__ import annotations

import argparse
import json

from ci_gpu import catalogue
from ci_gpu.commands import arguments


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--suite", help="only the points of this suite")
    parser.add_argument("--device", default="cpu", help="whose sizes and counts are shown: cpu or cuda (default: cpu)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(chosen: argparse.Namespace) -> int:
    kind = catalogue.device_kind(chosen.device)
    points = arguments.suite(chosen).points if chosen.suite is not None else tuple(catalogue.POINTS.values())
    rows = [_row(point, kind) for point in points if kind in point.variants]
    print(json.dumps(rows, indent=2) if chosen.json else _table(rows))
    return 0


def _row(point: catalogue.Point, kind: str) -> dict[str, object]:
    variant = point.on(kind)
    return {
        "point": point.id,
        "title": point.title,
        "family": point.family,
        "suites": list(point.suites),
        "areas": list(point.areas),
        "dtype": variant.dtype,
        "sizes": dict(variant.sizes),
        "flops": variant.flops,
        "bytes": variant.bytes,
        "operations": variant.operations,
        "unit": point.unit,
        "direction": point.direction,
        "cache": variant.cache,
        "frameworks": list(point.frameworks),
        "devices": list(point.devices),
    }


def _table(rows: list[dict[str, object]]) -> str:
    lines = [f"{'point':28} {'operations':>16} {'bytes':>16}  areas"]
    lines += [f"{r['point']:28} {r['flops']:>16,} {r['bytes']:>16,}  {', '.join(map(str, r['areas']))}" for r in rows]  # type: ignore[call-overload]
    return "\n".join(lines)

"""The reference pages name what the code has: a point, a field or a variable that is missing there fails here."""

from pathlib import Path

import pytest

from ci_gpu import faults, protocol, rounds, supervisor
from ci_gpu.catalogue import POINTS

PAGES = Path(supervisor.__file__).parent.parent / "docs" / "reference"
HARNESS, SUITE = (PAGES / "harness.md").read_text(), (PAGES / "suite.md").read_text()


PROCESS, REST = HARNESS.split("## Protocol 1")
MESSAGES, REST = REST.split("| reason |")
REASONS, REST = REST.split("### Fingerprint")


def row_of(page, name):
    rows = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
    assert len(rows) == 1, name
    return rows[0]


@pytest.mark.parametrize("point", POINTS.values(), ids=lambda point: point.id)
def test_every_point_stands_in_the_suites_page_with_its_sizes(point):
    gpu, processor = row_of(SUITE, point.id).split("|")[3:5]
    for cell, device in ((gpu, "cuda"), (processor, "cpu")):
        variant = point.on(device)
        assert variant.dtype in cell
        for name, size in variant.sizes.items():
            assert f"{name} {size:,}" in cell


def test_every_message_and_field_stands_in_the_protocols_page():
    for kind, fields in protocol._FIELDS.items():
        row = row_of(MESSAGES, kind)
        assert [name for name in fields if f"`{name}`" not in row] == []


def test_every_reason_ending_fault_and_variable_stands_there():
    for reason in protocol.REASONS:
        row_of(REASONS, reason)
    for ended in supervisor.Ended.__args__:
        row_of(PROCESS, ended)
    names = [*faults.KINDS, *supervisor.PASSED, *supervisor.CACHES, *supervisor.Order.__dataclass_fields__]
    assert [name for name in names if f"`{name}`" not in HARNESS] == []


def test_the_rules_functions_exist():
    for name in ("coin", "point_order", "seed_of", "next_orders", "breakages"):
        assert f"`{name}(" in HARNESS
        assert callable(getattr(rounds, name))

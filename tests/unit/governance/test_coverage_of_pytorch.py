"""PyTorch's coverage after its files were imported, beside a count that knows nothing of the importer."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from governance.queries.history import areas_with_counts, coverage_on, coverage_over_time
from tests.factories.people import a_project

ROOT = Path(__file__).resolve().parents[3]
FILES = ROOT.parent / "shared/data/governance/pytorch"
PAGE = FILES / "main-2026/docs/source/community/persons_of_interest.7f149bc3.md"
DAY = date(2026, 5, 15)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not PAGE.exists(), reason="../shared/data/governance/pytorch is not here"),
]


def maintainers_counted(text: str) -> dict[str, int]:
    """Count the bullets that are not emeritus under each third-level heading of modules that are not sunset."""
    counted: dict[str, int] = {}
    section, heading = "", ""
    for line in text.splitlines():
        if line.startswith("## "):
            section, heading = line[3:].strip().lower(), ""
        elif line.startswith("### ") and "maintainers" in section:
            heading = line[4:].strip()
            counted[heading] = 0
        elif heading and re.match(r"\s*[-*] ", line) and "emeritus" not in line.lower():
            counted[heading] += 1
    return counted


def test_the_areas_of_nobody_and_of_one_are_those_of_the_page(client: Client) -> None:
    a_project("pytorch")
    call_command("import_governance", str(PAGE), as_of=DAY.isoformat(), verbosity=0)
    counted = maintainers_counted(PAGE.read_text())
    found = {area.name: number for area, number in areas_with_counts(DAY)}
    assert found == counted
    coverage = coverage_on(DAY)
    numbers = list(counted.values())
    assert (coverage.areas, coverage.nobody, coverage.one) == (len(numbers), numbers.count(0), numbers.count(1))
    assert coverage_over_time(DAY) == [coverage]
    page = client.get("/coverage/").context
    assert {area.name for area in page["nobody"]} == {name for name, number in counted.items() if number == 0}
    assert {area.name for area, _ in page["alone"]} == {name for name, number in counted.items() if number == 1}

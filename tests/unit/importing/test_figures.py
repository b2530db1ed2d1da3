"""What the reference page says is read of real sources is what is read of them."""

import re
from importlib import import_module

import pytest

from governance.importing.reading import SourceFile
from tests.factories.sources import REAL, ROOT, assert_whole, real_files

PAGE = ROOT / "docs" / "reference" / "import-formats.md"
FOLDERS = {
    "kubernetes/community": "kubernetes-community",
    "kubernetes/org": "kubernetes-org",
    "kubernetes/enhancements": "kubernetes-enhancements",
    "rust-lang/team": "rust-lang-team",
    "python/peps": "python-peps",
    "pytorch/rfcs": "pytorch-rfcs",
    "rust-lang/rfcs": "rust-rfcs",
    "NixOS/SC-election-2025": "nixos-sc-2025",
    "nodejs/TSC": "nodejs-TSC",
    "pytorch/pytorch": "pytorch/2.6.0",
    "pytorch/pytorch merge rules": "pytorch/merge_rules-1.13.1",
    "pytorch/pytorch persons": "pytorch/main-2026/docs/source/community/persons_of_interest.7f149bc3.md",
}
COUNTED = ("people", "areas", "offices", "holdings", "proposals", "unread")
ROW = re.compile(r"\| ([^|]+) \| `(\w+)` \| [^|]+ \| ((?:\d+ \| ){5}\d+) \|")


def rows():
    """Return the table's rows: source, format, and how many of each are read."""
    found = ROW.findall(PAGE.read_text().replace(",", ""))
    return {(source, format): [int(number) for number in numbers.split(" | ")] for source, format, numbers in found}


def test_the_page_tells_every_source():
    assert {source for source, _ in rows()} == set(FOLDERS)


@pytest.mark.parametrize(("source", "format"), rows())
def test_the_figures_are_those_of_the_source(source, format):
    where = REAL / FOLDERS[source]
    if not where.exists():
        pytest.skip(f"{FOLDERS[source]} of ../shared/data/governance is not here")
    reader = import_module(f"governance.importing.formats.{format}").FORMAT
    files = [SourceFile(where.name, where.read_bytes())] if where.is_file() else real_files(reader, where)
    reading = reader.read(files)
    assert_whole(reading)
    assert [len(getattr(reading, facts)) for facts in COUNTED] == rows()[source, format]


def test_a_count_of_underlines_of_four_marks_misses_one_module_of_pytorch():
    page = REAL / "pytorch" / "2.6.0" / "docs" / "source" / "community" / "persons_of_interest.rst"
    if not page.is_file():
        pytest.skip("PyTorch's own page is not here")
    reader = import_module("governance.importing.formats.pytorch").FORMAT
    areas = reader.read([SourceFile(page.name, page.read_bytes())]).areas
    counted = re.findall(r"^(.+)\n~~~~", page.read_text(), re.MULTILINE)
    assert {area.name for area in areas} - set(counted) == {"XLA"}


def test_every_format_is_on_the_page():
    folder = ROOT / "governance" / "importing" / "formats"
    modules = {path.stem for path in folder.iterdir() if path.stem != "__init__" and not path.stem.startswith("__")}
    page = PAGE.read_text()
    assert {name for name in modules if f"[`{name}`](" not in page} == set()

"""PyTorch's real files where they are present, small invented ones, and short ways to ask a reading."""

from collections import Counter
from pathlib import Path

import pytest

from governance.importing.formats.pytorch import FORMAT
from governance.importing.reading import HoldingRead, Reading, SourceFile
from tests.conftest import ROOT

REAL = ROOT.parent / "shared" / "data" / "governance" / "pytorch"
COMMUNITY = "docs/source/community"
RELEASE = REAL / "2.6.0"
BEFORE_MAY = REAL / "main-2026" / COMMUNITY / "persons_of_interest.0c2702b7.md"
SINCE_MAY = REAL / "main-2026" / COMMUNITY / "persons_of_interest.7f149bc3.md"
RULES = REAL / "merge_rules-1.13.1"

needs_real_files = pytest.mark.skipif(not REAL.is_dir(), reason=f"PyTorch's own files are not here: {REAL}")

INVENTED_PAGE = """\
# Loom Governance | Maintainers

## Responsibilities

- Weave what is asked

## Lead Core Maintainer

- Ada Example ([AdaEx](https://github.com/AdaEx))

## Core Maintainers

- Bert Example ([bert](https://github.com/bert))
- (emeritus) Cora Example ([cora](https://github.com/cora))

## Core Module maintainers

### Shuttle (loom.shuttle)

- Ada Example ([adaex](https://github.com/adaex))
- (emeritus) Cora Example ([cora](https://github.com/cora))
- Bert Example ([bert](https://github.com/bert))

#### Bobbins

- Dora ([dora](https://github.com/dora))

### Heddle

- (emeritus) Bertram Example ([Bert](https://github.com/Bert))

## Sunsetted Modules

### Punch Cards

- Evert Unlinked
"""


def source(path: Path) -> list[SourceFile]:
    """Return a real file, or a tree's files that PyTorch's format wants."""
    if path.is_file():
        return [SourceFile(path.name, path.read_bytes())]
    found = [(str(file.relative_to(path)), file) for file in sorted(path.rglob("*")) if file.is_file()]
    return [SourceFile(name, file.read_bytes()) for name, file in found if FORMAT.wants(name)]


def read(path: Path) -> Reading:
    """Read a real file or tree."""
    return FORMAT.read(source(path))


def read_text(text: str, name: str = "persons_of_interest.md") -> Reading:
    """Read one small file."""
    return FORMAT.read([SourceFile(name, text.encode())])


def in_office(reading: Reading, office: str, standing: str = "active") -> list[str]:
    """Return who is in an office, in the order of the page."""
    return [held.person for held in reading.holdings if held.office == office and held.standing == standing]


def active_maintainers(reading: Reading) -> dict[str, int]:
    """Return how many active maintainers each module has that was not sunset, by its name."""
    office_of = {office.area: office.slug for office in reading.offices if office.kind == "area"}
    count = Counter(held.office for held in reading.holdings if held.standing == "active")
    return {area.name: count[office_of[area.slug]] for area in reading.areas if not area.sunset}


def names(reading: Reading) -> dict[str, str]:
    """Return people's names by key."""
    return {person.key: person.name for person in reading.people}


def holding_at(reading: Reading, line: int) -> HoldingRead:
    """Return what was read from a line."""
    (found,) = {held for held in reading.holdings if held.place.line == line}
    return found


def lines_told(reading: Reading, file: str) -> set[int]:
    """Return the lines of a file that the reading accounts for."""
    facts = (*reading.people, *reading.areas, *reading.offices, *reading.holdings, *reading.unread)
    return {fact.place.line for fact in facts if fact.place.file == file}

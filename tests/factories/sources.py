"""Sources for the tests of importing: small ones written in a test, and the real ones beside the repository."""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from governance.importing.reading import Format, Reading, SourceFile, SourceRefused

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "data" / "governance"


def read(format: Format, files: Mapping[str, str | bytes]) -> Reading:
    """Read files given by path, as a format reads a source."""
    sources = [SourceFile(path, text if isinstance(text, bytes) else text.encode()) for path, text in files.items()]
    return format.read([source for source in sources if format.wants(source.path)])


def real_folder(name: str) -> Path:
    """Return a folder of real governance files, or skip the test with the reason."""
    folder = REAL / name
    if not folder.is_dir():
        pytest.skip(f"{name} of ../shared/data/governance is not here; the same is tested with a small input")
    return folder


def real_files(format: Format, folder: Path) -> list[SourceFile]:
    """Return what a format wants of a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    named = [(str(path.relative_to(folder)), path) for path in paths]
    return [SourceFile(name, path.read_bytes()) for name, path in named if format.wants(name)]


def read_real(format: Format, name: str) -> tuple[Reading, list[SourceFile]]:
    """Read a real folder; return the reading and the files that it was made of."""
    files = real_files(format, real_folder(name))
    return format.read(files), files


def line_of(files: list[SourceFile], file: str, line: int) -> str:
    """Return the text of one line of a source."""
    content = next(source.content for source in files if source.path == file)
    return content.decode("utf-8-sig").splitlines()[line - 1]


def assert_whole(reading: Reading) -> None:
    """Hold what must be true of any reading: keys once, nothing that points nowhere, columns that fit."""
    for facts, key in ((reading.people, "key"), (reading.areas, "slug"), (reading.offices, "slug")):
        keys = [getattr(fact, key) for fact in facts]
        assert len(keys) == len(set(keys))
        assert all(keys)
    people = {person.key for person in reading.people}
    areas = {area.slug for area in reading.areas}
    offices = {office.slug for office in reading.offices}
    assert {holding.person for holding in reading.holdings} <= people
    assert {holding.office for holding in reading.holdings} <= offices
    assert {area.parent for area in reading.areas} <= areas | {""}
    assert {office.area for office in reading.offices} <= areas | {""}
    for proposal in reading.proposals:
        assert {*proposal.authors, *proposal.shepherds, *proposal.reviewers, *proposal.positions} <= people
        assert set(proposal.areas) <= areas
    assert all(len(area.slug) <= 69 for area in reading.areas)  # 80 in the record, less a project's slug and a dash
    assert all(len(office.slug) <= 109 for office in reading.offices)
    assert all(bool(office.area) == (office.kind == "area") for office in reading.offices if office.kind != "other")
    assert len({office.name for office in reading.offices}) == len(reading.offices)


def assert_read_or_refused(format: Format, files: Mapping[str, bytes]) -> None:
    """Hold that a source is read soundly, or refused in one line: nothing else may happen to it."""
    try:
        reading = read(format, files)
    except SourceRefused as refusal:
        told = str(refusal)
    else:
        assert_whole(reading)
        return
    assert told
    assert "\n" not in told


def mutations(files: Mapping[str, bytes], count: int, seed: int) -> Iterator[dict[str, bytes]]:
    """Yield sources that differ from the given one by damage to one file, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        path = chance.choice(sorted(files))
        yield {**files, path: chance.choice(DAMAGES)(files[path], chance)}


def _lines_lost(content: bytes, chance: random.Random) -> bytes:
    return b"".join(line for line in content.splitlines(keepends=True) if chance.random() > 0.1)


def _bytes_flipped(content: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def _block_doubled(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    start = chance.randrange(len(lines))
    return b"".join([*lines[:start], *(lines[start : start + chance.randint(1, 9)] * 2), *lines[start:]])


def _bad_text(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + chance.choice([b"\xff\xfe", b"\xc3\x28", b"\x00", b"\xed\xa0\x80", b"\t"]) + content[at:]


def _lines_moved(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines)


def _indented(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join(b"  " + line if chance.random() < 0.1 else line for line in lines)


def _word_grown(content: bytes, chance: random.Random) -> bytes:
    words = content.split(b" ")
    words[chance.randrange(len(words))] *= chance.choice([50, 5000])
    return b" ".join(words)[:20_000_000]


def _nested(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + chance.choice([b"[", b"{a: ", b"{a=", b"- ", b"(", b"> "]) * 20_000 + content[at:]


DAMAGES = [
    _lines_lost, _bytes_flipped, _cut, _block_doubled, _bad_text, _lines_moved, _indented, _word_grown, _nested
]  # fmt: skip

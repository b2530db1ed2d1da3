"""Damaged files: a reader refuses in one line or tells every entry that it did not place, and never breaks."""

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.importing.formats import node_votes, pytorch
from governance.importing.formats.pytorch.outline import Item, outline
from governance.importing.reading import Reading, SourceFile, SourceRefused
from tests.conftest import ROOT
from tests.unit.importing.pytorch_sources import (
    BEFORE_MAY,
    COMMUNITY,
    INVENTED_PAGE,
    RELEASE,
    RULES,
    SINCE_MAY,
    lines_told,
)
from tests.unit.importing.test_node_votes import FLAT
from tests.unit.importing.test_pytorch_code_owners import SMALL as OWNERS
from tests.unit.importing.test_pytorch_merge_rules import SMALL as MERGE_RULES
from tests.unit.importing.test_pytorch_persons import IN_RST

VOTES = ROOT.parent / "shared" / "data" / "governance" / "nodejs-TSC" / "votes"
ODD_LINES = (
    *(
        "- ",
        "-",
        "* (emeritus)",
        "### ",
        "#",
        "~~~~",
        "====",
        "<!--",
        "-->",
        "```",
        ".. note::",
        "\t- x",
        "- @",
        "{",
        "]",
    ),
    *("- ([]())", "- (``)", "- Ada ([x](https://github.com/))", "- a" * 50, "- 名前 ([ada](https://github.com/ada))"),
    *("&a *a", "%", "\x00", '"', "/a @a/b/c @", "\\", "@ada", "? x", "!!python/object:os.system", "2" * 5000),
    "- Ada \x0b Ex ([ada](https://github.com/ada))",
)

OWN = {
    "persons_of_interest.md": INVENTED_PAGE,
    "persons_of_interest.rst": IN_RST,
    "CODEOWNERS": OWNERS,
    ".github/merge_rules.yaml": MERGE_RULES,
    ".github/merge_rules.json": json.dumps(
        [{"name": "Loom", "patterns": ["*"], "approved_by": ["ada", "a/b"]}], indent=1
    ),
    "votes/2021-09-29-0.json": FLAT,
}
REAL = {
    "persons_of_interest.0c2702b7.md": BEFORE_MAY,
    "persons_of_interest.7f149bc3.md": SINCE_MAY,
    "persons_of_interest.rst": RELEASE / COMMUNITY / "persons_of_interest.rst",
    "CODEOWNERS": RELEASE / "CODEOWNERS",
    ".github/merge_rules.yaml": RULES / ".github" / "merge_rules.yaml",
    "votes/2021-09-29-0.json": VOTES / "2021-09-29-0.json",
    "votes/2025-08-01-0.json": VOTES / "2025-08-01-0.json",
}


def without_lines(lines: list[str], chance: random.Random) -> bytes:
    return "\n".join(line for line in lines if chance.random() > 0.1).encode()


def doubled_lines(lines: list[str], chance: random.Random) -> bytes:
    return "\n".join(line for line in lines for _ in range(1 + (chance.random() < 0.2))).encode()


def shuffled_lines(lines: list[str], chance: random.Random) -> bytes:
    return "\n".join(chance.sample(lines, len(lines))).encode()


def with_odd_lines(lines: list[str], chance: random.Random) -> bytes:
    found = list(lines)
    for _ in range(6):
        found.insert(chance.randrange(len(found) + 1), chance.choice(ODD_LINES))
    return "\n".join(found).encode()


def cut_short(lines: list[str], chance: random.Random) -> bytes:
    whole = "\n".join(lines).encode()
    return whole[: chance.randrange(len(whole))]


def flipped_bytes(lines: list[str], chance: random.Random) -> bytes:
    whole = bytearray("\n".join(lines).encode())
    for _ in range(8):
        whole[chance.randrange(len(whole))] = chance.randrange(256)
    return bytes(whole)


def flipped_letters(lines: list[str], chance: random.Random) -> bytes:
    whole = list("\n".join(lines))
    for _ in range(12):
        whole[chance.randrange(len(whole))] = chance.choice("-*#()[]{}<>`\"':,@/\\ \t\néX0")
    return "".join(whole).encode()


def in_another_encoding(lines: list[str], chance: random.Random) -> bytes:
    return "\n".join([*lines, "é"]).encode(chance.choice(["utf-16", "latin-1", "utf-8-sig", "utf-32"]))


def with_other_line_ends(lines: list[str], chance: random.Random) -> bytes:
    return chance.choice(["\r\n", "\r"]).join(lines).encode()


DAMAGES = (
    without_lines, doubled_lines, shuffled_lines, with_odd_lines, cut_short, flipped_bytes, flipped_letters,
    in_another_encoding, with_other_line_ends,
)  # fmt: skip


def check(name: str, content: bytes) -> Reading | None:
    """Read a damaged file; hold what comes of it against what every reading must be."""
    reader = node_votes.FORMAT if name.startswith("votes/") else pytorch.FORMAT
    file = SourceFile(name, content)
    try:
        reading = reader.read([file])
    except SourceRefused as refused:
        line = str(refused)
    else:
        check_accounted(reading, name, file)
        return reading
    assert "\n" not in line
    assert name in line
    return None


def check_accounted(reading: Reading, name: str, file: SourceFile) -> None:
    """Hold a reading against what must come of any file: sound facts, and every entry placed or told."""
    check_whole(reading)
    if entries := set(entry_lines(name, file.text())):
        assert entries <= lines_told(reading, name)


def check_whole(reading: Reading) -> None:
    """Hold a reading against what a database would ask of it."""
    people, offices = [p.key for p in reading.people], [o.slug for o in reading.offices]
    areas = [a.slug for a in reading.areas]
    for keys in (people, offices, areas, [(h.office, h.person) for h in reading.holdings]):
        assert len(set(keys)) == len(keys)
    assert {h.person for h in reading.holdings} <= set(people)
    assert {h.office for h in reading.holdings} <= set(offices)
    assert {a.parent for a in reading.areas} <= {*areas, ""}
    assert all((o.kind == "area") == (o.area in areas) for o in reading.offices)
    assert all(re.fullmatch(r"[a-z0-9-]{1,80}", slug) for slug in (*offices, *areas))
    assert all(0 < len(p.name) <= 120 for p in reading.people)
    shown = [*(p.name for p in reading.people), *(o.name for o in reading.offices), *(u.text for u in reading.unread)]
    assert not any(re.search("[\x00-\x08\ud800-\udfff]", text) for text in shown)
    assert len([h for h in reading.holdings if h.office == "lead" and h.standing == "active"]) <= 1
    json.dumps([str(reading)]).encode()


def entry_lines(name: str, text: str) -> Iterator[int]:
    """Return the lines that a reader must account for, found without the reader."""
    lines = re.split(r"\r\n|\r|\n", text)
    if name.startswith("persons"):
        # An indented line after an entry goes on with it; a mark at its beginning makes an entry of its own.
        yield from (n for n, line in enumerate(lines, 1) if re.fullmatch(r"\s*[-*+]\s+\S.*", line))
    elif name == "CODEOWNERS":
        yield from (n for n, line in enumerate(lines, 1) if re.sub(r"(^|\s)#.*", "", line).strip())


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("name", OWN)
def test_small_files_damaged(name: str, damage: Callable[[list[str], random.Random], bytes]):
    for seed in range(6):
        chance = random.Random(f"{name} {damage.__name__} {seed}")
        check(name, damage(OWN[name].split("\n"), chance))


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("name", REAL)
def test_real_files_damaged(name: str, damage: Callable[[list[str], random.Random], bytes]):
    if not REAL[name].is_file():
        pytest.skip(f"the real file is not here: {REAL[name]}")
    lines = Path(REAL[name]).read_text().split("\n")
    for seed in range(2):
        check(name, damage(lines, random.Random(f"{name} {damage.__name__} {seed}")))


def test_damage_is_read_as_well_as_refused():
    """Make sure that the checks above see both: a reader that refused everything would pass them."""
    read = [
        check("persons_of_interest.md", without_lines(INVENTED_PAGE.split("\n"), random.Random(n))) for n in range(20)
    ]
    assert any(read)
    assert check("persons_of_interest.md", in_another_encoding(["é"], random.Random(1))) is None


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(sorted(OWN)), content=st.binary(max_size=200))
def test_any_bytes(name: str, content: bytes):
    check(name, content)


PIECES = st.sampled_from(
    [*ODD_LINES, *INVENTED_PAGE.split("\n"), *IN_RST.split("\n"), "  ([ada](https://github.com/ada))"]
)


@settings(max_examples=150, deadline=None)
@given(lines=st.lists(PIECES, max_size=25), markdown=st.booleans())
def test_any_page_of_such_lines_is_told_line_by_line(lines: list[str], markdown: bool):
    name = f"persons_of_interest.{'md' if markdown else 'rst'}"
    check(name, "\n".join(lines).encode())
    entries = [piece for piece in outline(lines, markdown=markdown) if isinstance(piece, Item)]
    assert len({entry.line for entry in entries}) == len(entries)

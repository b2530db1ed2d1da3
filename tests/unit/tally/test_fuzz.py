"""Damage real and invented files at random: each is read or refused in one line, and never breaks."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from governance.tally import TallyError, count, read_ballots
from governance.tally.employers import candidates_employers
from tests.unit.tally.test_reading import BLT, CATEGORIES, ELEKTO, PREFLIB

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "governance"
PIECES = [
    "0",
    "-1",
    "1",
    "99999999999",
    "=",
    ",",
    '"',
    "{",
    "}",
    "\n",
    "\r",
    "\x00",
    "#",
    ":",
    "x",
    "é",
    "\u2028",
    "½",
    "²",
    "[",
    "(",
    "",
]
KINDS = {"ranks": "schulze", "scores": "star", "approvals": "approval"}


def damaged(text: str, random: Random) -> str:
    """Cut, double, swap and overwrite a few places."""
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(text) + 1)
        to = min(len(text), at + random.randint(0, 8))
        act = random.randrange(4)
        if act == 0:
            text = text[:at] + text[to:]
        elif act == 1:
            text = text[:at] + text[at:to] * 2 + text[to:]
        elif act == 2:
            text = text[:at] + random.choice(PIECES) + text[to:]
        else:
            lines = text.split("\n")
            random.shuffle(lines)
            text = "\n".join(lines)
    return text


def recounted(path: Path, kind: str, method: str) -> None:
    assert count(read_ballots(path, kind=kind), method).lines


def refusal(act: Callable[[], object]) -> TallyError | None:
    """Give how an act was refused; any other error is the test's failure."""
    try:
        act()
    except TallyError as refused:
        return refused
    return None


def originals() -> list[tuple[str, str]]:
    found = [("a.csv", ELEKTO), ("a.blt", BLT), ("a.toi", PREFLIB), ("a.cat", CATEGORIES)]
    real = sorted([*SHARED.rglob("*.blt"), *SHARED.rglob("steering/20*/[Bb]*.csv"), *SHARED.rglob("elekto/test/*.csv")])
    return found + [("real" + path.suffix, "\n".join(path.read_text().splitlines()[-60:])) for path in real]


@pytest.mark.parametrize("seed", range(20))
def test_damaged_ballots_are_counted_or_refused_in_one_line(seed: int, tmp_path: Path) -> None:
    """Some 90 damaged files a seed, each read as every kind of ballots."""
    for name, text in originals():
        for number in range(6):
            path = tmp_path / f"{number}-{name}"
            path.write_bytes(damaged(text, Random(f"{seed} {name} {number}")).encode())
            for kind, method in KINDS.items():
                refused = refusal(lambda path=path, kind=kind, method=method: recounted(path, kind, method))
                assert refused is None or str(refused).isprintable()
                assert refused is None or all(problem.what and problem.remedy for problem in refused.problems)


def test_bytes_at_random_are_refused_or_counted(tmp_path: Path) -> None:
    random = Random(7)
    path = tmp_path / "ballots"
    for _ in range(200):
        path.write_bytes(random.randbytes(random.randint(0, 80)))
        refused = refusal(lambda: read_ballots(path))
        assert refused is None or str(path) in str(refused)


def test_damaged_employers_are_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "affiliations.csv"
    for seed in range(200):
        path.write_text(damaged("candidate,employer\nAnn,Acme\nBob,\nCee,unknown\n", Random(seed)), newline="")
        refused = refusal(lambda: candidates_employers(path, ("Ann", "Bob", "Cee")))
        assert refused is None or str(path) in str(refused)

"""A published draw: an order of all candidates that settles ties, and that anyone can make again."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from governance.tally.faults import Problem, TallyError, refuse
from governance.tally.text import lines_of

SEED = "seed:"


def drawn_order(asked: str, candidates: Sequence[str]) -> tuple[str, ...]:
    """Read `seed:WORDS`, or a file that lists every candidate, one a line; the first is favoured in a tie."""
    if asked.startswith(SEED):
        return by_seed(asked.removeprefix(SEED), candidates)
    return from_file(Path(asked), candidates)


def by_seed(seed: str, candidates: Sequence[str]) -> tuple[str, ...]:
    """Order candidates by the SHA-256 of the seed, a line feed and the name, lowest first."""
    if not seed.strip():
        raise refuse("--tie-break", "an empty seed", "write seed: and words drawn in public")
    return tuple(sorted(candidates, key=lambda name: (sha256(f"{seed}\n{name}".encode()).hexdigest(), name)))


def from_file(path: Path, candidates: Sequence[str]) -> tuple[str, ...]:
    """Read an order that was drawn by hand."""
    found: list[str] = []
    problems = []
    for number, text in lines_of(path):
        name = text.strip()
        if not name:
            continue
        if name not in candidates:
            problems.append(
                Problem(str(path), number, f"{name!r:.60} is no candidate", "write the name as on the ballots")
            )
        elif name in found:
            problems.append(Problem(str(path), number, f"{name} stands there twice", "leave one"))
        found.append(name)
    missing = [name for name in candidates if name not in found]
    if missing and not problems:
        problems.append(Problem(str(path), None, f"{', '.join(missing)} missing", "list every candidate, one a line"))
    if problems:
        raise TallyError(problems)
    return tuple(found)

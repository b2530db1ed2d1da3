"""Find employers that sources spell in several ways, for people to look at: nothing is joined by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

# What a company adds to its name by law, and what adds nothing to it.
LEGAL_FORMS = frozenset({
    "ab", "ag", "as", "asa", "bv", "co", "company", "corp", "corporation", "gmbh", "inc", "incorporated", "kg",
    "limited", "llc", "llp", "ltd", "nv", "oy", "plc", "pte", "pty", "sa", "sarl", "sas", "se", "spa", "srl",
})  # fmt: skip


def bare_name(employer: str) -> str:
    """Return an employer's name without case, punctuation, spaces and legal form: `Acme, Inc.` is `acme`."""
    words = re.findall(r"\w+", re.sub(r"[.'’]", "", employer.casefold()))
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    return "".join(words)


def spelled_alike(employers: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the groups of spellings that are probably one employer, each in the order of the alphabet."""
    alike: dict[str, set[str]] = {}
    for employer in employers:
        if employer.strip():
            alike.setdefault(bare_name(employer), set()).add(employer)
    return sorted(tuple(sorted(group)) for group in alike.values() if len(group) > 1)

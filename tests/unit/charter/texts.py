"""The rule texts that the shipped charters are taken from, where this checkout has them beside it."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

SHARED = Path(settings.BASE_DIR).parent / "shared" / "data" / "governance"

# Which file holds each document of a charter; those that are not among the shared data are left out.
FILES = {
    ("pytorch", "governance"): "pytorch/2.6.0/docs/source/community/governance.rst",
    ("pytorch", "rfcs"): "pytorch-rfcs/README.md",
    ("pytorch", "rfc_process"): "pytorch-rfcs/RFC-0024-rfc-process.md",
    ("python", "pep13"): "python-peps/peps/pep-0013.rst",
    ("python", "pep1"): "python-peps/peps/pep-0001.rst",
    ("rust", "council"): "rust-rfcs/text/3392-leadership-council.md",
    ("rust", "rfcs"): "rust-rfcs/README.md",
    ("rust", "rfc1068"): "rust-rfcs/text/1068-rust-governance.md",
    ("node", "charter"): "nodejs-TSC/TSC-Charter.md",
    ("node", "readme"): "nodejs-TSC/README.md",
    ("kubernetes", "governance"): "kubernetes-community/governance.md",
    ("kubernetes", "guide"): "kubernetes-community/elections/steering/2026/README.md",
    ("kubernetes", "guide2025"): "kubernetes-community/elections/steering/2025/README.md",
    ("kubernetes", "guide2017"): "kubernetes-community/elections/steering/2017/README.md",
    ("kubernetes", "howto"): "kubernetes-community/elections/steering/documentation/README.md",
}

WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}


@cache
def lines_of_document(project: str, document: str) -> tuple[str, ...]:
    """Return a rule text's lines; skip the test where it is not here."""
    path = SHARED / FILES[project, document]
    if not path.is_file():
        pytest.skip(f"{path} is not here: the rule texts lie in ../shared")
    return tuple(path.read_text(encoding="utf-8").splitlines())


def text_of_document(project: str, document: str) -> str:
    """Return a rule text as one line, its emphasis removed."""
    text = " ".join(" ".join(lines_of_document(project, document)).replace("*", "").split())
    return text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"')


def sentence_found(project: str, document: str, pattern: str) -> re.Match[str]:
    """Return where a rule text says something; fail where it does not."""
    found = re.search(pattern, text_of_document(project, document))
    assert found, f"{FILES[project, document]} does not say {pattern!r}"
    return found


def number(word: str) -> int:
    """Read a number as a rule text writes it: 5, five, two-thirds' two."""
    return int(word) if word.isdigit() else WORDS[word.lower()]

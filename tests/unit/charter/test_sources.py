"""Every source that a shipped charter names is a section of the text."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from governance import charter
from governance.charter.kinds import Source
from governance.charter.parts import Part
from tests.unit.charter.texts import FILES, lines_of_document


def parts_of(thing: object) -> Iterator[Part]:
    """Give every table of a charter."""
    if isinstance(thing, Part):
        yield thing
    below = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, tuple) else ()
    if isinstance(thing, Part | charter.Charter):
        below = vars(thing).values()
    for one in below:
        yield from parts_of(one)


def sources_of(project: str) -> set[Source]:
    """Return all sources of a shipped charter."""
    return {source for part in parts_of(charter.load(project)) for source in part.source}


def headings(lines: tuple[str, ...]) -> set[str]:
    """Return the headings of a Markdown or reStructuredText file."""
    marked = {re.sub(r"^#+\s*", "", line).strip() for line in lines if line.startswith("#")}
    under = {
        line.strip()
        for line, below in pairwise(lines)
        if line.strip() and re.fullmatch(r"([=~\-^\"])\1{2,}", below.strip())
    }
    return marked | under


@pytest.mark.parametrize(("project", "document"), sorted(FILES))
def test_each_section_that_is_named_stands_in_the_text(project: str, document: str) -> None:
    named = {source.section for source in sources_of(project) if source.document == document and source.section}
    assert named, f"nothing of {project} rests on {document}"
    assert named <= headings(lines_of_document(project, document))


@pytest.mark.parametrize("project", charter.SHIPPED)
def test_every_office_decision_and_move_names_its_source(project: str) -> None:
    rules = charter.load(project)
    assert rules.proposal is not None
    ruled = [*rules.offices.values(), *rules.decisions.values(), *rules.proposal.transitions]
    assert ruled
    assert all(part.source and part.source[0].url.startswith("https://") for part in ruled)


@pytest.mark.parametrize("project", charter.SHIPPED)
def test_sentences_that_disagree_are_told_with_their_places(project: str) -> None:
    readings = [reading for gap in charter.load(project).gaps.values() for reading in gap.readings]
    assert all(reading.source for reading in readings)


def test_the_gaps_of_pytorch_that_are_known_are_named() -> None:
    named = " ".join(gap.question for gap in charter.load("pytorch").gaps.values()).lower()
    for about in ("confirms the removal", "count in the 75 %", "ranked method", "quorum", "acts as lead", "by when"):
        assert about in named
    assert "announces that they will step down" in named

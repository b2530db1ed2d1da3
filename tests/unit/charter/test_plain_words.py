"""A charter as plain sentences: what a reader sees."""

import pytest

from governance import charter
from governance.charter import plain_words
from governance.charter.plain_words import Section
from tests.unit.charter.small import SMALL


def section(project: str, key: str) -> Section:
    """Return a section of a shipped charter by its key path."""
    said = plain_words.page(charter.load(project))
    return next(one for one in (*said.offices, *said.decisions, *said.proposals) if one.key == key)


def words(project: str, key: str) -> list[str]:
    """Return a section's sentences."""
    return [sentence.words for sentence in section(project, key).sentences]


def test_a_decision_reads_like_this() -> None:
    assert words("python", "decisions.no_confidence") == [
        "Any core team member may ask for it.",
        "One person must second it within one week: any core team member.",
        "Its form must be named: one member or the whole council.",
        "Decided by the core team.",
        "Voted on by the core team.",
        "It passes with at least 2/3 of the votes cast.",
        "It is open two weeks.",
        "One member: the seat is vacant. The whole council: it is dissolved and an election begins at once.",
        "Left open: How many core team members must take part in a vote of theirs?",
        "Left open: Must a core team member with a conflict of interest stand aside in a vote of the core team?",
    ]


def test_an_office_reads_like_this() -> None:
    said = words("rust", "offices.council")
    assert said[0] == "At least 4 and at most 9 holders."
    assert said[1].startswith("One serves one year, at least six months, at most three terms in a row, unless nobody")
    assert any("at most 1 in a body of at most 5 and at most 2 in a body of 6 or more" in one for one in said)
    assert any(one.startswith("After three weeks without activity, a holder becomes absent") for one in said)


def test_where_two_sentences_disagree_both_are_told_and_neither_is_taken() -> None:
    said = words("pytorch", "decisions.remove_core")
    assert "One sentence says that the lead is responsible for confirming or removing core maintainers." in said
    assert not any(one.startswith("Decided by") for one in said)


def test_proposals_read_like_this() -> None:
    said = words("rust", "proposal")
    assert "Any team member may raise a concern; whoever raised it may resolve it." in said
    assert (
        "The final comment period lasts ten days; it needs every concern resolved, at most two reviews outstanding and "
        "fewer reviews outstanding than complete."
    ) in said
    assert words("pytorch", "proposal")[:2] == ["Anyone may open one.", "One begins as draft."]


@pytest.mark.parametrize("project", charter.SHIPPED)
def test_every_gap_is_marked_where_it_matters_and_listed(project: str) -> None:
    rules = charter.load(project)
    said = plain_words.page(rules)
    assert {gap.path for gap in said.gaps} == {gap.path for gap in rules.gaps.values()}
    marked = {gap.path for part in (*said.offices, *said.decisions, *said.proposals) for gap in part.gaps}
    unmarked = {gap.path for gap in said.gaps} - marked
    assert all(rules.gaps[path.split(".")[1]].at == ("decisions.change_charter",) for path in unmarked)


@pytest.mark.parametrize("project", charter.SHIPPED)
def test_every_sentence_is_one_and_has_its_source_or_its_gap(project: str) -> None:
    said = plain_words.page(charter.load(project))
    for part in (*said.offices, *said.decisions, *said.proposals):
        assert part.sentences
        for sentence in part.sentences:
            assert sentence.words[0].isupper(), sentence.words
            assert sentence.words[-1] in ".?", sentence.words
            assert ".." not in sentence.words
            assert "_" not in sentence.words, sentence.words
            assert sentence.sources or sentence.gap, sentence.words


def test_a_charter_begins_with_a_sentence_that_tells_its_gaps() -> None:
    said = plain_words.page(charter.parse(SMALL)).sentence
    assert said == "The rules of Loom define one office and two kinds of decision, and leave one question open."

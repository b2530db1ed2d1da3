"""Thresholds, quorums and recusals: exact, and nothing passes on silence."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import charter
from tests.unit.charter.small import SMALL, changed

RULES = charter.parse(SMALL)
PYTORCH = charter.load("pytorch")


def test_the_arithmetic_is_told() -> None:
    needed = charter.votes_needed(RULES, "appoint", seated=13)
    assert needed.words == "Needed: 9 in favour of 13 that count, at least 2/3 of all who may vote (2/3 × 13 = 8.67)."


def test_exactly_the_share_passes_where_at_least_is_asked_and_fails_where_more_is() -> None:
    assert charter.outcome(RULES, "appoint", seated=9, yes=6, no=3).value.passed
    strict = charter.outcome(RULES, "change_charter", seated=10, yes=6, no=4).value
    assert (strict.passed, strict.needed) == (False, 7)


@given(st.integers(1, 3000), st.integers(1, 60), st.integers(1, 60), st.booleans())
def test_the_number_is_the_fewest_that_reaches_the_share(seated: int, above: int, below: int, strict: bool) -> None:
    share = Fraction(min(above, below), max(above, below))
    if strict and share == 1:
        return
    words = f'value = "{share.numerator}/{share.denominator}", strict = {str(strict).lower()}'
    rules = charter.parse(changed('value = "2/3"', words))
    yes = charter.votes_needed(rules, "appoint", seated=seated).value.yes
    reaches = (
        (lambda votes: Fraction(votes, seated) > share) if strict else (lambda votes: Fraction(votes, seated) >= share)
    )
    assert reaches(yes)
    assert yes == 1 or not reaches(yes - 1)


def test_no_float_rounds_a_threshold_away() -> None:
    rules = charter.parse(changed('value = "2/3"', 'value = "55.5 %"'))
    assert charter.votes_needed(rules, "appoint", seated=1000).value.yes == 555
    assert charter.votes_needed(rules, "appoint", seated=200).value.yes == 111


def test_recusal_lowers_the_number_where_the_charter_says_so() -> None:
    assert charter.votes_needed(RULES, "appoint", seated=12).value.yes == 8
    assert charter.votes_needed(RULES, "appoint", seated=12, recused=3).value.yes == 6
    kept = charter.parse(changed('denominator = "lowered"', 'denominator = "kept"'))
    assert charter.votes_needed(kept, "appoint", seated=12, recused=3).value.yes == 8


def test_recusal_of_an_unsaid_effect_is_open_only_where_it_matters() -> None:
    unsaid = charter.parse(changed(', denominator = "lowered"', ""))
    assert charter.votes_needed(unsaid, "appoint", seated=12).determined
    open_ = charter.votes_needed(unsaid, "appoint", seated=12, recused=3)
    assert not open_.determined
    assert "6 of 9" in open_.words
    assert "8 of 12" in open_.words
    assert charter.outcome(unsaid, "appoint", seated=12, yes=8, no=1, recused=3).value.passed
    assert not charter.outcome(unsaid, "appoint", seated=12, yes=7, no=2, recused=3).determined


def test_abstentions_count_by_the_base() -> None:
    assert charter.outcome(RULES, "change_charter", seated=10, yes=5, no=3, abstain=2).value.of == 8
    cast = charter.parse(changed('base = "non_abstaining"', 'base = "cast"'))
    assert charter.outcome(cast, "change_charter", seated=10, yes=5, no=3, abstain=2).value.of == 10


@pytest.mark.parametrize("decision", ["appoint", "change_charter"])
def test_nothing_passes_on_silence(decision: str) -> None:
    assert not charter.outcome(RULES, decision, seated=0, yes=0, no=0).value.passed
    assert not charter.outcome(RULES, decision, seated=5, yes=0, no=0, abstain=5).value.passed
    assert not charter.outcome(RULES, decision, seated=5, yes=0, no=0, recused=5).value.passed


def test_a_veto_and_an_objection_stop_what_the_count_passes() -> None:
    python = charter.load("python")
    vetoed = charter.outcome(python, "appoint_core", seated=90, yes=80, no=0, vetoed=True)
    assert not vetoed.value.passed
    assert "vetoed by the steering council" in vetoed.words
    unheard = charter.outcome(python, "council_vote", seated=5, yes=4, no=0, abstain=1, vetoed=True)
    assert unheard.value.passed


def test_where_nobody_may_object_a_vote_against_is_an_objection() -> None:
    against = charter.outcome(charter.load("rust"), "council_consent", seated=9, yes=8, no=1)
    assert not against.value.passed
    assert "one objection stands" in against.words


def test_quorums() -> None:
    assert charter.quorum_reached(RULES, "appoint", seated=9, taking_part=5).value
    assert not charter.quorum_reached(RULES, "appoint", seated=9, taking_part=4).value
    assert charter.quorum_reached(RULES, "appoint", seated=9, recused=1, taking_part=4).value
    assert charter.quorum_reached(RULES, "change_charter", seated=9, taking_part=8).value
    assert not charter.quorum_reached(RULES, "change_charter", seated=9, taking_part=7).value


def test_the_lead_question_is_open_only_where_the_readings_differ() -> None:
    open_ = charter.outcome(PYTORCH, "remove_lead", seated=13, yes=9, no=4)
    assert not open_.determined
    assert [gap.path for gap in open_.gaps] == ["gaps.lead_in_75_percent"]
    assert charter.outcome(PYTORCH, "remove_lead", seated=13, yes=8, no=5).value.passed is False
    assert charter.outcome(PYTORCH, "remove_lead", seated=13, yes=10, no=3).value.passed is True


def test_a_majority_of_a_module_is_open_where_it_matters_of_whom() -> None:
    assert charter.outcome(PYTORCH, "module_change", seated=9, yes=5, no=1).value.passed
    assert not charter.outcome(PYTORCH, "module_change", seated=9, yes=3, no=1).determined
    assert not charter.outcome(PYTORCH, "module_change", seated=9, yes=1, no=3).value.passed


def test_an_unknown_decision_is_refused_by_naming_the_known_ones() -> None:
    with pytest.raises(charter.UnknownRule, match="appoint, change_charter"):
        charter.votes_needed(RULES, "apoint", seated=3)


@pytest.mark.parametrize(
    ("recusal", "taking_part", "reached"),
    [
        ("", 4, None),
        ("", 5, True),
        ("", 3, False),
        (', denominator = "lowered"', 4, True),
        (', denominator = "kept"', 4, False),
    ],
)
def test_a_quorum_is_open_where_nobody_says_whether_the_recused_count(
    recusal: str, taking_part: int, reached: bool | None
) -> None:
    """Ten may vote, two of them stand aside: half is four or five."""
    rules = charter.parse(changed('required = true, denominator = "lowered"', f"required = true{recusal}"))
    answer = charter.quorum_reached(rules, "appoint", seated=10, taking_part=taking_part, recused=2)
    assert answer.value is reached

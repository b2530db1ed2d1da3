"""How a vote is counted: exact fractions, recusals, quorum, ties, and the sum in words."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import charter
from governance.ballot_counting import Rule, Votes, result

THREE_QUARTERS = Rule("seated", Fraction(3, 4))
MAJORITY = Rule("non_abstaining", Fraction(1, 2), strict=True)
TWO_THIRDS = Rule("cast", Fraction(2, 3), "2/3")


def test_the_sum_is_told_as_people_would_check_it() -> None:
    told = result(THREE_QUARTERS, Votes(12, recused=1, yes=9, no=1, abstain=1))
    assert told.carried
    assert told.words == (
        "12 seated, one recused: 75 % of 11 is 8.25, so 9 yes are needed; 9 voted yes, 1 no and 1 to abstain: carried."
    )


def test_a_recusal_lowers_the_denominator_and_with_it_what_is_needed() -> None:
    assert result(THREE_QUARTERS, Votes(13)).needed == 10
    assert result(THREE_QUARTERS, Votes(13, recused=1)).needed == 9
    kept = Rule("seated", Fraction(3, 4), recused_count=True)
    assert result(kept, Votes(13, recused=1)).needed == 10
    assert "one recused but counted" in result(kept, Votes(13, recused=1)).words


def test_abstaining_counts_among_the_votes_cast_and_not_among_those_for_or_against() -> None:
    votes = Votes(12, yes=6, no=2, abstain=2)
    assert not result(TWO_THIRDS, votes).carried
    assert result(Rule("non_abstaining", Fraction(2, 3)), votes).carried
    assert (
        "10 voted, two of them to abstain, 8 for or against"
        in result(Rule("non_abstaining", Fraction(2, 3)), votes).words
    )


def test_two_thirds_is_two_thirds_and_not_a_decimal_near_it() -> None:
    # 0.6667 of 3 would ask for 3.
    assert result(TWO_THIRDS, Votes(3, yes=2, no=1)).carried
    assert result(Rule("seated", Fraction(1, 3)), Votes(3_000_000_003, yes=1_000_000_001)).carried
    assert not result(Rule("seated", Fraction(1, 3)), Votes(3_000_000_003, yes=1_000_000_000)).carried


def test_a_tie_is_not_carried_unless_the_rule_says_so() -> None:
    half = {"base": "non_abstaining", "share": Fraction(1, 2)}
    tie = Votes(8, yes=4, no=4)
    assert not result(MAJORITY, tie).carried
    assert "a tie does not carry it" in result(Rule(**half), tie).words
    assert result(Rule(**half, tie_carries=True), tie).carried
    assert result(Rule(**half), Votes(8, yes=5, no=3)).carried


def test_nothing_passes_on_silence() -> None:
    for base in ("cast", "non_abstaining", "seated"):
        told = result(Rule(base, Fraction(1, 2)), Votes(5))
        assert (told.carried, told.needed >= 1) == (False, True)
    assert not result(Rule("seated", all_but=5), Votes(5)).carried


def test_without_a_quorum_nothing_is_carried_however_clear_the_votes() -> None:
    rule = Rule("cast", Fraction(1, 2), strict=True, quorum_share=Fraction(1, 2), quorum_strict=True)
    few = result(rule, Votes(10, yes=5))
    assert (few.carried, few.quorum_needed, few.quorum_reached) == (False, 6, False)
    assert "6 must take part and 5 did" in few.words
    assert result(rule, Votes(10, yes=5, abstain=1)).quorum_reached, "an abstention takes part"
    assert result(Rule("cast", Fraction(1, 2), quorum_least=3), Votes(10, yes=2)).quorum_needed == 3


def test_consent_of_all_but_two_without_an_objection() -> None:
    rule = Rule("seated", all_but=2, no_objection=True)
    assert result(rule, Votes(9, yes=7)).carried
    assert not result(rule, Votes(9, yes=6)).carried
    assert "an objection stands" in result(rule, Votes(9, yes=8, no=1)).words
    assert "all but two of 9 is 7, so 7 yes are needed" in result(rule, Votes(9, yes=7)).words


@pytest.mark.parametrize("wrong", [{"yes": 3, "no": 3}, {"recused": 4, "yes": 2}, {"yes": -1}, {"recused": 6}])
def test_votes_that_do_not_fit_together_are_no_votes(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        Votes(5, **wrong)


def test_a_rule_has_one_threshold() -> None:
    for wrong in ({}, {"share": Fraction(1, 2), "all_but": 1}, {"share": Fraction(0)}, {"share": Fraction(4, 3)}):
        with pytest.raises(ValueError, match=r"share"):
            Rule("cast", **wrong)


rules = st.builds(
    Rule,
    base=st.sampled_from(["cast", "non_abstaining", "seated"]),
    share=st.fractions(Fraction(1, 20), 1, max_denominator=20),
    strict=st.booleans(),
    tie_carries=st.booleans(),
    recused_count=st.booleans(),
)


@st.composite
def votes(draw: st.DrawFn) -> Votes:
    recused, yes, no, abstain, silent = (draw(st.integers(0, 8)) for _ in range(5))
    return Votes(recused + yes + no + abstain + silent, recused, yes, no, abstain)


@given(rules, votes())
def test_one_more_yes_from_who_was_silent_never_loses_a_vote(rule: Rule, counted: Votes) -> None:
    if counted.missing and result(rule, counted).carried:
        more = Votes(counted.seated, counted.recused, counted.yes + 1, counted.no, counted.abstain)
        assert result(rule, more).carried


@given(rules, votes())
def test_the_needed_number_is_the_least_that_reaches_the_share(rule: Rule, counted: Votes) -> None:
    told = result(rule, counted)
    reaches = {yes: (yes > rule.share * told.of if rule.strict else yes >= rule.share * told.of) for yes in range(50)}
    assert told.needed == max(1, min(yes for yes, enough in reaches.items() if enough))


@pytest.mark.parametrize(
    ("project", "decision"), [("python", "no_confidence"), ("python", "council_vote"), ("node", "tsc_vote")]
)
def test_every_small_vote_agrees_with_the_answer_of_the_charter(project: str, decision: str) -> None:
    rules = charter.load(project)
    asked = rules.decisions[decision].threshold
    assert asked is not None
    rule = Rule(asked.base, asked.value.fraction, strict=asked.strict)
    for yes, no, abstain in product(range(5), repeat=3):
        seated = yes + no + abstain + 1
        answer = charter.outcome(rules, decision, seated=seated, yes=yes, no=no, abstain=abstain)
        told = result(rule, Votes(seated, 0, yes, no, abstain))
        assert answer.determined
        assert (told.carried, told.needed, told.of) == (answer.value.passed, answer.value.needed, answer.value.of)

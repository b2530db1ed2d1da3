"""Days, terms, vacancies, inactivity and moves of proposals."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import charter
from governance.charter import ProposalFacts
from tests.unit.charter.small import SMALL, changed

RULES = charter.parse(SMALL)
RUST = charter.load("rust")
TODAY = date(2026, 7, 1)


def test_a_cap_on_which_sentences_differ_is_open_for_the_sizes_where_they_do() -> None:
    kubernetes = charter.load("kubernetes")
    assert charter.employer_cap(kubernetes, "steering", members=7).value == 2
    answer = charter.employer_cap(kubernetes, "steering", members=13)
    assert answer.value is None
    assert "no more than a third of the committee: 4 of 13; if no more than two members: 2 of 13" in answer.words


@pytest.mark.parametrize(("outstanding", "allowed"), [(0, True), (2, None), (3, False)])
def test_a_move_on_which_sentences_differ_is_open_where_they_do(outstanding: int, allowed: bool | None) -> None:
    facts = ProposalFacts(reviews_complete=5, reviews_outstanding=outstanding)
    answer = charter.may_move(RUST, leaves="proposed_fcp", enters="final_comment", by=["team"], facts=facts)
    assert (answer.value.allowed if answer.value else None) is allowed
    begins = charter.final_comment_may_begin(RUST, facts)
    assert (begins.value.allowed if begins.value else None) is allowed


def test_a_day_is_over_anywhere_on_earth_twelve_hours_after_it_is_over_in_utc() -> None:
    assert charter.end_of_day(date(2026, 10, 1), "anywhere_on_earth") == datetime(2026, 10, 2, 12, tzinfo=UTC)
    assert charter.end_of_day(date(2026, 10, 1), "utc_midnight") == datetime(2026, 10, 2, tzinfo=UTC)


def test_a_window_ends_when_its_last_day_is_over_everywhere() -> None:
    opens = datetime(2026, 8, 14, 9, tzinfo=UTC)  # still the 13th at UTC-12
    answer = charter.how_long(RULES, "appoint", opens=opens).value
    assert answer.earliest_end == datetime(2026, 8, 21, 12, tzinfo=UTC)
    assert answer.latest_end == datetime(2026, 8, 28, 12, tzinfo=UTC)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        charter.how_long(RULES, "appoint", opens=datetime(2026, 8, 14))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (date(2026, 1, 31), date(2027, 1, 31)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2026, 12, 31), date(2027, 12, 31)),
    ],
)
def test_terms_end_on_the_same_day_of_the_year(begins: date, ends: date) -> None:
    assert charter.term_end(RULES, "weaver", begins=begins).value == ends


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 240))
def test_a_term_of_months_ends_in_the_right_month(begins: date, months: int) -> None:
    rules = charter.parse(changed("months = 12", f"months = {months}"))
    end = charter.term_end(rules, "weaver", begins=begins).value
    assert (end.year * 12 + end.month) - (begins.year * 12 + begins.month) == months
    assert end.day <= begins.day
    assert end.day == begins.day or (end + timedelta(days=1)).day == 1


def test_a_vacancy_has_a_deadline_from_its_first_day() -> None:
    answer = charter.on_vacancy(RULES, "weaver", since=TODAY)
    assert answer.value.deadline == date(2026, 7, 31)
    assert answer.words == (
        "It is filled by the decision to appoint a weaver, by the weavers. Acting meanwhile: nobody. "
        "It must be filled in 30 days, by 2026-07-31."
    )


def test_inactivity_counts_from_the_last_activity() -> None:
    assert charter.is_inactive(RULES, "weaver", last_active=TODAY - timedelta(days=100), today=TODAY).value is True
    assert charter.is_inactive(RULES, "weaver", last_active=TODAY - timedelta(days=99), today=TODAY).value is False
    assert not charter.is_inactive(RULES, "weaver", last_active=None, today=TODAY).determined


def test_a_module_that_set_no_period_leaves_it_open() -> None:
    pytorch = charter.load("pytorch")
    assert not charter.is_inactive(pytorch, "module", last_active=date(2000, 1, 1), today=TODAY).determined


def test_check_ins_fall_due() -> None:
    assert charter.check_in_due(RULES, "weaver", last=date(2026, 1, 1), today=TODAY).value == date(2026, 6, 30)
    assert charter.check_in_due(RULES, "weaver", last=None, today=TODAY).value == TODAY


def test_a_move_says_all_that_is_missing() -> None:
    facts = ProposalFacts(open_concerns=1, approvals=1, days_in_state=3)
    answer = charter.may_move(RULES, leaves="open", enters="woven", by=["author"], facts=facts)
    assert answer.value.missing == (
        "to be made by any weaver",
        "one concern must be resolved",
        "one more approval",
        "two days more of waiting",
        "a public reason",
    )
    ready = ProposalFacts(approvals=2, days_in_state=5, reason="it is good")
    assert charter.may_move(RULES, leaves="open", enters="woven", by=["weaver"], facts=ready).value.allowed


def test_a_move_without_a_rule_is_not_allowed() -> None:
    answer = charter.may_move(RULES, leaves="draft", enters="woven", by=["weaver"])
    assert answer.value.allowed is False
    assert "No rule moves" in answer.words


def test_a_move_that_the_text_gives_to_nobody_is_open() -> None:
    answer = charter.may_move(charter.load("pytorch"), leaves="commenting", enters="accepted", by=["core"])
    assert not answer.determined
    assert answer.gaps[0].path == "gaps.rfc_decision"


@pytest.mark.parametrize(
    ("complete", "outstanding", "concerns", "allowed"),
    [(8, 0, 0, True), (6, 3, 0, False), (8, 0, 1, False), (1, 1, 0, False)],
)
def test_when_a_final_comment_period_may_begin(complete: int, outstanding: int, concerns: int, allowed: bool) -> None:
    facts = ProposalFacts(reviews_complete=complete, reviews_outstanding=outstanding, open_concerns=concerns)
    assert charter.final_comment_may_begin(RUST, facts).value.allowed is allowed


def test_only_the_raiser_resolves_a_concern_in_rust() -> None:
    assert charter.who_resolves_a_concern(RUST).value.names == ("raiser",)


def test_a_stalled_rfc_is_told_to_the_day() -> None:
    pytorch = charter.load("pytorch")
    for idle, stalled in ((13, False), (14, True)):
        since = TODAY - timedelta(days=idle)
        assert charter.is_stalled(pytorch, state="commenting", last_activity=since, today=TODAY).value is stalled
    assert charter.is_stalled(pytorch, state="accepted", last_activity=date(2000, 1, 1), today=TODAY).value is False


@pytest.mark.parametrize(
    ("project", "decision"), [("python", "change_charter"), ("node", "change_charter"), ("pytorch", None)]
)
def test_who_changes_the_charter(project: str, decision: str | None) -> None:
    answer = charter.who_changes_the_charter(charter.load(project))
    assert answer.value == decision
    assert answer.determined or answer.gaps

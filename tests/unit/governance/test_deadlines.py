"""When a day is over, in which zone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.deadlines import UnknownZone, closing_moment, day_in, last_day, rule, said

ZONES = ["AoE", "UTC", "Europe/Paris", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe"]
DAY = date(2026, 3, 29)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_a_day_is_over_anywhere_on_earth_half_a_day_after_utc() -> None:
    assert closing_moment(DAY, "UTC") == utc(2026, 3, 30)
    assert closing_moment(DAY, "AoE") == utc(2026, 3, 30, 12)


def test_the_day_on_which_clocks_change_ends_when_it_ends_there() -> None:
    # Paris goes from UTC+1 to UTC+2 on this day, and back on 25 October.
    assert closing_moment(date(2026, 3, 28), "Europe/Paris") == utc(2026, 3, 28, 23)
    assert closing_moment(DAY, "Europe/Paris") == utc(2026, 3, 29, 22)
    assert closing_moment(date(2026, 10, 25), "Europe/Paris") == utc(2026, 10, 25, 23)


def test_a_deadline_is_said_in_its_zone_and_in_utc_and_by_its_rule() -> None:
    assert (
        said(closing_moment(DAY, "AoE"), "AoE") == "29 March 2026, 24:00 anywhere on Earth (30 March 2026, 12:00 UTC)"
    )
    assert said(closing_moment(DAY, "UTC"), "UTC") == "29 March 2026, 24:00 UTC"
    paris = said(closing_moment(DAY, "Europe/Paris"), "Europe/Paris")
    assert paris == "29 March 2026, 24:00 in Europe/Paris (29 March 2026, 22:00 UTC)"
    assert rule("AoE") == "anywhere on Earth: the day is over everywhere"
    assert rule("Asia/Kathmandu") == "the day is over in Asia/Kathmandu"


@pytest.mark.parametrize(
    "name", ["", "aoe", "Mars/Olympus", "../../etc/passwd", "UTC+1", "localtime", "Factory", "Europe/Paris\x00"]
)
def test_a_word_that_is_no_zone_is_refused_in_words(name: str) -> None:
    with pytest.raises(UnknownZone, match="is no time zone: write AoE"):
        closing_moment(DAY, name)


@given(st.integers(0, 15 * 366 * 86400), st.integers(1, 60), st.sampled_from(ZONES))
def test_a_period_of_whole_days_is_never_shorter_and_at_most_a_day_longer(seconds: int, days: int, zone: str) -> None:
    start = utc(2020, 1, 1) + timedelta(seconds=seconds)
    closes = closing_moment(last_day(start, days, zone), zone)
    assert start + timedelta(days=days) <= closes < start + timedelta(days=days + 1, hours=2)


def test_a_period_begun_late_in_the_evening_before_clocks_go_forward_is_not_an_hour_short() -> None:
    # 23:30 in Paris. Clocks go forward on the 29th: ten days later the midnight is half an hour early.
    start = utc(2026, 3, 20, 22, 30)
    assert last_day(start, 10, "Europe/Paris") == date(2026, 3, 31)
    assert closing_moment(date(2026, 3, 30), "Europe/Paris") < start + timedelta(days=10)
    assert closing_moment(last_day(start, 10, "Europe/Paris"), "Europe/Paris") >= start + timedelta(days=10)


def test_the_year_ends_anywhere_on_earth_at_noon_of_the_next_in_utc() -> None:
    closes = closing_moment(date(2026, 12, 31), "AoE")
    assert closes == utc(2027, 1, 1, 12)
    assert said(closes, "AoE") == "31 December 2026, 24:00 anywhere on Earth (1 January 2027, 12:00 UTC)"


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.sampled_from(ZONES))
def test_the_last_second_before_the_close_is_still_that_day(day: date, zone: str) -> None:
    closes = closing_moment(day, zone)
    assert day_in(closes - timedelta(seconds=1), zone) == day
    assert day_in(closes, zone) == day + timedelta(days=1)

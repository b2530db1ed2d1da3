"""A test in which an unchanged point failed by chance is played once more (tests/conftest.py)."""

from tests.night_stage import FailedByChance

calls = []


def test_what_fails_by_chance_is_played_once_more():
    calls.append(1)
    if len(calls) == 1:
        raise FailedByChance("selftest.sum failed, and nothing is slower there")
    assert len(calls) == 2

"""What a worker does while the database is away."""

from types import SimpleNamespace

import pytest
from django.db import OperationalError

from benchmarks_runner.actions import patience
from benchmarks_runner.actions.patience import patiently


@pytest.fixture
def closed(monkeypatch):
    """A connection that counts how often it is given up; no database is asked."""
    found = SimpleNamespace(in_atomic_block=False, times=0)
    found.close = lambda: setattr(found, "times", found.times + 1)
    monkeypatch.setattr(patience, "connection", found)
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0)
    return found


def answering(*answers):
    """Return a question whose answers come one after the other; errors are raised."""
    coming = iter(answers)

    def ask():
        answer = next(coming)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ask


def test_it_asks_again_on_a_new_connection_until_there_is_an_answer(closed):
    assert patiently(answering(OperationalError("gone"), OperationalError("gone"), 42)) == 42
    assert closed.times == 2


def test_at_the_end_of_its_patience_it_tells_the_error_or_what_it_was_told_to(closed):
    with pytest.raises(OperationalError):
        patiently(answering(OperationalError("gone")), seconds=0)
    assert patiently(answering(OperationalError("gone")), seconds=0, otherwise=None) is None


def test_inside_a_transaction_nothing_is_asked_twice(closed):
    closed.in_atomic_block = True
    with pytest.raises(OperationalError):
        patiently(answering(OperationalError("gone"), 42))
    assert closed.times == 0


def test_other_errors_are_not_waited_for(closed):
    with pytest.raises(ValueError, match="ours"):
        patiently(answering(ValueError("ours"), 42))

"""The tables of moves, what they allow, and the page drawn from them."""

from pathlib import Path

import pytest

from benchmarks_runner.actions.moves import EVENTS, move_night, move_round
from benchmarks_runner.models import Night, Round
from benchmarks_runner.models.states import (
    NIGHT_MOVES,
    ROUND_MOVES,
    MoveRefused,
    allows,
    diagram,
    finished,
    table,
    target,
)
from record.models import Event
from tests.factories.nights import running_night, selftest_night

PAGE = Path(__file__).parents[3] / "docs/reference/night-states.md"


def test_every_state_is_reached_and_named_in_a_move():
    for moves, states, first in ((NIGHT_MOVES, Night.State, "requested"), (ROUND_MOVES, Round.State, "due")):
        assert {move.target for move in moves} | {first} == set(states.values)
        assert {source for move in moves for source in move.sources} <= set(states.values)


def test_each_move_of_a_night_has_an_event_in_the_record():
    assert set(EVENTS) == {move.name for move in NIGHT_MOVES}


def test_a_move_that_the_table_lacks_is_refused_in_words():
    assert target(NIGHT_MOVES, "decide", "running") == "decided"
    with pytest.raises(MoveRefused, match="Cannot decide what is requested: only what is running"):
        target(NIGHT_MOVES, "decide", "requested")


def test_only_an_extension_leads_out_of_an_end():
    ends = [state for state in Night.State.values if finished(NIGHT_MOVES, state)]
    assert ends == ["decided", "cancelled", "failed"]
    assert [state for state in ends if any(allows(NIGHT_MOVES, m.name, state) for m in NIGHT_MOVES)] == ["decided"]


def test_the_page_shows_the_tables_as_they_are():
    page = PAGE.read_text()
    for moves, first in ((NIGHT_MOVES, "requested"), (ROUND_MOVES, "due")):
        assert diagram(moves, first) in page
        assert table(moves) in page


@pytest.mark.django_db
def test_a_move_and_its_event_stand_or_fall_together(monkeypatch):
    night = selftest_night()

    def refuse(*args, **kwargs):
        raise RuntimeError("the record cannot be written")

    monkeypatch.setattr("benchmarks_runner.actions.moves.append", refuse)
    with pytest.raises(RuntimeError):
        move_night(night=night, move="cancel", by="ada", summary="Cancelled.")
    assert Night.objects.get(pk=night.pk).state == Night.State.REQUESTED


@pytest.mark.django_db
def test_a_move_is_judged_by_the_state_in_the_database_and_not_by_a_stale_copy():
    night = running_night()
    stale = Night.objects.get(pk=night.pk)
    move_night(night=night, move="cancel", by="ada", summary="Cancelled.")
    with pytest.raises(MoveRefused):
        move_night(night=stale, move="decide", by=None, summary="Decided.")
    ended = Night.objects.get(pk=night.pk)
    assert (ended.state, ended.ended_at is None) == ("cancelled", False)
    assert list(Event.objects.values_list("kind", "actor", "subject")) == [
        ("night.cancelled", "ada", f"night/{night.pk}")
    ]


@pytest.mark.django_db
def test_a_round_moves_by_its_own_table():
    round = running_night().rounds.get()
    assert move_round(round=round, move="take", takes=1).state == "running"
    with pytest.raises(MoveRefused):
        move_round(round=round, move="take")
    assert Round.objects.get(pk=round.pk).takes == 1

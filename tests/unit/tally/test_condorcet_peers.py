"""Schulze and ranked pairs beside definitions written a second time, and beside votelib."""

import pytest
from votelib.evaluate.condorcet import Schulze

from governance.tally import Ballots, count
from tests.unit.tally import naive
from tests.unit.tally.elections import differs, random_elections

ELECTIONS = 2000


@pytest.mark.parametrize("unranked", ["excluded", "last"])
@pytest.mark.parametrize("strength", ["winning", "margins"])
def test_schulze_elects_what_every_path_tried_elects(unranked: str, strength: str) -> None:
    """2,000 elections a setting, ties included."""
    met = 0
    for at, (names, ballots, seats) in enumerate(random_elections(ELECTIONS)):
        beats = naive.schulze_beats(ballots, names, unranked, strength)
        electable = naive.tops(naive.orders_within(names, beats), seats)
        asked = {"seats": seats, "unranked": unranked, "strength": strength}
        result = count(Ballots.ranked(names, ballots), "schulze", **asked)
        assert not differs(result, electable), (at, ballots)
        unbeaten = {name for name in names if not any((other, name) in beats for other in names)}
        assert set(result.ranking[0]) == unbeaten
        met += len(electable) > 1
    assert met > 200


def test_schulze_ranks_as_votelib_where_no_two_are_tied() -> None:
    compared = 0
    for names, ballots, _ in random_elections(ELECTIONS):
        result = count(Ballots.ranked(names, ballots))
        beats = naive.schulze_beats(ballots, names, "excluded", "winning")
        if len(beats) == len(names) * (len(names) - 1) // 2:
            pairs = {
                (one, other): naive.prefer(ballots, one, other, "excluded")
                for one in names
                for other in names
                if one != other
            }
            assert [name for (name,) in result.ranking] == Schulze().evaluate(pairs, len(names))
            compared += 1
    assert compared > 500


@pytest.mark.parametrize("unranked", ["excluded", "last"])
@pytest.mark.parametrize("strength", ["winning", "margins"])
def test_ranked_pairs_elect_what_the_stacks_elect(unranked: str, strength: str) -> None:
    """2,000 elections a setting: Zavist and Tideman's stacks are all that any order of ties can give."""
    met = 0
    for at, (names, ballots, seats) in enumerate(random_elections(ELECTIONS)):
        electable = naive.tops(naive.stacks(ballots, names, unranked, strength), seats)
        asked = {"seats": seats, "unranked": unranked, "strength": strength}
        assert not differs(count(Ballots.ranked(names, ballots), "ranked-pairs", **asked), electable), (at, ballots)
        met += len(electable) > 1
    assert met > 200


def test_a_draw_elects_one_of_the_electable() -> None:
    for names, ballots, seats in random_elections(300):
        for method in ("schulze", "ranked-pairs"):
            open_result = count(Ballots.ranked(names, ballots), method, seats=seats)
            drawn = count(Ballots.ranked(names, ballots), method, seats=seats, tie_break=names[::-1])
            able = {*open_result.winners, *(name for tie in open_result.ties for name in tie.candidates)}
            assert drawn.decided
            assert len(drawn.winners) == seats
            assert set(open_result.winners) <= set(drawn.winners) <= able

"""STAR and Bloc STAR beside starvote, approval beside votelib; every tie tried every way."""

from itertools import combinations

import starvote
from votelib.evaluate.core import Plurality, Tie

from governance.tally import Ballots, count
from tests.unit.tally.elections import differs, random_stars

ELECTIONS = 2000


def test_star_elects_what_starvote_elects_however_its_lots_fall() -> None:
    met = 0
    for at, (names, ballots, _) in enumerate(random_stars(ELECTIONS)):
        electable = by_starvote("STAR Voting", ballots, 1)
        assert not differs(count(Ballots.scored(names, ballots), "star"), electable), (at, ballots)
        met += len(electable) > 1
    assert met > 100


def test_bloc_star_elects_what_starvote_elects_however_its_lots_fall() -> None:
    met = 0
    for at, (names, ballots, seats) in enumerate(random_stars(ELECTIONS)):
        if seats > 1:
            electable = by_starvote("Bloc STAR Voting", ballots, seats)
            result = count(Ballots.scored(names, ballots), "bloc-star", seats=seats)
            assert not differs(result, electable), (at, ballots)
            met += len(electable) > 1
    assert met > 50


def test_approval_elects_what_votelib_elects() -> None:
    met = 0
    for names, ballots, seats in random_stars(ELECTIONS):
        sets = [[name for name in names if ballot[name] >= 3] for ballot in ballots]
        totals = {name: sum(name in each for each in sets) for name in names}
        elected = Plurality().evaluate(totals, seats)
        surely = {each for each in elected if not isinstance(each, Tie)}
        tied = {name for each in elected if isinstance(each, Tie) for name in each}
        result = count(Ballots.approving(names, sets), "approval", seats=seats)
        assert set(result.winners) == surely
        assert {name for tie in result.ties for name in tie.candidates} == tied
        assert dict(result.totals) == totals
        met += bool(tied)
    assert met > 200


def by_starvote(method: str, ballots: list[dict[str, int]], seats: int) -> set[frozenset[str]]:
    """Run starvote once for each way in which its lots could fall."""
    found, waiting = set(), [[]]
    while waiting:
        script, turn = waiting.pop(), 0

        def lot(options, tie, desired, exception, script=script):  # type: ignore[no-untyped-def]
            nonlocal turn
            ways = [list(way) for way in combinations(sorted(tie), desired)]
            if turn == len(script):
                waiting.extend([*script, other] for other in range(1, len(ways)))
                script.append(0)
            turn += 1
            return ways[script[turn - 1]]

        several = {} if seats == 1 else {"seats": seats}
        elected = starvote.election(method, ballots, tiebreaker=lot, verbosity=0, **several)
        found.add(frozenset(elected))
    return found

"""IRV and STV beside pyrankvote and beside definitions written a second time, every tie tried every way."""

import random

import pyrankvote

from governance.tally import Ballots, Result, count
from tests.unit.tally import naive
from tests.unit.tally.elections import NAMES, Ranking, differs, random_elections

ELECTIONS = 2000


def test_irv_elects_what_dropping_each_of_the_lowest_elects() -> None:
    met = 0
    for at, (names, ballots, _) in enumerate(random_elections(ELECTIONS)):
        electable = {frozenset([winner]) for winner in naive.irv(ballots, frozenset(names))}
        result = count(Ballots.ranked(names, ballots), "irv")
        assert not differs(result, electable), (at, ballots)
        assert set(result.ranking[0]) == {name for each in electable for name in each}
        met += len(electable) > 1
    assert met > 200


def test_irv_leaves_possible_whom_pyrankvote_elects() -> None:
    for at, (names, ballots, _) in enumerate(random_elections(ELECTIONS, ties=False)):
        if any(ballots):
            people, papers = for_pyrankvote(names, ballots)
            random.seed(at)
            elected = pyrankvote.instant_runoff_voting(people, papers).get_winners()
            assert {person.name for person in elected} <= possible(count(Ballots.ranked(names, ballots), "irv"))


def test_gregory_elects_what_pyrankvote_elects_however_its_lots_fall() -> None:
    met = 0
    for at, (names, ballots, seats) in enumerate(random_elections(ELECTIONS, ties=False)):
        if not any(ballots):
            continue
        result = count(Ballots.ranked(names, ballots), "stv", seats=seats)
        electable = {by_pyrankvote(names, ballots, seats, seed) for seed in range(2 if result.decided else 60)}
        assert not differs(result, electable), (at, ballots)
        met += len(electable) > 1
    assert met > 100


def test_scottish_elects_what_the_rules_paper_by_paper_elect() -> None:
    met = 0
    for at, (names, ballots, seats) in enumerate(random_elections(ELECTIONS, ties=False)):
        electable = naive.scottish(ballots, names, seats)
        result = count(Ballots.ranked(names, ballots), "stv", variant="scottish", seats=seats)
        assert not differs(result, electable), (at, ballots)
        met += len(electable) > 1
    assert met > 100


def test_scottish_surpluses_of_surpluses_elect_what_the_rules_elect() -> None:
    """Larger elections of a few blocs: a paper's worth on its second way decides, and which surplus goes first."""
    for seed in range(400):
        choice = random.Random(seed)
        names = NAMES[:7]
        blocs = [choice.sample(names, 7) for _ in range(4)]
        ballots = [[[name] for name in swapped(choice, choice.choice(blocs))] for _ in range(choice.randint(20, 60))]
        electable = naive.scottish(ballots, names, 4)
        result = count(Ballots.ranked(names, ballots), "stv", variant="scottish", seats=4)
        assert not differs(result, electable), seed


def swapped(choice: random.Random, order: list[str]) -> list[str]:
    """Exchange two neighbours."""
    at = choice.randrange(len(order) - 1)
    return [*order[:at], order[at + 1], order[at], *order[at + 2 :]]


def test_meek_elects_what_floating_point_elects() -> None:
    met = 0
    for at, (names, ballots, seats) in enumerate(random_elections(ELECTIONS, ties=False)):
        electable = naive.meek(ballots, names, seats)
        result = count(Ballots.ranked(names, ballots), "stv", variant="meek", seats=seats)
        assert not differs(result, electable), (at, ballots)
        met += len(electable) > 1
    assert met > 100


def by_pyrankvote(names: str, ballots: list[Ranking], seats: int, seed: int) -> frozenset[str]:
    random.seed(seed)
    elected = pyrankvote.single_transferable_vote(*for_pyrankvote(names, ballots), seats).get_winners()
    return frozenset(person.name for person in elected)


def for_pyrankvote(names: str, ballots: list[Ranking]) -> tuple[list, list]:
    people = {name: pyrankvote.Candidate(name) for name in names}
    return list(people.values()), [pyrankvote.Ballot([people[name] for (name,) in ballot]) for ballot in ballots]


def possible(result: Result) -> set[str]:
    return {*result.winners, *(name for tie in result.ties for name in tie.candidates)}

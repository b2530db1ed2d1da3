"""Fill seats: the employer's cap, ties at the last seat, draws, staggered terms."""

from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from governance.tally import (
    Ballots,
    EmployerCap,
    TallyError,
    Tie,
    by_seed,
    candidates_employers,
    count,
    drawn_order,
    sitting_employers,
)
from tests.unit.tally import naive
from tests.unit.tally.elections import random_elections

ALL_AGREE = Ballots.ranked("ABCDEF", [["A", "B", "C", "D", "E", "F"]] * 3)
# B and C, and then D and E, are exactly equal.
PAIRS = Ballots.ranked("ABCDE", [["A", "B", "C", "D", "E"], ["A", "C", "B", "E", "D"]])


def cap(most: int, **employers: str) -> EmployerCap:
    return EmployerCap(most, {name: employers.get(name, "unknown") for name in "ABCDEF"})


def test_the_third_of_one_employer_is_passed_over_and_the_next_moves_up_repeatedly() -> None:
    result = count(ALL_AGREE, seats=4, cap=cap(2, A="Acme", B="acme ", C="ACME", D="Acme", E="Globex"))
    assert result.winners == ("A", "B", "E", "F")
    assert [each.candidate for each in result.excluded] == ["C", "D"]
    assert result.excluded[0].reason == "ACME already holds 2 of at most 2 seats: A, B"


@pytest.mark.parametrize("spelled", ["Ａcme", "Ac\u200bme", " ACME "])
def test_one_employer_spelled_to_look_the_same_is_one(spelled: str) -> None:
    assert count(ALL_AGREE, seats=2, cap=cap(1, A="Acme", B=spelled)).winners == ("A", "C")


def test_under_a_cap_who_beats_whom_still_decides_where_some_cannot_be_compared() -> None:
    """Nobody ranks C: it can be compared with no one, and yet A and D, of one employer, are not equal."""
    ballots = Ballots.ranked("ABCD", [["A", "D", "B"]])
    result = count(ballots, seats=4, cap=EmployerCap(1, {"A": "Acme", "B": "", "C": "", "D": "Acme"}))
    assert (set(result.winners), result.ties) == (set("ABC"), ())
    assert [each.candidate for each in result.excluded] == ["D"]


@pytest.mark.parametrize(("unranked", "strength"), [("excluded", "winning"), ("last", "margins")])
def test_a_cap_elects_who_is_elected_in_every_order_that_the_ballots_allow(unranked: str, strength: str) -> None:
    random = Random(20)
    for names, ballots, seats in random_elections(400):
        employers = {name: random.choice(["", "Acme", "Globex"]) for name in names}
        sitting = dict.fromkeys(["Sitting"], random.choice(["Acme", "Globex"]))
        most = random.randint(0, 2)
        beats = naive.schulze_beats(ballots, names, unranked, strength)
        seated = {seat(order, seats, employers, sitting, most) for order in naive.orders_within(names, beats)}
        result = count(
            Ballots.ranked(names, ballots), seats=seats, unranked=unranked, strength=strength,
            cap=EmployerCap(most, employers, sitting),
        )  # fmt: skip
        open_to = {name for tie in result.ties for name in tie.candidates}
        assert set(result.winners) == frozenset.intersection(*seated), (ballots, employers, most)
        assert frozenset.union(*seated) <= set(result.winners) | open_to


def seat(
    order: tuple[str, ...], seats: int, employers: dict[str, str], sitting: dict[str, str], most: int
) -> frozenset:
    """Seat one full order by hand."""
    seated: list[str] = []
    for name in order:
        held = [*sitting.values(), *(employers[other] for other in seated)].count(employers[name])
        if len(seated) < seats and (not employers[name] or held < most):
            seated.append(name)
    return frozenset(seated)


def test_who_sits_counts_and_nobody_below_the_last_seat_is_passed_over() -> None:
    sitting = {"Sitting One": "Acme", "Sitting Two": "Globex"}
    acme = cap(1, B="Acme", F="Acme")
    result = count(ALL_AGREE, seats=2, cap=EmployerCap(1, acme.employers, sitting))
    assert result.winners == ("A", "C")
    assert [each.reason for each in result.excluded] == [
        "Acme already holds 1 of at most 1 seats: Sitting One (sitting)"
    ]


@pytest.mark.parametrize("none", ["", "independent", "Unknown", "self-employed", "-"])
def test_having_no_employer_is_no_employer_to_cap(none: str) -> None:
    result = count(ALL_AGREE, seats=6, cap=EmployerCap(1, dict.fromkeys("ABCDEF", none)))
    assert result.winners == tuple("ABCDEF")


def test_seats_that_the_cap_leaves_stay_empty_and_are_told() -> None:
    result = count(ALL_AGREE, seats=3, cap=EmployerCap(1, dict.fromkeys("ABCDEF", "Acme")))
    assert (result.winners, result.empty_seats) == (("A",), 2)
    assert "2 seats stay empty" in result.sentence


def test_a_tie_at_the_last_seat_elects_neither() -> None:
    result = count(PAIRS, seats=2)
    assert result.winners == ("A",)
    assert result.ties == (Tie(("B", "C"), 1),)
    assert result.ranking == (("A",), ("B", "C"), ("D", "E"))
    assert "a tie between B and C leaves 1 seat undetermined" in result.sentence


def test_a_tie_above_the_last_seat_is_only_a_tie_in_the_ranking() -> None:
    result = count(PAIRS, seats=3)
    assert (result.winners, result.decided) == (("A", "B", "C"), True)


def test_a_tie_of_one_employer_for_its_last_seat_is_told_while_others_go_on() -> None:
    result = count(PAIRS, seats=3, cap=EmployerCap(1, {**cap(1).employers, "B": "Acme", "C": "Acme", "D": "Globex"}))
    assert result.ties == (Tie(("B", "C"), 1), Tie(("D", "E"), 1))
    assert result.winners == ("A",)


def test_incomparable_candidates_are_not_ordered_by_chance() -> None:
    """B beats C; A is level with both: for one seat A or B, for two B and one of the others."""
    ballots = Ballots.ranked("ABC", [["B", "C"]])
    one, two = count(ballots, seats=1), count(ballots, seats=2)
    assert (one.winners, one.ties) == ((), (Tie(("A", "B"), 1),))
    assert (two.winners, two.ties) == (("B",), (Tie(("A", "C"), 1),))


def test_a_seed_draws_what_anyone_can_draw_again() -> None:
    order = by_seed("dice 4 2 6", "ABCDE")
    assert list(order) == sorted("ABCDE", key=lambda name: sha256(f"dice 4 2 6\n{name}".encode()).hexdigest())
    result = count(PAIRS, seats=2, tie_break=order)
    assert result.winners == ("A", min("BC", key=order.index))
    assert result.decided
    assert all(len(group) == 1 for group in result.ranking)


def test_a_drawn_order_in_a_file_settles_and_must_be_whole(tmp_path: Path) -> None:
    path = tmp_path / "draw.txt"
    path.write_text("E\nC\nB\n\nA\nD\n")
    assert count(PAIRS, seats=2, tie_break=drawn_order(str(path), PAIRS.candidates)).winners == ("A", "C")
    for text, said in (("A\nB\n", "C, D, E missing"), ("A\nA\nB\nC\nD\nE\n", "twice"), ("Zed\n", "no candidate")):
        path.write_text(text)
        with pytest.raises(TallyError, match=said):
            drawn_order(str(path), PAIRS.candidates)


def test_a_draw_that_excludes_favours_the_first_drawn_to_stay() -> None:
    tied = Ballots.ranked("ABC", [["A"], ["A"], ["B"], ["B"], ["C"]])
    for method in ("irv", "stv"):
        assert count(tied, method, tie_break="CAB").winners == ("A",)
        assert count(tied, method, tie_break="BCA").winners == ("B",)


def test_the_first_elected_have_the_long_terms() -> None:
    result = count(ALL_AGREE, seats=4, cap=cap(1, A="Acme", B="Acme"), long_term_seats=2)
    assert (result.long_terms, result.short_terms, result.term_tie) == (("A", "C"), ("D", "E"), None)


def test_a_tie_for_the_last_long_term_is_told() -> None:
    result = count(PAIRS, seats=3, long_term_seats=2)
    assert (result.long_terms, result.short_terms, result.term_tie) == (("A",), (), Tie(("B", "C"), 1))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"method": "borda"}, "unknown method"),
        ({"seats": 0}, "at least 1"),
        ({"method": "irv", "seats": 2}, "irv fills one seat"),
        ({"method": "star"}, "counts scores"),
        ({"method": "stv", "variant": "hare"}, "unknown variant"),
        ({"long_term_seats": 2}, "at most the number of seats"),
        ({"tie_break": "AB"}, "every candidate once"),
        ({"unranked": "first"}, "excluded or last"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict, said: str) -> None:
    with pytest.raises(TallyError, match=said):
        count(PAIRS, **asked)


def test_employers_are_found_by_name_or_login_and_none_may_be_missing(tmp_path: Path) -> None:
    candidates = ("Ann Example (@ann)", "bob")
    path = tmp_path / "a.csv"
    path.write_text("candidate,employer\n@ANN,Acme\nBob,\n")
    assert candidates_employers(path, candidates) == {"Ann Example (@ann)": "Acme", "bob": ""}
    for text, said in (
        ("ann,Acme\n", "no employer for bob"),
        ("ann,Acme\nAnn Example,Acme\nbob,x\n", "stands there twice"),
        ("anne example,Acme\nbob,\n", r"line 1: .*is it Ann Example"),
        ("ann,Acme,x\nbob,\n", "3 columns"),
        (",Acme\nbob,\n", "no candidate"),
    ):
        path.write_text(text)
        with pytest.raises(TallyError, match=said):
            candidates_employers(path, candidates)


def test_who_sits_and_stands_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sitting.csv"
    path.write_text("cee,Acme\nann,Acme\n")
    with pytest.raises(TallyError, match="line 2: ann sits and stands"):
        sitting_employers(path, ("Ann (@ann)", "bob"))
    assert sitting_employers(path, ("bob",)) == {"cee": "Acme", "ann": "Acme"}


def test_bloc_star_with_a_cap_goes_on_to_the_next() -> None:
    """PEP 13: the one too many is disqualified by rank, the next moves up."""
    ballots = Ballots.scored("ABCD", [{"A": 5, "B": 4, "C": 3, "D": 1}] * 3)
    result = count(ballots, "bloc-star", seats=3, cap=cap(2, A="Acme", B="Acme", C="Acme"))
    assert result.winners == ("A", "B", "D")
    assert [each.candidate for each in result.excluded] == ["C"]

"""Read each format, refuse each bad line with its place and remedy, and write what reads the same."""

from fractions import Fraction
from pathlib import Path

import pytest

from governance.tally import Ballot, Ballots, TallyError, count, read_ballots, write_blt, write_elekto_csv
from governance.tally.ballots import order
from tests.unit.tally.elections import random_elections, random_stars

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "governance"
ELEKTO = "Ann (@ann),Bob,cee\n1,2,No opinion\n2,1,2\nNo opinion,No opinion,No opinion\n"
BLT = """4 2  # four candidates, two seats
-2
3 1 3=4 0
1 4 - 2 0
(a-7) 3 0
1 0
0
"Ann" # the first
"Bob #2"
"Cee"
"Dee"
"A title"
"""
PREFLIB = """# FILE NAME: invented.toi
# TITLE: Invented
# DATA TYPE: toi
# NUMBER ALTERNATIVES: 3
# ALTERNATIVE NAME 1: Ann
# ALTERNATIVE NAME 2: Bob
# ALTERNATIVE NAME 3: Cee
4: 1,{2,3}
1: {1,3}
"""
CATEGORIES = """# FILE NAME: invented.cat
# DATA TYPE: cat
# NUMBER ALTERNATIVES: 3
# NUMBER CATEGORIES: 2
# CATEGORY NAME 1: Yes
# CATEGORY NAME 2: No
# ALTERNATIVE NAME 1: Ann
# ALTERNATIVE NAME 2: Bob
# ALTERNATIVE NAME 3: Cee
3: {1,2},3
2: {},{1,2,3}
"""


def marks(ballots: Ballots) -> list[tuple]:
    return [(ballot.marks, ballot.weight) for ballot in ballots.cast]


def test_elekto_ranks_ties_and_no_opinion() -> None:
    """Trap 2: headings of three kinds, ties, a ballot without any opinion."""
    ballots = read_ballots(ELEKTO)
    assert ballots.candidates == ("Ann (@ann)", "Bob", "cee")
    assert marks(ballots) == [((1, 2, None), 1), ((2, 1, 2), 1), ((None, None, None), 1)]
    assert ballots.number == 3


def test_civs_lines_that_stand_for_several_ballots() -> None:
    assert marks(read_ballots("A,B,C\n3X1,2,-\n2,-,1\n")) == [((1, 2, None), 3), ((2, None, 1), 1)]


def test_line_ends_byte_order_marks_and_blank_lines_do_not_matter() -> None:
    assert marks(read_ballots("\ufeffA,B\r\n\r\n1,2\r\n2,1")) == [((1, 2), 1), ((2, 1), 1)]


def test_a_sheet_of_scores_and_one_of_approvals() -> None:
    assert marks(read_ballots("A,B\n5,0\n,3\n", kind="scores")) == [((5, 0), 1), ((None, 3), 1)]
    assert marks(read_ballots("A,B\nx,\n0,yes\n", kind="approvals")) == [((1, 0), 1), ((0, 1), 1)]


def test_blt_with_withdrawn_ties_skipped_places_and_identifiers() -> None:
    ballots = read_ballots(BLT)
    assert ballots.candidates == ("Ann", "Bob #2", "Cee", "Dee")
    assert (ballots.seats, ballots.title, ballots.withdrawn) == (2, "A title", ("Bob #2",))
    assert [(order(ballot), ballot.weight) for ballot in ballots.cast] == [
        (((0,), (2, 3)), 3),
        (((3,), (1,)), 1),
        (((2,),), 1),
        ((), 1),
    ]


def test_who_withdrew_is_not_elected_and_is_listed() -> None:
    result = count(read_ballots(BLT), "stv", seats=4)
    assert "Bob #2" not in {*result.winners, *(name for group in result.ranking for name in group)}
    assert [(each.candidate, each.reason) for each in result.excluded] == [("Bob #2", "withdrawn")]
    assert result.empty_seats == 1


def test_blt_weights_may_be_decimal() -> None:
    text = '2 1\n0.5 1 0\n2.25 2 0\n0\n"A"\n"B"\n"t"\n'
    assert [ballot.weight for ballot in read_ballots(text).cast] == [Fraction(1, 2), Fraction(9, 4)]
    assert count(read_ballots(text), "stv").winners == ("B",)


def test_preflib_orders_and_categories() -> None:
    assert marks(read_ballots(PREFLIB)) == [((1, 2, 2), 4), ((1, None, 1), 1)]
    assert marks(read_ballots(CATEGORIES)) == [((1, 1, 2), 3), ((2, 2, 2), 2)]
    assert marks(read_ballots(CATEGORIES, kind="approvals")) == [((1, 1, 0), 3), ((0, 0, 0), 2)]
    assert marks(read_ballots(CATEGORIES, kind="scores")) == [((1, 1, 0), 3), ((0, 0, 0), 2)]


@pytest.mark.parametrize(
    ("text", "line", "what", "remedy"),
    [
        ("A,B\n1,2\n1\n", 3, "1 columns for 2", "one cell a candidate"),
        ("A,B\n1,two\n", 2, "'two' is no rank for B", "No opinion"),
        ("A,B\n1,0\n", 2, "'0' is no rank for B", "1 for the best"),
        ("A,B\n1,1.5\n", 2, "no rank", "1 for the best"),
        ("A,A\n1,2\n", 1, "'A' stands over two columns", "names differ"),
        ("A,\n1,2\n", 1, "a column without a name", "name a candidate"),
        ("1,2\n2,1\n", 1, "numbers where candidates belong", "heading"),
        ('A,B\n1,"2\n', 2, "not CSV", "quotation"),
        ("A,B\n0X1,2\n", 2, "0 times", "leave the line out"),
        ("3 1\n1 4 0\n0\n", 2, "'4' is no candidate", "1 to 3"),
        ("3 1\n1 1 2\n0\n", 2, "does not end with 0", "write 0 after"),
        ("3 1\n1 1 1 0\n0\n", 2, "stands twice", "rank each candidate once"),
        ("3 1\nx 1 0\n0\n", 2, "'x' is no number of ballots", "begin with"),
        ("3 1\n-9\n0\n", 2, "'-9' withdraws nobody", "-1 to -3"),
        ("3 1\n-1 2\n0\n", 2, "'2' withdraws nobody", "-1 to -3"),
        ("3 1\n[tie 1 2]\n0\n", 2, "extension", "remove the line"),
        ("3 0\n0\n", 1, "nothing to elect", "at least 1"),
        ('2 1\n1 1 0\n0\n"A"\n', 4, "1 names for 2", "name a candidate"),
        ('2 1\n1 1 0\n0\n"A"\nB\n', 5, "where a name belongs", "quotation marks"),
        ('2 1\n1 1 0\n"A"\n"B"\n', 3, "no number of ballots", "begin with"),
        (PREFLIB + "x: 1\n", 10, "'x: 1' is no order", "a colon and the order"),
        (PREFLIB + "1: 1,9\n", 10, "9 is no alternative", "1 to 3"),
        (PREFLIB + "1: 1,1\n", 10, "stands twice", "once"),
        (PREFLIB + "1: 1,{2\n", 10, "is no place", "braces"),
        (PREFLIB.replace("toi", "soi"), 8, "a tie, and soi has none", "toc or toi"),
        (PREFLIB.replace("toi", "toc"), 9, "not complete", "soi or toi"),
        (PREFLIB.replace("ALTERNATIVES: 3", "ALTERNATIVES: many"), 4, "'many' alternatives", "their number"),
        (PREFLIB.replace("Cee", "Bob"), 6, "names two alternatives", "names differ"),
    ],
)
def test_a_bad_line_is_named_with_its_remedy(text: str, line: int, what: str, remedy: str) -> None:
    with pytest.raises(TallyError) as refused:
        read_ballots(text)
    problem = refused.value.problems[0]
    assert problem.line == line
    assert what in problem.what
    assert remedy in problem.remedy


def test_every_bad_line_is_kept_and_the_text_is_one_line() -> None:
    with pytest.raises(TallyError) as refused:
        read_ballots("A,B\n1,2\nx,1\n1,2,3\n1,y\n")
    assert [problem.line for problem in refused.value.problems] == [3, 4, 5]
    assert str(refused.value).startswith("ballots, line 3: 'x' is no rank for A; ")
    assert str(refused.value).endswith("(2 more bad lines: 4, 5)")


@pytest.mark.parametrize(("content", "said"), [(b"A,B\n\xff,1\n", "line 2: not UTF-8"), (b"A\x00\n", "not text")])
def test_what_is_not_text_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "ballots.csv").write_bytes(content)
    with pytest.raises(TallyError, match=said):
        read_ballots(tmp_path / "ballots.csv")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TallyError, match="check the path"):
        read_ballots(tmp_path / "nothing.csv")


def test_scores_are_not_read_from_orders() -> None:
    with pytest.raises(TallyError, match="BLT holds orders"):
        read_ballots(BLT, kind="scores")
    with pytest.raises(TallyError, match="toi holds orders"):
        read_ballots(PREFLIB, kind="approvals")


def test_what_is_written_recounts_to_the_same_result() -> None:
    for names, rankings, seats in random_elections(300):
        ballots = Ballots.ranked(names, rankings, seats)
        for text in (write_elekto_csv(ballots), write_blt(ballots)):
            for method in ("schulze", "ranked-pairs", "stv"):
                first, again = count(ballots, method, seats=seats), count(read_ballots(text), method, seats=seats)
                assert first.as_json() == again.as_json()


def test_scores_and_approvals_that_are_written_recount() -> None:
    for names, scores, seats in random_stars(100):
        ballots = Ballots.scored(names, scores)
        again = read_ballots(write_elekto_csv(ballots), kind="scores")
        assert count(ballots, "bloc-star", seats=seats).as_json() == count(again, "bloc-star", seats=seats).as_json()
        approved = Ballots.approving(names, [[name for name in names if each[name] > 2] for each in scores])
        for text in (write_elekto_csv(approved), write_blt(approved)):
            again = read_ballots(text, kind="approvals")
            assert count(approved, "approval").as_json() == count(again, "approval").as_json()


def test_written_ballots_are_in_no_order_of_casting() -> None:
    texts = {
        write_elekto_csv(Ballots.ranked("ABC", cast))
        for cast in ([["A"], ["B", "C"], []], [[], ["B", "C"], ["A"]], [["B", "C"], [], ["A"]])
    }
    assert len(texts) == 1


def test_blt_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(TallyError, match="write CSV"):
        write_blt(Ballots.ranked(['A "x"', "B"], [["B"]]))
    third = Ballots(("A",), (Ballot((1,), Fraction(1, 3)),))
    for write in (write_blt, write_elekto_csv):
        with pytest.raises(TallyError, match="a ballot weighs 1/3"):
            write(third)
    with pytest.raises(TallyError, match="no scores"):
        write_blt(Ballots.scored("AB", [{"A": 1}]))


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data/governance is not here")
def test_every_real_ballot_is_read_and_written_back() -> None:
    files = [path for path in SHARED.rglob("*") if path.suffix == ".blt" or path.name.casefold() == "ballots.csv"]
    assert len(files) >= 10
    for path in files:
        ballots = read_ballots(path)
        again = read_ballots(write_elekto_csv(ballots))
        assert sorted(map(str, again.cast)) == sorted(
            str(type(ballot)(ballot.marks)) for ballot in ballots.cast for _ in range(int(ballot.weight))
        )
        rows = sum(bool(line.strip()) for line in path.read_text().splitlines())
        assert ballots.number == (rows - 1 if path.suffix == ".csv" else path.read_text().count(" 0\n"))


@pytest.mark.parametrize(
    ("one", "other"), [("Ann", "An\u200bn"), ("Ren\u00e9", "Rene\u0301"), ("Ann", "\u202eAnn"), ("Ann B", "Ann\u00a0B")]
)
def test_two_names_that_look_the_same_are_refused(one: str, other: str) -> None:
    with pytest.raises(TallyError, match="look the same"):
        read_ballots(f"{one},{other}\n1,2\n")


def test_a_name_that_is_not_seen_is_none() -> None:
    with pytest.raises(TallyError, match="without a name"):
        read_ballots("A,\u200b\n1,2\n")


def test_a_file_without_end_is_refused() -> None:
    with pytest.raises(TallyError, match="larger than any"):
        read_ballots(Path("/dev/zero"))


def test_more_columns_than_any_election_has_are_refused_at_once() -> None:
    with pytest.raises(TallyError, match="at most 10000"):
        read_ballots(",".join(map(str, range(300_000))) + "\n\n")

"""Count ballots: pure functions, no database.

from governance.tally import count, read_ballots
result = count(read_ballots(Path("ballots.csv")), "schulze", seats=4)
result.winners, result.ties, result.ranking, result.sentence, result.lines
"""

from governance.tally.ballots import Ballot, Ballots
from governance.tally.counting import METHODS, STV, count
from governance.tally.draws import by_seed, drawn_order
from governance.tally.employers import candidates_employers, sitting_employers
from governance.tally.faults import Problem, TallyError
from governance.tally.reading import read_ballots
from governance.tally.result import Exclusion, Pairwise, Result, Round, Tie
from governance.tally.seats import EmployerCap
from governance.tally.writing import write_blt, write_elekto_csv

__all__ = [
    "METHODS",
    "STV",
    "Ballot",
    "Ballots",
    "EmployerCap",
    "Exclusion",
    "Pairwise",
    "Problem",
    "Result",
    "Round",
    "TallyError",
    "Tie",
    "by_seed",
    "candidates_employers",
    "count",
    "drawn_order",
    "read_ballots",
    "sitting_employers",
    "write_blt",
    "write_elekto_csv",
]

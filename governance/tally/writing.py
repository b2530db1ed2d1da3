"""Write ballots so that they recount to the same result."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

from governance.tally.ballots import Ballot, Ballots, order
from governance.tally.faults import refuse

NO_OPINION = "No opinion"


def write_elekto_csv(ballots: Ballots) -> str:
    """Write a heading of candidates and a row a ballot, in an order that tells nothing of when each was cast.

    Ranks, scores and approvals alike; unmarked is "No opinion".
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(ballots.candidates)
    rows = []
    for ballot in ballots.cast:
        if ballot.weight.denominator != 1:
            raise refuse("ballots", f"a ballot weighs {ballot.weight}", "CSV holds whole ballots: write BLT")
        rows += [[NO_OPINION if mark is None else mark for mark in ballot.marks]] * int(ballot.weight)
    for row in sorted(rows, key=lambda row: [(mark == NO_OPINION, str(mark).rjust(9)) for mark in row]):
        writer.writerow(row)
    return text.getvalue()


def write_blt(ballots: Ballots, seats: int | None = None) -> str:
    """Write BLT, equal ballots on one line; BLT holds ranks only, and places that a ballot skips are closed up."""
    if ballots.kind == "scores":
        raise refuse("ballots", "BLT holds no scores", "write CSV")
    for name in [*ballots.candidates, ballots.title]:
        if '"' in name or "\n" in name or "\r" in name:
            raise refuse("ballots", f"{name!r} holds a quotation mark or a line end", "BLT cannot hold it: write CSV")
    lines = [f"{len(ballots.candidates)} {seats or ballots.seats or 1}"]
    if ballots.withdrawn:
        lines.append(" ".join(f"-{ballots.candidates.index(name) + 1}" for name in ballots.withdrawn))
    lines += sorted(_line(ballot, ballots.kind == "approvals") for ballot in ballots.together().cast)
    lines += ["0", *[f'"{name}"' for name in ballots.candidates], f'"{ballots.title}"']
    return "\n".join(lines) + "\n"


def _line(ballot: Ballot, approvals: bool) -> str:
    groups = order(ballot)
    if approvals:
        groups = tuple((candidate,) for candidate, mark in enumerate(ballot.marks) if mark)
    weight = str(ballot.weight) if ballot.weight.denominator == 1 else f"{float(ballot.weight):.6f}"
    if Fraction(weight) != ballot.weight:
        raise refuse("ballots", f"a ballot weighs {ballot.weight}", "BLT holds six decimal places: weigh otherwise")
    return " ".join([weight, *["=".join(str(one + 1) for one in group) for group in groups], "0"])

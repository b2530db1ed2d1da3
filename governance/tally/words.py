"""Say a result in words, and its arithmetic line by line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from governance.tally.ballots import Number
from governance.tally.result import Pairwise, Result, Round

# Control characters, and marks that turn the direction of reading.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def sentence(result: Result) -> str:
    """Say who is elected, and what a tie leaves open."""
    from governance.tally.counting import METHODS

    how = METHODS[result.method].words + (f", {result.variant}" if result.variant else "")
    cast = f"{said(result.ballots)} ballot{'' if result.ballots == 1 else 's'} by {how}"
    elected = (
        f"{listed(result.winners)} {'is' if len(result.winners) == 1 else 'are'} elected" if result.winners else ""
    )
    open_seats = [
        f"a tie between {listed(tie.candidates)} leaves {_seats(tie.seats)} undetermined" for tie in result.ties
    ]
    if result.empty_seats:
        open_seats.append(f"{_seats(result.empty_seats)} stay{'s' if result.empty_seats == 1 else ''} empty")
    return visible(f"{cast}: {'; '.join(part for part in [elected, *open_seats] if part)}.")


def _seats(number: int) -> str:
    return f"{number} seat{'' if number == 1 else 's'}"


def lines(result: Result) -> list[str]:
    """Give the result and all of its arithmetic as text."""
    told = [result.sentence, ""]
    told += [f"{place}. {', '.join(group)}{' (tied)' if len(group) > 1 else ''}" for place, group in _places(result)]
    told += [f"Passed over: {each.candidate} ({each.reason})." for each in result.excluded]
    if result.long_terms or result.term_tie:
        longer, shorter = (listed(names) or "nobody yet" for names in (result.long_terms, result.short_terms))
        told.append(f"Long terms: {longer}; short: {shorter}.")
    if result.term_tie:
        tie = result.term_tie
        told.append(f"A tie between {listed(tie.candidates)} leaves {tie.seats} of the long terms undetermined.")
    told += ["", *result.rules, *result.notes]
    if result.pairwise:
        told += ["", *pairwise_lines(result.pairwise, result)]
    for each in result.rounds:
        told += ["", *round_lines(each)]
    if result.totals and not result.rounds:
        told += ["", *[f"{said(total):>8}  {name}" for name, total in most_first(result.totals)]]
    return [visible(line) for line in told]


def visible(text: str) -> str:
    """Show signs that would break a line or turn it around as their numbers; a name holds whatever its file held."""
    return UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def pairwise_lines(pairwise: Pairwise, result: Result) -> list[str]:
    """Show ballots preferring row to column, then strongest paths or locked defeats."""
    by_place = [name for group in result.ranking for name in group]
    told = ["Ballots that prefer the row to the column:", *table(pairwise.candidates, pairwise.preferred, by_place)]
    if pairwise.strengths is not None:
        told += ["", "Strongest paths from the row to the column:"]
        told += table(pairwise.candidates, pairwise.strengths, by_place)
    for title, pairs in (("Locked", pairwise.locked), ("Skipped, closing a circle", pairwise.skipped)):
        told += [f"{title}: {winner} over {loser}, {said(strength)}" for winner, loser, strength in pairs]
    return told


def table(names: Sequence[str], rows: Sequence[Sequence[Number]], by_place: Sequence[str]) -> list[str]:
    """Lay a square of numbers out in the order of places, columns numbered."""
    at = [names.index(name) for name in by_place]
    width = max(5, *(len(said(number)) + 1 for row in rows for number in row))
    wide = max(len(name) for name in names) + 5
    told = [" " * wide + "".join(f"{place:>{width}}" for place in range(1, len(at) + 1))]
    for place, row in enumerate(at, start=1):
        cells = "".join(f"{'–' if column == row else said(rows[row][column]):>{width}}" for column in at)
        told.append(f"{place:>3}. {names[row]:<{wide - 5}}{cells}")
    return told


def round_lines(each: Round) -> list[str]:
    """Show one round: what was done, who holds what, where votes went."""
    told = [f"Round {each.number}: {each.action}."]
    if each.elected:
        told.append(f"  Elected: {', '.join(each.elected)}.")
    if each.quota is not None:
        told.append(f"  Quota {said(each.quota)}.")
    told += [f"  {said(votes):>12}  {name}" for name, votes in most_first(each.votes)]
    if each.exhausted:
        told.append(f"  {said(each.exhausted):>12}  (with nobody)")
    told += [f"  {said(votes)} moved to {name}" for name, votes in each.transfers.items()]
    return told + [f"  {note}" for note in each.notes]


def document(result: Result) -> dict[str, Any]:
    """Give the result as JSON can hold it."""
    return {
        "method": result.method,
        "seats": result.seats,
        "winners": list(result.winners),
        "ranking": [list(group) for group in result.ranking],
        "excluded": [{"candidate": each.candidate, "reason": each.reason} for each in result.excluded],
        "ballots": plain(result.ballots),
        "variant": result.variant,
        "decided": result.decided,
        "ties": [{"candidates": list(tie.candidates), "seats": tie.seats} for tie in result.ties],
        "empty_seats": result.empty_seats,
        "long_terms": list(result.long_terms),
        "short_terms": list(result.short_terms),
        "term_tie": list(result.term_tie.candidates) if result.term_tie else [],
        "sentence": result.sentence,
        "rules": list(result.rules),
        "notes": list(result.notes),
        "pairwise": result.pairwise and _pairwise(result.pairwise),
        "rounds": [_round(each) for each in result.rounds],
        "totals": {name: plain(total) for name, total in result.totals.items()},
    }


def _pairwise(pairwise: Pairwise) -> dict[str, Any]:
    told: dict[str, Any] = {
        "candidates": list(pairwise.candidates),
        "preferred": [[plain(number) for number in row] for row in pairwise.preferred],
    }
    if pairwise.strengths is not None:
        told["strongest_paths"] = [[plain(number) for number in row] for row in pairwise.strengths]
    else:
        told["locked"] = [[winner, loser, plain(strength)] for winner, loser, strength in pairwise.locked]
        told["skipped"] = [[winner, loser, plain(strength)] for winner, loser, strength in pairwise.skipped]
    return told


def _round(each: Round) -> dict[str, Any]:
    return {
        "round": each.number,
        "action": each.action,
        "votes": {name: plain(votes) for name, votes in each.votes.items()},
        "elected": list(each.elected),
        "excluded": list(each.excluded),
        "transfers": {name: plain(votes) for name, votes in each.transfers.items()},
        "exhausted": plain(each.exhausted),
        "quota": None if each.quota is None else plain(each.quota),
        "notes": list(each.notes),
    }


def most_first(votes: Mapping[str, Number]) -> list[tuple[str, Number]]:
    """Sort by votes, most first, then as the ballot has them."""
    return sorted(votes.items(), key=lambda item: -item[1])


def _places(result: Result) -> list[tuple[int, tuple[str, ...]]]:
    place, told = 1, []
    for group in result.ranking:
        told.append((place, group))
        place += len(group)
    return told


def listed(names: Sequence[str]) -> str:
    """Say A, B and C."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def said(number: Number) -> str:
    """Say 12, or 12.34567 without needless noughts."""
    if Fraction(number).denominator == 1:
        return str(int(number))
    return f"{float(number):.5f}".rstrip("0").rstrip(".")


def plain(number: Number) -> int | float:
    """Give a number that JSON can hold."""
    return int(number) if Fraction(number).denominator == 1 else float(number)

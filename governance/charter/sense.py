"""Find what is wrong with a charter whose keys are well-formed: contradictions, and silences that no gap names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from governance.charter.parts import Charter, Decision, Office, Part, Proposals, keys_of, touches

Found = tuple[str, str, str]

# What a decision must say, or name a gap for, by how it is decided.
ASKED_OF_METHOD = {
    "one_person": ("nominator", "decider"),
    "discussion": ("nominator", "decider"),
    "vote": ("nominator", "decider", "electorate", "threshold", "quorum", "window", "recusal"),
    "consent": ("decider", "threshold", "quorum", "window", "recusal"),
    "election": ("nominator", "electorate", "counting", "window", "tie_break"),
}
ASKED_OF_OFFICE = ("term", "vacancy")
# What a gap may name though nothing of that name is in the file: the text has no such rule at all.
MAY_BE_MISSING = ("decisions.change_charter",)
ASKED_OF_VACANCY = ("acting", "method", "deadline_days")


def faults_of_sense(charter: Charter, *, whole: bool, gaps_whole: bool) -> Iterator[Found]:
    """Give what is wrong: key path, fault, remedy. Of a text with faults, only what those could not excuse."""
    yield from contradictions(charter)
    if gaps_whole:
        yield from unsaid(charter)
    if whole:
        yield from of_gaps(charter)


def contradictions(charter: Charter) -> Iterator[Found]:
    """Give the rules that cannot be meant."""
    for name, decision in charter.decisions.items():
        yield from of_decision(name, decision)
    for office in charter.offices.values():
        yield from of_office(office)
    yield from circles(charter)
    if charter.proposal is not None:
        yield from of_proposals(charter.proposal)


def unsaid(charter: Charter) -> Iterator[Found]:
    """Give what is neither said nor named as a gap."""
    for decision in charter.decisions.values():
        asked = ASKED_OF_METHOD.get(decision.method or "", ("nominator", "decider", "method"))
        yield from silences(charter, decision, asked)
    for office in charter.offices.values():
        yield from silences(charter, office, ASKED_OF_OFFICE)
        if office.vacancy is not None:
            yield from silences(charter, office.vacancy, ASKED_OF_VACANCY)
    for move in charter.proposal.transitions if charter.proposal else ():
        yield from silences(charter, move, ("by",))


def of_decision(name: str, decision: Decision) -> Iterator[Found]:
    """Give what is wrong with a decision."""
    threshold = decision.threshold
    if threshold and threshold.strict and threshold.value and threshold.value.fraction == 1:
        yield f"{threshold.path}.value", "more than the whole can never be reached", "drop strict = true"
    for window in (decision.window, decision.nomination_window):
        if window and None not in (window.least_days, window.most_days) and window.least_days > window.most_days:  # type: ignore[operator]
            yield f"{window.path}.most_days", "the longest window is shorter than the shortest", "exchange the two"
    if decision.escalates_to == name:
        yield f"{decision.path}.escalates_to", "the decision escalates to itself", "name another decision"


def of_office(office: Office) -> Iterator[Found]:
    """Give what is wrong with an office."""
    seats = office.seats
    if seats and None not in (seats.least, seats.most) and seats.least > seats.most:  # type: ignore[operator]
        yield f"{seats.path}.most", "the most seats are fewer than the least", "exchange the two"
    rule = office.inactivity
    if rule and rule.after_days is None and rule.after_missed_votes is None and not rule.period_set_by:
        yield rule.path, "nothing says when a holder is inactive", "add after_days, after_missed_votes or period_set_by"


def circles(charter: Charter) -> Iterator[Found]:
    """Give the offices that stand above themselves."""
    for name, office in charter.offices.items():
        seen, above = {name}, office.parent
        while above and above not in seen:
            seen.add(above)
            above = charter.offices[above].parent if above in charter.offices else None
        if above == name:
            yield (
                f"{office.path}.parent",
                f"the office {name} stands above itself",
                "let one of the circle have no parent",
            )


def of_proposals(proposal: Proposals) -> Iterator[Found]:
    """Give what is wrong with the table of states."""
    initial = {name for name, state in proposal.states.items() if state.initial}
    if not initial:
        yield "proposal.states", "no state is initial", "add initial = true to the state that proposals begin in"
    for move in proposal.transitions:
        for state in move.leaves:
            if proposal.states[state].final:
                yield f"{move.path}.from", f"the state {state} is final, yet a move leaves it", "drop one of the two"
    for move in proposal.transitions:
        if move.needs and move.needs.lazy_consensus and proposal.lazy_consensus is None:
            yield (
                f"{move.needs.path}.lazy_consensus",
                "no rule of lazy consensus is there",
                "add [proposal.lazy_consensus]",
            )
    for name in sorted(set(proposal.states) - reached(proposal, initial)):
        yield (
            f"proposal.states.{name}",
            f"no move ever reaches the state {name}",
            "add a transition to it, or remove it",
        )


def reached(proposal: Proposals, initial: set[str]) -> set[str]:
    """Return the states that a proposal can come to."""
    found = set(initial)
    moves = [(move.leaves, move.enters) for move in proposal.transitions]
    if proposal.stalled and proposal.stalled.enters:
        moves.append((proposal.stalled.watched, proposal.stalled.enters))
    for _ in proposal.states:
        found |= {enters for leaves, enters in moves if found & set(leaves)}
    return found


def of_gaps(charter: Charter) -> Iterator[Found]:
    """Give the gaps that point at nothing."""
    for gap in charter.gaps.values():
        for at in gap.at:
            if at not in MAY_BE_MISSING and not points_somewhere(charter, at.split(".")):
                remedy = "write the path of a key that the schema knows, such as decisions.name.quorum"
                yield f"{gap.path}.at", f"no key of this charter has the path {at}", remedy


def points_somewhere(part: Any, path: list[str]) -> bool:
    """Say whether a key path leads to a key that exists, or that the schema would allow."""
    if not path:
        return True
    if isinstance(part, tuple):
        return path[0] == "*" or (path[0].isdigit() and int(path[0]) < len(part))
    if isinstance(part, dict):
        below = list(part.values()) if path[0] == "*" else [part[path[0]]] if path[0] in part else []
        return any(points_somewhere(one, path[1:]) for one in below)
    declared = dict(keys_of(type(part))) if hasattr(part, "path") else {}
    if path[0] not in declared:
        return False
    value = getattr(part, declared[path[0]].name)
    return points_somewhere(value, path[1:]) if value is not None else allows(declared[path[0]], path[1:])


def allows(key: Any, path: list[str]) -> bool:
    """Say whether the schema knows a path below a key that the charter leaves out."""
    if not path:
        return True
    part = getattr(key.metadata["kind"], "part", None)
    below = dict(keys_of(part)) if part else {}
    return path[0] in below and allows(below[path[0]], path[1:])


def excuses(pattern: str, path: str) -> bool:
    """Say whether a gap's key path is this one, or one above it: what lies below leaves the rule itself unsaid."""
    return pattern.count(".") <= path.count(".") and touches(pattern, path)


def silences(charter: Charter, part: Part, asked: tuple[str, ...]) -> Iterator[Found]:
    """Give the keys that are neither said nor named by a gap."""
    for key in asked:
        path = f"{part.path}.{key}"
        if getattr(part, key) is None and not any(excuses(at, path) for gap in charter.gaps.values() for at in gap.at):
            remedy = f'say it, or add a gap with at = ["{path}"]'
            yield path, f"{key} is neither said nor named as a gap", remedy

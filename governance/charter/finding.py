"""Find the rule that a question is about, and answer that there is none to be found."""

from __future__ import annotations

from typing import Any

from governance.charter.answers import Answer
from governance.charter.faults import UnknownRule
from governance.charter.kinds import Source
from governance.charter.parts import Charter, Decision, Gap, Office, Part, Proposals


def decision_of(charter: Charter, name: str) -> Decision:
    """Return a decision.

    Raises:
        UnknownRule: when the charter has none of that name.
    """
    if name not in charter.decisions:
        raise UnknownRule(f"The charter of {charter.name} has no decision {name}: {', '.join(charter.decisions)}.")
    return charter.decisions[name]


def office_of(charter: Charter, name: str) -> Office:
    """Return an office.

    Raises:
        UnknownRule: when the charter has none of that name.
    """
    if name not in charter.offices:
        raise UnknownRule(f"The charter of {charter.name} has no office {name}: {', '.join(charter.offices)}.")
    return charter.offices[name]


def proposals_of(charter: Charter) -> Proposals:
    """Return the rules of proposals.

    Raises:
        UnknownRule: when the charter has none.
    """
    if charter.proposal is None:
        raise UnknownRule(f"The charter of {charter.name} has no rules for proposals.")
    return charter.proposal


def undetermined(words: str, rule: Part | None, gaps: tuple[Gap, ...]) -> Answer[Any]:
    """Answer that the charter leaves it open, and which question that is."""
    asked = f" The gap: {gaps[0].question}" if gaps else ""
    return Answer(f"{words}.{asked}", None, sources_of(rule), gaps)


def sources_of(*rules: Part | None) -> tuple[Source, ...]:
    """Return the sources of the first rule that names some: a table without any has those of the table above."""
    return next((rule.source for rule in rules if rule is not None and rule.source), ())

"""What a charter says of proposals: their states, their moves, their final comment period."""

# ruff: noqa: RUF009 - key() gives dataclass fields, as field() does
from __future__ import annotations

from dataclasses import dataclass

from governance.charter.declaring import Part, Ruled, key
from governance.charter.kinds import (
    COUNT,
    DAYS,
    DECISION,
    FLAG,
    ROLES,
    STATE,
    TEXT,
    TEXTS,
    ListOf,
    Named,
    PartOf,
    Whole,
)


@dataclass(frozen=True, kw_only=True)
class State(Part):
    """A state of a proposal."""

    title: str = key(TEXT, "How a sentence names it.")
    words: str = key(TEXT, "What it means.", default="")
    initial: bool = key(FLAG, "A proposal may begin in it.", default=False)
    final: bool = key(FLAG, "Nothing follows it.", default=False)
    open: bool = key(FLAG, "It is open to comments.", default=False)


@dataclass(frozen=True, kw_only=True)
class Needs(Part):
    """What a move of a proposal needs."""

    concerns_resolved: bool = key(FLAG, "No concern is unresolved.", default=False)
    no_objection: bool = key(FLAG, "Nobody objects.", default=False)
    reviews_missing_at_most: int | None = key(COUNT, "At most this many reviews are outstanding.", default=None)
    reviews_mostly_complete: bool = key(FLAG, "Fewer reviews outstanding than complete.", default=False)
    approvals_at_least: int | None = key(COUNT, "This many approvals of those who may move it.", default=None)
    waiting_days: int | None = key(DAYS, "This many days in the state it leaves.", default=None)
    final_comment: bool = key(FLAG, "A final comment period has run to its end.", default=False)
    lazy_consensus: bool = key(FLAG, "It has lazy consensus: nobody objected for as long as that asks.", default=False)
    decision: str | None = key(DECISION, "This decision has passed.", default=None)
    sponsor: bool = key(FLAG, "A sponsor or shepherd is named.", default=False)
    implemented: bool = key(FLAG, "It is implemented and merged.", default=False)
    reason: bool = key(FLAG, "A public reason is given.", default=False)


@dataclass(frozen=True, kw_only=True)
class Transition(Ruled):
    """A move of a proposal from a state to another."""

    leaves: tuple[str, ...] = key(ListOf(STATE), "The states it leaves.", called="from")
    enters: str = key(STATE, "The state it enters.", called="to")
    by: tuple[str, ...] | None = key(ROLES, "Who may make it.", default=None)
    needs: Needs | None = key(PartOf(Needs), "What it needs.", default=None)
    words: str = key(TEXT, "When it is made.", default="")


@dataclass(frozen=True, kw_only=True)
class FinalComment(Ruled):
    """The final comment period of a proposal."""

    state: str | None = key(STATE, "The state that a proposal is in meanwhile.", default=None)
    days: int | None = key(DAYS, "How long it lasts.", default=None)
    proposed_by: tuple[str, ...] = key(ROLES, "Who may move for it.", default=())
    reviewers: tuple[str, ...] = key(ROLES, "Whose reviews are asked.", default=())
    needs: Needs | None = key(PartOf(Needs), "What must be so before it begins.", default=None)
    cancelled_by: str = key(TEXT, "What cancels it.", default="")
    dispositions: tuple[str, ...] = key(TEXTS, "What it may be for.", default=())


@dataclass(frozen=True, kw_only=True)
class Concerns(Ruled):
    """Named concerns on a proposal."""

    raised_by: tuple[str, ...] = key(ROLES, "Who may raise one that blocks.")
    resolved_by: tuple[str, ...] = key(ROLES, "Who may resolve it.")


@dataclass(frozen=True, kw_only=True)
class LazyConsensus(Ruled):
    """Silence as consent."""

    days: int | None = key(DAYS, "After how many days.", default=None)
    approvals_at_least: int | None = key(COUNT, "With how many approvals.", default=None)


@dataclass(frozen=True, kw_only=True)
class Stalled(Ruled):
    """When a proposal counts as stalled."""

    watched: tuple[str, ...] = key(ListOf(STATE), "The states in which it can stall.", called="from")
    enters: str | None = key(STATE, "The state it then enters.", called="to", default=None)
    idle_days: int = key(Whole(1, 3660), "Days without activity.")


@dataclass(frozen=True, kw_only=True)
class Proposals(Ruled):
    """The project's proposals: their states, and who may move them."""

    title: str = key(TEXT, "How a sentence names one.")
    plural: str = key(TEXT, "How a sentence names them.")
    proposer: tuple[str, ...] = key(ROLES, "Who may open one.")
    shepherd: str = key(TEXT, "How a sentence names who drives it.", default="")
    states: dict[str, State] = key(Named(State), "The states.")
    transitions: tuple[Transition, ...] = key(ListOf(PartOf(Transition)), "The moves.")
    final_comment: FinalComment | None = key(PartOf(FinalComment), "The final comment period.", default=None)
    concerns: Concerns | None = key(PartOf(Concerns), "Named concerns.", default=None)
    lazy_consensus: LazyConsensus | None = key(PartOf(LazyConsensus), "Silence as consent.", default=None)
    stalled: Stalled | None = key(PartOf(Stalled), "When one is stalled.", default=None)

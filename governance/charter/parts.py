"""What a charter consists of: the whole file, its documents and its gaps; the other parts are beside it."""

# ruff: noqa: RUF009 - key() gives dataclass fields, as field() does
from __future__ import annotations

from dataclasses import dataclass

from governance.charter.decision_parts import (
    BASES,
    Counting,
    Decision,
    Electorate,
    Publication,
    Quorum,
    Recusal,
    SecondRequired,
    Threshold,
    Window,
)
from governance.charter.declaring import Part, Ruled, key, keys_of
from governance.charter.kinds import (
    COUNT,
    DAYS,
    DECISION,
    PATHS,
    ROLES,
    SHARE,
    TEXT,
    Choice,
    ListOf,
    Named,
    PartOf,
    Share,
    Whole,
)
from governance.charter.office_parts import (
    CapStep,
    CheckIn,
    EmployerCap,
    Exceptions,
    Group,
    Inactivity,
    Office,
    Seats,
    TermRule,
    Vacancy,
)
from governance.charter.proposal_parts import (
    Concerns,
    FinalComment,
    LazyConsensus,
    Needs,
    Proposals,
    Stalled,
    State,
    Transition,
)

SCHEMA = 1

__all__ = [
    "ALL_PARTS", "SCHEMA", "CapStep", "Charter", "CheckIn", "Concerns", "Counting", "Decision", "Document",
    "Electorate", "EmployerCap", "Exceptions", "FinalComment", "Gap", "Group", "Inactivity", "LazyConsensus",
    "Needs", "Office", "Part", "Proposals", "Publication", "Quorum", "Reading", "Recusal", "Ruled", "Seats",
    "SecondRequired", "Stalled", "State", "TermRule", "Threshold", "Transition", "Vacancy", "Window", "keys_of",
    "touches",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Document:
    """A text that the rules are taken from."""

    path: str = ""
    title: str = key(TEXT, "Its title.")
    url: str = key(TEXT, "Its public address.")
    revision: str = key(TEXT, "The revision that was read: a tag, a commit, a date.", default="")


@dataclass(frozen=True, kw_only=True)
class Reading(Part):
    """One way to read what the text leaves open: what a sentence says, and what it would make of the rule."""

    says: str = key(TEXT, "What it says, in our words.")
    value: Share | None = key(SHARE, "The share it would ask for.", default=None)
    base: str | None = key(Choice(BASES), "What it would take the share of.", default=None)
    seated_less: int | None = key(COUNT, "How many fewer it would count as seated.", default=None)
    days: int | None = key(DAYS, "The days it would give.", default=None)
    missing_at_most: int | None = key(COUNT, "How many outstanding reviews it would allow.", default=None)
    most: int | None = key(COUNT, "How many of one employer it would allow.", default=None)
    roles: tuple[str, ...] | None = key(ROLES, "Whom it would name.", default=None)
    decision: str | None = key(DECISION, "The decision it would name.", default=None)


@dataclass(frozen=True, kw_only=True)
class Gap(Part):
    """What the text leaves open."""

    question: str = key(TEXT, "The question that the text does not answer.")
    matters: str = key(TEXT, "Where it matters.")
    at: tuple[str, ...] = key(PATHS, "The keys it leaves open.")
    readings: tuple[Reading, ...] = key(
        ListOf(PartOf(Reading)), "What its sentences say, if they disagree.", default=()
    )


@dataclass(frozen=True, kw_only=True)
class Charter:
    """A project's rules as data."""

    schema: int = key(Whole(SCHEMA, SCHEMA), "The version of this schema.")
    project: str = key(TEXT, "The project's key: pytorch.")
    name: str = key(TEXT, "The project's name.")
    summary: str = key(TEXT, "What governs it, in a sentence.")
    published: str = key(TEXT, "Where its rules are published.")
    documents: dict[str, Document] = key(Named(Document), "The texts it is taken from.")
    groups: dict[str, Group] = key(Named(Group), "Standings that are no office.", default=None)
    offices: dict[str, Office] = key(Named(Office), "The offices.")
    decisions: dict[str, Decision] = key(Named(Decision), "What is decided, and how.")
    proposal: Proposals | None = key(PartOf(Proposals), "The project's proposals.", default=None)
    gaps: dict[str, Gap] = key(Named(Gap), "What the text leaves open.", default=None)
    path: str = ""

    def gaps_at(self, *paths: str) -> tuple[Gap, ...]:
        """Return the gaps that touch one of these key paths, what lies below and above it included."""
        return tuple(gap for gap in self.gaps.values() if any(touches(at, path) for at in gap.at for path in paths))

    def offices_of_kind(self, kind: str) -> dict[str, Office]:
        """Return the offices of a kind: lead, core, area, council, other."""
        return {name: office for name, office in self.offices.items() if office.kind == kind}

    def decisions_about(self, office: str, *kinds: str) -> dict[str, Decision]:
        """Return the decisions of some kinds about an office; of every kind where none is named."""
        return {
            name: decision
            for name, decision in self.decisions.items()
            if office in decision.about and (not kinds or decision.kind in kinds)
        }


def touches(pattern: str, path: str) -> bool:
    """Say whether a gap's key path and another are the same, or one lies above the other; `*` is any key."""
    return all(mine in ("*", theirs) for mine, theirs in zip(pattern.split("."), path.split("."), strict=False))


ALL_PARTS: tuple[type, ...] = (
    Charter, Document, Group, Exceptions, Office, Seats, TermRule, EmployerCap, CapStep, Vacancy, Inactivity, CheckIn,
    Decision, Electorate, Threshold, Quorum, Window, Recusal, SecondRequired, Counting, Publication,
    Proposals, State, Transition, Needs, FinalComment, Concerns, LazyConsensus, Stalled, Gap, Reading,
)  # fmt: skip

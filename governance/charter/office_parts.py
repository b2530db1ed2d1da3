"""What a charter says of people: offices with their terms, caps and vacancies, and groups that are no office."""

# ruff: noqa: RUF009 - key() gives dataclass fields, as field() does
from __future__ import annotations

from dataclasses import dataclass

from governance.charter.decision_parts import Threshold
from governance.charter.declaring import Part, Ruled, key
from governance.charter.kinds import (
    COUNT,
    DAYS,
    DECISION,
    FLAG,
    OFFICE,
    ROLES,
    SHARE,
    TEXT,
    TEXTS,
    Choice,
    ListOf,
    PartOf,
    Share,
    Whole,
)

OFFICE_KINDS = ("lead", "core", "area", "council", "other")


@dataclass(frozen=True, kw_only=True)
class Exceptions(Part):
    """How somebody is let in who does not meet the letter."""

    decider: tuple[str, ...] = key(ROLES, "Who decides on a request.")
    threshold: Threshold | None = key(PartOf(Threshold), "What the deciders' vote must reach.", default=None)


@dataclass(frozen=True, kw_only=True)
class Group(Ruled):
    """People with a standing that is no office: contributors, eligible voters."""

    title: str = key(TEXT, "How a sentence names one of them.")
    plural: str = key(TEXT, "How a sentence names them all.")
    eligibility: tuple[str, ...] = key(TEXTS, "What makes one of them.", default=())
    contributions_at_least: int | None = key(COUNT, "How many contributions are asked.", default=None)
    within_days: int | None = key(DAYS, "In how many days before.", default=None)
    exceptions: Exceptions | None = key(PartOf(Exceptions), "Who may be let in all the same.", default=None)


@dataclass(frozen=True, kw_only=True)
class Seats(Part):
    """How many may hold an office at once."""

    exactly: int | None = key(COUNT, "This many.", default=None)
    least: int | None = key(COUNT, "At least this many.", default=None)
    most: int | None = key(COUNT, "At most this many (the office's cap).", default=None)


@dataclass(frozen=True, kw_only=True)
class TermRule(Part):
    """How long somebody holds an office. One of months, until and unlimited."""

    one_of = ("months", "until", "unlimited")

    months: int | None = key(Whole(1, 240), "It lasts this many months.", default=None)
    until: str = key(TEXT, "It lasts until this happens.", default="")
    unlimited: bool = key(FLAG, "It has no end.", default=False)
    least_months: int | None = key(Whole(1, 240), "It lasts at least this many months.", default=None)
    consecutive_at_most: int | None = key(Whole(1, 100), "How many terms in a row.", default=None)
    soft: bool = key(FLAG, "The limit of terms yields where nobody else is found.", default=False)
    staggered: str = key(TEXT, "How seats end at different times.", default="")


@dataclass(frozen=True, kw_only=True)
class CapStep(Part):
    """A cap for bodies of some sizes."""

    from_members: int = key(COUNT, "For bodies of at least this many members.", default=0)
    to_members: int | None = key(COUNT, "For bodies of at most this many members.", default=None)
    most: int = key(COUNT, "At most this many of one employer.")


@dataclass(frozen=True, kw_only=True)
class EmployerCap(Part):
    """How many members of a body may work for one employer. One of most, share and steps."""

    one_of = ("most", "share", "steps")

    most: int | None = key(COUNT, "At most this many.", default=None)
    share: Share | None = key(SHARE, "At most this share of the members, rounded down.", default=None)
    steps: tuple[CapStep, ...] = key(ListOf(PartOf(CapStep)), "By the size of the body.", default=())
    at_election: str = key(TEXT, "What happens when an election would break it.", default="")
    mid_term: str = key(TEXT, "What happens when it breaks between elections.", default="")


@dataclass(frozen=True, kw_only=True)
class Vacancy(Part):
    """What happens when an office falls vacant."""

    acting: tuple[str, ...] | None = key(ROLES, "Who acts meanwhile; an empty list: nobody.", default=None)
    method: str | None = key(DECISION, "The decision that fills it.", default=None)
    deadline_days: int | None = key(DAYS, "In how many days it must be filled.", default=None)
    remainder: bool = key(FLAG, "The successor serves the rest of the term.", default=False)
    when: tuple[str, ...] = key(TEXTS, "What counts as a vacancy.", default=())


@dataclass(frozen=True, kw_only=True)
class Inactivity(Part):
    """When a holder counts as inactive, and what follows."""

    after_days: int | None = key(DAYS, "Days without activity.", default=None)
    after_missed_votes: int | None = key(COUNT, "Votes missed in a row.", default=None)
    period_set_by: tuple[str, ...] = key(ROLES, "Who sets the period, where the charter does not.", default=())
    automatic: bool = key(FLAG, "It follows by itself.", default=False)
    becomes: str = key(TEXT, "What they become: emeritus, inactive, a regular member.")
    loses: tuple[str, ...] = key(TEXTS, "What they lose by it.", default=())
    returns: str = key(TEXT, "How they return.", default="")
    notice: str = key(TEXT, "What they are asked or told first.", default="")


@dataclass(frozen=True, kw_only=True)
class CheckIn(Part):
    """How often holders are asked whether they are still interested."""

    every_days: int = key(Whole(1, 3660), "Days between two questions.")
    words: str = key(TEXT, "What is asked, and what silence does.", default="")


@dataclass(frozen=True, kw_only=True)
class Office(Ruled):
    """A seat, or some seats: the role that a rule speaks of."""

    title: str = key(TEXT, "How a sentence names its holder.")
    plural: str = key(TEXT, "How a sentence names its holders.")
    body: str = key(TEXT, "How a sentence names them as one body.", default="")
    kind: str = key(Choice(OFFICE_KINDS), "Which kind of office it is.")
    parent: str | None = key(OFFICE, "The office above it.", default=None)
    among: tuple[str, ...] = key(ROLES, "Whom its holders must be among.", default=())
    per_area: bool = key(FLAG, "Each area has its own.", default=False)
    votes: bool = key(FLAG, "Its holders vote.", default=True)
    seats: Seats | None = key(PartOf(Seats), "How many hold it.", default=None)
    term: TermRule | None = key(PartOf(TermRule), "How long.", default=None)
    eligibility: tuple[str, ...] = key(TEXTS, "Who may be chosen.", default=())
    employer_cap: EmployerCap | None = key(PartOf(EmployerCap), "How many of one employer.", default=None)
    vacancy: Vacancy | None = key(PartOf(Vacancy), "What happens when it falls vacant.", default=None)
    inactivity: Inactivity | None = key(PartOf(Inactivity), "When a holder is inactive.", default=None)
    check_in: CheckIn | None = key(PartOf(CheckIn), "How often holders are asked.", default=None)
    duties: tuple[str, ...] = key(TEXTS, "What its holders do.", default=())

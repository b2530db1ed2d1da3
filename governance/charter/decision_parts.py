"""What a charter says of a decision: who asks, who votes, what it must reach, how long it is open."""

# ruff: noqa: RUF009 - key() gives dataclass fields, as field() does
from __future__ import annotations

from dataclasses import dataclass

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

DECISION_KINDS = ("appointment", "election", "removal", "no_confidence", "dispute", "proposal", "policy", "charter")
METHODS = ("one_person", "discussion", "vote", "consent", "election")
BASES = ("cast", "non_abstaining", "seated")
COUNTS = (
    "schulze",
    "ranked_pairs",
    "condorcet",
    "irv",
    "stv",
    "star",
    "bloc_star",
    "approval",
    "plurality",
    "ranked_choice",
)


@dataclass(frozen=True, kw_only=True)
class Threshold(Part):
    """What a vote must reach. One of value and all_but."""

    one_of = ("value", "all_but")

    base: str = key(
        Choice(BASES),
        "What the share is of: votes cast, abstentions among them; votes for and against; all who may vote.",
    )
    value: Share | None = key(SHARE, "The share.", default=None)
    strict: bool = key(FLAG, "More than the share; otherwise at least the share.", default=False)
    all_but: int | None = key(COUNT, "All of the base but this many (2: N-2 confirmed).", default=None)
    no_objection: bool = key(FLAG, "And nobody objects.", default=False)


@dataclass(frozen=True, kw_only=True)
class Electorate(Part):
    """Who votes."""

    of: tuple[str, ...] = key(ROLES, "The roles whose holders vote.")
    without: tuple[str, ...] = key(ROLES, "Roles whose holders do not, though they are among them.", default=())


@dataclass(frozen=True, kw_only=True)
class Quorum(Part):
    """How many must take part. One of share, least and all_but."""

    one_of = ("share", "least", "all_but", "none")

    share: Share | None = key(SHARE, "This share of all who may vote, at least.", default=None)
    strict: bool = key(FLAG, "More than the share.", default=False)
    least: int | None = key(COUNT, "This many.", default=None)
    all_but: int | None = key(COUNT, "All but this many.", default=None)
    recused_at_most: Share | None = key(SHARE, "At most this share of all may be recused.", default=None)
    none: bool = key(FLAG, "The text asks for none.", default=False)


@dataclass(frozen=True, kw_only=True)
class Window(Part):
    """How long it is open."""

    least_days: int | None = key(DAYS, "At least this many days.", default=None)
    most_days: int | None = key(DAYS, "At most this many days.", default=None)
    set_by: tuple[str, ...] = key(ROLES, "Who chooses within the bounds.", default=())
    closes: str = key(
        Choice(("", "exact", "anywhere_on_earth", "utc_midnight")),
        "How the last day ends: to the minute, when it is over everywhere, at midnight in UTC; left out: unsaid.",
        default="",
    )


@dataclass(frozen=True, kw_only=True)
class Recusal(Part):
    """Who must stand aside, and whether they are counted."""

    required: bool = key(FLAG, "Who has a conflict of interest must stand aside.")
    who: str = key(TEXT, "What counts as a conflict.", default="")
    denominator: str = key(
        Choice(("", "lowered", "kept")),
        "Whether a recused person still counts among the seated; left out: unsaid.",
        default="",
    )


@dataclass(frozen=True, kw_only=True)
class SecondRequired(Part):
    """Whose support a motion or a nomination needs before it goes on."""

    by: tuple[str, ...] = key(ROLES, "Who may second.")
    count: int = key(Whole(1, 100), "How many must.", default=1)
    employers: int | None = key(Whole(1, 100), "Of how many different employers.", default=None)
    within_days: int | None = key(DAYS, "In how many days.", default=None)
    nominee_counts: bool = key(FLAG, "Whom it is about counts as one of them, where they may second.", default=False)
    unknown_differs: bool = key(
        FLAG, "Supporters whose employer is not known count as of different employers.", default=False
    )


@dataclass(frozen=True, kw_only=True)
class Publication(Part):
    """What is made public."""

    what: str = key(TEXT, "What is published.")
    ballots: str = key(
        Choice(("", "public", "secret", "secret_until_close")),
        "Whether voters' choices are shown; left out: unsaid.",
        default="",
    )
    where: str = key(TEXT, "Where.", default="")
    when: str = key(TEXT, "When.", default="")


@dataclass(frozen=True, kw_only=True)
class Counting(Part):
    """How an election's ballots are counted."""

    method: str = key(Choice(COUNTS), "The method; `condorcet` and `ranked_choice` name a family only.")
    seats: int | None = key(Whole(1, 1000), "How many seats it fills.", default=None)
    stars: int | None = key(Whole(1, 100), "The highest score, where candidates are scored.", default=None)
    unranked: str = key(
        Choice(("", "excluded", "last")), "What an unranked candidate means; left out: unsaid.", default=""
    )


@dataclass(frozen=True, kw_only=True)
class Decision(Ruled):
    """Something that is decided: who may ask for it, who decides, and by what."""

    title: str = key(TEXT, "What is decided, as a phrase that begins with a verb.")
    kind: str = key(Choice(DECISION_KINDS), "Which kind of decision.")
    about: tuple[str, ...] = key(ListOf(OFFICE), "The offices it fills, ends or concerns.", default=())
    method: str | None = key(Choice(METHODS), "How it is decided.", default=None)
    nominator: tuple[str, ...] | None = key(ROLES, "Who may nominate, or call for it.", default=None)
    self_nomination: bool | None = key(FLAG, "Whether one may nominate oneself.", default=None)
    decider: tuple[str, ...] | None = key(ROLES, "Who decides.", default=None)
    electorate: Electorate | None = key(PartOf(Electorate), "Who votes, where it is voted on.", default=None)
    eligibility: tuple[str, ...] = key(TEXTS, "Who may stand.", default=())
    threshold: Threshold | None = key(PartOf(Threshold), "What the vote must reach.", default=None)
    quorum: Quorum | None = key(PartOf(Quorum), "How many must take part.", default=None)
    window: Window | None = key(PartOf(Window), "How long it is open.", default=None)
    nomination_window: Window | None = key(PartOf(Window), "How long candidates are taken.", default=None)
    recusal: Recusal | None = key(PartOf(Recusal), "Who stands aside.", default=None)
    tie_break: tuple[str, ...] | None = key(TEXTS, "What breaks a tie, in order.", default=None)
    second_required: SecondRequired | None = key(PartOf(SecondRequired), "Who must second it.", default=None)
    veto: tuple[str, ...] = key(ROLES, "Who may veto it.", default=())
    counting: Counting | None = key(PartOf(Counting), "How an election is counted.", default=None)
    publication: Publication | None = key(PartOf(Publication), "What is made public.", default=None)
    escalates_to: str | None = key(DECISION, "The decision it goes to where it fails to conclude.", default=None)
    not_during: tuple[str, ...] = key(ListOf(DECISION), "Not while one of these is open.", default=())
    when: str = key(TEXT, "When it takes place.", default="")
    forms: tuple[str, ...] = key(TEXTS, "The forms it takes; one must be named.", default=())
    effect: str = key(TEXT, "What follows when it passes.", default="")

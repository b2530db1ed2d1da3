"""What a charter consists of: each class is a table of the file, each field one of its keys.

The fields' metadata is the schema: the reader validates by it, and docs/reference/charter.md is written from it.
"""

# ruff: noqa: RUF009 - key() gives dataclass fields, as field() does
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from governance.charter.kinds import (
    COUNT,
    DAYS,
    DECISION,
    FLAG,
    OFFICE,
    PATHS,
    ROLES,
    SHARE,
    SOURCES,
    STATE,
    TEXT,
    TEXTS,
    Choice,
    Kind,
    ListOf,
    Named,
    PartOf,
    Share,
    Source,
    Whole,
)

SCHEMA = 1

OFFICE_KINDS = ("lead", "core", "area", "council", "other")
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


def key(kind: Kind, words: str, *, default: Any = MISSING, called: str = "") -> Any:
    """Declare a key: its kind of value, what it says, and its default where it may be left out."""
    return field(default=default, metadata={"kind": kind, "words": words, "called": called})


def keys_of(part: type) -> Iterator[tuple[str, Field[Any]]]:
    """Give the keys of a table, as the file names them, with their fields."""
    for declared in fields(part):
        if "kind" in declared.metadata:
            yield declared.metadata["called"] or declared.name, declared


@dataclass(frozen=True, kw_only=True)
class Part:
    """Every table: where in the file it stands, as a key path, and its sources."""

    path: str = ""
    source: tuple[Source, ...] = key(SOURCES, "Where the rule can be read.", default=())


@dataclass(frozen=True, kw_only=True)
class Ruled(Part):
    """A table that stands alone and must name its source."""

    source: tuple[Source, ...] = key(SOURCES, "Where the rule can be read.")


@dataclass(frozen=True, kw_only=True)
class Document:
    """A text that the rules are taken from."""

    path: str = ""
    title: str = key(TEXT, "Its title.")
    url: str = key(TEXT, "Its public address.")
    revision: str = key(TEXT, "The revision that was read: a tag, a commit, a date.", default="")


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

"""What the software answers from a charter: the words, the value, where the rule stands, and the gaps that touch it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from governance.charter.kinds import Source
from governance.charter.parts import Gap

T = TypeVar("T")


@dataclass(frozen=True)
class Answer(Generic[T]):
    """An answer. `value` is None where the charter does not determine it: then `words` and `gaps` say why."""

    words: str
    value: T | None
    sources: tuple[Source, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def determined(self) -> bool:
        """Say whether the charter gives one answer."""
        return self.value is not None


@dataclass(frozen=True)
class Roles:
    """Some roles of a charter, and how a sentence names them."""

    names: tuple[str, ...]
    words: str

    def __contains__(self, role: str) -> bool:
        return role in self.names or "anyone" in self.names


@dataclass(frozen=True)
class Votes:
    """How many votes in favour are needed: of how many that count."""

    yes: int
    of: int


@dataclass(frozen=True)
class Outcome:
    """How a vote ends."""

    passed: bool
    needed: int
    of: int
    yes: int


@dataclass(frozen=True)
class Succession:
    """What happens when an office falls vacant; None where the charter leaves it open."""

    acting: Roles | None
    decision: str | None
    deadline: date | None
    deadline_days: int | None
    remainder: bool


@dataclass(frozen=True)
class Opening:
    """How long something is open: not shorter, not longer, and the last moment of the longest."""

    least_days: int | None
    most_days: int | None
    earliest_end: datetime | None
    latest_end: datetime | None


@dataclass(frozen=True)
class Standing:
    """Whether a recusal is asked, and whether who stands aside still counts among the seated."""

    required: bool
    counted: bool | None


@dataclass(frozen=True)
class Second:
    """Whose support is needed: how many, of how many employers, until when."""

    by: Roles
    count: int
    employers: int | None
    within_days: int | None


@dataclass(frozen=True)
class Move:
    """Whether a proposal may move, and what is still missing, each in words."""

    allowed: bool
    by: Roles
    missing: tuple[str, ...]


@dataclass(frozen=True)
class ProposalFacts:
    """What is known of a proposal when somebody asks whether it may move."""

    open_concerns: int = 0
    objections: int = 0
    reviews_complete: int = 0
    reviews_outstanding: int = 0
    approvals: int = 0
    days_in_state: int = 0
    final_comment_over: bool = False
    lazy_consensus: bool = False
    decisions_passed: tuple[str, ...] = ()
    has_sponsor: bool = False
    implemented: bool = False
    reason: str = ""

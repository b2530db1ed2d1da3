"""What is held, what revisions list, and what differs, in plain values: the words in which both are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from governance.importing.coverage import family_of
from governance.importing.reading import Place, Reading

Kind = Literal["person", "area", "office", "term", "affiliation", "proposal"]
RenamedKind = Literal["area", "office"]
Verb = Literal["added", "changed", "ended", "removed"]
Ref = int | str  # a row's number, or the key of what has none yet
Fields = dict[str, Any]


@dataclass(frozen=True)
class Rename:
    """What one revision calls otherwise than the ones before, by the keys of the source."""

    kind: RenamedKind
    old: str
    new: str

    @property
    def key(self) -> str:
        """Return how a person names it: old=new."""
        return f"{self.old}={self.new}"


@dataclass(frozen=True)
class LooksRenamed:
    """A rename that somebody may confirm, and why it looks like one."""

    rename: Rename
    old_name: str
    new_name: str
    reasons: tuple[str, ...]
    place: Place

    @property
    def words(self) -> str:
        """Say it in one line."""
        return f"{self.old_name} → {self.new_name}: {', '.join(self.reasons)}"


@dataclass(frozen=True)
class Sighting:
    """A reading with its day: what one revision lists, and which families of files it lists whole."""

    number: int
    on: date
    reading: Reading
    covered: frozenset[str] = frozenset()
    root: str = ""
    # What a person confirmed to be called otherwise since this revision.
    renames: tuple[Rename, ...] = ()

    def family(self, place: Place) -> str:
        return family_of(self.reading.format, place.file, self.root)


@dataclass(frozen=True)
class Trace:
    """What imports wrote into a row: under which key of the source, what stood there before, what stands since."""

    key: str
    before: Fields | None
    written: Fields


@dataclass(frozen=True)
class Held:
    """A row as it is held, with the trace of this source's imports in it, if any."""

    pk: int
    fields: Fields
    trace: Trace | None = None
    # The values that another source's imports wrote last.
    shared: frozenset[str] = frozenset()

    @property
    def made_here(self) -> bool:
        return self.trace is not None and self.trace.before is None

    def edited(self, name: str) -> bool:
        """Say whether a person changed a value since an import wrote it."""
        written = self.trace.written if self.trace else {}
        return name in written and written[name] != self.fields[name]

    @property
    def touched(self) -> bool:
        return any(self.edited(name) for name in self.fields)

    @property
    def touched_by_hand(self) -> bool:
        """Say whether a person changed it since; what another source's import wrote is no person's word."""
        return any(self.edited(name) for name in self.fields.keys() - self.shared)


@dataclass(frozen=True)
class Holdings:
    """What the site holds of a project, and of the people whom the source may mean."""

    project: str
    prefix: str
    people: Sequence[Held] = ()
    areas: Sequence[Held] = ()
    offices: Sequence[Held] = ()
    terms: Sequence[Held] = ()
    affiliations: Sequence[Held] = ()
    proposals: Sequence[Held] = ()
    # Traces whose rows somebody removed.
    gone: Sequence[Trace] = ()
    # Under which name each employer is counted.
    employers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One row to add, change, end or remove: values before and after, and the line that says so."""

    verb: Verb
    kind: Kind
    ref: Ref
    words: str
    before: Fields | None = None
    after: Fields | None = None
    place: Place | None = None
    key: str = ""


@dataclass(frozen=True)
class Conflict:
    """What the source says and is not applied, since a person said otherwise here."""

    kind: Kind
    ref: Ref
    words: str
    place: Place | None = None


@dataclass
class Difference:
    """Everything that applying would do, and what it would leave."""

    changes: list[Change] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    # What looks like a rename, and nobody confirmed.
    renames: list[LooksRenamed] = field(default_factory=list)

    def of(self, *verbs: Verb) -> list[Change]:
        return [change for change in self.changes if change.verb in verbs]

    @property
    def empty(self) -> bool:
        return not self.changes


def iso(value: date | None) -> str | None:
    return value.isoformat() if value else None


def day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None

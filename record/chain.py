"""How an event becomes text and the text a hash: all that is needed to check the record, without a database.

The format is RFC 8785 (canonical JSON), restricted to text, whole numbers, true, false, null, lists and
objects: numbers with a fraction are kept as text, because programs disagree on how to write them.
docs/reference/record.md is written for those who check it from outside.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

BEFORE_THE_FIRST = "0" * 64
# Beyond this, programs that read numbers as doubles change them.
LARGEST_WHOLE_NUMBER = 2**53 - 1


@dataclass(frozen=True)
class Entry:
    """One line of the record."""

    position: int
    at: datetime
    kind: str
    actor: str
    actor_id: int | None
    subject: str
    summary: str
    data: Mapping[str, Any]
    previous: str
    hash: str = ""

    def body(self) -> dict[str, Any]:
        """Return what is hashed: every field but the hash itself."""
        return {
            "actor": self.actor,
            "actor_id": self.actor_id,
            "at": instant(self.at),
            "data": self.data,
            "kind": self.kind,
            "position": self.position,
            "previous": self.previous,
            "subject": self.subject,
            "summary": self.summary,
        }

    def computed_hash(self) -> str:
        """Return the SHA-256 of the canonical JSON of the body, in hexadecimal."""
        return digest(self.body())

    def line(self) -> str:
        """Return the entry as one line of the public export."""
        return canonical({**self.body(), "hash": self.hash})


@dataclass(frozen=True)
class Withheld(Entry):
    """An entry of a public export whose content is withheld at a person's request: its place in the chain is shown."""

    @classmethod
    def of(cls, entry: Entry) -> "Withheld":
        """Return an entry without its content."""
        return cls.at_place(entry.position, entry.previous, entry.hash)

    @classmethod
    def at_place(cls, position: int, previous: str, digest: str) -> "Withheld":
        """Return what stands at a place of which only the hashes are told."""
        return cls(position, datetime.min.replace(tzinfo=UTC), "", "", None, "", "", {}, previous, digest)

    def line(self) -> str:
        """Return the entry as one line of the public export."""
        return canonical({"hash": self.hash, "position": self.position, "previous": self.previous, "withheld": True})


@dataclass(frozen=True)
class Finding:
    """What checking a record found: how far it is whole, and what is wrong at the first bad position.

    The content of `withheld` events could not be checked, only their place.
    """

    events: int
    head: str
    bad_position: int | None = None
    problem: str = ""
    withheld: int = 0

    @property
    def whole(self) -> bool:
        return self.bad_position is None


def instant(at: datetime) -> str:
    """Write a moment in UTC with six digits of a second: 2026-05-15T12:00:00.000000Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(value: Any) -> str:
    """Write JSON the one way that is hashed: keys in order, no spaces, nothing escaped that need not be."""
    return json.dumps(in_order(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def in_order(value: Any) -> Any:
    """Return the value with every object's keys in the order of RFC 8785: by UTF-16 code unit."""
    if isinstance(value, Mapping):
        return {key: in_order(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    if isinstance(value, list):
        return [in_order(item) for item in value]
    return value


def digest(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a body's canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(body).encode()).hexdigest()


def plain(value: Any) -> Any:
    """Return data as the record keeps it; what it cannot keep exactly becomes text, what makes no sense is refused.

    Raises:
        ValueError: for text that no database and no program keeps alike.
        TypeError: for an object that has no plain form.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, int):
        return int(value) if abs(value) <= LARGEST_WHOLE_NUMBER else str(int(value))
    if isinstance(value, float):
        return repr(float(value))
    return plain_collection(value)


def plain_text(text: str) -> str:
    """Return text that is valid Unicode without NUL, else refuse it."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"The record keeps valid Unicode only: {text!r}") from error
    if "\x00" in text:
        raise ValueError(f"The record keeps no NUL character: {text!r}")
    return str(text)


def plain_collection(value: Any) -> Any:
    """Return an object, a list or a date in the record's form."""
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("The record's objects have text as keys.")
        return {plain_text(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"The record cannot keep a {type(value).__name__}: {value!r}")


def verify(entries: Iterable[Entry], *, anchors: Mapping[int, str] | None = None) -> Finding:
    """Check a record from its first event, one entry at a time, and stop at the first bad position.

    `anchors` are hashes that somebody kept elsewhere, by position: they show a record that was rewritten as a
    whole, or cut off at its end, which no chain can show by itself.
    """
    wanted = dict(anchors or {})
    last = Entry(0, datetime.now(UTC), "", "", None, "", "", {}, "", hash=BEFORE_THE_FIRST)
    withheld = 0
    for entry in entries:
        problem = wrong_with(entry, last) or wrong_with_anchor(entry, wanted.pop(entry.position, None))
        if problem:
            return Finding(last.position, last.hash, last.position + 1, problem, withheld)
        withheld += isinstance(entry, Withheld)
        last = entry
    if wanted:
        missing = min(wanted)
        return Finding(
            last.position,
            last.hash,
            last.position + 1,
            f"event {missing} was kept elsewhere and is not here",
            withheld,
        )
    return Finding(last.position, last.hash, withheld=withheld)


def wrong_with(entry: Entry, before: Entry) -> str:
    """Say what is wrong with an entry after the one before it; nothing when it is right."""
    if entry.position != before.position + 1:
        return f"event {before.position + 1} is missing: the next one here is {entry.position}"
    if entry.previous != before.hash:
        return "it does not carry the hash of the event before it"
    if not isinstance(entry, Withheld) and entry.hash != entry.computed_hash():
        return "its content does not give its hash: it was changed after it was written"
    return ""


def wrong_with_anchor(entry: Entry, anchor: str | None) -> str:
    """Say that an entry differs from the hash that was kept elsewhere."""
    return "its hash is not the one that was kept elsewhere" if anchor not in (None, entry.hash) else ""


class UnreadableLine(ValueError):
    """A line of an export that is no event."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"line {number}: {reason}")
        self.number = number


def read_lines(lines: Iterable[str]) -> Iterator[Entry]:
    """Read a public export, line by line.

    Raises:
        UnreadableLine: for a line that is not a JSON object with exactly an event's fields, or holds what the record
            never keeps.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield read_line(number, line)


def read_line(number: int, line: str) -> Entry:
    """Read one line of a public export; its time must be written as the record writes it."""
    try:
        fields = json.loads(line)
        if isinstance(fields, dict) and "withheld" in fields:
            return read_withheld(fields)
        entry = Entry(**{**fields, "at": datetime.fromisoformat(fields["at"])})
        if instant(entry.at) != fields["at"]:
            raise ValueError(f"the time {fields['at']!r} is not written as the record writes it")
        # What has no hash at all is no event that was changed, but none.
        entry.computed_hash()
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise UnreadableLine(number, f"not an event of the record ({one_line(error)})") from error
    return entry


def read_withheld(fields: dict[str, Any]) -> Withheld:
    """Read a line whose content is withheld."""
    places = isinstance(fields.get("position"), int) and fields["withheld"] is True
    hashes = all(isinstance(fields.get(name), str) and len(fields[name]) == 64 for name in ("hash", "previous"))
    if not (places and hashes and set(fields) == {"hash", "position", "previous", "withheld"}):
        raise ValueError("a withheld event has a position, the hash before it, its own, and nothing else")
    return Withheld.at_place(fields["position"], fields["previous"], fields["hash"])


def one_line(error: Exception) -> str:
    """Return an error's words on one line that every terminal can show."""
    said = " ".join(str(error).encode("ascii", "backslashreplace").decode().split())
    return said if len(said) <= 200 else f"{said[:200]}..."


def chained(entry: Entry, before: Entry | None) -> Entry:
    """Return a new entry placed after another one, with its position, previous hash and hash."""
    placed = replace(
        entry,
        position=before.position + 1 if before else 1,
        previous=before.hash if before else BEFORE_THE_FIRST,
    )
    return replace(placed, hash=placed.computed_hash())

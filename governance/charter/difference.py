"""Say in words what changed between two versions of a charter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from governance.charter import saying
from governance.charter.kinds import Source
from governance.charter.parts import (
    Charter,
    Decision,
    Gap,
    Office,
    Part,
    Quorum,
    State,
    Threshold,
    Transition,
    Window,
    keys_of,
)

SAID_WHOLE: dict[type, Callable[[Any], str]] = {
    Threshold: saying.threshold,
    Quorum: saying.quorum,
    Window: saying.window,
}
TABLES = {"offices": "office", "decisions": "decision", "groups": "group", "gaps": "gap", "documents": "document"}


@dataclass(frozen=True)
class Change:
    """One thing that changed: where, which key, what it was and what it is; empty: it was not there, or is no more."""

    path: str
    where: str
    key: str
    before: str
    after: str

    def __str__(self) -> str:
        if not self.key:
            return f"{self.where}: {'new' if self.after else 'removed'}."
        before, after = self.before.rstrip("."), self.after.rstrip(".")
        if not before:
            return f"{self.where}: {self.key}: {after} (new)."
        return f"{self.where}: {self.key}: {before} → {after or 'removed'}."


def changes(old: Charter, new: Charter) -> tuple[Change, ...]:
    """Return what changed, in the order of the charter."""
    return tuple(compared(old, new))


def compared(old: Charter, new: Charter) -> Iterator[Change]:
    """Compare two charters table by table."""
    for name, _ in keys_of(Charter):
        before, after = getattr(old, name), getattr(new, name)
        if name in TABLES:
            yield from of_table(name, before, after)
        elif isinstance(before or after, Part):
            yield from of_part(before, after, (before or after).path, "Proposals", "")
        elif before != after:
            yield Change(name, "The charter", name, shown(before), shown(after))


def of_table(table: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    """Compare the named parts of a table."""
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        part = after or before
        where = f"{TABLES[table].capitalize()} “{title_of(part, name)}”"
        if before is None or after is None:
            yield Change(f"{table}.{name}", where, "", "" if before is None else "was", "" if after is None else "is")
        else:
            yield from of_part(before, after, f"{table}.{name}", where, "")


def of_part(before: Any, after: Any, path: str, where: str, key: str) -> Iterator[Change]:
    """Compare two parts of one class key by key; one of them may be missing."""
    if before == after:
        return
    part = before if before is not None else after
    if type(part) in SAID_WHOLE or before is None or after is None:
        if shown(before) != shown(after):
            yield Change(path, where, key or "the rule", shown(before), shown(after))
        if type(part) not in SAID_WHOLE or before is None or after is None:
            return
    for name, declared in keys_of(type(part)):
        said = type(part) in SAID_WHOLE and name != "source"
        if not said:
            one, two = getattr(before, declared.name), getattr(after, declared.name)
            yield from of_value(one, two, f"{path}.{name}", where, f"{key} {name}".strip().replace("_", " "))


def of_value(before: Any, after: Any, path: str, where: str, key: str) -> Iterator[Change]:
    """Compare two values of one key."""
    if isinstance(before, Part) or isinstance(after, Part):
        yield from of_part(before, after, path, where, key)
    elif isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            yield from of_value(before.get(name), after.get(name), f"{path}.{name}", where, f"{key} {name}")
    elif parts(before) or parts(after):
        yield from of_list(before or (), after or (), path, where, key)
    elif shown(before) != shown(after):
        yield Change(path, where, key, shown(before), shown(after))


def of_list(before: tuple[Part, ...], after: tuple[Part, ...], path: str, where: str, key: str) -> Iterator[Change]:
    """Compare two lists of parts: those that are in both, whatever their place, have not changed."""
    old = {identity(part, place): part for place, part in enumerate(before)}
    new = {identity(part, place): part for place, part in enumerate(after)}
    for name in dict.fromkeys((*old, *new)):
        yield from of_part(old.get(name), new.get(name), f"{path}.{name}", where, f"{key} {name}")


def identity(part: Part, place: int) -> str:
    """Return what tells a part of a list from the others: a move by its states, others by their place."""
    return f"{' or '.join(part.leaves)} → {part.enters}" if isinstance(part, Transition) else str(place + 1)


def parts(value: Any) -> bool:
    """Say whether a value is a list of parts."""
    return isinstance(value, tuple) and any(isinstance(item, Part) for item in value)


def title_of(part: Any, name: str) -> str:
    """Name a part as a reader knows it."""
    if isinstance(part, Decision | Office | State):
        return part.title
    return part.question if isinstance(part, Gap) else getattr(part, "title", name)


def shown(value: Any) -> str:
    """Show a value in a sentence; nothing for one that is not said."""
    if value is None or value == "" or value == ():
        return ""
    if type(value) in SAID_WHOLE:
        return SAID_WHOLE[type(value)](value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, Part):
        return "; ".join(
            f"{name.replace('_', ' ')} {shown(getattr(value, key.name))}"
            for name, key in keys_of(type(value))
            if shown(getattr(value, key.name)) and getattr(value, key.name) != key.default
        )
    return f"{value.document} § {value.section}" if isinstance(value, Source) else str(value)

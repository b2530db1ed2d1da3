"""Say which values a source may change in a row: all of an import's own, and what a person left open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from governance.importing.held import (
    Fields,
    Held,
)
from governance.importing.reading import PersonRead


def best_name(read: Sequence[PersonRead]) -> str:
    """Return the newest name that is more than a login."""
    names = [person.name for person in read if person.name.lower() != person.github.lower()]
    return names[-1] if names else read[-1].name


def person_update(row: Held, wanted: Fields) -> Fields:
    """Return what a source adds to a person: a name only where no person gave one, another login, a number."""
    found: Fields = {}
    if row.fields["withheld"] is not None:
        return found
    known = {login.lower(): number for login, number in row.fields["accounts"]}
    nameless = row.fields["name"].lower() in known and wanted["name"].lower() not in known
    if wanted["name"] != row.fields["name"] and (row.made_here or nameless):
        found["name"] = wanted["name"]
    login, number = wanted["github"], wanted["number"]
    borne = {login.lower() for login, _, _ in row.fields["former"]}
    if login and login.lower() not in known.keys() | borne:
        found["github"] = login
    if number and known.get(login.lower()) is None and number not in known.values():
        found["number"] = number
    return found


def as_it_was(row: Held, update: Callable[[Held], Fields], *names: str) -> Fields:
    """Return what changes of a row that a person entered: what a source adds to it as it was before all imports.

    What no revision says any more becomes what it was. `names` are the values that are given back; none names all.
    """
    before = (row.trace.before or {}) if row.trace and row.fields.get("withheld") is None else {}
    own = {name: before[name] for name in before if name in (names or row.fields) and not row.edited(name)}
    wanted = {**own, **update(replace(row, fields={**row.fields, **own}))}
    return {name: value for name, value in wanted.items() if value != row.fields.get(name)}


def area_update(row: Held, wanted: Fields) -> Fields:
    """Return what a source changes of an area; one that was entered by hand only gets what it lacks."""
    changed = {name: value for name, value in wanted.items() if row.fields[name] != value}
    if row.made_here:
        return changed
    filled: Fields = {name: changed[name] for name in ("parent", "paths") if name in changed and not row.fields[name]}
    if "known_from" in changed and row.fields["known_from"] is None:
        filled["known_from"] = changed["known_from"]
    if "sunset_on" in changed and row.fields["sunset_on"] is None:
        filled["sunset_on"] = changed["sunset_on"]
    return filled


def office_update(row: Held, wanted: Fields) -> Fields:
    """Return what a source changes of an office; one that was entered by hand only gets the role it lacks."""
    changed = {name: value for name, value in wanted.items() if row.fields[name] != value}
    if row.made_here:
        return changed
    return {"role": changed["role"]} if changed.get("role") and not row.fields["role"] else {}


def called(name: str) -> str:
    """Return a value's name as a sentence writes it."""
    return {
        "slug": "address",
        "former_slugs": "addresses before",
        "known_from": "known from",
        "sunset_on": "kept up until",
        "opened_on": "opened on",
    }.get(name, name)


def shown(value: Any) -> str:
    """Write a value in a sentence."""
    if value in (None, "", [], {}):
        return "nothing"
    if isinstance(value, dict):
        return f"of {len(value)}"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"

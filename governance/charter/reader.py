"""Read a charter's text: every fault is told at once, with its key path, its line and the remedy."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING
from importlib import resources
from typing import Any

from governance.charter.faults import CharterRefused, Fault, UnknownRule
from governance.charter.kinds import NAME
from governance.charter.lines import line_of, lines_of
from governance.charter.parts import Charter, keys_of
from governance.charter.sense import faults_of_sense

LARGEST_TEXT = 500_000
AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
SHIPPED = ("pytorch", "python", "rust", "node", "kubernetes")


class Reader:
    """What reading one text keeps in mind: the raw tables, the lines of their keys, the faults so far."""

    def __init__(self, raw: Mapping[str, Any], lines: Mapping[str, int]) -> None:
        self.raw = raw
        self.lines = dict(lines)
        self.faults: list[Fault] = []

    def wrong(self, path: str, wrong: str, remedy: str, *, near: Any = None) -> Any:
        """Note a fault and return None in the value's place; `near`: what was written where a known word was meant."""
        if isinstance(near, str) and (guess := nearest(near, remedy)):
            remedy = f"{remedy} (did you mean {guess}?)"
        self.faults.append(Fault(path, line_of(path, self.lines), wrong, remedy))
        return None

    def names(self, *tables: str) -> set[str]:
        """Return the names that tables of the text define."""
        return {name for table in tables for name in self.table(table)}

    def table(self, path: str) -> Mapping[str, Any]:
        """Return a raw table by its path; an empty one where there is none."""
        found: Any = self.raw
        for key in path.split("."):
            found = found.get(key) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    def document(self, key: str) -> tuple[str, str] | None:
        """Return the title and the address of a document, if the text defines it."""
        raw = self.table("documents").get(key)
        if not isinstance(raw, Mapping):
            return None
        return str(raw.get("title", key)), str(raw.get("url", ""))

    def part(self, part: type, raw: Any, path: str) -> Any:
        """Read a table into its class; None where it, or something in it, is wrong."""
        if not isinstance(raw, Mapping):
            self.wrong(path, f"{type(raw).__name__} where a table is expected", "write its keys below a [header]")
            return None
        before = len(self.faults)
        values = self.values(part, raw, path)
        self.exactly_one(getattr(part, "one_of", ()), raw, path)
        return part(path=path, **values) if len(self.faults) == before else None

    def exactly_one(self, keys: tuple[str, ...], raw: Mapping[str, Any], path: str) -> None:
        """Note the fault of a table that says none, or two, of what excludes each other."""
        said = [key for key in keys if raw.get(key) not in (None, "", False, [])]
        if keys and len(said) != 1:
            wrong = f"says {' and '.join(said)}" if said else "says neither"
            self.wrong(path, f"it {wrong} of {', '.join(keys)}", "say exactly one of them")

    def charter(self) -> Charter:
        """Read the whole text; what was faulty is left out, so that the rest can be looked at too."""
        values = self.values(Charter, self.raw, "")
        for table in ("documents", "groups", "offices", "decisions", "gaps"):
            values[table] = values[table] or {}
        return Charter(**values)

    def values(self, part: type, raw: Mapping[str, Any], path: str) -> dict[str, Any]:
        """Read the keys of a table; those that it should not have are faults."""
        declared = dict(keys_of(part))
        for unknown in set(raw) - set(declared):
            remedy = f"remove it, or write one of {', '.join(declared)}"
            self.wrong(under(path, unknown), f"the key {unknown} is not known here", remedy, near=unknown)
        return {key.name: self.value(name, key, raw, path) for name, key in declared.items()}

    def value(self, name: str, key: Any, raw: Mapping[str, Any], path: str) -> Any:
        """Read one key of a table, or its default."""
        if name in raw:
            return key.metadata["kind"].read(self, raw[name], under(path, name))
        if key.default is MISSING:
            remedy = f"add {name} = …: {key.metadata['words'].rstrip('.')}"
            self.wrong(under(path, name), f"the key {name} is missing", remedy)
        return key.default if key.default is not MISSING else None


def parse(text: str) -> Charter:
    """Read a charter.

    Raises:
        CharterRefused: with everything that is wrong.
    """
    raw = tables(text)
    reader = Reader({"groups": {}, "gaps": {}, **raw}, lines_of(text))
    charter = reader.charter()
    gaps_whole = len(charter.gaps) == len(reader.table("gaps"))
    for fault in list(faults_of_sense(charter, whole=not reader.faults, gaps_whole=gaps_whole)):
        reader.wrong(*fault)
    if reader.faults:
        raise CharterRefused(reader.faults)
    return charter


def tables(text: str) -> dict[str, Any]:
    """Read a text as TOML.

    Raises:
        CharterRefused: when it is no TOML, or larger than a charter can be.
    """
    if len(text) > LARGEST_TEXT:
        raise CharterRefused([Fault("", 0, f"the text has {len(text)} characters", f"at most {LARGEST_TEXT} are read")])
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        line = AT_LINE.search(str(error))
        wrong = f"this is no TOML: {AT_LINE.sub('', str(error)).strip().rstrip('.')}"
        remedy = "correct the line; https://toml.io says how it is written"
        raise CharterRefused([Fault("", int(line[1]) if line else 0, wrong, remedy)]) from error


def text_of(project: str) -> str:
    """Return the text of a charter that comes with the site.

    Raises:
        UnknownRule: when there is none of that project.
    """
    file = resources.files("governance.charter") / "projects" / f"{project}.toml"
    if not NAME.fullmatch(project) or not file.is_file():
        raise UnknownRule(f"No charter of {project} comes with the site: {', '.join(SHIPPED)} do.")
    return file.read_text(encoding="utf-8")


def load(project: str) -> Charter:
    """Read a charter that comes with the site: pytorch, python, rust, node, kubernetes.

    Raises:
        UnknownRule: when there is none of that project.
    """
    return parse(text_of(project))


def under(path: str, key: str) -> str:
    """Return the path of a key in the table at a path."""
    return f"{path}.{key}" if path else key


def nearest(written: str, among: str) -> str:
    """Return the word of a sentence that is closest to what was written, if one is close."""
    found = difflib.get_close_matches(written, re.findall(r"[a-z_0-9]+", among), n=1, cutoff=0.7)
    return found[0] if found else ""

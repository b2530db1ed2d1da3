"""Read YAML as text with its lines: no date, number or truth value is made of a word, and nothing can blow up.

Files of governance need lists and mappings of words only. An alias (`*name`) is not followed, so that a small file
cannot stand for a huge one; depth and size are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from governance.importing.reading import SourceRefused

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where libyaml is there
DEEPEST = 40
MOST_NODES = 400_000
NOTHING = ("", "~", "null", "Null", "NULL")


@dataclass
class Scalar:
    """A word, with its line from 1. Plain: written without quotes."""

    text: str
    line: int
    plain: bool = True

    @property
    def empty(self) -> bool:
        """Say whether it stands for nothing."""
        return not self.text.strip() or (self.plain and self.text in NOTHING)


@dataclass
class Alias:
    """A reference to a part of the file that was written elsewhere."""

    name: str
    line: int


@dataclass
class Listing:
    """A list."""

    line: int
    items: list[Node] = field(default_factory=list)


@dataclass
class Table:
    """A mapping, every entry in its order: a key that is written twice is there twice."""

    line: int
    entries: list[tuple[Node, Node]] = field(default_factory=list)

    def items(self) -> Iterator[tuple[str, int, Node]]:
        """Yield key, the key's line and the value of each entry; a key that is no word gives all its words."""
        for key, value in self.entries:
            yield key_text(key), key.line, value

    def first(self, name: str) -> Node | None:
        """Return the value of the first entry with this key."""
        return next((value for key, _, value in self.items() if key == name), None)

    def word(self, name: str) -> str:
        """Return the word that the first entry with this key holds, or nothing."""
        value = self.first(name)
        return " ".join(value.text.split()) if isinstance(value, Scalar) and not value.empty else ""


Node = Scalar | Alias | Listing | Table


def read_yaml(text: str, path: str) -> Node | None:
    """Return the first document of a file, or nothing where it is empty.

    Raises:
        SourceRefused: when it is not YAML, or deeper or larger than any file of governance; names the line.
    """
    try:
        return _first_document(text, path)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise SourceRefused(f"{path}:{line}: not YAML, {error.problem or error.context}; mend this line.") from error
    except (yaml.YAMLError, ValueError, UnicodeError) as error:
        reason = " ".join(str(error).split())
        raise SourceRefused(f"{path}: not YAML, {reason[:200]}; mend this file.") from error


def _first_document(text: str, path: str) -> Node | None:
    """Build the tree from events, without recursion; a second document with words is refused, not lost."""
    building: list[Listing | Table] = []
    pending: list[list[Node]] = []  # for each open mapping, the key that waits for its value
    first: Node | None = None
    nodes = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            building.pop()
            pending.pop()
            continue
        node = _node(event)
        if node is None:
            continue
        nodes += 1
        if nodes > MOST_NODES or len(building) >= DEEPEST:
            raise SourceRefused(f"{path}:{node.line}: nested or repeated beyond reason; write the entries out.")
        if building:
            _put(building[-1], pending[-1], node)
        elif first is None:
            first = node
        elif not (isinstance(node, Scalar) and node.empty):
            raise SourceRefused(f"{path}:{node.line}: a second YAML document begins; join it to the first.")
        if isinstance(node, Listing | Table):
            building.append(node)
            pending.append([])
    return first


def _node(event: yaml.Event) -> Node | None:
    line = event.start_mark.line + 1 if event.start_mark else 0
    if isinstance(event, yaml.ScalarEvent):
        return Scalar(event.value, line, event.style is None)
    if isinstance(event, yaml.SequenceStartEvent):
        return Listing(line)
    if isinstance(event, yaml.MappingStartEvent):
        return Table(line)
    return Alias(event.anchor or "", line) if isinstance(event, yaml.AliasEvent) else None


def _put(parent: Listing | Table, key: list[Node], node: Node) -> None:
    if isinstance(parent, Listing):
        parent.items.append(node)
    elif key:
        parent.entries.append((key.pop(), node))
    else:
        key.append(node)


def leaves(node: Node, under: str = "") -> Iterator[tuple[int, str]]:
    """Yield every word below a node with its line, each after the keys that it stands under."""
    waiting: list[tuple[Node, str]] = [(node, under)]
    while waiting:
        now, keys = waiting.pop()
        if isinstance(now, Listing):
            waiting.extend((item, keys) for item in reversed(now.items))
        elif isinstance(now, Table):
            below = [(value, f"{keys}: {key_text(key)[:80]}" if keys else key_text(key)) for key, value in now.entries]
            waiting.extend(reversed(below))
        else:
            word = f"*{now.name}" if isinstance(now, Alias) else "" if now.empty else now.text
            if word or keys:
                yield now.line, f"{keys}: {word}" if keys else word


def key_text(key: Node) -> str:
    """Return a key as text."""
    return key.text if isinstance(key, Scalar) else " ".join(text for _, text in leaves(key))

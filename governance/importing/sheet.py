"""Take names out of one YAML file into a gathering; whatever stands where a name should, stays with its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from governance.importing.gathering import Gathering, login_in
from governance.importing.marked_yaml import Listing, Node, Scalar, Table, leaves
from governance.importing.reading import Place


@dataclass(frozen=True)
class Sheet:
    """One file of a source, and where its facts go."""

    path: str
    to: Gathering

    def place(self, line: int) -> Place:
        return Place(self.path, line)

    def leave(self, node: Node, reason: str, under: str = "") -> None:
        """Keep every word below a node as unread."""
        for line, text in leaves(node, under):
            self.to.leave(self.place(line), text, reason)

    def table(self, node: Node | None, what: str) -> Table | None:
        """Return a node that is a mapping; anything else but emptiness is unread."""
        if node is None or isinstance(node, Table):
            return node
        self.leave(node, f"{what}: a mapping is expected")
        return None

    def words(self, node: Node, what: str) -> Iterator[Scalar]:
        """Yield the words of a list, or a single word that stands in its place; anything else is unread."""
        items = node.items if isinstance(node, Listing) else [node]
        for item in items:
            if not isinstance(item, Scalar):
                self.leave(item, f"{what}: a list of words is expected")
            elif not item.empty:
                yield item

    def tables(self, node: Node, what: str) -> Iterator[Table]:
        """Yield the mappings of a list, or a single mapping that stands in its place; anything else is unread."""
        items = node.items if isinstance(node, Listing) else [node]
        for item in items:
            if isinstance(item, Table):
                yield item
            elif not (isinstance(item, Scalar) and item.empty):
                self.leave(item, f"{what}: a list of mappings is expected")

    def login(self, word: Scalar, what: str) -> str:
        """Return the key of the person whom a word names by login, or nothing: then it is unread."""
        login = login_in(word.text)
        if not login:
            self.to.leave(self.place(word.line), word.text, f"{what}: not a GitHub login")
            return ""
        return self.to.person(self.place(word.line), github=login)

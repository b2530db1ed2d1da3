"""Say in plain words what a changed charter means: articles that come, change and go, gaps that open and close."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from governance.charter import saying
from governance.charter.difference import Change, changes
from governance.charter.parts import Charter, Gap
from governance.charter.plain_words import Section, page


@dataclass(frozen=True)
class Article:
    """A part of a charter that came, changed or went: its name, what it says where it is whole, or what changed."""

    name: str
    section: Section | None
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Articles:
    """What differs between two charters."""

    added: tuple[Article, ...]
    changed: tuple[Article, ...]
    removed: tuple[Article, ...]
    opened: tuple[Gap, ...]
    closed: tuple[Gap, ...]
    altered: tuple[Article, ...]

    @property
    def nothing(self) -> bool:
        """Say whether nothing differs."""
        return not any((self.added, self.changed, self.removed, self.opened, self.closed, self.altered))

    @property
    def sentence(self) -> str:
        """Say how much comes, changes and goes."""
        done = ((self.added, "adds"), (self.changed, "changes"), (self.removed, "removes"))
        articles = [f"{verb} {saying.counted(len(found), 'article')}" for found, verb in done if found]
        gaps = ((self.opened, "opens"), (self.closed, "closes"), (self.altered, "restates"))
        articles += [f"{verb} {saying.counted(len(found), 'gap')}" for found, verb in gaps if found]
        return f"It {saying.listed(articles)}." if articles else "It changes nothing."


def articles(old: Charter, new: Charter) -> Articles:
    """Return what differs, part by part."""
    before, after = sections(old), sections(new)
    found = changes(old, new)
    whole = [change for change in found if not change.key]
    rest = [change for change in found if change.key]
    came = [change for change in whole if change.after and not is_gap(change)]
    went = [change for change in whole if not change.after and not is_gap(change)]
    return Articles(
        added=tuple(Article(change.where, after.get(change.path), ()) for change in came),
        changed=grouped(change for change in rest if not is_gap(change)),
        removed=tuple(Article(change.where, before.get(change.path), ()) for change in went),
        opened=tuple(gap for name, gap in new.gaps.items() if name not in old.gaps),
        closed=tuple(gap for name, gap in old.gaps.items() if name not in new.gaps),
        altered=grouped(change for change in rest if is_gap(change)),
    )


def sections(charter: Charter) -> dict[str, Section]:
    """Return what a charter says of each office and decision, by its path."""
    said = page(charter)
    return {section.key: section for section in (*said.offices, *said.decisions)}


def is_gap(change: Change) -> bool:
    """Say whether a change is about what the text leaves open."""
    return change.path.startswith("gaps.")


def grouped(found: Iterable[Change]) -> tuple[Article, ...]:
    """Return changes by the article that they are of."""
    by_name: dict[str, list[Change]] = {}
    for change in found:
        by_name.setdefault(change.where, []).append(change)
    return tuple(Article(name, None, tuple(of_it)) for name, of_it in by_name.items())

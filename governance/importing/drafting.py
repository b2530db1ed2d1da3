"""Gather what a source says while it is read: each person, area, office and holding once, and what could not be placed.

A format tells a `Draft` what stands where; the draft holds spellings of one person together and refuses nothing.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field, replace

from governance.importing.reading import (
    AreaRead,
    HoldingRead,
    OfficeKind,
    OfficeRead,
    PersonRead,
    Place,
    ProposalRead,
    Reading,
    SourceFile,
    SourceRefused,
    Standing,
    Unread,
)

SLUG_LENGTH = 80
NAME_LENGTH = 100
LARGEST_FILE_BYTES = 4_000_000

LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})(?:\[bot\])?")
NAME = re.compile(r"[^\W\d_](?:[^\W_]|[ .'’·-])*")
ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
AUTOMATIC = re.compile(r"(?i)pytorch(?:|merge|update)bot|.*\[bot\]|.*-bot|facebook-github-bot|k8s-ci-robot")


def slug_of(words: str, tail: str = "") -> str:
    """Return words as a slug, with a tail that is never cut; too long a slug ends in a digest of the words."""
    plain = unicodedata.normalize("NFKD", words.replace("++", "pp").replace("#", " sharp "))
    letters = plain.encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-") or digest(words)
    room = SLUG_LENGTH - len(tail)
    if len(slug) > room:
        slug = f"{slug[: room - 9].strip('-')}-{digest(words)}"
    return slug + tail


def digest(words: str) -> str:
    """Return eight letters that tell these words from others."""
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:8]


def is_login(word: str) -> bool:
    """Say whether GitHub could have an account of this login."""
    return bool(LOGIN.fullmatch(word))


def is_automatic(login: str) -> bool:
    """Say whether a login is known to be an automatic account's, not a person's."""
    return bool(AUTOMATIC.fullmatch(login))


def is_name(words: str) -> bool:
    """Say whether these words can be what a human is called."""
    return len(words) <= NAME_LENGTH and len(words.split()) <= 6 and bool(NAME.fullmatch(words))


def shown(text: str) -> str:
    """Return a line as it may be shown: no e-mail address, no control characters, not endless."""
    text = CONTROL.sub("\ufffd", text.strip())
    return ADDRESS.sub("(an e-mail address)", text if len(text) <= 400 else text[:399] + "…")


def lines_of(file: SourceFile) -> list[str]:
    """Return a file's lines as an editor numbers them.

    Raises:
        SourceRefused: when it is not text, or too large to be what it is named.
    """
    if len(file.content) > LARGEST_FILE_BYTES:
        raise SourceRefused(
            f"{file.path}: larger than {LARGEST_FILE_BYTES // 1_000_000} MB; is it the file you meant to read?"
        )
    return file.text().replace("\r\n", "\n").replace("\r", "\n").split("\n")


@dataclass
class Draft:
    """What was read so far of one source."""

    project: str
    format: str
    people: dict[str, PersonRead] = field(default_factory=dict)
    areas: dict[str, AreaRead] = field(default_factory=dict)
    offices: dict[str, OfficeRead] = field(default_factory=dict)
    holdings: dict[tuple[str, str], HoldingRead] = field(default_factory=dict)
    proposals: list[ProposalRead] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    def leave(self, place: Place, text: str, reason: str) -> None:
        """Say that a line could not be placed, and why."""
        self.unread.append(Unread(place, shown(text), reason))

    def person(self, place: Place, *, name: str = "", login: str = "", number: int | None = None) -> str:
        """Return the key of a person; other spellings of one login are the same person."""
        # A name alone may slug to somebody's login: the two are told apart when the reading is made.
        key = login.lower() if login else f" {slug_of(name)}"
        known = self.people.get(key)
        if known is None:
            self.people[key] = PersonRead(key, name, place, github=login, github_number=number)
        elif not known.name:
            self.people[key] = replace(known, name=name)
        elif name and name != known.name and name not in known.also_named:
            self.people[key] = replace(known, also_named=(*known.also_named, name))
        return key

    def area(self, place: Place, name: str, *, slug: str = "", parent: str = "", sunset: bool = False) -> str:
        """Return the slug of an area; two names that slug alike are two areas."""
        slug = slug or slug_of(name)
        known = self.areas.get(slug)
        if known is not None and known.name != name:
            slug = slug_of(name, f"-{digest(name)}")
        self.areas.setdefault(slug, AreaRead(slug, name, place, parent=parent, sunset=sunset))
        return slug

    def office(
        self,
        place: Place,
        slug: str,
        name: str,
        kind: OfficeKind,
        *,
        role: str = "",
        area: str = "",
        seats: int | None = None,
    ) -> str:
        """Return the slug of an office; the first line that names it is its place."""
        self.offices.setdefault(slug, OfficeRead(slug, name, kind, place, role=role, area=area, seats=seats))
        return slug

    def hold(self, office: str, person: str, place: Place, text: str, standing: Standing = "active") -> bool:
        """Put a person into an office once; a second line that says so is left, with the line that counts."""
        first = self.holdings.setdefault((office, person), HoldingRead(office, person, place, standing))
        if first.place != place:
            self.leave(place, text, f"stands a second time in the list of “{self.offices[office].name}”: {first.place}")
        return first.place == place

    def reading(self) -> Reading:
        """Return all that was read."""
        keys = {key: self.final_key(key) for key in self.people}
        return Reading(
            project=self.project,
            format=self.format,
            people=tuple(replace(p, key=keys[k], name=p.name or p.github) for k, p in self.people.items()),
            areas=tuple(self.areas.values()),
            offices=tuple(self.offices.values()),
            holdings=tuple(replace(h, person=keys[h.person]) for h in self.holdings.values()),
            proposals=tuple(self.proposals),
            unread=tuple(sorted(self.unread)),
        )

    def final_key(self, key: str) -> str:
        """Return a person's key as the reading has it: a name's slug gives way to a login that reads the same."""
        plain = key.strip()
        return f"{plain}-without-login" if key != plain and plain in self.people else plain

"""Keep a reading as plain JSON, cut to what the record's columns can hold; what does not fit is told, not dropped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from governance.importing.reading import (
    AreaRead,
    HoldingRead,
    OfficeRead,
    PersonRead,
    Place,
    ProposalRead,
    Reading,
    Unread,
)

# Control characters but tab and newline, halves of surrogate pairs: PostgreSQL or JSON refuse them.
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?")
LARGEST_NUMBER = 2**63 - 1
MOST_SEATS = 32_767


def plain(value: Any) -> Any:
    """Return a value as JSON writes it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def as_json(reading: Reading) -> dict[str, Any]:
    """Return a reading without its unread lines, which have rows of their own."""
    kept: dict[str, Any] = plain(asdict(replace(reading, unread=())))
    return kept


def from_json(kept: Mapping[str, Any]) -> Reading:
    """Return the reading that was kept."""
    return Reading(
        project=kept["project"],
        format=kept["format"],
        people=_facts(PersonRead, kept["people"]),
        areas=_facts(AreaRead, kept["areas"]),
        offices=_facts(OfficeRead, kept["offices"]),
        holdings=_facts(HoldingRead, kept["holdings"]),
        proposals=_facts(ProposalRead, kept["proposals"]),
    )


def _facts(kind: Any, kept: Iterable[Mapping[str, Any]]) -> tuple[Any, ...]:
    days = {"since", "until", "created"}
    return tuple(
        kind(
            **{
                name: Place(**value)
                if name == "place"
                else date.fromisoformat(value)
                if name in days and value
                else tuple(value)
                if isinstance(value, list)
                else value
                for name, value in fact.items()
            }
        )
        for fact in kept
    )


def fitted(reading: Reading) -> Reading:
    """Return a reading whose every value fits its column; what had to be cut or left stands among the unread lines."""
    return _Fitting(reading).reading()


class _Fitting:
    def __init__(self, reading: Reading) -> None:
        self.read = reading
        self.unread = [
            Unread(Place(clean(line.place.file), line.place.line), clean(line.text), clean(line.reason))
            for line in reading.unread
        ]

    def reading(self) -> Reading:
        """Return everything, cut to size."""
        people = self.people()
        keys = {person.key for person in people}
        short = {one.slug: shortened(one.slug, 69) for one in self.read.areas}
        titles = {one.slug: shortened(one.slug, 109) for one in self.read.offices}
        areas = tuple(
            replace(self.area(one), slug=short[one.slug], parent=short.get(one.parent, "")) for one in self.read.areas
        )
        offices = tuple(
            replace(self.office(one), slug=titles[one.slug], area=short.get(one.area, "")) for one in self.read.offices
        )
        known = {office.slug for office in offices}
        said = [replace(held, office=titles.get(held.office, held.office)) for held in self.read.holdings]
        holdings = tuple(held for held in said if held.person in keys and held.office in known)
        for held in set(said) - set(holdings):
            self.leave(held.place, f"{held.person}, {held.office}", "names a person or an office that was not read")
        proposals = tuple(
            replace(self.proposal(one), areas=tuple(short[slug] for slug in one.areas if slug in short))
            for one in self.read.proposals
        )
        proposals = self.numbered(proposals)
        return replace(
            self.read,
            people=people,
            areas=areas,
            offices=offices,
            holdings=holdings,
            proposals=proposals,
            unread=tuple(sorted(self.unread)),
        )

    def numbered(self, proposals: Iterable[ProposalRead]) -> tuple[ProposalRead, ...]:
        """Return the proposals that have a number of their own; it is what links to them."""
        found: dict[str, ProposalRead] = {}
        for proposal in proposals:
            first = found.setdefault(proposal.number.casefold(), proposal)
            if not proposal.number or first is not proposal:
                reason = f"its number is taken at {first.place}" if proposal.number else "it has no number"
                self.leave(proposal.place, proposal.title[:300], reason)
        return tuple(proposal for number, proposal in found.items() if number)

    def people(self) -> tuple[PersonRead, ...]:
        """Return the people; of two with one login or number, the second has none, and that is told."""
        found, logins, numbers = [], set(), set()
        for read in self.read.people:
            person = replace(read, name=self.cut(read.name or read.github or read.key, 120, read.place))
            person = replace(person, employer=self.cut(person.employer, 120, read.place))
            login, number = person.github.lower(), person.github_number
            if login and (login in logins or not LOGIN.fullmatch(login)):
                self.leave(person.place, person.github, "not a login, or somebody else's before")
                person = replace(person, github="")
            if number is not None and (number in numbers or not 0 < number <= LARGEST_NUMBER):
                self.leave(person.place, str(number)[:60], "not an account's number, or somebody else's before")
                person = replace(person, github_number=None)
            logins.add(login)
            numbers.add(number)
            found.append(person)
        return tuple(found)

    def area(self, read: AreaRead) -> AreaRead:
        paths = tuple(clean(path) for path in read.paths if len(path) <= 200)
        for path in read.paths:
            if len(path) > 200:
                self.leave(read.place, clean(path[:300]), "a path of more than 200 characters")
        return replace(read, name=self.cut(read.name, 120, read.place), paths=paths)

    def office(self, read: OfficeRead) -> OfficeRead:
        seats = read.seats if read.seats is None or 1 <= read.seats <= MOST_SEATS else None
        if seats != read.seats:
            self.leave(read.place, str(read.seats)[:60], "not a number of seats")
        name = self.cut(read.name, 160, read.place)
        return replace(read, name=name, role=self.cut(read.role, 60, read.place), seats=seats)

    def proposal(self, read: ProposalRead) -> ProposalRead:
        return replace(
            read,
            number=self.cut(read.number, 80, read.place),
            title=self.cut(read.title or read.number, 300, read.place),
            state=self.cut(read.state or "unknown", 80, read.place),
            outcome=clean(read.outcome),
            url=read.url if len(read.url) <= 300 and read.url.startswith(("https://", "http://")) else "",
            positions={key: clean(word) for key, word in read.positions.items()},
        )

    def cut(self, text: str, longest: int, place: Place) -> str:
        """Return a text that fits; a longer one is told."""
        text = " ".join(clean(text).split())
        if len(text) > longest:
            self.leave(place, text[:300], f"longer than {longest} characters: cut")
        return text[:longest].strip()

    def leave(self, place: Place, text: str, reason: str) -> None:
        self.unread.append(Unread(place, clean(text), reason))


def shortened(slug: str, longest: int) -> str:
    """Return a slug that fits: letters, digits and dashes; a longer one ends in a digest of the whole."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", clean(slug)).strip("-")
    if plain == slug and len(slug) <= longest:
        return slug
    told = hashlib.sha256(slug.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{plain[: longest - 9]}-{told}".lstrip("-")


def clean(text: str) -> str:
    """Return a text without what no column can hold."""
    return UNFIT.sub("\ufffd", text)

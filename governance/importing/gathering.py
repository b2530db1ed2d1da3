"""Gather what a format reads, one mention at a time, into a reading in which everyone stands once.

A second mention of the same thing adds nothing; one that contradicts the first is kept as unread, never dropped.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field, replace

from governance.importing.reading import (
    AreaRead,
    HoldingRead,
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

LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}")
ADDRESS = re.compile(r"[\w.+-]{1,64}(?:@| at )[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
TEXT_LIMIT = 300
LARGEST_FILE_BYTES = 8_000_000
# What the record's columns hold; what is longer is cut, and kept whole in `unread` as far as that shows it.
LONGEST_PERSON, LONGEST_AREA, LONGEST_OFFICE, LONGEST_TITLE = 120, 120, 160, 200
# Letters that Unicode does not take apart into a base and an accent.
WHOLE_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})


def slug_of(text: str, limit: int = 60) -> str:
    """Return a slug of letters, digits and dashes; a name that has none of those, or is too long, ends in a digest."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(WHOLE_LETTERS)).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")
    if slug and len(slug) <= limit:
        return slug
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug[: limit - 9]}-{digest}".lstrip("-")


def login_in(text: str) -> str:
    """Return the GitHub login that a text is, without its @, or nothing when it is no login."""
    bare = text.strip().strip("“”\"'").removeprefix("@").strip()
    return bare if LOGIN.fullmatch(bare) else ""


def shown(text: str) -> str:
    """Return a text as one line that may be shown: addresses struck out, length bounded."""
    line = " ".join(text[: 4 * TEXT_LIMIT].split())
    line = ADDRESS.sub("<address>", line)
    return line if len(line) <= TEXT_LIMIT else line[: TEXT_LIMIT - 1] + "…"


def text_of(file: SourceFile) -> str:
    """Return a file as text.

    Raises:
        SourceRefused: when it is not UTF-8, or larger than any file of governance.
    """
    if len(file.content) > LARGEST_FILE_BYTES:
        raise SourceRefused(f"{file.path}: larger than {LARGEST_FILE_BYTES:,} bytes; is it the file you meant to read?")
    return file.text()


@dataclass
class _Mentioned:
    """What is known of a person so far."""

    place: Place
    github: str = ""
    number: int | None = None
    names: list[str] = field(default_factory=list)
    employer: str = ""

    def person(self, key: str) -> PersonRead:
        name, *others = self.names or [self.github]
        return PersonRead(key, name, self.place, self.github, self.number, self.employer, tuple(others))


@dataclass
class Gathering:
    """The reading of one source while it grows."""

    project: str
    format: str
    people: dict[str, _Mentioned] = field(default_factory=dict)
    areas: dict[str, AreaRead] = field(default_factory=dict)
    offices: dict[str, OfficeRead] = field(default_factory=dict)
    office_names: set[str] = field(default_factory=set)
    holdings: dict[tuple[str, str], HoldingRead] = field(default_factory=dict)
    proposals: dict[str, ProposalRead] = field(default_factory=dict)
    unread: dict[Unread, None] = field(default_factory=dict)

    def leave(self, place: Place, text: str, reason: str) -> None:
        """Keep a line that could not be placed."""
        self.unread[Unread(place, shown(text), reason)] = None

    def _fitting(self, place: Place, text: str, longest: int) -> str:
        """Return a name in one line that fits its column."""
        line = " ".join(text.split())
        if len(line) > longest:
            self.leave(place, line, f"longer than {longest} characters; cut")
        return line[:longest].strip()

    def person(
        self, place: Place, *, github: str = "", name: str = "", number: int | None = None, employer: str = ""
    ) -> str:
        """Return the key of a person who is named here; what this place adds to them is kept."""
        name = self._fitting(place, name, LONGEST_PERSON)
        employer = self._fitting(place, employer, LONGEST_PERSON)
        # A name alone may read like somebody's login: the two are told apart when the reading is made.
        key = github.lower() if github else f" {slug_of(name)}"
        known = self.people.setdefault(key, _Mentioned(place))
        known.github = known.github or github
        known.number = known.number or number
        if name and name not in known.names:
            known.names.append(name)
        self._employ(known, employer, place)
        return key

    def _employ(self, known: _Mentioned, employer: str, place: Place) -> None:
        if employer and known.employer and employer != known.employer:
            reason = f"{known.github or known.names[0]} is said to work for {known.employer} at {known.place}"
            self.leave(place, employer, f"{reason}; that one is kept")
        known.employer = known.employer or employer

    def area(self, area: AreaRead) -> str:
        """Return the slug of an area; the first mention describes it."""
        if area.slug not in self.areas:
            self.areas[area.slug] = replace(area, name=self._fitting(area.place, area.name, LONGEST_AREA))
        return area.slug

    def office(self, office: OfficeRead) -> str:
        """Return the slug of an office; the first mention describes it, and no two have one name."""
        if office.slug not in self.offices:
            name = self._fitting(office.place, office.name, LONGEST_OFFICE)
            if name in self.office_names:
                name = f"{name[: LONGEST_OFFICE - 60]} ({office.slug[:56]})"
            self.office_names.add(name)
            self.offices[office.slug] = replace(office, name=name)
        return office.slug

    def hold(self, office: str, person: str, place: Place, standing: Standing = "active") -> None:
        """Put a person into an office. Who is named both active and emeritus is active, and the other line unread."""
        held = self.holdings.get((office, person))
        if held is None:
            self.holdings[office, person] = HoldingRead(office, person, place, standing)
        elif held.standing != standing:
            emeritus = held.place if held.standing == "emeritus" else place
            self.holdings[office, person] = HoldingRead(office, person, held.place if emeritus is place else place)
            name = self.people[person].github or self.people[person].names[0]
            self.leave(emeritus, name, f"named emeritus and active in {self.offices[office].name}; active is kept")

    def propose(self, proposal: ProposalRead) -> None:
        """Keep a proposal. A second one of the same number is unread: the number is what links to it."""
        first = self.proposals.setdefault(proposal.number, proposal)
        if first is not proposal:
            self.leave(proposal.place, proposal.title, f"number {proposal.number} is taken by {first.place}")

    def _settle_parents(self) -> None:
        """Take away each parent that the source does not tell, or that lies within its own part."""
        settled: set[str] = {""}
        for area in list(self.areas.values()):
            chain: list[str] = []
            slug = area.slug
            while slug not in settled and slug in self.areas:
                settled.add(slug)
                chain.append(slug)
                slug = self.areas[slug].parent
            if chain and slug and (slug in chain or slug not in self.areas):
                last = self.areas[chain[-1]]
                self.leave(last.place, f"{last.name}: part of {slug}", "a parent that is not there, or its own part")
                self.areas[last.slug] = replace(last, parent="")

    def _final_key(self, key: str) -> str:
        """Return a person's key as the reading has it: the slug of a name gives way to a login that reads the same."""
        plain = key.strip()
        return f"{plain}-without-login" if key != plain and plain in self.people else plain

    def _final_proposal(self, proposal: ProposalRead) -> ProposalRead:
        authors, shepherds = (tuple(map(self._final_key, keys)) for keys in (proposal.authors, proposal.shepherds))
        return replace(proposal, authors=authors, shepherds=shepherds)

    def reading(self) -> Reading:
        """Return what was gathered."""
        self._settle_parents()
        keys = {key: self._final_key(key) for key in self.people}
        return Reading(
            project=self.project,
            format=self.format,
            people=tuple(known.person(keys[key]) for key, known in self.people.items()),
            areas=tuple(self.areas.values()),
            offices=tuple(self.offices.values()),
            holdings=tuple(replace(held, person=keys[held.person]) for held in self.holdings.values()),
            proposals=tuple(self._final_proposal(proposal) for proposal in self.proposals.values()),
            unread=tuple(sorted(self.unread)),
        )

"""Gather what a format reads, one mention at a time, into a reading in which everyone and everything stands once.

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
AUTOMATIC = re.compile(r"(?i)pytorch(?:|merge|update)bot|.*\[bot\]|.*-bot|facebook-github-bot|k8s-ci-robot")
ADDRESS = re.compile(r"[\w.+-]{1,64}(?:@| at )[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
# What PostgreSQL refuses, or no page can show; white space was joined before.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
TEXT_LIMIT = 300
LARGEST_FILE_BYTES = 4_000_000
# What the record's columns hold; what is longer is cut, and kept whole in `unread` as far as that shows it.
LONGEST_PERSON, LONGEST_AREA, LONGEST_OFFICE, LONGEST_TITLE = 120, 120, 160, 300
# Letters that Unicode does not take apart into a base and an accent, and signs that tell one name from another.
SPELLED_OUT = str.maketrans({
    "ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "#": " sharp ",
})  # fmt: skip


def slug_of(text: str, limit: int = 60, *, tail: str = "") -> str:
    """Return a slug of letters, digits and dashes with a tail that is never cut.

    A text that has no letter, or is too long, ends in its digest.
    """
    spelled = text.casefold().replace("++", "pp").translate(SPELLED_OUT)
    folded = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")
    room = limit - len(tail)
    if not slug or len(slug) > room:
        slug = f"{slug[: room - 9].strip('-')}-{digest(text)}".lstrip("-")
    return slug + tail


def digest(text: str) -> str:
    """Return eight letters that tell this text from others."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def is_login(word: str) -> bool:
    """Say whether GitHub could have a person's account of this login."""
    return bool(LOGIN.fullmatch(word))


def login_in(text: str) -> str:
    """Return the GitHub login that a text is, without its @, or nothing when it is no login."""
    bare = text.strip().strip("“”\"'").removeprefix("@").strip()
    return bare if is_login(bare) else ""


def is_automatic(login: str) -> bool:
    """Say whether a login is known to be an automatic account's, not a person's."""
    return bool(AUTOMATIC.fullmatch(login))


def in_one_line(text: str) -> str:
    """Return a text as one line without control characters."""
    return CONTROL.sub("\ufffd", " ".join(text.split()))


def shown(text: str) -> str:
    """Return a text as one line that may be shown: addresses struck out, length bounded."""
    line = ADDRESS.sub("<address>", in_one_line(text[: 4 * TEXT_LIMIT]))
    return line if len(line) <= TEXT_LIMIT else line[: TEXT_LIMIT - 1] + "…"


def text_of(file: SourceFile) -> str:
    """Return a file as text, each line ended by a line feed.

    Raises:
        SourceRefused: when it is not UTF-8, or larger than any file of governance.
    """
    if len(file.content) > LARGEST_FILE_BYTES:
        limit = f"{LARGEST_FILE_BYTES // 1_000_000} MB"
        raise SourceRefused(f"{file.path}: larger than {limit}; is it the file you meant to read?")
    return file.text().replace("\r\n", "\n").replace("\r", "\n")


def lines_of(file: SourceFile) -> list[str]:
    """Return a file's lines as an editor numbers them.

    Raises:
        SourceRefused: when it is not UTF-8, or larger than any file of governance.
    """
    return text_of(file).split("\n")


@dataclass
class Mentioned:
    """What is known of a person so far."""

    place: Place
    github: str = ""
    number: int | None = None
    names: list[str] = field(default_factory=list)
    employer: str = ""

    @property
    def called(self) -> str:
        """Return what tells this person from others: the login, else the name."""
        return self.github or self.names[0]

    def person(self, key: str) -> PersonRead:
        name, *others = self.names or [self.github]
        return PersonRead(key, name, self.place, self.github, self.number, self.employer, tuple(others))


@dataclass
class Gathering:
    """The reading of one source while it grows."""

    project: str
    format: str
    people: dict[str, Mentioned] = field(default_factory=dict)
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
        line = in_one_line(text)
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
        known = self.people.setdefault(key, Mentioned(place))
        known.github = known.github or github
        if name and name not in known.names:
            known.names.append(name)
        if number and known.number and number != known.number:
            self._contradict(known, str(number), f"to have the number {known.number}", place)
        if employer and known.employer and employer != known.employer:
            self._contradict(known, employer, f"to work for {known.employer}", place)
        known.number = known.number or number
        known.employer = known.employer or employer
        return key

    def _contradict(self, known: Mentioned, text: str, said: str, place: Place) -> None:
        self.leave(place, text, f"{known.called} is said {said} at {known.place}; that one is kept")

    def area(self, area: AreaRead) -> str:
        """Return the slug of an area; the first mention describes it."""
        if area.slug not in self.areas:
            self.areas[area.slug] = replace(area, name=self._fitting(area.place, area.name, LONGEST_AREA))
        return area.slug

    def slug_for(self, name: str, slug: str = "") -> str:
        """Return the slug for an area of this name, another one where an area of another name has it."""
        slug = slug or slug_of(name)
        known = self.areas.get(slug)
        return slug if known is None or known.name == name else slug_of(name, tail=f"-{digest(name)}")

    def office(self, office: OfficeRead) -> str:
        """Return the slug of an office; the first mention describes it, and no two have one name."""
        if office.slug not in self.offices:
            name = self._fitting(office.place, office.name, LONGEST_OFFICE)
            if name in self.office_names:
                name = f"{name[: LONGEST_OFFICE - 60]} ({office.slug[:56]})"
            self.office_names.add(name)
            self.offices[office.slug] = replace(office, name=name)
        return office.slug

    def hold(self, office: str, person: str, place: Place, standing: Standing = "active") -> bool:
        """Put a person into an office, and say whether this is the first line that does.

        Who is named both active and emeritus is active, and the other line unread.
        """
        held = self.holdings.get((office, person))
        if held is None:
            self.holdings[office, person] = HoldingRead(office, person, place, standing)
        elif held.standing != standing:
            active, emeritus = (place, held.place) if standing == "active" else (held.place, place)
            self.holdings[office, person] = HoldingRead(office, person, active)
            reason = f"named emeritus and active in {self.offices[office].name}; active is kept"
            self.leave(emeritus, self.people[person].called, reason)
        return held is None

    def hold_once(self, office: str, person: str, place: Place, text: str, standing: Standing = "active") -> bool:
        """Put a person into an office whose list names each once: a second line that says the same is unread."""
        held = self.holdings.get((office, person))
        if held and held.standing == standing and held.place != place:
            name = self.offices[office].name
            self.leave(place, text, f"stands a second time in the list of “{name}”: {held.place}")
        return self.hold(office, person, place, standing)

    def propose(self, proposal: ProposalRead) -> None:
        """Keep a proposal. A second one of the same number is unread: the number is what links to it."""
        first = self.proposals.get(proposal.number)
        if first is not None:
            self.leave(proposal.place, proposal.title, f"number {proposal.number} is taken by {first.place}")
            return
        title = self._fitting(proposal.place, proposal.title, LONGEST_TITLE)
        self.proposals[proposal.number] = replace(proposal, title=title)

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
        named = (proposal.authors, proposal.shepherds, proposal.reviewers)
        authors, shepherds, reviewers = (tuple(map(self._final_key, keys)) for keys in named)
        positions = {self._final_key(key): stand for key, stand in proposal.positions.items()}
        return replace(proposal, authors=authors, shepherds=shepherds, reviewers=reviewers, positions=positions)

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

"""Read PyTorch's persons of interest: the lead, the core maintainers, and each module's maintainers.

The rules of PyTorch have the core maintainers choose the lead "amongst them". The page repeats the lead among the core
maintainers in some revisions and not in others; here the lead is a core maintainer either way, once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from governance.importing.formats.pytorch.outline import Heading, Item, Piece, Prose, outline
from governance.importing.gathering import LONGEST_AREA, LONGEST_PERSON, Gathering, is_login, lines_of
from governance.importing.reading import AreaRead, HoldingRead, OfficeRead, Place, SourceFile, SourceRefused, Standing

LEAD, CORE = "lead", "core-maintainer"

LINKED = re.compile(
    r"(?P<name>[^(\[`<]*)\(\s*"
    r"(?:\[(?P<label>[^\]]*)\]\((?P<link>[^)\s]*)\)|`(?P<rst_label>[^`<]*)<(?P<rst_link>[^>`]*)>`__?)"
    r"\s*\)"
)
NAME = re.compile(r"[^\W\d_](?:[^\W_]|[ .'’·-])*")
EMERITUS = re.compile(r"(?i)\(\s*emerit(?:us|a|i)\s*\)")

Kind = Literal["lead", "core", "modules", "sunset", "other"]


@dataclass
class Where:
    """Under which section and which modules the walk now is."""

    kind: Kind = "other"
    title: str = ""
    office: str = ""
    modules: list[tuple[int, str]] = field(default_factory=list)
    listed: bool = False


@dataclass(frozen=True)
class Named:
    """What an entry says: a name, the login behind its link, and the link's label."""

    name: str
    login: str
    label: str
    standing: Standing


def read_persons(file: SourceFile, to: Gathering) -> None:
    """Read one page.

    Raises:
        SourceRefused: when the page has no section of maintainers at all.
    """
    pieces = outline(lines_of(file), markdown=file.path.endswith(".md"))
    level = section_level(pieces)
    if level is None:
        raise SourceRefused(f"{file.path}: no heading names maintainers; give the whole page, not a part of it.")
    where = Where()
    for piece in pieces:
        place = Place(file.path, piece.line)
        if isinstance(piece, Heading):
            enter(piece, place, level, where, to)
        elif isinstance(piece, Item):
            place_item(piece, place, where, to)
        elif isinstance(piece, Prose):
            to.leave(place, piece.raw, piece.why)
            if where.listed:
                # It may be a heading that lost its underline: who follows is not put under the wrong module.
                where.office = ""
    count_lead_among_core(to)


def section_level(pieces: list[Piece]) -> int | None:
    """Return the level of the headings that name groups of maintainers; titles of the page stand above it."""
    levels = [p.level for p in pieces if isinstance(p, Heading) and "|" not in p.title and kind_of(p.title) != "other"]
    return min(levels, default=None)


def kind_of(title: str) -> Kind:
    """Say what a section lists, by its title."""
    words = title.lower()
    if "lead" in words.split() and "maintainer" in words:
        return "lead"
    if re.match(r"core maintainers?\b", words):
        return "core"
    if words.startswith("sunset"):
        return "sunset"
    return "modules" if words.endswith("maintainers") else "other"


def enter(heading: Heading, place: Place, level: int, where: Where, to: Gathering) -> None:
    """Go under a heading: a new section, or a module of the section."""
    where.listed = False
    if heading.level <= level:
        where.kind = kind_of(heading.title) if heading.level == level else "other"
        where.title, where.modules, where.office = heading.title, [], ""
        if where.kind == "lead":
            where.office = to.office(OfficeRead(LEAD, "lead core maintainer", "lead", place, "lead", seats=1))
        elif where.kind == "core":
            where.office = to.office(core_office(place))
    elif where.kind in ("modules", "sunset"):
        enter_module(heading, place, where, to)
    else:
        where.office = ""
        to.leave(place, heading.title, f"a heading under “{where.title}”, which lists no modules")


def enter_module(heading: Heading, place: Place, where: Where, to: Gathering) -> None:
    """Go under a module's heading; one below another module's is a part of that module."""
    where.office = ""
    if len(heading.title) > LONGEST_AREA or not re.search(r"[^\W_]", heading.title):
        to.leave(place, heading.title, f"no name of a module: it has no letters, or more than {LONGEST_AREA}")
        return
    where.modules = [(level, slug) for level, slug in where.modules if level < heading.level]
    parent = where.modules[-1][1] if where.modules else ""
    area = AreaRead(to.slug_for(heading.title), heading.title, place, parent, sunset=where.kind == "sunset")
    slug = to.area(area)
    if (known := to.areas[slug]).place != place:
        to.leave(place, heading.title, f"stands a second time; its entries were added to {known.place}")
    where.modules.append((heading.level, slug))
    name = f"maintainer of {heading.title}"
    where.office = to.office(OfficeRead(f"{slug}-maintainer", name, "area", place, "maintainer", slug))


def place_item(item: Item, place: Place, where: Where, to: Gathering) -> None:
    """Put an entry's person into the office of its section."""
    if not where.office:
        under = f"under “{where.title}”" if where.title else "before the first section"
        to.leave(place, item.raw, f"an entry {under}, where no office is named")
        return
    where.listed = True
    named = who(item.text)
    if isinstance(named, str):
        to.leave(place, item.raw, named)
        return
    if where.office == LEAD and named.standing == "active" and (holder := active_lead(to)):
        to.leave(place, item.raw, f"a second lead: the office has one seat, held at {holder.place}")
        return
    person = to.person(place, name=named.name, github=named.login)
    if to.hold_once(where.office, person, place, item.raw, named.standing) and named.label:
        to.leave(place, item.raw, f"the label {named.label} differs from its link; the link was taken: {named.login}")


def who(text: str) -> Named | str:
    """Say whom an entry names, or why that cannot be told."""
    rest, times = EMERITUS.subn("", text)
    standing: Standing = "emeritus" if times else "active"
    if "emerit" in rest.lower():
        return "says emeritus, but not in brackets: active or not cannot be told"
    linked = LINKED.fullmatch(rest.strip())
    name = " ".join((linked["name"] if linked else rest).split())
    if not is_name(name):
        return "not a name, or not a name with one link to a GitHub account"
    if linked is None:
        return Named(name, "", "", standing)
    login = login_behind((linked["link"] or linked["rst_link"] or "").strip())
    if not login:
        return "its link leads to no GitHub account"
    label = (linked["label"] or linked["rst_label"] or "").strip()
    return Named(name, login, "" if label.lower() == login.lower() else label, standing)


def login_behind(link: str) -> str:
    """Return the login of a link to a GitHub account; nothing for any other link."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    login = parts.path.strip("/")
    there = parts.scheme in ("http", "https") and parts.netloc.lower() in ("github.com", "www.github.com")
    return login if there and is_login(login) else ""


def is_name(words: str) -> bool:
    """Say whether these words can be what a human is called."""
    return len(words) <= LONGEST_PERSON and len(words.split()) <= 6 and bool(NAME.fullmatch(words))


def core_office(place: Place) -> OfficeRead:
    """Return the core maintainers' office."""
    return OfficeRead(CORE, "core maintainer", "core", place, "core maintainer")


def active_lead(to: Gathering) -> HoldingRead | None:
    """Return who leads, if somebody was read already."""
    leads = (held for (office, _), held in to.holdings.items() if office == LEAD and held.standing == "active")
    return next(leads, None)


def count_lead_among_core(to: Gathering) -> None:
    """Make the lead a core maintainer, whether or not the page repeats them there."""
    lead = active_lead(to)
    if lead is None:
        return
    to.office(core_office(to.offices[LEAD].place))
    listed = to.holdings.get((CORE, lead.person))
    if listed is not None and listed.standing == "emeritus":
        to.leave(listed.place, to.people[lead.person].called, f"emeritus here, but leads at {lead.place}")
        del to.holdings[CORE, lead.person]
    to.holdings.setdefault((CORE, lead.person), HoldingRead(CORE, lead.person, lead.place))

"""Read PyTorch's persons of interest: the lead, the core maintainers, and each module's maintainers.

The rules of PyTorch have the core maintainers choose the lead "amongst them". The page repeats the lead among the core
maintainers in some revisions and not in others; here the lead is a core maintainer either way, once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from governance.importing.drafting import NAME_LENGTH, Draft, is_login, is_name, lines_of, slug_of
from governance.importing.formats.pytorch.outline import Heading, Item, Piece, Prose, outline
from governance.importing.reading import HoldingRead, Place, SourceFile, SourceRefused, Standing

LEAD, CORE = "lead", "core-maintainer"

LINKED = re.compile(
    r"(?P<name>[^(\[`<]*)\(\s*"
    r"(?:\[(?P<label>[^\]]*)\]\((?P<link>[^)\s]*)\)|`(?P<rst_label>[^`<]*)<(?P<rst_link>[^>`]*)>`__?)"
    r"\s*\)"
)
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


def read_persons(file: SourceFile, draft: Draft) -> None:
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
            enter(piece, place, level, where, draft)
        elif isinstance(piece, Item):
            place_item(piece, place, where, draft)
        elif isinstance(piece, Prose):
            draft.leave(place, piece.raw, piece.why)
            if where.listed:
                # It may be a heading that lost its underline: who follows is not put under the wrong module.
                where.office = ""
    count_lead_among_core(draft)


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


def enter(heading: Heading, place: Place, level: int, where: Where, draft: Draft) -> None:
    """Go under a heading: a new section, or a module of the section."""
    where.listed = False
    if heading.level <= level:
        where.kind = kind_of(heading.title) if heading.level == level else "other"
        where.title, where.modules, where.office = heading.title, [], ""
        if where.kind == "lead":
            where.office = draft.office(place, LEAD, "lead core maintainer", "lead", role="lead", seats=1)
        elif where.kind == "core":
            where.office = draft.office(place, CORE, "core maintainer", "core", role="core maintainer")
    elif where.kind in ("modules", "sunset"):
        enter_module(heading, place, where, draft)
    else:
        where.office = ""
        draft.leave(place, heading.title, f"a heading under “{where.title}”, which lists no modules")


def enter_module(heading: Heading, place: Place, where: Where, draft: Draft) -> None:
    """Go under a module's heading; one below another module's is a part of that module."""
    where.office = ""
    if len(heading.title) > NAME_LENGTH or not re.search(r"[^\W_]", heading.title):
        draft.leave(place, heading.title, f"no name of a module: it has no letters, or more than {NAME_LENGTH}")
        return
    where.modules = [(level, slug) for level, slug in where.modules if level < heading.level]
    parent = where.modules[-1][1] if where.modules else ""
    slug = draft.area(place, heading.title, parent=parent, sunset=where.kind == "sunset")
    if (known := draft.areas[slug]).place != place:
        draft.leave(place, heading.title, f"stands a second time; its entries were added to {known.place}")
    where.modules.append((heading.level, slug))
    office = slug_of(slug, "-maintainer")
    where.office = draft.office(place, office, f"maintainer of {heading.title}", "area", role="maintainer", area=slug)


def place_item(item: Item, place: Place, where: Where, draft: Draft) -> None:
    """Put an entry's person into the office of its section."""
    if not where.office:
        under = f"under “{where.title}”" if where.title else "before the first section"
        draft.leave(place, item.raw, f"an entry {under}, where no office is named")
        return
    where.listed = True
    named = who(item.text)
    if isinstance(named, str):
        draft.leave(place, item.raw, named)
        return
    if where.office == LEAD and named.standing == "active" and (holder := active_lead(draft)):
        draft.leave(place, item.raw, f"a second lead: the office has one seat, held at {holder.place}")
        return
    person = draft.person(place, name=named.name, login=named.login)
    if draft.hold(where.office, person, place, item.raw, named.standing) and named.label:
        draft.leave(
            place, item.raw, f"the label {named.label} differs from its link; the link was taken: {named.login}"
        )


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


def active_lead(draft: Draft) -> HoldingRead | None:
    """Return who leads, if somebody was read already."""
    leads = (held for (office, _), held in draft.holdings.items() if office == LEAD and held.standing == "active")
    return next(leads, None)


def count_lead_among_core(draft: Draft) -> None:
    """Make the lead a core maintainer, whether or not the page repeats them there."""
    lead = active_lead(draft)
    if lead is None:
        return
    draft.office(draft.offices[LEAD].place, CORE, "core maintainer", "core", role="core maintainer")
    listed = draft.holdings.get((CORE, lead.person))
    if listed is not None and listed.standing == "emeritus":
        draft.leave(listed.place, draft.people[lead.person].name, f"emeritus here, but leads at {lead.place}")
        del draft.holdings[CORE, lead.person]
    draft.holdings.setdefault((CORE, lead.person), HoldingRead(CORE, lead.person, lead.place))

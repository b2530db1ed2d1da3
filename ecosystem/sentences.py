"""The sentence that each page of this room begins with."""

from collections.abc import Sequence

from ecosystem.models import Area, Person
from ecosystem.providers import TermNote


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: A, B and C."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def count(number: int, singular: str, plural: str) -> str:
    """Return a number with its noun."""
    return f"{number} {singular if number == 1 else plural}"


def areas_sentence(maintainers: Sequence[int]) -> str:
    """Say how many of the areas stand on nobody or on one person; given how many maintain each."""
    if not maintainers:
        return "No area is known yet."
    total = count(len(maintainers), "area is known", "areas are known")
    nobody, one = maintainers.count(0), maintainers.count(1)
    if not nobody and not one:
        return f"{total}; each has at least two maintainers."
    parts = [f"{nobody} {'has' if nobody == 1 else 'have'} no maintainer"] if nobody else []
    parts += [f"{one} {'has' if one == 1 else 'have'} only one"] if one else []
    return f"{total}: {listed(parts)}."


def area_sentence(area: Area, current: Sequence[TermNote]) -> str:
    """Say who maintains an area."""
    if not current:
        return f"Nobody maintains {area.name}."
    alone = " alone" if len(current) == 1 else ""
    return f"{area.name} is maintained by {listed([note.person for note in current])}{alone}."


def people_sentence(people: int, current: Sequence[TermNote]) -> str:
    """Say who leads and how many are core maintainers."""
    if not people:
        return "Nobody is known yet."
    leads = [note.person for note in current if note.kind == "lead"]
    core = {note.person_slug for note in current if note.kind == "core"}
    leading = f"{listed(leads)} {'leads' if len(leads) == 1 else 'lead'}" if leads else "the lead's seat is vacant"
    core_words = count(len(core), "is a core maintainer", "are core maintainers")
    core_words = core_words if core else "nobody is a core maintainer"
    return f"{count(people, 'person is', 'people are')} known: {leading}, {core_words}."


def person_sentence(person: Person, current: Sequence[TermNote]) -> str:
    """Say which offices a person holds."""
    offices = [
        note.office + (f" since {note.since:%-d %B %Y}" if note.since else "") for note in current if not note.area
    ]
    areas = [note.area for note in current if note.area]
    parts = [f"is {listed(offices)}"] if offices else []
    parts += [f"maintains {areas[0] if len(areas) == 1 else f'{len(areas)} areas'}"] if areas else []
    return f"{person.name} {' and '.join(parts) or 'holds no office today'}."

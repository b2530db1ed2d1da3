"""The sentence that each page of this room begins with."""

from collections.abc import Sequence

from ecosystem.days import Day, today, written
from ecosystem.models import Area, Person
from ecosystem.providers import TermNote


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: A, B and C."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def count(number: int, singular: str, plural: str) -> str:
    """Return a number with its noun."""
    return f"{number} {singular if number == 1 else plural}"


def areas_sentence(maintainers: Sequence[int], day: Day | None = None) -> str:
    """Say how many of the areas stand on nobody or on one person; given how many maintain each."""
    day = day or today()
    if not maintainers:
        return "No area is known yet." if not day.asked else f"No area is known of {day.words}."
    total = day.said(count(len(maintainers), f"area {day.verb('is', 'was')}", f"areas {day.verb('are', 'were')}"))
    total += " kept up"
    nobody, one = maintainers.count(0), maintainers.count(1)
    if not nobody and not one:
        return f"{total}; each {day.verb('has', 'had')} at least two maintainers."
    have = {number: day.verb("has" if number == 1 else "have", "had") for number in (nobody, one)}
    parts = [f"{nobody} {have[nobody]} no maintainer"] if nobody else []
    parts += [f"{one} {have[one]} only one"] if one else []
    return f"{total}: {listed(parts)}."


def found_sentence(found: int, words: str, all_of_them: int, singular: str, plural: str) -> str:
    """Say how many rows of a list are called as was asked."""
    if not found:
        return f"No {singular} of {all_of_them} is called “{words}”."
    return f"{count(found, f'{singular} is', f'{plural} are')} called “{words}”, of {all_of_them}."


def area_sentence(area: Area, current: Sequence[TermNote], day: Day | None = None) -> str:
    """Say who maintains an area."""
    day = day or today()
    if area.sunset_on and area.sunset_on <= day.date:
        return f"{area.name} is kept up no longer, since {written(area.sunset_on)}."
    if not current:
        return day.said(f"nobody {day.verb('maintains', 'maintained')} {area.name}.")
    alone = " alone" if len(current) == 1 else ""
    maintained = (
        f"{area.name} {day.verb('is', 'was')} maintained by {listed([note.person for note in current])}{alone}."
    )
    return day.said(maintained) if day.asked else maintained


def people_sentence(people: int, current: Sequence[TermNote], day: Day | None = None) -> str:
    """Say who leads and how many are core maintainers."""
    day = day or today()
    if not people:
        return "Nobody is known yet."
    leads = [note.person for note in current if note.kind == "lead"]
    core = {note.person_slug for note in current if note.kind == "core"}
    lead = day.verb("leads" if len(leads) == 1 else "lead", "led")
    vacant = f"the lead's seat {day.verb('is', 'was')} vacant"
    leading = f"{listed(leads)} {lead}" if leads else vacant
    core_words = count(
        len(core), f"{day.verb('is', 'was')} a core maintainer", f"{day.verb('are', 'were')} core maintainers"
    )
    core_words = core_words if core else f"nobody {day.verb('is', 'was')} a core maintainer"
    if day.asked:
        return f"{day.said(leading)} and {core_words}."
    return f"{count(people, 'person is', 'people are')} known: {leading}, {core_words}."


def person_sentence(person: Person, current: Sequence[TermNote], day: Day | None = None) -> str:
    """Say which offices a person holds."""
    day = day or today()
    # Two sources may tell of one office twice, where two entries are one human.
    offices = {
        note.office: note.office + (f" since {note.since:%-d %B %Y}" if note.since else "")
        for note in current
        if not note.area
    }
    areas = list(dict.fromkeys(note.area for note in current if note.area))
    parts = [f"{day.verb('is', 'was')} {listed(list(offices.values()))}"] if offices else []
    maintains = day.verb("maintains", "maintained")
    parts += [f"{maintains} {areas[0] if len(areas) == 1 else f'{len(areas)} areas'}"] if areas else []
    none = f"{day.verb('holds', 'held')} no office{'' if day.asked else ' today'}"
    name = person.name if day.asked or not person.unnamed_since else person.name.capitalize()
    sentence = f"{name} {' and '.join(parts) or none}."
    return day.said(sentence) if day.asked else sentence

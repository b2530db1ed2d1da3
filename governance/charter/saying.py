"""Put names and numbers of a charter into words."""

from __future__ import annotations

from collections.abc import Sequence

from governance.charter.answers import Roles
from governance.charter.kinds import EVERYWHERE
from governance.charter.parts import Charter, Quorum, Threshold, Window

SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def listed(words: Sequence[str], last: str = "and") -> str:
    """Join words to a list."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def counted(number: int, one: str, many: str = "") -> str:
    """Say how many: one week, two members, 14 days."""
    spelt = SMALL[number] if number < len(SMALL) else str(number)
    return f"{spelt} {one if number == 1 else many or one + 's'}"


def days(number: int) -> str:
    """Say a number of days; whole weeks and years as such where that is the shorter word."""
    if number and number % 365 == 0:
        return counted(number // 365, "year")
    return counted(number // 7, "week") if number and number % 7 == 0 and number <= 70 else counted(number, "day")


def role(charter: Charter, name: str) -> str:
    """Name a role as its holder or holders: the lead core maintainer; core maintainers."""
    if name in EVERYWHERE:
        return EVERYWHERE[name]
    if name in charter.groups:
        return charter.groups[name].plural
    office = charter.offices[name]
    alone = office.seats is not None and office.seats.exactly == 1 and not office.per_area
    return f"the {office.title}" if alone else office.plural


def any_of(charter: Charter, name: str) -> str:
    """Name a role as one of those who may act: any core maintainer."""
    if name in EVERYWHERE:
        return EVERYWHERE[name]
    if name in charter.groups:
        return f"any {charter.groups[name].title}"
    words = role(charter, name)
    return words if words.startswith("the ") else f"any {charter.offices[name].title}"


def body(charter: Charter, name: str) -> str:
    """Name a role as a body that decides: the steering council."""
    if name in charter.offices and charter.offices[name].body:
        return charter.offices[name].body
    words = role(charter, name)
    return words if words.startswith(("the ", "anyone", "whoever")) else f"the {words}"


def each_may(charter: Charter, names: Sequence[str]) -> Roles:
    """Name roles of which any holder may act."""
    words = [any_of(charter, name) for name in names]
    once = [word.removeprefix("any ") if any_before(words, place) else word for place, word in enumerate(words)]
    return Roles(tuple(names), listed(once, "or") or "nobody")


def any_before(words: Sequence[str], place: int) -> bool:
    """Say whether a list of roles has its "any" already just before a place."""
    return place > 0 and words[place - 1].startswith("any ")


def together(charter: Charter, names: Sequence[str]) -> Roles:
    """Name roles that act as bodies."""
    return Roles(tuple(names), listed([body(charter, name) for name in names]) or "nobody")


def sentence(words: str) -> str:
    """Make a sentence of a phrase."""
    text = words.strip()
    return text if not text else text[0].upper() + text[1:] + ("" if text[-1] in ".?!”" else ".")


BASES = {
    "cast": "the votes cast",
    "non_abstaining": "the votes for and against",
    "seated": "all who may vote",
}


def threshold(rule: Threshold) -> str:
    """Say what a vote must reach."""
    if rule.value is not None and rule.value.fraction == 1:
        words = f"every one of {BASES[rule.base]}"
    elif rule.all_but is not None:
        words = f"all but {SMALL[rule.all_but] if rule.all_but < 11 else rule.all_but} of {BASES[rule.base]}"
    elif rule.strict:
        words = f"more than {rule.value} of {BASES[rule.base]}"
    else:
        words = f"at least {rule.value} of {BASES[rule.base]}"
    return f"{words}, and no objection" if rule.no_objection else words


def quorum(rule: Quorum) -> str:
    """Say how many must take part."""
    if rule.none:
        words = "nobody in particular"
    elif rule.least is not None:
        words = f"at least {counted(rule.least, 'person', 'persons')}"
    elif rule.all_but is not None:
        words = (
            "all who may vote"
            if not rule.all_but
            else f"all but {SMALL[rule.all_but] if rule.all_but < 11 else rule.all_but} of those who may vote"
        )
    else:
        words = f"{'more than' if rule.strict else 'at least'} {rule.share} of all who may vote"
    if rule.share is not None and rule.share.fraction == 1:
        words = "all who may vote"
    return words


def window(rule: Window) -> str:
    """Say how long something is open."""
    least, most = rule.least_days, rule.most_days
    if least is not None and least == most:
        return days(least)
    if least is not None and most is not None:
        return f"{days(least)} to {days(most)}"
    if least is not None:
        return f"at least {days(least)}"
    return f"at most {days(most)}" if most is not None else "as long as is chosen"


def open_for(charter: Charter, rule: Window) -> str:
    """Say how long something is open, and who chooses within the bounds."""
    by = together(charter, rule.set_by).words
    if rule.least_days is None and rule.most_days is None:
        return f"as long as {by} choose" if by != "nobody" else "as long as is chosen"
    return f"{window(rule)}, as {by} choose" if by != "nobody" else window(rule)


def a(words: str) -> str:
    """Put the article before a title."""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def lower(words: str) -> str:
    """Return a title as it stands within a sentence."""
    return words[0].lower() + words[1:]

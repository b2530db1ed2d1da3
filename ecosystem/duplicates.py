"""Suggest who may be one human entered twice, and which employers one organisation, each with the reason.

Nothing is merged by itself. People are compared only where they share a login, an address, a first or a last name,
so that ten thousand of them take no ten thousand squared looks.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from ecosystem.models import Employer, Identity, KeptApart, Login, Person

NOREPLY = re.compile(r"(?:(\d+)\+)?([\w-]+)@users\.noreply\.github\.com", re.IGNORECASE)
LEGAL_FORMS = frozenset(
    "ab ag bv co company corp corporation gmbh inc incorporated limited llc ltd oy plc sa sarl".split()  # noqa: SIM905 - read as one line
)
# Short forms that do not begin the long one.
CALLED = {
    "bill": "william", "bob": "robert", "dick": "richard", "jack": "john", "jim": "james", "kate": "katherine",
    "liz": "elizabeth", "mike": "michael", "peggy": "margaret", "ted": "edward", "tony": "anthony",
}  # fmt: skip


@dataclass(frozen=True)
class Suggestion:
    """Two entries that may be one, and why."""

    first: Person | Employer
    second: Person | Employer
    reason: str


def plain(name: str) -> str:
    """Return a name without case, accents, points and hyphens: what is the same to a reader is the same here."""
    # A stroke is no accent to Unicode.
    stroked = name.replace("ł", "l").replace("Ł", "L").replace("ø", "o").replace("Ø", "O").replace("ß", "ss")
    letters = unicodedata.normalize("NFKD", stroked)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()
    return " ".join(re.sub(r"[^\w\s]|_", " ", bare).split())


def suggested_people() -> list[Suggestion]:
    """Return the pairs of persons who may be one human, the surest reasons first; none that was said to be two."""
    people = {person.pk: person for person in Person.objects.filter(merged_into=None, unnamed_since=None)}
    apart = set(KeptApart.objects.values_list("first", "second"))
    found: dict[tuple[int, int], str] = {}
    for first, second, reason in _reasons(people):
        pair = (min(first, second), max(first, second))
        if first != second and pair not in apart:
            found.setdefault(pair, reason)
    return [Suggestion(people[first], people[second], reason) for (first, second), reason in found.items()]


def _reasons(people: dict[int, Person]) -> Iterator[tuple[int, int, str]]:
    """Return pairs with a reason, the surest first."""
    yield from _shared(_logins(people), "the same login, whatever its case")
    yield from _shared(_numbers(people), "the same GitHub account number")
    yield from _shared(_of_kind(people, Identity.Kind.EMAIL), "the same git e-mail")
    yield from _shared(_named(people), "the same name")
    yield from _named_as_a_login(people)
    yield from _near_names(people)


def _shared(keyed: Iterable[tuple[object, int]], reason: str) -> Iterator[tuple[int, int, str]]:
    """Return the pairs that share a key."""
    groups: dict[object, set[int]] = defaultdict(set)
    for key, person in keyed:
        groups[key].add(person)
    for group in groups.values():
        for first, second in combinations(sorted(group), 2):
            yield first, second, reason


def _of_kind(people: dict[int, Person], kind: str) -> Iterator[tuple[str, int]]:
    identities = Identity.objects.filter(kind=kind).values_list("value", "person", "person__merged_into")
    for value, person, kept in identities:
        if (kept or person) in people:
            yield value.casefold(), kept or person


def _logins(people: dict[int, Person]) -> Iterator[tuple[str, int]]:
    """Return every login with whose it is: present ones, past ones, and those that GitHub writes into addresses."""
    yield from _of_kind(people, Identity.Kind.GITHUB)
    past = Login.objects.values_list("value", "identity__person", "identity__person__merged_into")
    yield from ((value.casefold(), kept or person) for value, person, kept in past if (kept or person) in people)
    for address, person in _of_kind(people, Identity.Kind.EMAIL):
        if match := NOREPLY.fullmatch(address):
            yield match[2], person


def _numbers(people: dict[int, Person]) -> Iterator[tuple[int, int]]:
    """Return every GitHub account's number with whose it is, also as GitHub writes it into addresses."""
    accounts = Identity.objects.filter(number__isnull=False).values_list("number", "person", "person__merged_into")
    yield from ((number or 0, kept or person) for number, person, kept in accounts if (kept or person) in people)
    for address, person in _of_kind(people, Identity.Kind.EMAIL):
        match = NOREPLY.fullmatch(address)
        if match and match[1]:
            yield int(match[1]), person


def _named(people: dict[int, Person]) -> Iterator[tuple[str, int]]:
    """Return every name with whose it is, those that git knows among them."""
    yield from ((plain(person.name), key) for key, person in people.items() if plain(person.name))
    yield from ((plain(value), key) for value, key in _of_kind(people, Identity.Kind.GIT_AUTHOR) if plain(value))


def _named_as_a_login(people: dict[int, Person]) -> Iterator[tuple[int, int, str]]:
    """Return who is entered under a name that is another one's login."""
    whose = dict(_of_kind(people, Identity.Kind.GITHUB))
    for key, person in people.items():
        other = whose.get(person.name.casefold())
        if other is not None:
            yield key, other, "the name of one is the login of the other"


def _near_names(people: dict[int, Person]) -> Iterator[tuple[int, int, str]]:
    """Return whose names are near, among those who share the first or the last word of theirs."""
    names = {key: plain(person.name).split() for key, person in people.items()}
    words = {key: name for key, name in names.items() if len(name) > 1}
    for place in (0, -1):
        for first, second, _ in _shared(((name[place], key) for key, name in words.items()), ""):
            if near(words[first], words[second]):
                yield first, second, f"near names: {people[first].name} and {people[second].name}"


def near(one: list[str], other: list[str]) -> bool:
    """Say whether two names of several words may be one: a short first name, a middle name more, a letter off."""
    if (one[0], one[-1]) == (other[0], other[-1]):
        differing = [pair for pair in zip(one[1:-1], other[1:-1], strict=False) if pair[0] != pair[1]]
        return len(one) != len(other) or all(long_and_one_letter_off(*pair) for pair in differing)
    if one[-1] == other[-1]:
        return near_first_names(one[0], other[0])
    return long_and_one_letter_off(one[-1], other[-1])


def long_and_one_letter_off(one: str, other: str) -> bool:
    """Say whether two words differ by one letter and are long enough for that to be a slip."""
    return min(len(one), len(other)) >= 5 and one_letter_off(one, other)


def near_first_names(one: str, other: str) -> bool:
    """Say whether one first name may be the other's short form, or has one letter changed."""
    short, long = sorted((one, other), key=len)
    return (
        (len(short) >= 3 and long.startswith(short)) or CALLED.get(short) == long or long_and_one_letter_off(one, other)
    )


def one_letter_off(one: str, other: str) -> bool:
    """Say whether two words differ by one letter: changed, added, or two neighbours swapped."""
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return False
    start = next((place for place, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    swapped = short[start : start + 2] == long[start : start + 2][::-1] and short[start + 2 :] == long[start + 2 :]
    return short[start + 1 :] == long[start + 1 :] or swapped


def suggested_employers() -> list[Suggestion]:
    """Return the pairs of employers that differ only in case, points and legal form."""
    groups: dict[str, list[Employer]] = defaultdict(list)
    for employer in Employer.objects.filter(merged_into=None):
        groups[without_legal_form(employer.name)].append(employer)
    return [
        Suggestion(first, second, "the same name but for its legal form")
        for group in groups.values()
        for first, second in combinations(sorted(group, key=lambda employer: len(employer.name)), 2)
    ]


def without_legal_form(name: str) -> str:
    """Return an employer's name without the legal form at its end."""
    words = plain(name).split()
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    return " ".join(words)

"""Leave out of any text the words that a person asked not to be shown by.

Words are compared without case and accents, as whole words; what is stored stays as it was written. A word that may
mean something else (`core`, `grace`) is left out only where it is marked as a name; where it stands unmarked, an
administrator decides (ecosystem/undecided.py).
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import cast

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.db.models import Q

from ecosystem.models import Person, Withheld

UNNAMED = "a person who asked not to be named"
# A short login may be an ordinary word: in running text it is one only where it is marked as one.
SHORT = 4
# Stands between two pieces of a page that are shown one after the other: no letter, and no space.
SEAM = "\ue000"
MARKS = ("@", "github.com/", "GitHub ", "person/", "people/", "(")
# What stands between the words of one name: spaces, the signs of Markdown, of addresses and of markup.
BETWEEN = rf"(?:[\s\u200b\-_.,+*`~{SEAM}]|%20|<[^<>]*>){{1,8}}"
# Within a name an initial may stand that is not of it: Ada B. Example.
WITHIN = rf"{BETWEEN}(?:[^\W\d_]{BETWEEN})?"
APOSTROPHES = "'\u2019\u02bc\u2018"
# Chinese, Japanese and Korean put no space between words; these letters need none around a name.
UNSPACED = re.compile("[\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff]")
LETTERS = re.compile(r"[^\W\d_]+")
# What the record's events are about: proposal/elect-somebody.
REFERENCE = re.compile(r"[\w.@+-]+(?:/[^\s/]+)+")

Redact = Callable[[str], str]
Meant = tuple[str, str]


@dataclass(frozen=True)
class Words:
    """What is withheld of everybody: each word, as it is compared, with the present name and slug of whom it means."""

    names: Mapping[str, Meant] = field(default_factory=dict)
    single: Mapping[str, Meant] = field(default_factory=dict)
    marked: Mapping[str, Meant] = field(default_factory=dict)
    logins: frozenset[str] = frozenset()
    # Names of people who are shown, in which a withheld one is found: they stay as they stand.
    kept: frozenset[str] = frozenset()

    def text(self, text: str) -> str:
        """Return a running text without what is withheld."""
        return self.put(self.shown, text)

    def value(self, text: str) -> str:
        """Return a value without what is withheld: one that is a withheld word as a whole is it, however common."""
        whole = self.marked.get(plain(text))
        if whole:
            return whole[1]
        return self.address(text) if REFERENCE.fullmatch(text) else self.text(text)

    def address(self, text: str) -> str:
        """Return an address without what is withheld: slugs stand where names stood."""
        return self.put(lambda word: self.meant(word)[1], text)

    def distinct(self, text: str) -> str:
        """Return a text in which two people who are not named are still two, as in a file of ballots."""
        return self.put(self.kept_apart, text)

    def put(self, instead: Redact, text: str) -> str:
        """Return a text with something else in the place of every word that is withheld."""
        pattern = self.pattern
        return pattern.sub(lambda found: self.instead_of(found.group(), instead), text) if pattern else text

    def instead_of(self, word: str, instead: Redact) -> str:
        """Return what stands in the place of a word that was found."""
        return word if spaced(word) in self.kept else instead(word)

    def shown(self, word: str) -> str:
        """Return what stands in the place of a word: a slug where it is a login, or written as a slug."""
        name, slug = self.meant(word)
        as_slug = plain(word) in self.logins or bool(re.fullmatch(r"[^\s<@\ue000]*(?:[-_.+]|%20)[^\s<@\ue000]*", word))
        return slug if as_slug else name

    def kept_apart(self, word: str) -> str:
        """Return what stands in the place of a word where it must be told which person it means."""
        shown = self.shown(word)
        return self.meant(word)[1] if shown == UNNAMED else shown

    def meant(self, word: str) -> Meant:
        """Return the present name and slug of whom a word means."""
        name = spaced(word)
        return (
            self.single.get(plain(word))
            or self.names.get(name)
            or self.names.get(whole(name))
            or self.marked[plain(word)]
        )

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """Return what finds the words; None where nothing is withheld."""
        return pattern_of(tuple(self.names), tuple(self.single), tuple(self.marked))


@lru_cache(maxsize=8)
def pattern_of(
    names: tuple[str, ...], single: tuple[str, ...], marked: tuple[str, ...], marks: tuple[str, ...] = MARKS
) -> re.Pattern[str] | None:
    """Return a pattern of names and single words wherever they stand, and of words after a mark such as @."""
    # A login may hold hyphens: ada-lovelace is not ada.
    before, after = r"(?<![^\W_])(?<![^\W_]-)", r"(?!-?[^\W_])"
    unspaced = [word for word in (*names, *single) if UNSPACED.search(word)]
    names = tuple(word for word in names if word not in unspaced)
    single = tuple(word for word in single if word not in unspaced)
    signs = "|".join(f"(?<={re.escape(mark)})|(?<={re.escape(mark)}{SEAM})" for mark in marks)
    parts = [
        either(unspaced),
        rf"(?<![^\W_])(?:{either(names)})(?![^\W_])" if names else "",
        rf"{before}(?:{either(single)}){after}" if single else "",
        rf"(?:{signs})(?:{either(marked)}){after}" if marked else "",
    ]
    return re.compile("|".join(part for part in parts if part), re.IGNORECASE) if any(parts) else None


def either(words: Iterable[str]) -> str:
    """Return a pattern of any of these words, the longest first."""
    return "|".join(WITHIN.join(map(loosely, word.split())) for word in sorted(words, key=len, reverse=True))


def loosely(word: str) -> str:
    """Return a pattern of a word, whichever apostrophe it is written with, and with accents or without."""
    return "".join(map(loosely_written, word))


def loosely_written(letter: str) -> str:
    """Return a pattern of one sign of a word."""
    if letter == "'":
        return f"[{APOSTROPHES}]"
    if not letter.isalpha():
        return re.escape(letter)
    return rf"[{letter}{with_accents().get(letter, '')}][\u0300-\u036f]*"


@cache
def with_accents() -> dict[str, str]:
    """Return for each of a to z the letters that are it with an accent."""
    found: dict[str, str] = {}
    for letter in map(chr, [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]):
        if without_accent(letter) != letter == letter.lower():
            found[without_accent(letter)] = found.get(without_accent(letter), "") + letter
    return found


def without_accent(letter: str) -> str:
    """Return a Latin letter without its accents; any other letter as it is."""
    first = unicodedata.normalize("NFD", letter)[0]
    return first if first.isascii() else letter


def plain(text: str) -> str:
    """Return a word as it is compared: in small letters, without accents, with the one apostrophe."""
    composed = unicodedata.normalize("NFC", re.sub(f"[{APOSTROPHES}]", "'", text)).lower()
    return "".join(map(without_accent, composed)).strip()


def spaced(text: str) -> str:
    """Return a name as it is compared: one space between its words, whatever stood there."""
    return re.sub(BETWEEN, " ", plain(text)).strip()


def whole(name: str) -> str:
    """Return a spaced name without the initials within it."""
    return re.sub(r"(?<= )[^\W\d_] ", "", name)


# -- which words are withheld ------------------------------------------------------------------------------------------


def withheld_words() -> Words:
    """Return what is withheld now; read once for a page or an export."""
    rows = list(Withheld.objects.select_related("person"))
    return words_of(rows) if rows else Words()


def words_of(rows: Collection[Withheld]) -> Words:
    """Return the words of some rows, sorted by how surely they mean the person."""
    others = borne_by_others(rows)
    names: dict[str, Meant] = {}
    single: dict[str, Meant] = {}
    marked: dict[str, Meant] = {}
    for row in rows:
        means = row.person.name, row.person.slug
        for word in row.words():
            sure = word in row.everywhere or not (may_mean_another(word) or spaced(word) in others)
            if not sure or word in (*row.slugs, *row.logins):
                marked[plain(word)] = means
            if sure and " " in spaced(word) and word not in row.logins:
                names |= dict.fromkeys(both_orders(spaced(word)), means)
            elif sure and word not in (*row.slugs, *row.logins):
                names[spaced(word)] = means
            if sure and not re.search(r"\s", word):
                single[plain(word)] = means
    logins = {plain(word) for row in rows for word in (*row.slugs, *row.logins) if plain(word) not in names}
    kept = longer_names(rows) - names.keys()
    return Words(names | dict.fromkeys(kept, ("", "")), single, marked, frozenset(logins), frozenset(kept))


def longer_names(rows: Iterable[Withheld]) -> set[str]:
    """Return the names and slugs of people who are shown, where a withheld one is a part: Ada Example Smith."""
    part = Q()
    for row in rows:
        for name in row.names:
            part |= Q(name__icontains=name)
        for slug in row.slugs:
            part |= Q(slug__icontains=slug)
    shown = Person.objects.filter(part, unnamed_since=None).values_list("name", "slug") if part else []
    return {spaced(word) for both in shown for word in both}


def both_orders(name: str) -> tuple[str, str, str]:
    """Return a name, the name with its last word first, as lists write it, and both run together."""
    first, _, last = name.rpartition(" ")
    return name, f"{last} {first}", f"{last} {first} {last}"


def borne_by_others(rows: Iterable[Withheld]) -> set[str]:
    """Return the withheld names that somebody else is shown by."""
    names = [name for row in rows for name in row.names]
    shown = Person.objects.filter(name__in=names, unnamed_since=None)
    return {spaced(name) for name in shown.values_list("name", flat=True)}


def may_mean_another(word: str) -> bool:
    """Say whether a word may as well be an ordinary one, or somebody else's first name."""
    if not LETTERS.fullmatch(word) or UNSPACED.search(word):
        return False
    return len(word) <= SHORT or plain(word) in ordinary_words()


@cache
def ordinary_words() -> frozenset[str]:
    """Return common words and first names (Django's list of common passwords is full of them), and the site's own."""
    folders = cast("list[Path]", settings.TEMPLATES[0]["DIRS"])
    pages = [path for folder in folders for path in folder.rglob("*.html")]
    own = {word for path in pages for word in re.findall(r"[a-z]+", path.read_text(encoding="utf-8").lower())}
    return frozenset(own | CommonPasswordValidator().passwords)


def redactor() -> Redact:
    """Return what puts the present name in the place of what is withheld, in values too."""
    return withheld_words().value


def redactor_if_any() -> Redact | None:
    """Return what leaves out what is withheld; None where nothing is."""
    return redactor() if Withheld.objects.exists() else None


def withhold(person: Person, *, slugs: Iterable[str], names: Iterable[str], logins: Iterable[str] = ()) -> None:
    """Add to the words that no page shows of a person."""
    row, _ = Withheld.objects.get_or_create(person=person)
    row.slugs = sorted({*row.slugs, *slugs} - {person.slug})
    row.names = sorted({*row.names, *names} - {person.name})
    row.logins = sorted({*row.logins, *logins})
    row.save()

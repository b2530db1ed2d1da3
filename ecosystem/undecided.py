"""Words that may mean somebody who is not to be named, and may not: where they stand, for an administrator to look at.

A login such as `core`, a first name alone, a name that two people bear: no rule can tell whom they mean.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.apps import apps
from django.db.models import CharField, JSONField, Model, Q, TextField
from django.db.models.functions import Cast

from ecosystem.models import Affiliation, Employer, Identity, Login, Person, Request, Withheld
from ecosystem.withholding import Words, borne_by_others, may_mean_another, plain, spaced, withheld_words

ROOMS = ("governance", "ecosystem", "record")
# Tables of what people are called and how they sign in: what they show of somebody follows from the person.
NOT_TEXTS = (Person, Identity, Login, Affiliation, Employer, Request, Withheld)
KEYS = re.compile(r"(?:token|key|seal|hash|digest|previous|password|mutability)")
# Initials say nothing alone.
SHORTEST = 3
SHOWN = 10
AROUND = 50


@dataclass(frozen=True)
class Place:
    """A text in which a word stands unmarked."""

    what: str
    url: str
    before: str
    word: str
    after: str


@dataclass
class Undecided:
    """A word of somebody that may mean something else, and where it stands."""

    withheld: Withheld
    word: str
    places: list[Place] = field(default_factory=list)
    more: int = 0

    @property
    def count(self) -> int:
        """Return in how many places the word stands."""
        return len(self.places) + self.more


def doubtful(row: Withheld) -> list[str]:
    """Return the words of one person that no rule can decide and nobody has decided."""
    others = borne_by_others([row])
    # Names last: of a name and the slug made of it, the name is the word to look for.
    unsure = [one for one in reversed(row.words()) if may_mean_another(one) or spaced(one) in others]
    parts = [part for name in row.names if " " in name for part in name.split()]
    words = {spaced(part): plain(part) for part in parts if len(part) >= SHORTEST and part.isalpha()}
    words |= {spaced(word): word for word in unsure}
    decided = {spaced(word) for word in (*row.everywhere, *row.elsewhere)}
    return [word for key, word in sorted(words.items()) if key not in decided]


def still_to_be_looked_at() -> list[Undecided]:
    """Return every undecided word that stands somewhere, with its places."""
    rows = Withheld.objects.select_related("person").order_by("pk")
    found = {plain(word): Undecided(row, word) for row in rows for word in doubtful(row)}
    if not found:
        return []
    longest_first = sorted(found, key=len, reverse=True)
    pattern = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, longest_first))})(?![^\W_])", re.IGNORECASE)
    words = withheld_words()
    for item, text in texts_with(list(found)):
        for match in unmarked(text, pattern, words):
            one = found[plain(match.group())]
            if len(one.places) < SHOWN:
                one.places.append(placed(item, match))
            else:
                one.more += 1
    return [one for one in found.values() if one.places]


def unmarked(text: str, pattern: re.Pattern[str], words: Words) -> Iterator[re.Match[str]]:
    """Give the first place of each word that is left when what is decided is left out of a text."""
    seen = set()
    for match in pattern.finditer(words.text(text)):
        if plain(match.group()) not in seen:
            seen.add(plain(match.group()))
            yield match


def texts_with(words: list[str]) -> Iterator[tuple[Model, str]]:
    """Give the texts of the site in which one of these words stands, with what each is a text of."""
    # PostgreSQL's \m and \M are the ends of a word; accents are looked at by the caller.
    pattern = rf"\m({'|'.join(re.escape(word) for word in words)})\M"
    for model, names in text_fields():
        casts = {f"{name}_said": Cast(name, TextField()) for name in names}
        says = Q()
        for name in casts:
            says |= Q(**{f"{name}__iregex": pattern})
        for item in model._default_manager.annotate(**casts).filter(says).order_by("pk").iterator(chunk_size=500):
            for name in casts:
                yield item, getattr(item, name) or ""


def text_fields() -> Iterator[tuple[type[Model], list[str]]]:
    """Give every table with words that people wrote, and its columns."""
    for model in (model for room in ROOMS for model in apps.get_app_config(room).get_models()):
        names = [one.name for one in model._meta.concrete_fields if isinstance(one, CharField | TextField | JSONField)]
        names = [
            name
            for name in names
            if not KEYS.search(name) and not getattr(model._meta.get_field(name), "choices", None)
        ]
        if names and model not in NOT_TEXTS and model._meta.label != "governance.User":
            yield model, names


def placed(item: Model, match: re.Match[str]) -> Place:
    """Return where a word stands, with the words around it."""
    text = match.string
    return Place(
        what=str(item._meta.verbose_name),
        url=address_of(item),
        before=text[max(0, match.start() - AROUND) : match.start()],
        word=match.group(),
        after=text[match.end() : match.end() + AROUND],
    )


def address_of(item: Model) -> str:
    """Return where a text is read: its own page, or that of what it belongs to."""
    own = getattr(item, "get_absolute_url", None)
    if own is not None:
        return str(own())
    for one in item._meta.concrete_fields:
        if one.is_relation and hasattr(one.related_model, "get_absolute_url") and one.related_model is not Person:
            belongs_to = getattr(item, one.name)
            if belongs_to is not None:
                return str(belongs_to.get_absolute_url())
    return ""

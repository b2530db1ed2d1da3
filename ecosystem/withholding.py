"""Leave out of any text the words that a person asked not to be shown by."""

import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.html import escape

from ecosystem.models import Person, Withheld

UNNAMED = "a person who asked not to be named"
# A short login may be an ordinary word: in running text it is one only where it is marked as one.
SHORT = 4
MARKS = r"(?<=@)|(?<=github\.com/)|(?<=GitHub )|(?<=on GitHub )|(?<=person/)|(?<=\()"


def redactor(spelled: Callable[[str], str] = str) -> Callable[[str], str]:
    """Return what puts the present name in the place of what is withheld; read once for a page or an export.

    `spelled` is how the words are written in the text that it is given.
    """
    rows = list(Withheld.objects.select_related("person"))
    if not rows:
        return lambda text: text
    everywhere = {spelled(word).lower(): shown for row in rows for word, shown in said_anywhere(row)}
    marked = {spelled(word).lower(): shown for row in rows for word, shown in said_where_marked(row)}
    pattern = re.compile(
        "|".join(
            part
            for part in (
                rf"(?<![\w-])(?:{either(everywhere)})(?![\w-])" if everywhere else "",
                rf"(?:{MARKS})(?:{either(marked)})(?![\w-])" if marked else "",
            )
            if part
        ),
        re.IGNORECASE,
    )

    def redact(text: str) -> str:
        whole = marked.get(text.lower())
        return whole or pattern.sub(lambda found: (everywhere | marked)[found.group().lower()], text)

    return redact


def redactor_if_any() -> Callable[[str], str] | None:
    """Return what leaves out what is withheld; None where nothing is."""
    return redactor() if Withheld.objects.exists() else None


def either(words: Iterable[str]) -> str:
    """Return a pattern of any of these words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def said_anywhere(row: Withheld) -> list[tuple[str, str]]:
    """Return the words that mean the person wherever they stand, with what is shown instead: all but short logins."""
    names = [(name, row.person.name) for name in row.names]
    return names + [(word, row.person.slug) for word in (*row.slugs, *row.logins) if len(word) > SHORT]


def said_where_marked(row: Withheld) -> list[tuple[str, str]]:
    """Return the words that mean the person as a whole value, or after a mark such as @."""
    return [(word, row.person.slug) for word in (*row.slugs, *row.logins)]


def leaving_out(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a page of lines that were read elsewhere leave out what is withheld, wherever it stands in them."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.get("Content-Type", "").startswith("text/html"):
            # As HTML escapes them: a name may hold an apostrophe.
            response.content = redactor(escape)(response.content.decode()).encode()
        return response

    return page


def withhold(person: Person, *, slugs: Iterable[str], names: Iterable[str], logins: Iterable[str] = ()) -> None:
    """Add to the words that no page shows of a person."""
    row, _ = Withheld.objects.get_or_create(person=person)
    row.slugs = sorted({*row.slugs, *slugs} - {person.slug})
    row.names = sorted({*row.names, *names} - {person.name})
    row.logins = sorted({*row.logins, *logins})
    row.save()

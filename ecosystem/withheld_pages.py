"""Leave what is withheld out of whole answers: pages, feeds, documents, calendars, files.

A page is read as its reader sees it: a name may run over tags, and its words may be written as entities.
"""

import html
import json
import re
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.html import escape
from icalendar.parser import Contentline, Contentlines

from ecosystem.withholding import SEAM, Redact, Words, plain

TOKEN = re.compile(
    r"""<!--.*?-->|<(?:script|style)\b.*?</(?:script|style)\s*>|<[!?/]?[a-zA-Z](?:[^>"']++|"[^"]*+"|'[^']*+')*+>""",
    re.DOTALL | re.IGNORECASE,
)
TAG = re.compile(r"</?([a-zA-Z][\w:-]*)")
DATA = re.compile(r"(<script\b[^>]*application/json[^>]*>)(.*)(</script\s*>)", re.DOTALL | re.IGNORECASE)
# A name may begin before one of these and end after it; any other tag ends a line of text.
INLINE = re.compile(
    r"a|abbr|b|bd[io]|br|cite|code|del|em|font|i|ins|kbd|mark|q|s|samp|small|span|strong|su[bp]|time|u|var|wbr",
    re.IGNORECASE,
)
ATTRIBUTE = re.compile(r"""([\w:-]+)(\s*=\s*)("[^"]*"|'[^']*')""")
SAID = frozenset(["title", "alt", "content", "value", "placeholder", "label", "aria-label", "summary", "term"])
LEADING = frozenset(["href", "src", "action", "cite", "hx-get", "hx-post", "hx-vals", "formaction"])
OUTSIDE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
Answer = TypeVar("Answer", bound=HttpResponseBase)
JSON_ADDRESS = re.compile(r"(?:https?://|/)\S*")


def page_without(text: str, words: Words) -> str:
    """Return a page or feed without what is withheld; what holds none of it stays letter for letter."""
    if words.pattern is None:
        return text
    pieces = list(pieces_of(text))
    for place, (kind, piece) in enumerate(pieces):
        if kind == "tag":
            pieces[place] = kind, tag_without(piece, words)
            if "href" not in pieces[place][1] and "href" in piece:
                unmark(pieces, place, words)
        elif kind == "data":
            pieces[place] = kind, script_without(piece, words)
    for line in lines_of(pieces):
        rewrite(pieces, line, words)
    return "".join(piece for _, piece in pieces)


def pieces_of(text: str) -> Iterator[tuple[str, str]]:
    """Give a page as text, tags, and scripts."""
    place = 0
    for found in TOKEN.finditer(text):
        if found.start() > place:
            yield "text", text[place : found.start()]
        token = found.group()
        yield "data" if token[:7].lower() in ("<script", "<style ", "<style>") else "tag", token
        place = found.end()
    if place < len(text):
        yield "text", text[place:]


def lines_of(pieces: list[tuple[str, str]]) -> Iterator[list[int]]:
    """Give the places of the texts that a reader sees one after the other, a list for each line of them."""
    line: list[int] = []
    for place, (kind, piece) in enumerate(pieces):
        if kind == "text":
            line.append(place)
        elif kind == "tag" and not is_inline(piece):
            if line:
                yield line
            line = []
    if line:
        yield line


def is_inline(tag: str) -> bool:
    """Say whether text goes on after a tag."""
    found = TAG.match(tag)
    return found is None or INLINE.fullmatch(found[1]) is not None


def rewrite(pieces: list[tuple[str, str]], line: list[int], words: Words) -> None:
    """Leave out of a line of texts what is withheld, where it runs over several of them too."""
    said = [html.unescape(pieces[place][1]) for place in line]
    whole, pattern = SEAM.join(said), words.pattern
    assert pattern is not None
    if not pattern.search(whole):
        return
    # What stands between two texts stays: a name's tags are kept, and what they hold of it goes.
    new = pattern.sub(lambda found: shown_over(found.group(), words), whole).split(SEAM)
    for place, before, after in zip(line, said, new, strict=True):
        if before != after:
            pieces[place] = "text", escape(after)


def shown_over(word: str, words: Words) -> str:
    """Return what stands in the place of a name that may run over several texts: as many as before."""
    shown = words.instead_of(word, words.shown)
    return shown if shown == word else shown + SEAM * word.count(SEAM)


def tag_without(tag: str, words: Words) -> str:
    """Return a tag whose attributes hold nothing withheld; one that led outside by it leads nowhere."""
    if "=" not in tag or tag.startswith("<!--"):
        return words.text(tag) if tag.startswith("<!--") else tag
    return ATTRIBUTE.sub(lambda found: attribute_without(found, words), tag)


def attribute_without(found: re.Match[str], words: Words) -> str:
    """Return an attribute without what is withheld."""
    name, between, quoted = found[1].lower(), found[2], found[3]
    value = html.unescape(quoted[1:-1])
    if name in LEADING:
        new = words.address(value)
        if new != value and OUTSIDE.match(value):
            return ""
    elif name in SAID or name.startswith("data-"):
        new = words.text(value)
    else:
        return found.group()
    return found.group() if new == value else f'{found[1]}{between}"{escape(new)}"'


def unmark(pieces: list[tuple[str, str]], place: int, words: Words) -> None:
    """Leave out a login that was the text of the link which named it."""
    if place + 1 < len(pieces) and pieces[place + 1][0] == "text":
        said = html.unescape(pieces[place + 1][1])
        if plain(said) in words.marked:
            pieces[place + 1] = "text", escape(words.value(said))


def script_without(script: str, words: Words) -> str:
    """Return a script whose data hold nothing withheld; a program stays as it is."""
    found = DATA.fullmatch(script)
    if found is None:
        return script
    held = json.loads(found[2])
    new = document_without(held, words)
    if new == held:
        return script
    written = json.dumps(new).replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026")
    return f"{found[1]}{written}{found[3]}"


def document_without(value: Any, words: Words) -> Any:
    """Return a document without what is withheld, in its keys too, which stay apart from each other."""
    if isinstance(value, str):
        return words.address(value) if JSON_ADDRESS.fullmatch(value) else words.text(value)
    if isinstance(value, dict):
        return {words.distinct(key): document_without(item, words) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [document_without(item, words) for item in value]
    return value


def json_without(text: str, words: Words) -> str:
    """Return a JSON answer without what is withheld."""
    held = json.loads(text)
    new = document_without(held, words)
    return text if new == held else json.dumps(new, ensure_ascii=False, indent=2) + "\n"


def calendar_without(text: str, words: Words) -> str:
    """Return a calendar without what is withheld; its lines are folded, so they are unfolded first."""
    lines = Contentlines.from_ical(text)
    new = [line_without(str(line), words.address if line.startswith(("URL", "UID")) else words.text) for line in lines]
    return text if new == lines else Contentlines(new).to_ical().decode()


def line_without(line: str, redact: Redact) -> Contentline:
    """Return a line of a calendar, which escapes commas, without what is withheld."""
    return Contentline(redact(line.replace("\\,", SEAM)).replace(SEAM, "\\,"))


def file_without(text: str, words: Words) -> str:
    """Return a file of lines without what is withheld; two people who are not named stay two."""
    return words.distinct(text)


WRITERS: dict[str, Callable[[str, Words], str]] = {
    "text/html": page_without,
    "application/xhtml+xml": page_without,
    "application/atom+xml": page_without,
    "application/rss+xml": page_without,
    "application/xml": page_without,
    "text/xml": page_without,
    "application/json": json_without,
    "text/calendar": calendar_without,
    "text/csv": file_without,
    "text/plain": file_without,
}


def answer_without(response: HttpResponse, words: Words) -> HttpResponse:
    """Return an answer, whatever it is, without what is withheld."""
    for header in ("Location", "Content-Disposition"):
        if header in response and not OUTSIDE.match(response[header]):
            response[header] = words.address(response[header])
    write = WRITERS.get(response.get("Content-Type", "").partition(";")[0].strip())
    if write is not None and response.content:
        body = write(response.content.decode(response.charset), words).encode(response.charset)
        if body != response.content:
            response.content = body
            if "Content-Length" in response:
                response["Content-Length"] = str(len(body))
    return response


def as_kept(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Show a page with what is withheld: one for those who keep people, or that only says what its reader wrote."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return staying(view(request, *args, **kwargs))

    return page


def staying(response: Answer) -> Answer:
    """Mark an answer that is shown as it was made."""
    response.stays_as_made = True  # type: ignore[attr-defined]
    return response


def stays_as_made(response: HttpResponseBase) -> bool:
    """Say whether an answer is shown as it was made."""
    return getattr(response, "stays_as_made", False)

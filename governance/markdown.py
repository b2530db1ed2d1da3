"""Turn the Markdown that people write into HTML that can do no harm, and show what a revision changed."""

import difflib
import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# Longer than any RFC that was met; a text beyond it is refused when it is written, never cut in silence.
LONGEST_TEXT = 150_000
# A link takes the parser a look at every bracket after it: this many are more than any RFC has.
MOST_BRACKETS = 5_000
# Nested deeper than any text means; the parser would spend its time on brackets.
DEEPEST = 40
TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p",
    "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "code": {"class"}, "th": {"align"}, "td": {"align"}}
MOST_COMPARISONS = 1_000_000
WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class TextRefused(ValueError):
    """A text that is too long to be kept, or made to keep the parser busy."""


def parser() -> MarkdownIt:
    """Return a parser: CommonMark with tables and strike-through; HTML in the text stays text."""
    return MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": DEEPEST}).enable(
        ["table", "strikethrough"]
    )


PARSER = parser()
# Pictures of other sites tell those sites who reads here: they become links.
CLEANER = nh3.Cleaner(
    tags=TAGS - {"img"},
    attributes=ATTRIBUTES,
    # A table of Markdown has headings above its columns only.
    set_tag_attribute_values={"th": {"scope": "col"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow noopener noreferrer",
)


def check_text(text: str) -> str:
    """Return a text that can be kept and shown.

    Raises:
        TextRefused: for one that is too long, or holds more brackets than a text needs.
    """
    if len(text) > LONGEST_TEXT:
        raise TextRefused(f"The text has {len(text)} characters; at most {LONGEST_TEXT} are kept. Shorten it.")
    if text.count("[") > MOST_BRACKETS:
        raise TextRefused(f"The text has {text.count('[')} opening brackets; at most {MOST_BRACKETS} are kept.")
    if "\x00" in text:
        raise TextRefused("The text holds a NUL character. Remove it.")
    return text


def rendered(text: str) -> SafeString:
    """Return a Markdown text as HTML without scripts, styles, frames, forms or pictures."""
    tokens = PARSER.parse(check_text(text))
    for token in tokens:
        for inner in token.children or ():
            if inner.type == "image":
                picture_to_link(inner)
    made = PARSER.renderer.render(tokens, PARSER.options, {})
    return mark_safe(CLEANER.clean(headings_below(made)))  # noqa: S308  (cleaned by ammonia in this very line)


def picture_to_link(token: object) -> None:
    """Turn a picture's token into a link to it."""
    source = str(token.attrs.get("src", ""))  # type: ignore[attr-defined]
    words = token.content or source  # type: ignore[attr-defined]
    shown = html.escape(f"picture: {words}")
    token.type, token.content = "html_inline", f'<a href="{html.escape(source)}">{shown}</a>'  # type: ignore[attr-defined]


def headings_below(made: str) -> str:
    """Let a text's headings begin below the page's own: its first level is the page's third."""
    return re.sub(r"<(/?)h([1-6])>", lambda found: f"<{found[1]}h{min(int(found[2]) + 2, 6)}>", made)


@dataclass(frozen=True)
class Piece:
    """Some words of a difference: kept, added or removed."""

    kind: str
    text: str


@dataclass(frozen=True)
class Change:
    """A stretch of lines that differ, word by word, with the line of the newer text at which it begins."""

    line: int
    pieces: tuple[Piece, ...]


def difference(before: str, after: str) -> list[Change]:
    """Return what changed between two texts: stretches of lines, within each the words."""
    old, new = before.splitlines(), after.splitlines()
    # Beyond this, frequent lines are left out of the search, as `diff` does: seconds rather than minutes.
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=len(old) * len(new) > MOST_COMPARISONS)
    return [
        Change(there + 1, tuple(word_pieces("\n".join(old[here:here_end]), "\n".join(new[there:there_end]))))
        for kind, here, here_end, there, there_end in matcher.get_opcodes()
        if kind != "equal"
    ]


def word_pieces(before: str, after: str) -> Iterator[Piece]:
    """Give the words of two texts as kept, removed and added."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    # Comparing words takes the product of their numbers at worst: a rewritten chapter is shown as such.
    if len(old) * len(new) > MOST_COMPARISONS:
        yield from (Piece(kind, text) for kind, text in (("removed", before), ("added", after)) if text)
        return
    for kind, here, here_end, there, there_end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield from pieces_of(kind, old[here:here_end], new[there:there_end])


def pieces_of(kind: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    """Give one operation as pieces."""
    if kind == "equal":
        yield Piece("kept", "".join(new))
        return
    if old:
        yield Piece("removed", "".join(old))
    if new:
        yield Piece("added", "".join(new))


def difference_words(changes: Sequence[Change]) -> str:
    """Say how much changed."""
    counts = {
        kind: sum(
            len(re.findall(r"\w+", piece.text)) for change in changes for piece in change.pieces if piece.kind == kind
        )
        for kind in ("added", "removed")
    }
    if not changes:
        return "Nothing changed."
    added, removed = counts["added"], counts["removed"]
    return f"{'One word' if added == 1 else f'{added} words'} added, {removed or 'none'} removed."

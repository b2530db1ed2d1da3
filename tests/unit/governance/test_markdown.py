"""Markdown that people write: what it becomes, and what hostile text does not become."""

import html.parser
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.markdown import (
    LONGEST_TEXT,
    MOST_BRACKETS,
    TAGS,
    TextRefused,
    difference,
    difference_words,
    rendered,
)

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](https://example.org/a.png)',
    '[x](https://example.org "\\" onmouseover=\\"alert(1)")',
    '<https://example.org/?"onclick=alert(1)>',
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "<svg/onload=alert(1)>",
    "<iframe src=https://example.org></iframe>",
    "<style>body{display:none}</style>",
    "<form action=https://example.org><input name=a></form>",
    "<base href=https://example.org>",
    "`</code><script>alert(1)</script>`",
    '```html"><script>alert(1)</script>\nx\n```',
    "<!--<script>-->alert(1)<!--</script>-->",
    '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
    "|a|\n|-|\n|<script>alert(1)</script>|",
    "\u202e[x](javascript:alert(1))",
]


class Seen(html.parser.HTMLParser):
    """Collects what a browser would make of it: elements and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attributes]


def assert_harmless(text: str) -> None:
    seen = Seen(rendered(text))
    assert seen.tags <= TAGS - {"img"}
    assert {name for name, _ in seen.attributes} <= {"href", "title", "rel", "start", "class", "align", "scope"}
    for name, value in seen.attributes:
        if name == "scope":
            assert value == "col"  # ours, at each heading of a column: nothing that the text says
        if name == "href":
            scheme = value.split(":")[0].lower() if ":" in value.split("/")[0] else ""
            assert scheme in ("", "http", "https", "mailto"), value


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_becomes_nothing_that_acts(text: str) -> None:
    assert_harmless(text)


@settings(max_examples=200)
@given(st.lists(st.sampled_from([*HOSTILE, "\n", "\n\n", "> ", "- ", "    ", "*", "`", "|", "a"]), max_size=12))
def test_no_mixture_of_hostile_pieces_acts(pieces: list[str]) -> None:
    assert_harmless("".join(pieces))


def test_what_rfcs_are_written_with_is_kept() -> None:
    made = rendered(
        "# Why\n\n*a* **b** ~~c~~ `d`\n\n- [e](https://example.org)\n\n|f|\n|-|\n|g|\n\n```py\nh < 1\n```\n"
    )
    for part in ("<h3>Why</h3>", "<em>a</em>", "<s>c</s>", "<code>d</code>", "<td>g</td>", "h &lt; 1"):
        assert part in made
    assert 'rel="nofollow noopener noreferrer"' in made


def test_a_picture_becomes_a_link_so_that_no_other_site_sees_who_reads() -> None:
    made = rendered("![a loom](https://example.org/loom.png)")
    assert "<img" not in made
    assert 'href="https://example.org/loom.png"' in made
    assert "picture: a loom" in made


@pytest.mark.parametrize(
    "text", ["x" * (LONGEST_TEXT + 1), "[" * (MOST_BRACKETS + 1), "a\x00b"], ids=["long", "brackets", "nul"]
)
def test_text_beyond_the_bounds_is_refused_in_words(text: str) -> None:
    with pytest.raises(TextRefused, match=r"at most|NUL"):
        rendered(text)


@pytest.mark.parametrize("piece", ["*a", "_*", "`", ">", "~~a", "<", "&", "- ", "[a", "![", "a\n|-"])
def test_the_worst_text_within_the_bounds_takes_seconds_at_most(piece: str) -> None:
    count = LONGEST_TEXT // len(piece) if "[" not in piece else MOST_BRACKETS
    began = time.process_time()
    rendered(piece * count)
    assert time.process_time() - began < 10


def test_a_difference_names_the_words() -> None:
    changes = difference("One loom.\nTwo shuttles fly.\nEnd.", "One loom.\nTwo red shuttles fly.\nEnd.")
    assert [(c.line, [(p.kind, p.text) for p in c.pieces]) for c in changes] == [
        (2, [("kept", "Two"), ("added", " red"), ("kept", " shuttles fly.")])
    ]
    assert difference_words(changes) == "One word added, none removed."
    assert difference_words(difference("a", "a")) == "Nothing changed."


@given(st.text("ab \n", max_size=60), st.text("ab \n", max_size=60))
def test_a_difference_gives_back_both_texts(before: str, after: str) -> None:
    changes = difference(before, after)
    kept_old = [p.text for c in changes for p in c.pieces if p.kind != "added"]
    kept_new = [p.text for c in changes for p in c.pieces if p.kind != "removed"]
    assert sum(map(len, kept_old)) <= len(before) + before.count("\n")
    assert sum(map(len, kept_new)) <= len(after) + after.count("\n")
    assert bool(changes) == (before.splitlines() != after.splitlines())

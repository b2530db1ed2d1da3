"""Reading a page as a browser and a screen reader do: what is open, what is named twice, what leads where.

The standard library's parser tells tags as they stand, so that what a browser would repair in silence is found.
"""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# A paragraph is ended by these; written inside one, they leave a closing tag behind that nothing opened.
BLOCKS = {
    "address", "article", "aside", "blockquote", "details", "div", "dl", "fieldset", "figure", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul",
}  # fmt: skip
ONLY_IN = {
    "li": {"ul", "ol", "menu"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "tr": {"thead", "tbody", "tfoot"},
    "td": {"tr"},
    "th": {"tr"},
    "summary": {"details"},
    "legend": {"fieldset"},
    "option": {"select", "optgroup", "datalist"},
}
ONLY_HOLDS = {
    "ul": {"li", "script", "template"},
    "ol": {"li", "script", "template"},
    "dl": {"dt", "dd", "div"},
    "tr": {"td", "th"},
    "table": {"caption", "colgroup", "thead", "tbody", "tfoot"},
    "tbody": {"tr"},
}
INTERACTIVE = {"a", "button", "input", "select", "textarea", "summary", "label"}
REFERRING = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-errormessage", "list", "form")


@dataclass
class Element:
    """A tag as it stands: its attributes, the words inside it and the tags around it."""

    tag: str
    attributes: dict[str, str]
    line: int
    around: tuple[str, ...]
    words: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return the words that a reader hears, in one line."""
        return " ".join(" ".join([*self.words, *self.names]).split())

    def __str__(self) -> str:
        shown = " ".join(f'{name}="{value}"' for name, value in self.attributes.items())
        return f"<{self.tag} {shown}> on line {self.line}"


class Markup(HTMLParser):
    """One page, taken apart; `faults` holds what a browser would have to repair."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.faults: list[str] = []
        self._open: list[Element] = []
        self.feed(text)
        self.close()
        self.faults += [f"{each} is never closed" for each in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(
            tag, {name: value or "" for name, value in attrs}, self.getpos()[0], tuple(e.tag for e in self._open)
        )
        self._check_attributes(element, attrs)
        self._check_place(element)
        self.elements.append(element)
        for name in ("aria-label", "alt"):
            for outer in (*self._open, element) if name in element.attributes else ():
                outer.names.append(element.attributes[name])
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            self.faults.append(f"</{tag}> on line {self.getpos()[0]} closes what has no end")
        elif self._open and self._open[-1].tag == tag:
            self._open.pop()
        elif any(element.tag == tag for element in self._open):
            while (element := self._open.pop()).tag != tag:
                self.faults.append(f"{element} is still open at </{tag}> on line {self.getpos()[0]}")
        else:
            self.faults.append(f"</{tag}> on line {self.getpos()[0]} closes what was not opened")

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.words.append(data)
        if data.strip() and self._open and self._open[-1].tag in ONLY_HOLDS:
            self.faults.append(f"“{data.strip()[:40]}” stands directly in {self._open[-1]}")

    def _check_attributes(self, element: Element, attrs: list[tuple[str, str | None]]) -> None:
        twice = [name for name, count in Counter(name for name, _ in attrs).items() if count > 1]
        self.faults += [f"{element} has {name} twice" for name in twice]
        if element.attributes.get("id", "x") == "" or " " in element.attributes.get("id", ""):
            self.faults.append(f"{element} has an id that nothing can lead to")

    def _check_place(self, element: Element) -> None:
        inner = element.around[-1] if element.around else ""
        if "p" in element.around and element.tag in BLOCKS:
            self.faults.append(f"{element} stands in a paragraph")
        if element.tag in ONLY_IN and inner not in ONLY_IN[element.tag]:
            self.faults.append(f"{element} stands in <{inner}>")
        if inner in ONLY_HOLDS and element.tag not in ONLY_HOLDS[inner]:
            self.faults.append(f"{element} stands directly in <{inner}>")
        if element.tag == "form" and "form" in element.around:
            self.faults.append(f"{element} stands in a form")
        if element.tag in INTERACTIVE and {"a", "button"} & set(element.around):
            self.faults.append(f"{element} stands in a link or a button")

    def all(self, *tags: str) -> list[Element]:
        """Return the elements of these kinds in their order."""
        return [element for element in self.elements if element.tag in tags]

    def ids(self) -> Counter[str]:
        """Return how often each id stands on the page."""
        return Counter(element.attributes["id"] for element in self.elements if element.attributes.get("id"))

    def links(self) -> list[str]:
        """Return where its links lead, in their order."""
        return [element.attributes["href"] for element in self.all("a") if "href" in element.attributes]


def faults_of(page: Markup) -> list[str]:
    """Say what is wrong with a page: its tags, ids, language, title, headings, labels and links."""
    return [
        *page.faults,
        *_ids(page),
        *_head(page),
        *_headings(page),
        *_labels(page),
        *_names(page),
        *_tables(page),
    ]


def _ids(page: Markup) -> list[str]:
    ids = page.ids()
    twice = [f"the id “{name}” stands {count} times" for name, count in ids.items() if count > 1]
    lost = [
        f"{element} refers to “{name}”, which is not there"
        for element in page.elements
        for attribute in REFERRING
        for name in element.attributes.get(attribute, "").split()
        if name not in ids
    ]
    nowhere = [f"the link {href} leads nowhere on its page" for href in page.links() if _within(href) not in {"", *ids}]
    return [*twice, *lost, *nowhere]


def _within(href: str) -> str:
    return href[1:] if href.startswith("#") else ""


def _head(page: Markup) -> list[str]:
    found = []
    if not any(element.attributes.get("lang") for element in page.all("html")):
        found.append("the page has no language")
    if [title.text() == "" for title in page.all("title") if "svg" not in title.around] != [False]:
        found.append("the page has not one title with words in it")
    if len(page.all("main")) != 1:
        found.append("the page has not one main part")
    return found


def _headings(page: Markup) -> list[str]:
    headings = page.all("h1", "h2", "h3", "h4", "h5", "h6")
    found = [f"{heading} has no words" for heading in headings if not heading.text()]
    if [heading.tag for heading in headings].count("h1") != 1:
        found.append("the page has not one h1")
    level = 0
    for heading in headings:
        if int(heading.tag[1]) > level + 1:
            found.append(f"{heading} “{heading.text()}” follows a heading of level {level}")
        level = int(heading.tag[1])
    return found


def _labels(page: Markup) -> list[str]:
    named = {element.attributes["for"] for element in page.all("label") if "for" in element.attributes}
    controls = [e for e in page.all("input", "select", "textarea") if e.attributes.get("type") not in UNLABELLED]
    return [
        f"{control} has no label"
        for control in controls
        if control.attributes.get("id") not in named
        and "label" not in control.around
        and not control.attributes.get("aria-label")
        and not control.attributes.get("aria-labelledby")
    ]


UNLABELLED = {"hidden", "submit", "button"}


def _names(page: Markup) -> list[str]:
    silent = [f"{element} has no words" for element in page.all("a", "button", "summary") if not element.text()]
    images = [
        f"{element} has no words for who cannot see it"
        for element in page.all("img")
        if "alt" not in element.attributes
    ]
    drawings = [
        f"{element} has no words for who cannot see it"
        for element in page.elements
        if element.attributes.get("role") == "img" and not element.attributes.get("aria-label", "").strip()
    ]
    navs = Counter(element.attributes.get("aria-label", "") for element in page.all("nav"))
    alike = [f"{count} navigations are called “{name}”" for name, count in navs.items() if count > 1]
    return [*silent, *images, *drawings, *alike]


def _tables(page: Markup) -> list[str]:
    return [
        f"{cell} says not of what it is the heading"
        for cell in page.all("th")
        if cell.attributes.get("scope") not in ("col", "row", "colgroup", "rowgroup")
    ]

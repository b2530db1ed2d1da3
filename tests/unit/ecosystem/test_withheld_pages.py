"""What is withheld is left out of pages, feeds, documents, calendars and files, and nothing else of them changes."""

import json

import icalendar
import pytest

from ecosystem.withheld_pages import calendar_without, file_without, json_without, page_without
from ecosystem.withholding import UNNAMED, Words, both_orders, may_mean_another, plain, spaced

MEANS = (UNNAMED, "unnamed-7")
WORDS = Words(
    names=dict.fromkeys([*both_orders("siobhan o'quill"), "siobhan o quill", "王小明"], MEANS)
    | {"siobhan o'quill smith": ("", "")},
    single={"siob-an": MEANS, "siobhan-o-quill": MEANS},
    marked={"siob-an": MEANS, "core": MEANS},
    logins=frozenset({"siob-an", "siobhan-o-quill", "core"}),
    kept=frozenset({"siobhan o'quill smith"}),
)


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("<p>Siobhan O&#x27;Quill wrote.</p>", f"<p>{UNNAMED} wrote.</p>"),
        ("<p>SIOBHÁN O’QUILL wrote.</p>", f"<p>{UNNAMED} wrote.</p>"),
        ("<p>Siobha\u0301n  O&apos;Quill’s</p>", f"<p>{UNNAMED}’s</p>"),
        ("<p><b>Siobhan</b>\n<i>O'Quill</i> x</p>", f"<p><b>{UNNAMED}</b><i></i> x</p>"),
        ("<p>O'Quill, Siobhan; Siobhan B. O'Quill</p>", f"<p>{UNNAMED}; {UNNAMED}</p>"),
        ("<p>for O'Quill, Siobhan O'Quill</p>", f"<p>for {UNNAMED}</p>"),
        ("<p>_Siobhan O'Quill_ and siobhan_o'quill</p>", f"<p>_{UNNAMED}_ and unnamed-7</p>"),
        ("<p>@Siob-An, siob-an.</p>", "<p>@unnamed-7, unnamed-7.</p>"),
        ("<p>由王小明提出</p>", f"<p>由{UNNAMED}提出</p>"),
        ("<p>@core and (core)</p>", "<p>@unnamed-7 and (unnamed-7)</p>"),
        ("<p>@<b>core</b></p>", "<p>@<b>unnamed-7</b></p>"),
        ('<img alt="Siobhan O&#x27;Quill">', f'<img alt="{UNNAMED}">'),
        ('<a href="/proposals/by-siobhan-o-quill/">x</a>', '<a href="/proposals/by-unnamed-7/">x</a>'),
        ('<a href="https://github.com/siob-an/x">paper</a>', "<a >paper</a>"),
        ('<a href="https://github.com/core">core</a>', "<a >unnamed-7</a>"),
        ("<title>Siobhan O'Quill · People</title>", f"<title>{UNNAMED} · People</title>"),
        ("<textarea>\nSiobhan O'Quill</textarea>", f"<textarea>\n{UNNAMED}</textarea>"),
        ("<!-- siob-an -->", "<!-- unnamed-7 -->"),
    ],
)
def test_a_page_is_read_as_its_reader_sees_it(page: str, shown: str) -> None:
    assert page_without(page, WORDS) == shown


@pytest.mark.parametrize(
    "page",
    [
        "<p>Siobhan O&#x27;Quillan, siob-ana, x-siob-an-y, Siobhan.</p>",
        "<p>the core of it</p>",
        "<p>Siobhan <i>O'QUILL Smith</i></p>",
        '<div class="siob-an" id="core"><core name=siob-an></core></div>',
        "<p>Siobhan</p><p>O'Quill</p>",
        "<style>.siob-an { color: red }</style><script>let core = 'siob-an'</script>",
        "<p>a < b, \"c' & d &lt; <a href='x'>e</a> <",
        "",
    ],
)
def test_what_is_something_else_stays_letter_for_letter(page: str) -> None:
    assert page_without(page, WORDS) == page


def test_the_data_of_a_plot_are_a_document() -> None:
    page = '<script id="p" type="application/json">{"t": "Siobh\\u00e1n O\\u0027Quill \\u003Cb\\u003E"}</script>'
    assert page_without(page, WORDS) == (
        f'<script id="p" type="application/json">{{"t": "{UNNAMED} \\u003Cb\\u003E"}}</script>'
    )


def test_a_document_keeps_its_shape_and_its_keys_apart() -> None:
    held = {"Siobhan O'Quill": 2, "Ada": [1.5, None, True, "by\nsiob-an", "https://example.org/siobhan-o-quill.pdf"]}
    assert json.loads(json_without(json.dumps(held), WORDS)) == {
        "unnamed-7": 2,
        "Ada": [1.5, None, True, "by\nunnamed-7", "https://example.org/unnamed-7.pdf"],
    }
    assert json_without('{"a":  1}', WORDS) == '{"a":  1}'


def test_a_calendar_is_unfolded_first_and_can_be_read_after() -> None:
    made, event = icalendar.Calendar(), icalendar.Event()
    event.add("summary", "A long line of words that is folded somewhere, about O'Quill, Siobhan; and siob-an")
    made.add_component(event)
    text = made.to_ical().decode()
    new = calendar_without(text, WORDS)
    (read,) = icalendar.Calendar.from_ical(new).walk("VEVENT")
    assert read["summary"] == (f"A long line of words that is folded somewhere, about {UNNAMED}; and unnamed-7")
    assert all(len(line.encode()) <= 75 for line in new.splitlines())


def test_a_file_of_lines_names_people_apart() -> None:
    assert file_without("Siobhan O'Quill,Ada\n1,2\n", WORDS) == "unnamed-7,Ada\n1,2\n"


def test_where_nothing_is_withheld_nothing_changes() -> None:
    assert Words().text("Siobhan O'Quill, core") == "Siobhan O'Quill, core"
    assert Words().value("core") == "core"
    assert page_without("<p>siob-an</p>", Words()) == "<p>siob-an</p>"


@pytest.mark.parametrize(
    ("word", "may"),
    [("core", True), ("grace", True), ("Grace", True), ("section", True), ("wquill7", False), ("siob-an", False),
     ("Quillfeather", False), ("王小明", False)],
)  # fmt: skip
def test_which_words_no_rule_can_decide(word: str, may: bool) -> None:
    assert may_mean_another(word) is may


def test_words_are_compared_without_case_accents_and_what_stands_between() -> None:
    assert plain(" JOSÉ ") == plain("Jose\u0301") == "jose"
    assert plain("Кий") == "кий"
    assert spaced("José-María  O’Neil") == "jose maria o'neil"

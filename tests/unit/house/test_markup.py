"""The reader of tests/markup.py finds what a browser would repair in silence."""

import pytest

from tests.markup import Markup, faults_of

SOUND = (
    '<!doctype html><html lang="en"><head><title>Looms</title></head><body><main><h1>Looms</h1><h2>Red</h2>'
    '<p>Two <a href="#on">looms</a></p><form><label for="on">On</label><input id="on"></form>'
    '<table><thead><tr><th scope="col">A</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>'
    "{}</main></body></html>"
)


def faults(more: str) -> str:
    return "\n".join(faults_of(Markup(SOUND.format(more))))


def test_a_sound_page_has_no_fault() -> None:
    assert faults("") == ""


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("<div>", "is never closed|is still open"),
        ("</div>", "closes what was not opened"),
        ("<p>a<div>b</div></p>", "stands in a paragraph"),
        ("<form><form></form></form>", "stands in a form"),
        ("<ul><p>a</p></ul>", "stands directly in <ul>"),
        ("<li>a</li>", "stands in <main>"),
        ("<tr><td>a</td></tr>", "stands in <main>"),
        ('<a href="/"><button>a</button></a>', "stands in a link or a button"),
        ('<p id="on">a</p>', "the id “on” stands 2 times"),
        ('<p id="">a</p>', "has an id that nothing can lead to"),
        ('<p class="a" class="b">a</p>', "has class twice"),
        ('<label for="off">a</label>', "refers to “off”, which is not there"),
        ('<a href="#off">a</a>', "#off leads nowhere on its page"),
        ("<h1>a</h1>", "has not one h1"),
        ("<h4>a</h4>", "follows a heading of level 2"),
        ("<h2></h2>", "has no words"),
        ('<input name="a">', "has no label"),
        ("<button></button>", "has no words"),
        ('<img src="a.png">', "no words for who cannot see it"),
        ('<svg role="img"></svg>', "no words for who cannot see it"),
        ('<nav aria-label="a"></nav><nav aria-label="a"></nav>', "2 navigations are called “a”"),
        ("<table><tbody><tr><th>a</th></tr></tbody></table>", "says not of what it is the heading"),
    ],
)
def test_each_fault_is_found(more: str, found: str) -> None:
    told = faults(more)
    assert any(words in told for words in found.split("|")), told


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("<html><head><title>a</title></head><main><h1>a</h1></main></html>", "has no language"),
        ('<html lang="en"><head><title> </title></head><main><h1>a</h1></main></html>', "not one title"),
        ('<html lang="en"><head><title>a</title></head><h1>a</h1></html>', "not one main part"),
    ],
)
def test_a_page_has_a_language_a_title_and_a_main_part(page: str, found: str) -> None:
    assert found in "\n".join(faults_of(Markup(page)))

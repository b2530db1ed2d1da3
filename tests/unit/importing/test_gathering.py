"""One mention at a time becomes a reading in which everything stands once, and a contradiction is told."""

import pytest

from governance.importing.gathering import (
    LARGEST_FILE_BYTES,
    LONGEST_TITLE,
    Gathering,
    is_automatic,
    lines_of,
    login_in,
    shown,
    slug_of,
)
from governance.importing.reading import AreaRead, OfficeRead, Place, ProposalRead, SourceFile, SourceRefused

HERE, THERE = Place("lamps.txt", 1), Place("lamps.txt", 2)


@pytest.fixture
def to():
    return Gathering("loom", "invented")


@pytest.fixture
def keeper(to):
    return to.office(OfficeRead("keeper", "keeper", "other", HERE))


def told(reading):
    return [(line.place.line, line.text, line.reason) for line in reading.unread]


@pytest.mark.parametrize(
    ("text", "slug"),
    [("C++ & Zoë", "cpp-zoe"), ("C#", "c-sharp"), ("Łódź ßig", "lodz-ssig"), ("  A -- b  ", "a-b")],
)
def test_a_slug_is_spelled_out(text, slug):
    assert slug_of(text) == slug


@pytest.mark.parametrize("text", ["灯", "a" * 200, "b -" * 90, "\ud800"])
def test_a_slug_that_cannot_be_told_otherwise_ends_in_a_digest(text):
    slug = slug_of(text, 40, tail="-keeper")
    assert len(slug) <= 40
    assert slug.endswith("-keeper")
    assert "--" not in slug
    assert slug != slug_of(f"{text}x", 40, tail="-keeper")


def test_several_spellings_of_a_name_are_one_person(to):
    to.person(HERE, github="Ada")
    to.person(THERE, github="ada", name="Ada  Invented")
    to.person(THERE, github="ADA", name="A. Invented")
    (ada,) = to.reading().people
    assert (ada.key, ada.github, ada.name, ada.also_named) == ("ada", "Ada", "Ada Invented", ("A. Invented",))


def test_a_second_employer_and_a_second_number_are_unread(to):
    to.person(HERE, github="ada", employer="Lamps Ltd", number=7)
    to.person(THERE, github="ada", employer="Wicks Ltd", number=8)
    to.person(THERE, github="ada", employer="Lamps Ltd", number=7)
    reading = to.reading()
    assert [(ada.employer, ada.github_number) for ada in reading.people] == [("Lamps Ltd", 7)]
    assert told(reading) == [
        (2, "8", "ada is said to have the number 7 at lamps.txt:1; that one is kept"),
        (2, "Wicks Ltd", "ada is said to work for Lamps Ltd at lamps.txt:1; that one is kept"),
    ]


@pytest.mark.parametrize("first", ["active", "emeritus"])
def test_who_is_active_and_emeritus_is_active(to, keeper, first):
    ada = to.person(HERE, github="ada")
    second = "active" if first == "emeritus" else "emeritus"
    to.hold(keeper, ada, HERE, first)
    to.hold_once(keeper, ada, THERE, "- Ada", second)
    reading = to.reading()
    lost = HERE if first == "emeritus" else THERE
    assert [(held.standing, held.place) for held in reading.holdings] == [("active", THERE if lost is HERE else HERE)]
    assert told(reading) == [(lost.line, "ada", "named emeritus and active in keeper; active is kept")]


def test_a_second_line_of_a_list_that_names_each_once_is_unread(to, keeper):
    ada = to.person(HERE, github="ada")
    assert to.hold_once(keeper, ada, HERE, "- Ada")
    assert not to.hold_once(keeper, ada, THERE, "-  Ada")
    assert told(to.reading()) == [(2, "- Ada", "stands a second time in the list of “keeper”: lamps.txt:1")]


def test_a_second_line_elsewhere_adds_nothing(to, keeper):
    ada = to.person(HERE, github="ada")
    assert to.hold(keeper, ada, HERE)
    assert not to.hold(keeper, ada, THERE)
    assert not to.reading().unread


def test_a_ring_of_parents_is_cut_and_told(to):
    for slug, parent in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "nowhere"), ("e", "a")):
        to.area(AreaRead(slug, slug.upper(), HERE, parent))
    reading = to.reading()
    parents = {area.slug: area.parent for area in reading.areas}
    assert sorted(parents) == ["a", "b", "c", "d", "e"]
    assert (parents["d"], parents["e"]) == ("", "a")
    assert [parents[slug] for slug in "abc"].count("") == 1
    assert len(reading.unread) == 2


def test_areas_of_two_names_have_two_slugs(to):
    first = to.area(AreaRead(to.slug_for("Oil!"), "Oil!", HERE))
    second = to.area(AreaRead(to.slug_for("Oil?"), "Oil?", THERE))
    assert first == to.slug_for("Oil!") == "oil"
    assert second == to.slug_for("Oil?") != "oil"


def test_offices_of_one_name_are_told_apart(to):
    for slug in ("a", "b"):
        to.office(OfficeRead(slug, "keeper", "other", HERE))
    assert [office.name for office in to.reading().offices] == ["keeper", "keeper (b)"]


def test_a_name_without_login_gives_way_to_a_login_wherever_it_stands(to):
    alone, login = to.person(HERE, name="Ada"), to.person(THERE, github="ada")
    to.propose(
        ProposalRead(
            "1", "Oil", HERE, authors=(alone,), reviewers=(login, alone), positions={alone: "yes", login: "no"}
        )
    )
    (oil,) = to.reading().proposals
    assert oil.authors == ("ada-without-login",)
    assert oil.reviewers == ("ada", "ada-without-login")
    assert oil.positions == {"ada-without-login": "yes", "ada": "no"}


def test_a_second_proposal_of_one_number_and_a_title_too_long_are_told(to):
    to.propose(ProposalRead("1", "Oil " * LONGEST_TITLE, HERE))
    to.propose(ProposalRead("1", "Wicks", THERE))
    reading = to.reading()
    assert len(reading.proposals) == 1
    assert len(reading.proposals[0].title) <= LONGEST_TITLE
    assert [line.reason for line in reading.unread] == [
        f"longer than {LONGEST_TITLE} characters; cut",
        "number 1 is taken by lamps.txt:1",
    ]


@pytest.mark.parametrize("address", ["ada@lamps.example.org", "ada at lamps.example"])
def test_an_address_is_struck_out(address):
    assert shown(f"Ada  {address}!") == "Ada <address>!"


def test_what_the_database_refuses_is_shown_as_a_mark(to):
    to.person(HERE, name="A\x00da\ud800")
    to.leave(HERE, "x\x00\n y", "no reason")
    reading = to.reading()
    assert reading.people[0].name == "A\ufffdda\ufffd"
    assert reading.unread[0].text == "x\ufffd y"


def test_a_long_line_is_cut():
    assert len(shown("lamp " * 1000)) == 300


@pytest.mark.parametrize(
    ("text", "login"), [("@Ada", "Ada"), ("“ada-b”", "ada-b"), ("x[bot]", ""), ("a b", ""), ("", "")]
)
def test_a_login_is_taken_out_of_a_word(text, login):
    assert login_in(text) == login


@pytest.mark.parametrize(("login", "automatic"), [("lamp[bot]", True), ("k8s-ci-robot", True), ("abbot", False)])
def test_an_automatic_account_is_known_by_its_login(login, automatic):
    assert is_automatic(login) is automatic


def test_lines_are_those_of_an_editor():
    assert lines_of(SourceFile("a", "a\r\nb\rc\u2028d\n".encode())) == ["a", "b", "c\u2028d", ""]


def test_a_file_that_is_too_large_is_refused():
    with pytest.raises(SourceRefused, match="lamps: larger than 4 MB"):
        lines_of(SourceFile("lamps", b"a" * (LARGEST_FILE_BYTES + 1)))

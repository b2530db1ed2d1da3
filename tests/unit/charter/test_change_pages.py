"""The pages on which a charter is changed: looked at, proposed, adopted; entered by one and confirmed by another."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from governance import charter as rules
from governance.actions.charters import adopt_charter, publish_charter
from governance.actions.charters_proposed import adopt_change, revise_change
from governance.models import CharterChange, CharterEntry, CharterVersion, Proposal, User
from tests.factories.charters import STRICTER, a_change, a_vote_on, the_loom, weavers
from tests.factories.people import a_project
from tests.factories.proposals import an_author
from tests.markup import Markup, faults_of
from tests.unit.charter.small import SMALL, changed, line_of
from tests.unit.charter.test_entering import enter

pytestmark = pytest.mark.django_db

BAD = changed('value = "2/3"', 'value = "75"')
THRESHOLD = "threshold: at least 2/3 of all who may vote → at least 75 % of all who may vote."


@pytest.fixture
def ws() -> list[User]:
    the_loom()
    return weavers("wim", "wera", "wolf")


def words_of(content: bytes) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content.decode())).split())


def words(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return words_of(response.content)


def post(client: Client, address: str, **values: object) -> str:
    response = client.post(address, values, follow=True)
    assert response.status_code == 200, address
    return words_of(response.content)


def seen(content: str) -> str:
    """Return the digest that a page showed."""
    found = re.search(r"SHA-256 of the text: ([0-9a-f]{64})", content)
    assert found
    return found[1]


def given(**more: object) -> dict[str, object]:
    return {"title": "Weave stricter", "why": "Two thirds are few.", "toml": STRICTER, **more}


PROPOSE = "/charters/loom/propose/"


def test_a_text_that_is_no_charter_is_explained_by_line_and_remedy_and_not_stored(
    client: Client, ws: list[User]
) -> None:
    client.force_login(ws[0])
    page = post(client, PROPOSE, **given(toml=BAD), store="1")
    assert "This is no charter yet: 1 fault. Nothing was stored." in page
    line = line_of('value = "75"', BAD)
    assert f'{line} decisions.appoint.threshold.value : "75" is no share between 0 and 1' in page
    assert 'threshold = { base = "seated", value = "75" }' in page
    assert "write a fraction such as" in page
    assert not Proposal.objects.exists()


def test_a_change_is_looked_at_in_words_and_in_the_text_before_it_is_stored(client: Client, ws: list[User]) -> None:
    client.force_login(an_author())
    page = post(client, PROPOSE, **given(), look="1")
    assert "It changes one article. Nothing is stored yet." in page
    assert THRESHOLD in page
    assert '+threshold = { base = "seated", value = "75 %" }' in page
    assert not Proposal.objects.exists()
    stored = post(client, PROPOSE, **given(), store="1", seen=seen(page))
    assert "The proposal 1 is open; it carries the changed charter." in stored
    assert "Revision 1 of pattern 1 changes the charter. It changes one article." in stored
    assert CharterChange.objects.get().text == STRICTER


def test_what_was_not_looked_at_is_not_stored(client: Client, ws: list[User]) -> None:
    client.force_login(ws[0])
    page = post(client, PROPOSE, **given(), look="1")
    other = STRICTER.replace("75 %", "80 %")
    again = post(client, PROPOSE, **given(toml=other), store="1", seen=seen(page))
    assert "This is not the text that you looked at" in again
    assert not Proposal.objects.exists()


def test_a_file_counts_and_the_line_ends_of_browsers_do_not(client: Client, ws: list[User]) -> None:
    client.force_login(ws[0])
    file = SimpleUploadedFile("charter.toml", STRICTER.encode())
    page = post(client, PROPOSE, **given(toml=SMALL), file=file, look="1")
    pasted = post(client, PROPOSE, **given(toml=STRICTER.replace("\n", "\r\n")), look="1")
    assert seen(page) == seen(pasted)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\xfe", "The file is not UTF-8 at byte 0"), (b"#" * 2_000_001, "at most 2000000 are read")],
)
def test_a_file_that_is_no_text_or_no_charters_size_is_refused(
    client: Client, ws: list[User], content: bytes, said: str
) -> None:
    client.force_login(ws[0])
    page = post(client, PROPOSE, **given(), file=SimpleUploadedFile("x.toml", content), store="1")
    assert said in page
    assert "What was found" not in page


def test_a_text_larger_than_any_charter_is_refused(client: Client, ws: list[User]) -> None:
    client.force_login(ws[0])
    page = post(client, PROPOSE, **given(toml=STRICTER + "#" * 500_000), store="1")
    assert "at most 500000 characters" in page


def test_an_outsider_signs_in_first_and_other_projects_have_no_such_page(client: Client, ws: list[User]) -> None:
    assert client.get(PROPOSE).status_code == 302
    client.force_login(ws[0])
    assert client.get("/charters/rust/propose/").status_code == 404
    client.force_login(User.objects.create_user("nobody"))
    assert client.get(PROPOSE).status_code == 403


def test_the_gap_is_shown_where_the_charter_leaves_its_change_open(client: Client) -> None:
    project = a_project("pytorch")
    publish_charter(project=project, text=rules.text_of("pytorch"), by=None)
    client.force_login(an_author())
    page = words(client, "/charters/pytorch/propose/")
    assert "left open How is this governance text itself changed?" in page
    assert "Here it takes a vote as on any proposal (Approve a substantial change)" in page


def test_a_change_that_is_proposed_cannot_be_revised_without_its_text(client: Client, ws: list[User]) -> None:
    change = a_change(ws[0])
    client.force_login(ws[0])
    response = client.post("/proposals/loom-1/revise/", {"title": "x", "text": "y"})
    assert response.headers["Location"] == "/proposals/loom-1/charter/revise/"
    assert change.revision.proposal.revisions.count() == 1
    page = client.get("/proposals/loom-1/charter/revise/").content.decode()
    assert "Two thirds are few." in page
    assert page.count("SHA-256") == 0, "the ending is the site's"


def test_a_revision_is_looked_at_and_written_with_its_own_text(client: Client, ws: list[User]) -> None:
    a_change(ws[0])
    client.force_login(ws[0])
    address = "/proposals/loom-1/charter/revise/"
    more = given(toml=STRICTER.replace("75 %", "80 %"), at="1", note="stricter")
    page = post(client, address, **more, look="1")
    assert "Revision 2 is written." in post(client, address, **more, store="1", seen=seen(page))
    first = words(client, "/proposals/loom-1/charter/1/")
    assert "A later revision, 2, stands in its place." in first


def test_the_very_text_can_be_fetched(client: Client, ws: list[User]) -> None:
    a_change(ws[0])
    assert client.get("/proposals/loom-1/charter/1/charter.toml").content.decode() == STRICTER
    assert client.get("/charters/loom/versions/1/charter.toml").content.decode() == SMALL
    assert client.get("/proposals/loom-1/charter/2/").status_code == 404


def test_an_accepted_change_is_adopted_by_a_button_that_only_the_office_sees(client: Client, ws: list[User]) -> None:
    change = a_change(an_author())
    page = "/proposals/loom-1/charter/1/"
    assert "Adopt this charter" not in words(client, page)
    a_vote_on(change.revision.proposal, *ws)
    assert "Sign in to adopt it" in words(client, page)
    client.force_login(User.objects.get(username="wanda"))
    assert "Only the weavers may bring a version of these rules into force." in words(client, page)
    assert client.post(f"{page}adopt/", {"on": timezone.localdate(), "seen": change.digest}).status_code == 403
    client.force_login(ws[1])
    assert "Adopt this charter" in words(client, page)
    assert "Name the first day" in post(client, f"{page}adopt/", on="soon", seen=change.digest)
    adopted = post(client, f"{page}adopt/", on=timezone.localdate(), seen=change.digest)
    assert "Version 2 is adopted, in force from" in adopted
    assert "on the proposal 1 (decided here)" in adopted
    assert "Adopt this charter" not in words(client, page)
    assert "It is version 2 of the charter." in post(
        client, f"{page}adopt/", on=timezone.localdate(), seen=change.digest
    )


def test_the_proposals_page_says_what_its_change_is(client: Client, ws: list[User]) -> None:
    change = a_change(ws[0])
    page = words(client, "/proposals/loom-1/")
    assert "It changes the charter This change of the charter cannot be adopted yet. It is not accepted." in page
    assert change.digest in page
    listed = words(client, "/charters/loom/")
    assert "1: Weave stricter This change of the charter cannot be adopted yet." in listed


def test_a_vote_on_a_change_is_offered_by_the_charters_own_decision_first(client: Client, ws: list[User]) -> None:
    a_change(ws[0])
    client.force_login(ws[0])
    page = client.get("/votes/new/?proposal=loom-1").content.decode()
    assert re.findall(r'<option value="(\w+)"', page)[0] == "change_charter"


def test_which_charter_held_on_a_day(client: Client, ws: list[User]) -> None:
    elsewhere = "https://example.org/d/1"
    adopt_charter(
        project=a_project("loom"), text=STRICTER, decided_by=elsewhere, on=date(2026, 5, 1), by="adopt_charter"
    )
    before = words(client, "/charters/loom/?on=2025-06-01")
    assert "On 1 June 2025 version 1 was in force: the rules of Loom define one office" in before
    assert "at least 2/3 of all who may vote" in before
    after = words(client, "/charters/loom/?on=2026-05-01")
    assert "On 1 May 2026 version 2 was in force" in after
    assert "at least 75 % of all who may vote" in after
    assert "“soon” is no day" in words(client, "/charters/loom/?on=soon")
    assert f"{elsewhere} entered, not confirmed" in after


def test_a_day_before_the_first_version_has_none(client: Client) -> None:
    publish_charter(project=a_project("loom"), text=SMALL, on=date(2026, 1, 1), by=None)
    page = words(client, "/charters/loom/?on=2025-06-01")
    assert "On 1 June 2025 no version of the rules of Loom was in force that is known here." in page


def test_the_difference_between_any_two_versions_has_an_address(client: Client, ws: list[User]) -> None:
    for number, share in ((7, "75 %"), (8, "80 %")):
        adopt_charter(
            project=a_project("loom"), text=changed('value = "2/3"', f'value = "{share}"'),
            decided_by=f"https://example.org/d/{number}", on=date(2026, number, 1), by="adopt_charter",
        )  # fmt: skip
    found = client.get("/charters/loom/changes/?from=1&to=3")
    assert found.headers["Location"] == "/charters/loom/changes/1/3/"
    page = words(client, "/charters/loom/changes/1/3/")
    assert "From version 1 to version 3 of the rules of Loom: it changes one article." in page
    assert "at least 2/3 of all who may vote → at least 80 % of all who may vote." in page
    for wrong in ("changes/?from=1", "changes/?from=1&to=x", "changes/1/9/"):
        assert client.get(f"/charters/loom/{wrong}").status_code == 404


def test_a_version_decided_elsewhere_takes_two(client: Client, ws: list[User]) -> None:
    client.force_login(ws[0])
    values = {
        "source": "https://example.org/d/9", "decided_on": "2026-04-30", "in_force_from": "2026-05-01",
        "toml": STRICTER,
    }  # fmt: skip
    page = post(client, "/charters/loom/enter/", **values, look="1")
    assert THRESHOLD in page
    entered = post(client, "/charters/loom/enter/", **values, store="1", seen=seen(page))
    assert "Entered, not confirmed: Wim Example says that Loom decided this elsewhere" in entered
    assert "You entered it: somebody else who holds the office confirms it." in entered
    entry = CharterEntry.objects.get()
    confirm = f"{entry.get_absolute_url()}confirm/"
    assert client.post(confirm, {"seen": entry.digest}).status_code == 403
    assert "Entered, not confirmed : Wim Example says that a version was decided elsewhere." in words(
        client, "/charters/loom/"
    )
    client.force_login(ws[1])
    assert "Confirm that this was decided" in words(client, entry.get_absolute_url())
    done = post(client, confirm, seen=entry.digest)
    assert "Version 2 is adopted: two of you have said that it was decided." in done
    assert "entered by Wim Example, confirmed by Wera Example" in done
    assert CharterVersion.objects.count() == 2


def test_an_entry_is_withdrawn_with_a_reason(client: Client, ws: list[User]) -> None:
    entry = enter(ws[0])
    client.force_login(ws[0])
    assert "Give the reason" in post(client, f"{entry.get_absolute_url()}withdraw/", reason="")
    page = post(client, f"{entry.get_absolute_url()}withdraw/", reason="The wrong file.")
    assert "Entered by Wim Example, withdrawn by Wim Example: The wrong file." in page


def test_who_holds_no_office_enters_nothing(client: Client, ws: list[User]) -> None:
    client.force_login(an_author())
    assert client.get("/charters/loom/enter/").status_code == 403
    assert "Enter a version" not in words(client, "/charters/loom/")
    client.force_login(ws[0])
    assert "Enter a version that was decided elsewhere" in words(client, "/charters/loom/")


def test_a_text_is_shown_as_text(client: Client, ws: list[User]) -> None:
    change = a_change(ws[0], text=changed('"Weavers decide."', '"<script>alert(1)</script>"'))
    a_vote_on(change.revision.proposal, *ws)
    adopt_change(proposal=change.revision.proposal, seen=change.digest, on=timezone.localdate(), by=ws[0])
    later = changed('"Weavers decide."', '"<script>alert(2)</script>"')
    a_change(ws[0], text=later, title="<script>alert(3)</script>")
    for address in (
        "/charters/loom/", "/charters/loom/versions/2/", "/charters/loom/changes/1/2/", "/proposals/loom-1/charter/1/",
        "/proposals/loom-2/charter/1/", "/proposals/loom-2/",
    ):  # fmt: skip
        assert b"<script>alert" not in client.get(address).content, address


def test_a_change_decided_for_a_version_that_is_gone_says_so(client: Client, ws: list[User]) -> None:
    change = a_change(ws[0])
    a_vote_on(change.revision.proposal, *ws)
    adopt_charter(
        project=a_project("loom"), text=changed('value = "2/3"', 'value = "90 %"'),
        decided_by="https://example.org/d/1", on=timezone.localdate() - timedelta(days=1), by="adopt_charter",
    )  # fmt: skip
    page = words(client, "/proposals/loom-1/charter/1/")
    assert "Version 2 was adopted meanwhile, and this changes version 1" in page
    revised = revise_change(proposal=change.revision.proposal, title="", why="Anew.", text=STRICTER, by=ws[0])
    assert revised.follows.number == 2


def test_each_page_is_sound_markup_in_each_of_its_states(client: Client, ws: list[User]) -> None:
    change = a_change(ws[0])
    a_vote_on(change.revision.proposal, *ws)
    entry = enter(ws[0])
    client.force_login(ws[1])
    pages = {
        address: client.get(address).content
        for address in (
            "/charters/loom/", "/charters/loom/?on=2025-06-01", change.get_absolute_url(), entry.get_absolute_url(),
            "/proposals/loom-1/", PROPOSE, "/charters/loom/enter/",
        )
    }  # fmt: skip
    for name, text in (("faulty", BAD), ("looked at", STRICTER)):
        pages[name] = client.post(PROPOSE, given(toml=text, look="1")).content
        pages[f"{name}, entered"] = client.post("/charters/loom/enter/", {"toml": text, "look": "1"}).content
    adopt_change(proposal=change.revision.proposal, seen=change.digest, on=timezone.localdate(), by=ws[0])
    for address in ("/charters/loom/", "/charters/loom/versions/2/", "/charters/loom/changes/1/2/"):
        pages[f"{address}, adopted"] = client.get(address).content
    found = {name: faults_of(Markup(content.decode())) for name, content in pages.items()}
    assert {name: faults for name, faults in found.items() if faults} == {}

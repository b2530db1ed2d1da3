"""The charter changed by a decision under itself: a bad text explained, a good one proposed, decided and adopted."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from governance.models import Ballot, CharterChange, CharterVersion
from record.models import Event
from tests.browser.conftest import sign_in
from tests.factories.charters import STRICTER, the_loom, weavers
from tests.factories.proposals import close
from tests.unit.charter.small import changed, line_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BAD = changed('value = "2/3"', 'value = "75"')


@pytest.fixture
def players(browser: "Browser", site: str, filled: None) -> Iterator[list["Page"]]:
    """Have three weavers, each with a page of a browser profile of their own."""
    the_loom()
    pages = []
    for user in weavers("wim", "wera", "wolf"):
        page = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900}).new_page()
        sign_in(page, user.username)
        pages.append(page)
    yield pages
    for page in pages:
        page.context.close()


def test_a_charter_is_changed_by_a_decision_under_it(players: list["Page"]) -> None:
    wim = players[0]

    # A text that is no charter is explained, by line and remedy, and what was written stays.
    wim.goto("/charters/loom/")
    wim.get_by_role("button", name="Propose a change").click()
    wim.get_by_label("Title").fill("Weave stricter")
    wim.get_by_label("Why").fill("Two thirds are few.")
    wim.get_by_label("The changed charter").fill(BAD)
    wim.get_by_role("button", name="See what it changes").click()
    expect(wim.locator("#look .notice.fail")).to_contain_text("This is no charter yet: 1 fault. Nothing was stored.")
    expect(wim.locator("#look tbody tr")).to_contain_text(str(line_of('value = "75"', BAD)))
    expect(wim.locator("#look tbody tr")).to_contain_text("write a fraction such as")
    expect(wim.get_by_role("button", name="Propose it")).to_have_count(0)
    expect(wim.get_by_label("Title")).to_have_value("Weave stricter")

    # Corrected, looked at, proposed.
    wim.get_by_label("The changed charter").fill(STRICTER)
    wim.get_by_role("button", name="See what it changes").click()
    expect(wim.locator("#look")).to_contain_text("It changes one article. Nothing is stored yet.")
    expect(wim.locator("#look")).to_contain_text("at least 2/3 of all who may vote → at least 75 % of all who may vote")
    wim.get_by_role("button", name="Propose it").click()
    wim.wait_for_url("**/proposals/loom-1/charter/1/")
    change = CharterChange.objects.get()
    assert change.text == STRICTER, "what a browser sends is the text to the letter"

    # Decided by the charter's own rule.
    wim.goto("/votes/new/?proposal=loom-1")
    expect(wim.get_by_label("Decision")).to_have_value("change_charter")
    wim.get_by_role("button", name="Call the vote").click()
    wim.wait_for_url("**/votes/*/")
    for page in players:
        page.goto(wim.url)
        page.locator("#act").get_by_label("yes", exact=True).check()
        page.locator("#act form button[type=submit]").first.click()
        expect(page.locator(".notice.pass")).to_contain_text("Your vote is taken")
    vote = Ballot.objects.get()
    close(vote)

    # Adopted by one button, and the history and the record tell it.
    wera = players[1]
    wera.goto(change.get_absolute_url())
    expect(wera.locator("p.lede")).to_contain_text(f"accepted by vote {vote.pk}: revision 1 can be adopted")
    wera.get_by_role("button", name="Adopt this charter").click()
    wera.wait_for_url("**/charters/loom/versions/2/")
    expect(wera.locator("dl.facts")).to_contain_text(change.digest)
    assert CharterVersion.objects.get(number=2).text == STRICTER
    wera.goto("/charters/loom/?on=2025-06-01")
    expect(wera.locator("p.lede")).to_contain_text("On 1 June 2025 version 1 was in force")
    expect(wera.locator("#versions")).to_contain_text(f"vote {vote.pk} on the proposal 1")
    assert Event.objects.get(kind="charter.adopted").data["decided_by"] == vote.subject

"""A whole RFC, played by several people in browsers of their own: from the first text to the decision in the record."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from governance.models import Ballot, CommentPeriod, Position, Proposal
from record.models import Event
from tests.browser.conftest import sign_in
from tests.factories.people import a_project
from tests.factories.proposals import an_author, an_officer, close, rust_team

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIRST = "# Summary\n\nLet shuttles fly both ways.\n\n<script>document.title = 'taken'</script>\n"
SECOND = FIRST.replace("both ways", "both ways, at half the speed")


@dataclass
class Cast:
    """The people of the play, each with a page of a browser profile of their own."""

    browser: "Browser"
    site: str
    pages: dict[str, "Page"]

    def page(self, name: str) -> "Page":
        """Return somebody's page, signed in; nobody's is an outsider's."""
        if name not in self.pages:
            context = self.browser.new_context(base_url=self.site, viewport={"width": 1280, "height": 900})
            self.pages[name] = context.new_page()
            if name != "outsider":
                sign_in(self.pages[name], name)
        return self.pages[name]

    def at(self, name: str, address: str) -> "Page":
        """Let somebody open an address."""
        page = self.page(name)
        response = page.goto(address)
        assert response is not None
        assert response.status == 200, f"{name} at {address}: {response.status}"
        return page


@pytest.fixture
def play(browser: "Browser", site: str, filled: None) -> Iterator[Cast]:
    """Have a team of three who decide by the charter called rust, and an author who holds no office."""
    rust_team("tess", "tilda", "thea")
    an_author("wanda")
    cast = Cast(browser, site, {})
    yield cast
    for page in cast.pages.values():
        page.context.close()


def act(page: "Page", summary: str) -> "Locator":
    """Open one of the acts that a page offers, and return what it opens."""
    opened = page.locator("details.act").filter(has=page.locator("summary", has_text=summary)).first
    if not opened.evaluate("element => element.open"):
        opened.locator("summary").click()
    return opened


def said(page: "Page") -> str:
    return page.locator("p.lede").inner_text()


def take_position(page: "Page", stand: str, words: str = "") -> None:
    form = act(page, "Take a position")
    form.get_by_label(stand, exact=True).check()
    form.get_by_label("In words").fill(words)
    form.get_by_role("button", name="Take this position").click()
    expect(page.locator(".notice.pass")).to_contain_text("Your position is taken")


def with_reason(page: "Page", summary: str, reason: str, button: str) -> None:
    form = act(page, summary)
    form.locator("textarea").fill(reason)
    form.get_by_role("button", name=button).click()


def test_a_whole_rfc_from_the_first_text_to_the_record(play: Cast) -> None:
    # Written by somebody who holds no office, and revised.
    wanda = play.at("wanda", "/proposals/")
    wanda.get_by_role("button", name="Write a proposal").click()
    wanda.get_by_label("Title").fill("Weave both ways")
    wanda.get_by_label("Text").fill(FIRST)
    wanda.get_by_role("button", name="Open it").click()
    address = "/proposals/rust-1/"
    wanda.wait_for_url(f"**{address}")
    expect(wanda.locator("p.lede")).to_contain_text("RFC 1 is open")
    assert "taken" not in wanda.title(), "a script in the text is text"
    wanda.get_by_role("link", name="revise it").click()
    wanda.get_by_label("Text").fill(SECOND)
    wanda.get_by_label("What changed").fill("slower")
    wanda.get_by_role("button", name="Write the revision").click()
    wanda.locator("summary", has_text="2 revisions").click()
    wanda.get_by_role("link", name="what it changed").click()
    expect(wanda.locator("pre.words ins")).to_contain_text("at half the speed")

    # Moved by the table, by who may; the author may not.
    play.at("wanda", address)
    assert wanda.locator("summary", has_text="Move it to").count() == 0
    tess = play.at("tess", address)
    with_reason(tess, "Move it to proposed for final comment", "", "Move it to proposed for final comment")
    expect(tess.locator("p.lede")).to_contain_text("proposed for final comment: 3 positions are awaited")
    expect(tess.locator("summary", has_text="Begin the final comment period")).to_have_count(0)

    # A concern: only its raiser can resolve it.
    tilda = play.at("tilda", address)
    concern = act(tilda, "Raise a concern")
    concern.get_by_label("Name").fill("noise")
    concern.get_by_label("Concern").fill("It is *louder*.")
    concern.get_by_role("button", name="Raise the concern").click()
    expect(tilda.locator("p.lede")).to_contain_text("held by 1 concern")
    for page, stand in ((tess, "agrees"), (play.at("thea", address), "objects")):
        page.goto(address)
        take_position(page, stand, "" if stand == "agrees" else "Where do three shuttles go?")
    tess.goto(address)
    assert tess.locator("summary", has_text="Resolve your concern").count() == 0
    expect(tess.locator("#concerns")).to_contain_text("Only Tilda Example resolves it")
    expect(tess.locator("#needs")).to_contain_text("Tilda Example to resolve the concern “noise”")
    tilda.goto(address)
    with_reason(tilda, "Resolve your concern", "It was measured: no louder.", "Resolve it")
    take_position(tilda, "agrees")
    take_position(play.at("thea", address), "agrees", "They take turns.")

    # The final comment period: begun, stopped by a hold, begun again, closed by the clock.
    begin(tess, address, "7")
    expect(tess.locator("p.lede")).to_contain_text("anywhere on Earth")
    thea = play.at("thea", address)
    with_reason(thea, "Place a hold", "Wait for the looms to be oiled.", "Place the hold")
    expect(thea.locator("#periods")).to_contain_text("stopped")
    with_reason(thea, "Lift the hold", "They are oiled.", "Lift it")
    tess.goto(address)
    with_reason(tess, "Move it to proposed for final comment", "Oiled.", "Move it to proposed for final comment")
    begin(tess, address, "10")
    assert CommentPeriod.objects.count() == 2, "the stopped one is kept"
    outsider = play.at("outsider", address)
    expect(outsider.locator("p.lede")).to_contain_text("RFC 1 is in final comment period: final comments until")
    expect(outsider.locator("#periods li")).to_have_count(2)
    assert tess.locator("summary", has_text="Move it to active").count() == 0, "not before its end"
    close(CommentPeriod.objects.get(stopped_at__isnull=True))

    # A vote: an electorate that is frozen, a vote that is changed, a recusal, a close by the clock alone.
    tess.goto(address)
    tess.get_by_role("button", name="Call a vote on it").click()
    tess.get_by_label("Days").fill("7")
    tess.get_by_label("Threshold").fill("2/3")
    tess.locator("[name=base]").select_option("seated")
    tess.get_by_role("button", name="Call the vote").click()
    tess.wait_for_url("**/votes/*/")
    vote = tess.url
    expect(tess.locator("#electorate tbody tr")).to_have_count(3)
    choose(tess, "no")
    choose(tess, "yes")
    late = an_officer("late", "team", a_project("rust"))
    assert play.at(late.username, vote).get_by_role("button", name="Vote").count() == 0, "not of the electorate"
    tilda.goto(vote)
    choose(tilda, "yes")
    thea.goto(vote)
    with_reason(thea, "Recuse myself", "My family sells looms.", "Recuse myself")
    expect(thea.locator("#electorate")).to_contain_text("My family sells looms.")
    expect(thea.locator("p.lede")).to_contain_text("enough said yes")
    ballot = Ballot.objects.get()
    close(ballot)
    outsider.goto(vote)
    assert said(outsider).endswith(
        "was carried: 3 seated, one recused: 2/3 of 2 is 1.33, so 2 yes are needed; 2 voted yes: carried."
    )
    tess.goto(vote)
    assert tess.get_by_role("button", name="Change my vote").count() == 0

    # Decided, and the record tells all of it to an outsider.
    tess.goto(address)
    with_reason(tess, "Move it to active", "The vote carried it.", "Move it to active")
    expect(tess.locator("p.lede")).to_contain_text("RFC 1 is active: The vote carried it.")
    proposal = Proposal.objects.get()
    assert proposal.state == "active"
    kinds = list(Event.objects.filter(subject=proposal.subject).order_by("position").values_list("kind", flat=True))
    assert kinds[0] == "proposal.opened"
    assert kinds[-1] == "proposal.moved"
    assert {
        "proposal.revised",
        "proposal.concern_raised",
        "proposal.concern_resolved",
        "proposal.hold_placed",
        "proposal.hold_lifted",
        "proposal.final_comment_began",
        "proposal.final_comment_stopped",
        "proposal.position_taken",
    } <= set(kinds)
    votes = set(Event.objects.filter(subject=ballot.subject).values_list("kind", flat=True))
    assert {"vote.called", "vote.opened", "vote.chosen", "vote.recused"} <= votes
    assert Position.objects.count() == 4, "the objection that was given up is kept"
    outsider.goto(f"/record/?subject={proposal.subject}")
    expect(outsider.locator("main")).to_contain_text("Wanda Example opened the proposal 1: Weave both ways.")


def begin(page: "Page", address: str, days: str) -> None:
    page.goto(address)
    form = act(page, "Begin the final comment period")
    form.get_by_label("Days").fill(days)
    form.get_by_role("button", name="Begin it").click()
    expect(page.locator(".notice.pass")).to_contain_text("has begun")


def choose(page: "Page", word: str) -> None:
    page.locator("#act").get_by_label(word, exact=True).check()
    page.locator("#act form button[type=submit]").first.click()
    expect(page.locator(".notice.pass")).to_contain_text("Your vote is taken")

"""A whole election in real browsers: nominated, excepted, voted, replaced, tied, settled, recounted, begun."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config.launcher import Services
from governance.ballot_box import code_of
from governance.models import Election, Office, Term, User
from record.models import Event
from tests.browser.conftest import sign_in
from tests.factories.elections import Stage, a_member
from tests.factories.people import a_person, an_office, hashed_once

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
ELECTORS = ("Ann", "Ben", "Cat", "Dov", "Eve")
Open = Callable[[str], "Page"]


@pytest.fixture
def open_as(browser: "Browser", site: str) -> Iterator[Open]:
    """Return a function that opens a browser of somebody's own, signed in; without scripts, on a phone, for some."""
    contexts = {}

    def page_of(name: str) -> "Page":
        if name not in contexts:
            more: dict = {"java_script_enabled": False} if name in ("ben", "new") else {}
            width = 390 if name in ("cat", "ida") else 1280
            contexts[name] = browser.new_context(
                base_url=site, viewport={"width": width, "height": 900}, accept_downloads=True, **more
            )
            contexts[name].set_default_timeout(60_000)
            page = contexts[name].new_page()
            if name != "outsider":
                sign_in(page, name)
            return page
        return contexts[name].pages[0]

    yield page_of
    for context in contexts.values():
        context.close()


@pytest.fixture
def people(filled: None) -> Stage:
    """Have a council's electors, candidates, an officer, a newcomer and an administrator, and no election yet."""
    weavers = an_office("weavers", kind=Office.Kind.OTHER)
    an_office("council", kind=Office.Kind.COUNCIL, seats=5)
    User.objects.create(username="root", is_superuser=True, password=hashed_once())
    stage = Stage(Election(), a_member("Olga Officer"))
    for name in ELECTORS:
        stage.accounts[name.lower()] = a_member(f"{name} Elector", weavers)
    for name in ("Ida Candidate", "Joe Candidate", "Kim Candidate", "New Comer"):
        account = a_member(name)
        stage.accounts[account.username] = account
    a_person("Sam Silent")
    return stage


def press(button: "Locator") -> None:
    """Press what leads to a page, and wait until it is there."""
    with button.page.expect_navigation():
        button.click()


def lede(page: "Page") -> str:
    return page.locator("p.lede").inner_text()


def announced(page: "Page") -> None:
    """Fill in the form as an administrator does who reads the charter."""
    day = timezone.now().date() + timedelta(days=2)
    page.goto("/elections/")
    press(page.get_by_role("button", name="Announce an election"))
    page.get_by_label("Title").fill("Council of 2031")
    page.get_by_label("Address").fill("council-2031")
    page.get_by_label("Office", exact=True).select_option(label="office of council")
    page.get_by_label("Rule").fill("https://example.org/rules#council")
    page.get_by_label("Seats", exact=True).fill("2")
    page.get_by_label("Long seats").fill("1")
    page.get_by_label("Method").select_option("schulze")
    page.get_by_label("agreement among the tied candidates").check()
    page.get_by_label("a draw by the seed published at opening").check()
    page.get_by_label("Electing offices").select_option(label="office of weavers")
    page.get_by_label("Officers").fill("Olga Officer")
    page.get_by_label("Electors on").fill("2026-01-01")
    for label in ("Nominations until", "Exceptions until"):
        page.get_by_label(label).fill(day.isoformat())
    page.get_by_label("Voting from").fill((day + timedelta(days=1)).isoformat())
    page.get_by_label("Voting until").fill((day + timedelta(days=7)).isoformat())
    page.get_by_label("Takes office on").fill("2031-01-01")
    page.get_by_label("Long until").fill("2033-01-01")
    page.get_by_label("Short until").fill("2032-01-01")
    page.get_by_label("Publish from").fill("5")
    press(page.get_by_role("button", name="Announce it"))


def let_come(**moments: timedelta) -> None:
    """Let moments of the timetable be so far from now."""
    now = timezone.now()
    Election.objects.update(**{name: now + away for name, away in moments.items()})


def step(page: "Page", button: str) -> None:
    page.goto("/elections/council-2031/officers/")
    press(page.get_by_role("button", name=button))


def cast(page: "Page", **ranks: int) -> str:
    """Vote through the page and return the receipt that it shows."""
    page.goto("/elections/council-2031/")
    press(page.get_by_role("button", name="Vote", exact=True))
    for name, rank in ranks.items():
        page.get_by_label(f"{name.title()} Candidate", exact=True).fill(str(rank))
    press(page.get_by_role("button", name="Put the ballot into the box"))
    assert "Your ballot is in the box" in lede(page)
    return page.locator(".command code").first.inner_text()


def test_an_election_is_played_by_several_people(
    open_as: Open, people: Stage, tmp_path: Path, services: Services, site: str
) -> None:
    root, olga, outsider = open_as("root"), open_as("olga"), open_as("outsider")
    announced(root)
    assert lede(root).startswith("Nominations are not open yet"), lede(root)

    # Nominations: one accepts and writes a statement, one accepts, one declines and thinks again.
    step(olga, "Open nominations")
    for proposer, nominee in (("ann", "Ida Candidate"), ("ben", "Joe Candidate"), ("ann", "Kim Candidate")):
        page = open_as(proposer)
        page.goto("/elections/council-2031/nominate/")
        page.get_by_label("Whom").fill(nominee)
        press(page.get_by_role("button", name="Nominate"))
        assert "stands once they have accepted" in page.locator(".notice").first.inner_text()
    ida = open_as("ida")
    ida.goto("/elections/council-2031/")
    press(ida.get_by_role("link", name="accept or decline"))
    press(ida.get_by_role("button", name="Accept the nomination"))
    ida.get_by_label("Statement").fill("I will *mend* the loom.")
    press(ida.get_by_role("button", name="Keep the statement"))
    assert ida.locator("section em").inner_text() == "mend"
    joe, kim = open_as("joe"), open_as("kim")
    joe.goto("/elections/council-2031/candidates/joe-candidate/")
    press(joe.get_by_role("button", name="Accept the nomination"))
    kim.goto("/elections/council-2031/candidates/kim-candidate/")
    press(kim.get_by_role("button", name="Decline"))
    press(kim.get_by_role("button", name="Accept after all"))
    assert lede(kim).startswith("Kim Candidate stands")

    # An exception: asked for without scripts, granted with a reason, on the roll for everybody.
    newcomer = open_as("new")
    newcomer.goto("/elections/council-2031/")
    press(newcomer.get_by_role("link", name="ask for an exception"))
    newcomer.get_by_label("Why you should vote").fill("I keep the dye works running.")
    press(newcomer.get_by_role("button", name="Ask the officers"))
    olga.goto("/elections/council-2031/officers/")
    olga.get_by_label("Reason").first.fill("The dye works count.")
    press(olga.get_by_role("button", name="Grant"))
    outsider.goto("/elections/council-2031/roll/")
    assert "exception granted: The dye works count." in outsider.locator("main").inner_text()
    assert lede(outsider).startswith("6 may vote")

    # The vote. Nobody but electors; each by themselves; one of them thinks again and replaces the ballot.
    past = timedelta(hours=-1)
    let_come(nominations_close_at=past, exceptions_close_at=past, opens_at=past)
    step(olga, "Open the vote")
    outsider.goto("/elections/council-2031/")
    assert "0 of 6 have voted" in lede(outsider)
    joe.goto("/elections/council-2031/")
    assert "You are not on the roll of electors" in joe.locator("main").inner_text()
    receipts = {"ann": cast(open_as("ann"), kim=1, joe=2)}
    receipts["ben"] = cast(open_as("ben"), kim=1, joe=2, ida=3)
    receipts["cat"] = cast(open_as("cat"), kim=1, ida=2, joe=3)
    receipts["dov"] = cast(open_as("dov"), kim=2, joe=1, ida=2)
    receipts["new"] = cast(newcomer, kim=1, ida=2, joe=3)
    # Ann, elsewhere and not signed in: the receipt alone.
    outsider.goto("/elections/council-2031/replace/")
    outsider.get_by_label("Receipt").fill(receipts["ann"].lower())
    press(outsider.get_by_role("button", name="Show my ballot"))
    expect(outsider.get_by_label("Kim Candidate", exact=True)).to_have_value("1")
    outsider.get_by_label("Ida Candidate", exact=True).fill("2")
    outsider.get_by_label("Joe Candidate", exact=True).fill("3")
    press(outsider.get_by_role("button", name="Replace my ballot"))
    assert outsider.locator(".command code").first.inner_text() == receipts["ann"]
    receipts["eve"] = cast(open_as("eve"), kim=1, joe=2, ida=3)
    outsider.goto("/elections/council-2031/")
    assert "6 of 6 have voted" in lede(outsider)
    outsider.goto("/elections/council-2031/ballots.csv")
    assert "Nobody sees a ballot before the count is published" in outsider.content() or "403" in outsider.content()

    # The close holds by the clock alone: nobody has written it down.
    let_come(
        closes_at=timedelta(seconds=-1), opens_at=past * 2, nominations_close_at=past * 2, exceptions_close_at=past * 2
    )
    outsider.goto("/elections/council-2031/")
    assert "The count is awaited" in lede(outsider)

    # A contested tie over the second seat waits; one of the tied stands back; the rule's agreement settles it.
    step(olga, "Count and publish")
    outsider.goto("/elections/council-2031/results/")
    assert lede(outsider).startswith(
        "Kim Candidate is elected, and a tie between Ida Candidate and Joe Candidate over 1 seat waits"
    ), lede(outsider)
    olga.goto("/elections/council-2031/officers/")
    assert "A contested tie must be settled first" in olga.locator("main").inner_text()
    olga.get_by_label("Reason").fill("They agreed.")
    press(olga.get_by_role("button", name="Settle the tie"))
    assert "must stand back" in olga.locator("main").inner_text()
    joe.goto("/elections/council-2031/candidates/joe-candidate/")
    press(joe.get_by_role("button", name="Stand back in the tie"))
    olga.get_by_label("Reason").fill("Joe Candidate stood back.")
    press(olga.get_by_role("button", name="Settle the tie"))

    # Every voter finds their ballot; the published files recount to the same result on the command line.
    outsider.goto("/elections/council-2031/find/")
    outsider.get_by_label("Receipt").fill(receipts["ann"])
    press(outsider.get_by_role("button", name="Find it"))
    assert code_of(receipts["ann"]) in lede(outsider)
    cells = outsider.locator("table tbody tr").all_inner_texts()
    assert [re.sub(r"\s+", " ", cell) for cell in cells] == ["Ida Candidate 2", "Joe Candidate 3", "Kim Candidate 1"]
    outsider.goto("/elections/council-2031/results/")
    command = outsider.locator(".command code").first.inner_text()
    for link, name in (("Ballots, as tally reads them", "ballots.csv"), ("The order by which", "order.txt")):
        with outsider.expect_download() if name == "ballots.csv" else outsider.expect_navigation() as answer:
            outsider.get_by_role("link", name=link).click()
        if name == "ballots.csv":
            answer.value.save_as(tmp_path / "council-2031-ballots.csv")
        else:
            (tmp_path / "council-2031-order.txt").write_text(outsider.locator("pre").inner_text() + "\n")
    assert "--tie-break council-2031-order.txt" in command
    told = recounted(command, tmp_path)
    last = Election.objects.get().counts.last()
    assert last is not None
    assert told["winners"] == last.outcome["winners"] == ["Kim Candidate", "Ida Candidate"]
    assert told["ranking"] == last.result["ranking"]
    assert told["long_terms"] == ["Kim Candidate"]
    assert told["ballots"] == 6

    # Terms begin by the officers' own act; every public step is in the record, and no voter's.
    step(olga, "Confirm and begin the terms")
    outsider.goto("/elections/council-2031/")
    assert lede(outsider) == (
        "Kim Candidate and Ida Candidate were elected; 6 of 6 voted, and the terms begin on 1 January 2031."
    )
    terms = Term.objects.filter(office__slug="council").order_by("seat")
    assert {term.person.name: term.expires_on.year for term in terms if term.expires_on} == {
        "Kim Candidate": 2033,
        "Ida Candidate": 2032,
    }
    kinds = list(
        Event.objects.filter(subject="election/council-2031").order_by("position").values_list("kind", flat=True)
    )
    for public in ("announced", "nominations", "opened", "closed", "counted", "tie_settled", "counted", "confirmed"):
        assert f"election.{public}" in kinds
    assert not Event.objects.filter(actor__in=("ann", "cat", "dov", "eve"), kind__contains="vot").exists()
    assert Event.objects.filter(actor__in=("cat", "dov", "eve"), subject="election/council-2031").count() == 0
    # On a telephone nothing scrolls sideways.
    phone = open_as("cat")
    for page in ("", "roll/", "results/", "find/", "replace/", "candidates/ida-candidate/"):
        phone.goto(f"/elections/council-2031/{page}")
        assert not phone.evaluate(WIDER_THAN_THE_SCREEN), page
    # What the web server wrote down of all this holds no secret.
    log = (services.data / "logs" / "test-web.log").read_text()
    assert "/elections/council-2031/vote/" in log
    for receipt in receipts.values():
        assert receipt not in log
        assert code_of(receipt) not in log


def recounted(command: str, folder: Path) -> dict:
    """Run the command that the page shows, as it shows it, where the files were downloaded."""
    words = command.split()
    assert words[:3] == ["python3", "manage.py", "tally"]
    ran = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *words[2:], "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ran.stdout)

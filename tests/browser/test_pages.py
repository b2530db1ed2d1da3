"""Every page in a real browser: what a reader sees, on a telephone, without scripts, by keyboard, in the dark."""

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from benchmarks_runner.models import Night
from governance.models import User
from tests.browser.conftest import SLOWER, Sights, sign_in
from tests.factories.measured import a_measured_night, measure_on

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def complaints(page: "Page") -> list[str]:
    """Collect what the browser complains of from now on: errors of scripts, refused or missing files."""
    found: list[str] = []
    page.on("console", lambda m: found.append(f"{page.url}: {m.text}") if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    return found


def test_no_page_makes_the_browser_complain(page: "Page", sights: Sights) -> None:
    found = complaints(page)
    for address in sights.addresses.values():
        response = page.goto(address)
        assert response is not None
        assert response.status == 200, address
        page.wait_for_load_state("networkidle") if "running" not in address else None
        assert page.locator("main h1").count() == 1, address
        assert page.locator("main p.lede").first.inner_text(), address
    assert found == []


def test_nothing_scrolls_sideways_on_a_telephone(phone: "Page", sights: Sights, warden: User) -> None:
    sign_in(phone)
    wide = []
    for name, address in {**sights.addresses, "form": "/nights/new/", "portal": "/portal/"}.items():
        phone.goto(address)
        if phone.evaluate(WIDER_THAN_THE_SCREEN):
            wide.append(name)
    assert wide == []


def test_every_page_works_without_scripts(plain: "Page", sights: Sights) -> None:
    for address in sights.addresses.values():
        response = plain.goto(address)
        assert response is not None
        assert response.status == 200, address
        assert plain.locator("p.lede").first.is_visible(), address
    plain.goto(sights.addresses["night-failing"])
    assert plain.locator("svg.interval circle").first.is_visible(), "intervals are drawn by the server"
    plain.goto(sights.addresses["point-failing"])
    plain.locator("figure.plot summary").first.click()
    assert plain.locator("figure.plot table tbody tr").first.is_visible(), "a plot's numbers are in its table"


def test_a_night_is_cancelled_without_scripts(plain: "Page", sights: Sights, warden: User) -> None:
    sign_in(plain)
    night = a_measured_night(SLOWER, rounds=1)
    plain.goto(f"/nights/{night.pk}/")
    plain.get_by_role("button", name="Cancel this night").click()
    expect(plain.locator("p.lede")).to_have_text(re.compile("^Cancelled by warden"))


def test_the_theme_changes_without_a_reload_and_is_kept(page: "Page", sights: Sights) -> None:
    page.goto(sights.addresses["point-failing"])
    page.wait_for_selector("figure.plot .main-svg")
    tick = page.locator("figure.plot .xtick text").first
    paper = "getComputedStyle(document.body).backgroundColor"
    page.evaluate("window.notReloaded = true")
    page.get_by_role("button", name="dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate(paper) == "rgb(22, 21, 19)"
    expect(tick).to_have_css("fill", "rgb(236, 232, 225)")
    assert page.evaluate("window.notReloaded"), "no reload"
    page.reload()
    assert page.evaluate(paper) == "rgb(22, 21, 19)", "kept"
    page.get_by_role("button", name="light").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.goto("/nights/")
    assert page.evaluate(paper) == "rgb(251, 250, 247)"


def test_the_theme_changes_without_scripts(plain: "Page", sights: Sights) -> None:
    plain.goto("/nights/")
    plain.get_by_role("button", name="dark").click()
    expect(plain.locator("html")).to_have_attribute("data-theme", "dark")
    assert plain.url.endswith("/nights/")


def test_the_theme_is_dark_from_the_first_paint(page: "Page", sights: Sights) -> None:
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": page.context.request.get("/nights/").url}])
    page.route("**/*.js", lambda route: route.abort())
    page.goto("/nights/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 21, 19)"


@pytest.mark.parametrize("name", ["home", "night-failing", "gallery"])
def test_everything_that_acts_is_reached_by_keyboard(page: "Page", sights: Sights, name: str) -> None:
    page.goto(sights.addresses[name])
    wanted = page.evaluate(
        """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")]
            .filter((e) => e.checkVisibility() && !e.disabled)
            .map((e, index) => { e.dataset.stop = index; return index; })"""
    )
    reached: set[int] = set()
    unseen: list[str] = []
    for _ in range(len(wanted) + 5):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => { const e = document.activeElement; const s = getComputedStyle(e);
                const seen = s.outlineStyle !== "none" || s.boxShadow !== "none";
                return [e.dataset.stop, seen, e.outerHTML.slice(0, 80)]; }"""
        )
        if stop[0] is not None:
            reached.add(int(stop[0]))
            unseen += [] if stop[1] else [stop[2]]
    assert reached == set(wanted)
    assert unseen == [], "focus is always visible"


def test_the_first_tab_skips_to_the_page(page: "Page", sights: Sights) -> None:
    page.goto("/nights/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_failing_point_is_opened_from_its_night(page: "Page", sights: Sights) -> None:
    page.goto("/")
    page.get_by_role("link", name="Performance").click()
    page.get_by_role("link", name=f"Night {sights.failing.pk}", exact=True).click()
    page.get_by_role("link", name="softmax.float32.rows").click()
    page.wait_for_selector("#plot-evidence ~ .canvas .main-svg")
    assert page.locator("p.lede.fail").inner_text().startswith("4.")
    drawn = page.locator("#plot-pairs ~ .canvas .points path").count()
    assert drawn == sights.failing.verdicts.get(point="softmax.float32.rows").pairs_used
    page.locator("figure.plot summary").first.click()
    assert page.locator("figure.plot table").first.locator("tbody tr").count() == drawn


def test_a_command_is_copied(page: "Page", sights: Sights) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(sights.addresses["point-failing"])
    page.get_by_role("button", name="Copy").first.click()
    page.wait_for_selector("text=Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("python3 manage.py night --baseline torch==")


def test_times_are_the_readers_own(browser: object, site: str, sights: Sights) -> None:
    context = browser.new_context(base_url=site, timezone_id="Asia/Kolkata")  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto("/nights/")
    time = page.locator("time").first
    assert "GMT+5:30" in time.inner_text()
    assert time.get_attribute("title").endswith("UTC")
    assert time.inner_text().endswith("ago)") or time.inner_text().endswith("(just now)")
    context.close()


def test_a_night_is_watched_without_a_reload(page: "Page", sights: Sights) -> None:
    found = complaints(page)
    night = a_measured_night(SLOWER, rounds=3)
    page.goto(f"/nights/{night.pk}/")
    assert "Round 4 is being measured" in page.locator("p.lede").inner_text()
    page.evaluate("window.notReloaded = true")
    measure_on(night, SLOWER, rounds=2)
    expect(page.locator("p.lede")).to_contain_text("Round 6")
    measure_on(night, SLOWER)
    page.wait_for_selector("p.lede.fail")
    assert "2 of 4 points are slower" in page.locator("p.lede").inner_text()
    assert page.evaluate("window.notReloaded"), "the page was never loaded anew"
    assert page.locator("#night-live[hx-get]").count() == 0, "and asks no more"
    assert page.locator("#concerned").is_visible()
    assert Night.objects.get(pk=night.pk).state == Night.State.DECIDED
    assert found == []


def test_the_page_says_when_the_site_does_not_answer(page: "Page", sights: Sights) -> None:
    page.goto(sights.addresses["night-running"])
    page.route("**/nights/**", lambda route: route.abort())
    page.wait_for_selector("#connection:not([hidden])")
    page.unroute("**/nights/**")
    page.wait_for_selector("#connection[hidden]", state="attached")


def test_the_form_shows_what_it_installs_as_one_types(page: "Page", sights: Sights, warden: User) -> None:
    sign_in(page)
    page.goto("/nights/")
    page.get_by_role("link", name="Run a night").click()
    page.get_by_label("Candidate").fill("torch==2.13.0,ATEN_CPU_CAPABILITY=default")
    page.get_by_label("Baseline").fill("torch")
    page.get_by_label("Baseline").blur()
    page.wait_for_selector("#installations :text('installed already')")
    page.get_by_role("button", name="Run the night").click()
    page.wait_for_selector(".field.wrong")
    assert "write torch==VERSION" in page.locator(".field.wrong .errors").inner_text()
    assert page.get_by_label("Candidate").input_value() == "torch==2.13.0,ATEN_CPU_CAPABILITY=default"

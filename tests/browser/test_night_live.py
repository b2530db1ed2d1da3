"""A night from the form to the failing point, with real workers: bundles installed by pip, processes measured."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db.models import QuerySet
from playwright.sync_api import expect

from benchmarks_runner.actions.machines import register_this_machine
from benchmarks_runner.models import Night
from governance.models import User
from record.models import Event
from tests.browser.conftest import sign_in
from tests.bundle_wheels import make_wheel, offered
from tests.live import Live
from tests.night_stage import spare_the_unchanged

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# One package in pure Python is all that the selftest's points want; the variable makes one of them slower.
BASELINE = "six==1.17.0"
CANDIDATE = "six==1.17.0,SELFTEST_SLOWDOWN=sort"


@pytest.fixture
def workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filled: None, live_worker: Callable[..., Live]
) -> list[Live]:
    """Have the workers that `up` starts, and a folder from which pip takes the one package."""
    make_wheel(offered(tmp_path, monkeypatch), "six", "1.17.0")
    device = register_this_machine().devices.get(kind="cpu")
    return [live_worker("default"), live_worker(device.queue)]


def comparisons() -> QuerySet[Night]:
    return Night.objects.filter(kind=Night.Kind.COMPARISON)


def test_a_night_is_asked_for_watched_and_read(page: "Page", warden: User, workers: list[Live]) -> None:
    page.context.clear_cookies()
    sign_in(page)
    # Played again, it asks for another night: what was decided once stays so.
    candidate = CANDIDATE + ",PLAYED=again" * comparisons().count()
    page.goto("/nights/")
    page.get_by_role("link", name="Run a night").click()
    page.get_by_label("Candidate").fill(candidate)
    page.get_by_label("Baseline").fill(BASELINE)
    page.get_by_label("Suite").select_option("selftest")
    page.get_by_role("button", name="Run the night").click()
    page.wait_for_url("**/nights/*/")
    page.evaluate("window.notReloaded = true")

    lede = page.locator("p.lede")
    expect(page.locator("progress")).to_be_visible()
    expect(lede).to_contain_text("is being measured", timeout=120_000)
    expect(lede).to_have_class("lede fail", timeout=240_000)
    night = comparisons().latest("pk")
    spare_the_unchanged(dict(night.verdicts.exclude(point="").values_list("point", "verdict")))
    assert lede.inner_text().startswith("1 of 4 points is slower")
    assert page.evaluate("window.notReloaded"), "from the request to the verdict without a reload"

    assert (night.state, night.requested_by) == (Night.State.DECIDED, "warden")
    page.get_by_role("link", name="selftest.sort").click()
    expect(page.locator("p.lede.fail")).to_contain_text("slower")
    page.wait_for_selector("#plot-evidence ~ .canvas .main-svg")
    assert page.locator("#plot-pairs ~ .canvas .points path").count() >= 5
    page.get_by_role("button", name="dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    kinds = set(Event.objects.filter(subject=f"night/{night.pk}").values_list("kind", flat=True))
    assert {"night.requested", "night.started", "night.decided"} <= kinds
    page.goto(f"/record/?subject=night/{night.pk}")
    assert "was asked for" in page.locator("main").inner_text()

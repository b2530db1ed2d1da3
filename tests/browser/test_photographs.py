"""Photograph every page at two widths and in two themes.

The pictures are for people to look at: FLAMEKEEPER_PHOTOGRAPHS names a folder that keeps them. The test itself holds
that each page has something on it, and that the themes really differ.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from governance.models import User
from tests.browser.conftest import Sights, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = {"wide": 1280, "phone": 390}
THEMES = ("light", "dark")
PAPER = {"light": "rgb(251, 250, 247)", "dark": "rgb(22, 21, 19)"}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
def test_every_page_is_photographed(
    browser: "Browser", site: str, sights: Sights, warden: User, tmp_path: Path, width: str, theme: str
) -> None:
    folder = Path(os.environ.get("FLAMEKEEPER_PHOTOGRAPHS") or tmp_path)
    context = browser.new_context(
        base_url=site, viewport={"width": WIDTHS[width], "height": 900}, color_scheme=theme, reduced_motion="reduce"
    )
    page = context.new_page()
    sign_in(page)
    for name, address in {**sights.addresses, "form": "/nights/new/", "portal": "/portal/", "lost": "/lost/"}.items():
        page.goto(address)
        for plot in page.locator("figure.plot .canvas").all():
            plot.locator(".main-svg").first.wait_for()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == PAPER[theme]
        picture = page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=True)
        assert len(picture) > 10_000, name
    context.close()

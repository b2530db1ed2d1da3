"""A Chromium for the browser tests: an installed one, else one that this gets by itself."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Tell = Callable[[str], None]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Where Debian's package puts it, also when PATH does not lead there.
PACKAGED = Path("/usr/bin/chromium")
INSTALL_SECONDS = 600


class NoChromiumError(Exception):
    """There is none and none can be had; the message says what to do."""


def chromium(tell: Tell) -> Path:
    """Return the path of a Chromium, getting one where there is none.

    Raises:
        NoChromiumError: where that fails.
    """
    found = installed() or own()
    if found:
        return found
    for how in (by_playwright, by_apt):
        how(tell)
        found = installed() or own()
        if found:
            return found
    raise NoChromiumError(
        "there is no Chromium, and neither Playwright nor apt could get one. Install it "
        "(Debian and Ubuntu: apt-get install chromium), or name it: FLAMEKEEPER_CHROMIUM=/path/to/chromium"
    )


def installed() -> Path | None:
    """Find the one that is named, one on PATH, or Debian's."""
    named = os.environ.get("FLAMEKEEPER_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else PACKAGED if PACKAGED.exists() else None


def own() -> Path | None:
    """Find the one that Playwright keeps for itself; asked apart, since a process may hold one Playwright only."""
    question = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
    )
    asked = subprocess.run((sys.executable, "-c", question), capture_output=True, text=True, check=False)
    path = Path(asked.stdout.strip() or "/nowhere")
    return path if path.exists() else None


def by_playwright(tell: Tell) -> None:
    """Let Playwright fetch its own build."""
    tell("getting a Chromium for the browser tests from Playwright")
    attempt((sys.executable, "-m", "playwright", "install", "chromium"))


def by_apt(tell: Tell) -> None:
    """Let root install the distribution's package."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    tell("getting a Chromium for the browser tests from the distribution (apt-get install chromium)")
    # The lists first: a fresh machine has none.
    attempt(("apt-get", "update", "-q"))
    attempt(("apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"))


def attempt(command: tuple[str, ...]) -> None:
    """Run an installer without caring how it ends: what counts is what is there afterwards."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return

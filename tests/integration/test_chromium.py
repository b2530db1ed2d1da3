"""Where the browser tests' Chromium comes from."""

import os
import sys
from pathlib import Path

import pytest

from config.testing import chromium as search
from config.testing.chromium import NoChromiumError, chromium

pytestmark = pytest.mark.slow


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """Have a machine without any Chromium, on which Playwright has none and can get none."""
    monkeypatch.delenv("FLAMEKEEPER_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "browsers"))
    # A download host that refuses at once: the attempt is real, the network is not asked.
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", "http://127.0.0.1:9")
    monkeypatch.setattr(search, "PACKAGED", tmp_path / "packaged" / "chromium")
    (tmp_path / "bin").mkdir()
    (tmp_path / "packaged").mkdir()
    return tmp_path


def program(path: Path, script: str = "") -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_one_that_is_named_comes_first_then_the_one_on_the_path(nowhere, monkeypatch):
    on_path = program(nowhere / "bin" / "google-chrome")
    assert chromium(print) == on_path
    assert chromium(print) != program(nowhere / "bin" / "other")
    monkeypatch.setenv("FLAMEKEEPER_CHROMIUM", "/somewhere/chrome")
    assert chromium(print) == Path("/somewhere/chrome")


def test_root_gets_the_distributions_where_playwright_has_none(nowhere, monkeypatch):
    packaged = nowhere / "packaged" / "chromium"
    asked = nowhere / "asked"
    program(nowhere / "bin" / "apt-get", f'echo "$@" >> {asked}\n[ "$1" = install ] && : > {packaged}')
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    told: list[str] = []
    assert chromium(told.append) == packaged
    assert [line.split()[0] for line in asked.read_text().splitlines()] == ["update", "install"]
    assert len(told) == 2


def test_an_ordinary_user_asks_no_package_manager_and_is_told_what_to_do(nowhere, monkeypatch):
    program(nowhere / "bin" / "apt-get", f": > {nowhere / 'asked'}")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NoChromiumError, match="apt-get install chromium"):
        chromium(print)
    assert not (nowhere / "asked").exists()


def test_an_installer_that_fails_is_no_error_of_its_own():
    search.attempt((sys.executable, "-c", "raise SystemExit(3)"))
    search.attempt(("/nowhere/at/all",))

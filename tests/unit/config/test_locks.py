"""The locks: what they hold, and what they must not."""

import re
from pathlib import Path

import pytest

LOCKS = Path(__file__).resolve().parents[3] / "config" / "locks"
NAMES = ("installer", "runtime", "test")
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*(?:\[[a-z0-9,-]+\])?)==([^\s;\\]+)", re.MULTILINE)


def pins(name: str) -> list[tuple[str, str]]:
    """Return (package, version), a package twice where newer Pythons get a newer version."""
    return PIN.findall((LOCKS / f"{name}.txt").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_a_lock_holds_no_address(name):
    text = (LOCKS / f"{name}.txt").read_text()
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash=sha256:)", text, re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_pinned_and_hashed(name):
    text = re.sub(r"^\s*#.*\n", "", (LOCKS / f"{name}.txt").read_text(), flags=re.MULTILINE)
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if entry.strip()]
    assert len(entries) == len(pins(name)) > 0
    assert all("--hash=sha256:" in entry for entry in entries)


def test_what_is_tested_is_what_is_shipped():
    assert set(pins("runtime")) <= set(pins("test"))


def test_the_site_has_no_tensor_framework_of_its_own():
    assert not {"torch", "tensorflow", "jax"} & dict(pins("runtime")).keys()

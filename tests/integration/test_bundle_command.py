"""The command `bundle`: what it prints, and the status it ends with."""

import json
import os
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.bundle_wheels import make_wheel, offered

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]


@pytest.fixture
def offer(tmp_path, monkeypatch, settings):
    settings.DATA_DIR = tmp_path / "data"
    folder = offered(tmp_path, monkeypatch)
    make_wheel(folder, "flame")
    return folder


def answer(*arguments):
    """Run the command and return its one JSON document and what it told meanwhile."""
    out, told = StringIO(), StringIO()
    call_command("bundle", *arguments, "--json", stdout=out, stderr=told)
    return json.loads(out.getvalue()), told.getvalue()


def text(*arguments):
    out = StringIO()
    call_command("bundle", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_a_bundle_is_installed_shown_listed_and_removed(offer):
    facts, told = answer("install", "flame==1.0.0,SPARKS=3")
    assert facts["state"] == "ready"
    assert Path(facts["python"]["a"]).exists()
    assert told.splitlines()[0] == "asking pip what flame==1.0.0 needs"
    shown, _ = answer("show", "flame==1.0.0,SPARKS=3")
    assert [row["name"] for row in shown["lock"]] == ["flame"]
    listed, _ = answer("list")
    assert [row["specification"] for row in listed] == ["flame==1.0.0,SPARKS=3"]
    assert "ready" in text("list")
    assert f"sha256:{shown['lock'][0]['sha256']}" in text("show", "flame==1.0.0,SPARKS=3")
    removed, _ = answer("remove", "flame==1.0.0,SPARKS=3")
    assert (removed["state"], removed["python"]) == ("collected", {})


def test_the_second_copy_is_made_on_demand(offer):
    assert set(answer("install", "flame==1.0.0", "--copy", "b")[0]["python"]) == {"b"}
    assert set(answer("install", "flame==1.0.0")[0]["python"]) == {"a", "b"}


def test_a_second_copy_that_cannot_be_had_is_told_and_ends_with_1(offer, settings):
    answer("install", "flame==1.0.0")
    shutil.rmtree(settings.DATA_DIR / "bundles" / "wheels")
    for wheel in offer.iterdir():
        wheel.unlink()
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("bundle", "install", "flame==1.0.0", "--copy", "b", stdout=out, stderr=StringIO())
    assert ended.value.code == 1
    assert "flame==1.0.0 is ready: The second copy cannot be installed: " in out.getvalue()


def test_a_dry_run_takes_nothing_away(offer, settings):
    digest = answer("install", "flame==1.0.0")[0]["environment"]
    settings.BUNDLE_DISK_BUDGET_BYTES = 0
    planned, _ = answer("collect", "--dry-run")
    assert planned["removed"] == [{"environment": digest, "copies": ["a", "b"]}]
    assert planned["after_bytes"] == 0 < planned["before_bytes"]
    assert answer("show", "flame==1.0.0")[0]["python"]
    assert answer("collect")[0] == planned
    assert not answer("show", "flame==1.0.0")[0]["python"]


def test_a_bundle_that_cannot_be_had_ends_with_status_one(offer):
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("bundle", "install", "flame==2.0.0", "--json", stdout=out, stderr=StringIO())
    assert ended.value.code == 1
    assert "offered are 1.0.0" in json.loads(out.getvalue())["error"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["install", "flame"], "flame is not pinned to one version: write flame==VERSION"),
        (["show", "flame==3.0.0"], "there is no bundle flame==3.0.0: see `manage.py bundle list`"),
        (["remove", "flame==3.0.0"], "there is no bundle flame==3.0.0: see `manage.py bundle list`"),
    ],
)
def test_bad_input_is_one_line_and_status_two(offer, arguments, line):
    with pytest.raises(CommandError) as refused:
        call_command("bundle", *arguments)
    assert (str(refused.value), refused.value.returncode) == (line, 2)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--help"], 0, "usage:"),
        (["install", "--help"], 0, "SPEC"),
        ([], 2, "usage:"),
        (["install"], 2, "SPEC"),
        (["explode"], 2, "invalid choice"),
        (["install", "torch>=2"], 2, "CommandError: torch is not pinned"),
        (["list"], 2, "CommandError: the database does not answer"),
    ],
)
def test_from_a_shell_there_is_never_a_traceback(tmp_path, arguments, status, words):
    """In a process of its own, without a database behind it."""
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none", "FLAMEKEEPER_DATA": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "django", "bundle", *arguments],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, **nowhere},
    )  # fmt: skip
    assert ended.returncode == status, ended.stderr
    assert words in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr

"""The first command on a fresh machine: a bare Python, an empty clone, and what can go wrong there."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.launcher.processes import process, wait_until
from config.up.instance import end_group

ROOT = Path(__file__).resolve().parents[2]
BARE = getattr(sys, "_base_executable", sys.executable)
FOREIGN = ("django", "celery", "kombu", "psycopg", "redis", "numpy")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Have the project's files as a fresh clone has them: no environment, no data."""
    listed = subprocess.run(["git", "ls-files", "-z", "*.py", "*.txt"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (tmp_path / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / "clone" / name)
    return tmp_path / "clone"


def bare(clone: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Start a command with a bare, isolated Python and nothing in the environment."""
    command = [BARE, "-S", "-I", *words]
    return subprocess.run(command, cwd=clone, env=variables, capture_output=True, text=True, check=False, timeout=300)


# An index that refuses every connection.
NO_INDEX = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1"}


def test_the_bare_start_imports_nothing_that_is_not_there_yet(clone):
    shown = bare(clone, "-X", "importtime", "manage.py", "up", "--help")
    assert shown.returncode == 0
    assert "--once" in shown.stdout
    imported = {line.rpartition("|")[2].strip() for line in shown.stderr.splitlines()}
    assert "config.bootstrap" in imported
    assert not [name for name in imported if name.split(".")[0] in FOREIGN]
    assert not (clone / ".venv").exists()


def test_bad_options_are_refused_before_anything_is_installed(clone):
    shown = bare(clone, "manage.py", "up", "--port", "many")
    assert shown.returncode == 2
    assert "Traceback" not in shown.stderr
    assert not (clone / ".venv").exists()


def test_an_index_out_of_reach_is_one_line_and_leaves_nothing_that_would_be_used(clone):
    shown = bare(clone, "manage.py", "check", **NO_INDEX)
    assert shown.returncode == 2
    assert shown.stdout == ""
    last = shown.stderr.splitlines()[-1]
    assert last.startswith("Flamekeeper cannot set itself up: the package index was not reached.")
    assert "Traceback" not in shown.stderr
    assert not (clone / ".venv" / "flamekeeper.json").exists()


def test_a_python_without_ensurepip_is_one_line(clone):
    without = "import sys; sys.modules['ensurepip'] = None; sys.argv = ['manage.py', 'check']; sys.path.insert(0, '.')"
    shown = bare(clone, "-c", f"{without}; from config.bootstrap import run; sys.exit(run(sys.argv))")
    assert shown.returncode == 2
    assert shown.stderr.count("\n") == 1
    assert "python3-venv" in shown.stderr


def test_an_old_python_is_told_which_one_is_needed(clone):
    old = "import sys; sys.version_info = (3, 10, 4); sys.argv = ['manage.py', 'up']"
    shown = bare(clone, "-c", f"{old}; import runpy; runpy.run_path('manage.py', run_name='__main__')")
    assert shown.returncode == 2
    assert "needs Python 3.11 or newer and this is 3.10.4" in shown.stderr
    assert shown.stderr.count("\n") == 1


def test_the_first_file_is_readable_to_pythons_that_are_too_old_for_the_rest():
    import ast

    ast.parse((ROOT / "manage.py").read_text(), feature_version=(3, 4))


@pytest.mark.slow
def test_a_killed_set_up_is_made_anew_and_then_stands(clone):
    """With the network: the environment of the site, from nothing."""
    variables = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "HOME"))}
    command = [BARE, "-S", "-I", "manage.py", "help"]
    first = subprocess.Popen(
        command, cwd=clone, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    leader = process(first.pid)
    assert leader
    packages = clone / ".venv" / "lib"
    assert wait_until(lambda: bool(list(packages.glob("*/site-packages/uv"))), 120)
    first.send_signal(signal.SIGKILL)
    first.wait()
    end_group(leader)
    assert not (clone / ".venv" / "flamekeeper.json").exists()

    again = bare(clone, "manage.py", "help", **variables)
    assert again.returncode == 0, again.stderr
    assert "migrate" in again.stdout
    stamp = json.loads((clone / ".venv" / "flamekeeper.json").read_text())
    assert stamp["folder"] == str(clone / ".venv")

    began = time.monotonic()
    third = bare(clone, "manage.py", "help", **variables)
    assert third.returncode == 0
    assert third.stderr == ""
    assert time.monotonic() - began < 10

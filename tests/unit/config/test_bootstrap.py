"""The first steps: which environment is used, and what is said when one cannot be made."""

import json

import pytest

from config import bootstrap
from config.bootstrap import Step, StepFailedError


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Have a project folder with two locks and an environment without its stamp."""
    locks = tmp_path / "locks"
    locks.mkdir()
    (locks / "runtime.txt").write_text("a==1\n")
    (locks / "test.txt").write_text("a==1\nb==1\n")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to("/bin/sh")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "LOCKS", locks)
    return tmp_path


def finish(lock: str) -> None:
    bootstrap.stamp_file().write_text(json.dumps(bootstrap.stamp(lock)))


def test_an_environment_without_its_stamp_is_not_used(project):
    assert not bootstrap.ready("runtime")
    finish("runtime")
    assert bootstrap.ready("runtime")


def test_half_a_stamp_is_none(project):
    finish("runtime")
    bootstrap.stamp_file().write_text(bootstrap.stamp_file().read_text()[:40])
    assert not bootstrap.ready("runtime")


def test_the_tests_environment_serves_the_site_and_not_the_other_way(project):
    finish("runtime")
    assert not bootstrap.ready("test")
    finish("test")
    assert bootstrap.ready("test")
    assert bootstrap.ready("runtime")


def test_a_changed_lock_a_moved_folder_and_another_interpreter_need_a_new_one(project, monkeypatch):
    finish("test")
    (project / "locks" / "test.txt").write_text("a==2\nb==1\n")
    assert not bootstrap.ready("runtime")
    finish("test")
    (project / ".venv" / "bin" / "python").unlink()
    assert not bootstrap.ready("test")
    (project / ".venv" / "bin" / "python").symlink_to("/bin/ls")
    assert not bootstrap.ready("test")
    finish("test")
    (project / ".venv").rename(project / "moved")
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", project / "moved")
    assert not bootstrap.ready("test")


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_its_modules_is_told_what_to_install(project, monkeypatch, module):
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(bootstrap.SetupError, match=f"`{module}`.*python3-venv"):
        bootstrap.refuse_what_cannot_work()


def test_a_folder_that_may_not_be_written_is_told(project, monkeypatch):
    monkeypatch.setattr(bootstrap.os, "access", lambda path, mode: False)
    with pytest.raises(bootstrap.SetupError, match="no permission to write"):
        bootstrap.refuse_what_cannot_work()


def test_a_full_disk_is_seen_before_anything_is_fetched(project, monkeypatch):
    monkeypatch.setattr(bootstrap, "NEEDED_BYTES", 10**18)
    with pytest.raises(bootstrap.SetupError, match="are free on the disk"):
        bootstrap.refuse_what_cannot_work()


@pytest.mark.parametrize(
    ("output", "cause", "final"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "the disk is full", True),
        ("error: failed to write: Permission denied (os error 13)", "no permission", True),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "not the one that the lock names", True),
        ("Connection broken by NewConnectionError('...: [Errno 111] refused')\nNo matching", "was not reached", True),
        ("SSLError(CERTIFICATE_VERIFY_FAILED)", "certificate is not trusted", False),
        ("ERROR: No matching distribution found for uv==1", "lacks a package", False),
        ("ERROR: Could not find uv==1 (from versions: none)\nNo matching", "cannot be reached, or knows", False),
        ("something\nnobody foresaw\n", "a step: nobody foresaw", False),
        ("", "said nothing", False),
    ],
)
def test_a_failure_is_one_line_with_its_cause(output, cause, final):
    failure = StepFailedError(Step("a step", ("pip",)), output)
    assert cause in str(failure)
    assert "\n" not in str(failure)
    assert failure.is_final is final


def test_where_uv_misses_the_network_pip_may_still_find_it():
    assert not StepFailedError(Step("a step", ("uv",), pip_may_do_better=True), "dns error").is_final


def test_a_program_that_fails_is_reported_by_what_it_said(capfd):
    with pytest.raises(StepFailedError, match="talking: last words"):
        bootstrap.perform(Step("talking", ("/bin/sh", "-c", "echo first; echo last words >&2; exit 3")))
    bootstrap.perform(Step("working", ("/bin/sh", "-c", "echo Downloading things; echo chatter")))
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "Downloading things" in shown.err
    assert "chatter" not in shown.err

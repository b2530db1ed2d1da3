"""The folders of test runs: what a killed run left is told from what is held, and from what is gone meanwhile."""

import fcntl
from pathlib import Path

import pytest

from config.testing.private_data import abandoned


@pytest.fixture
def left(tmp_path: Path) -> Path:
    (tmp_path / "held").touch()
    return tmp_path


def test_a_folder_that_nobody_holds_was_left_behind(left: Path) -> None:
    assert abandoned(left)


def test_a_folder_that_its_run_holds_was_not(left: Path) -> None:
    with (left / "held").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert not abandoned(left)


def test_a_folder_that_another_run_removes_meanwhile_is_nobodys_concern(tmp_path: Path) -> None:
    assert not abandoned(tmp_path / "gone")


def test_a_link_is_never_followed(left: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    link = tmp_path_factory.mktemp("beside") / "link"
    link.symlink_to(left)
    assert not abandoned(link)

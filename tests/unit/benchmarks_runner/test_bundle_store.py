"""The folder of bundles: trees laid over each other, seals, and what is swept."""

import os
import subprocess
import sys

import pytest

from benchmarks_runner.bundles.errors import Busy
from benchmarks_runner.bundles.inventory import FILES, MARKER, is_whole, marker_of, seal
from benchmarks_runner.bundles.store import Store, own_bytes
from benchmarks_runner.bundles.trees import copy, lay_over, link


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "bundles")


def tree(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_wheels_that_share_a_package_grow_together(tmp_path):
    one = tree(tmp_path / "one", nvidia__cublas="1", nvidia__same="old")
    two = tree(tmp_path / "two", nvidia__cudnn="2", nvidia__same="new")
    for wheel in (one, two):
        lay_over(wheel, tmp_path / "onto", link)
    assert {path.name: path.read_text() for path in (tmp_path / "onto/nvidia").iterdir()} == {
        "cublas": "1",
        "cudnn": "2",
        "same": "new",
    }
    # The file that gave way was unlinked, not written over: the first wheel still has its own.
    assert (one / "nvidia/same").read_text() == "old"


def test_links_share_a_file_and_copies_do_not(tmp_path):
    wheel = tree(tmp_path / "wheel", a="text")
    os.utime(wheel / "a", ns=(1, 1))
    os.symlink("a", wheel / "pointer")
    lay_over(wheel, tmp_path / "linked", link)
    lay_over(wheel, tmp_path / "copied", copy)
    assert (tmp_path / "linked/a").samefile(wheel / "a")
    assert not (tmp_path / "copied/a").samefile(wheel / "a")
    assert (tmp_path / "copied/a").stat().st_mtime_ns == 1
    assert os.readlink(tmp_path / "copied/pointer") == os.readlink(tmp_path / "linked/pointer") == "a"


def test_only_what_deleting_would_free_is_counted(tmp_path):
    wheel = tree(tmp_path / "wheel", a="x" * 100_000)
    alone = own_bytes(wheel)
    lay_over(wheel, tmp_path / "linked", link)
    assert alone >= 100_000
    assert own_bytes(wheel) < 10_000 > own_bytes(tmp_path / "linked")


def test_a_sealed_folder_is_whole_until_a_file_changes(tmp_path):
    folder = tree(tmp_path / "sealed", a__b="12345", c="6")
    assert not is_whole(folder)
    seal(folder, {"digest": "d"})
    assert is_whole(folder)
    assert marker_of(folder)["digest"] == "d"
    tree(folder, new="files do not matter")
    assert is_whole(folder)


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "a/b").unlink(),
        lambda folder: (folder / "a/b").write_text("1234"),
        lambda folder: (folder / MARKER).unlink(),
        lambda folder: (folder / MARKER).write_text('{"digest": '),
        lambda folder: (folder / FILES).write_text(""),
        lambda folder: (folder / FILES).unlink(),
    ],
)
def test_a_cut_or_missing_file_breaks_the_seal(tmp_path, harm):
    folder = tree(tmp_path / "sealed", a__b="12345", c="6")
    seal(folder, {})
    harm(folder)
    assert not is_whole(folder)


def test_what_settles_takes_its_place_in_one_step(store):
    with store.changing():
        place = tree(store.environment("d"), old="x")
        with store.workplace() as folder:
            store.settle(tree(folder / "built", new="y"), place)
        assert [path.name for path in place.iterdir()] == ["new"]


def test_what_a_crash_left_is_swept_by_the_next_holder(store):
    with store.changing():
        tree(store.partial / "left", half="done")
    assert list(store.partial.iterdir()) != []
    with store.changing():
        assert list(store.partial.iterdir()) == []


def test_one_holder_at_a_time_across_processes(store):
    """The other process takes the lock first and is killed with it: the kernel gives it back."""
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path; from benchmarks_runner.bundles.store import Store\n"
            "with Store(Path(sys.argv[1])).changing(): print('held', flush=True); time.sleep(60)",
            str(store.root),
        ],
        stdout=subprocess.PIPE,
        cwd=os.getcwd(),
    )
    with holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Busy), store.changing(wait=False):
            pass
        waited = []

        def kill_it():
            waited.append(True)
            holder.kill()

        with store.changing(kill_it):
            assert waited


def test_both_copies_have_paths_of_one_length(store):
    assert len(str(store.environment("d", "a"))) == len(str(store.environment("d", "b")))

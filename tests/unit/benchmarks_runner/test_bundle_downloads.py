"""What is told of a download, from the lines pip prints and the file that grows."""

import pytest

from benchmarks_runner.bundles.downloads import DownloadWatch, wheel_title

WHEEL = "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl"


def watch(tmp_path, *lines):
    watching = DownloadWatch(tmp_path, "asking pip")
    for line in lines:
        watching.feed(line)
    return watching


@pytest.mark.parametrize(
    "line",
    [
        f"  Downloading {WHEEL} (184.4 MB)",
        f"Downloading {WHEEL} (184.4 MB)",
        f"  Downloading https://index.example/files/{WHEEL.replace('+', '%2B')} (184.4 MB)",
    ],
)
def test_the_bytes_that_are_here_are_told(tmp_path, line):
    watching = watch(tmp_path, "Collecting torch==2.13.0", line)
    assert watching.words == "downloading torch 2.13.0+cpu, 0 of 184 MB"
    here = tmp_path / "pip-unpack-x1" / WHEEL
    here.parent.mkdir()
    with here.open("wb") as file:
        file.truncate(71_000_000)
    assert watching.words == "downloading torch 2.13.0+cpu, 71 of 184 MB"
    assert watching.part == pytest.approx(71 / 184.4)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Collecting MarkupSafe>=2.0 (from jinja2->torch==2.13.0)", "looking at MarkupSafe"),
        ("Processing /srv/wheels/sympy-1.14.0-py3-none-any.whl (from torch)", "looking at sympy 1.14.0"),
        ("  Using cached sympy-1.14.0-py3-none-any.whl (6.3 MB)", "looking at sympy 1.14.0"),
        ("  Downloading filelock-4.2.11-py3-none-any.whl (222 kB)", "downloading filelock 4.2.11"),
        ("  Downloading sympy-1.14.0-py3-none-any.whl", "downloading sympy 1.14.0, 0 MB"),
        ("WARNING: nothing to see", "asking pip"),
    ],
)
def test_each_stage_has_words_without_addresses(tmp_path, line, words):
    assert watch(tmp_path, line).words == words


def test_a_cached_wheel_is_not_counted_twice(tmp_path):
    lines = ["Collecting sympy==1.14.0", "  Using cached sympy-1.14.0-py3-none-any.whl (6.3 MB)"]
    assert watch(tmp_path, *lines).begun == 1


def test_a_name_that_is_no_wheel_stays_as_it_is():
    assert wheel_title("torch") == "torch"

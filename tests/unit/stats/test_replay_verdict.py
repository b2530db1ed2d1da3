"""The command: plays recorded nights through the live engine, without a database, all or nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from benchmarks_runner.management.commands.replay_verdict import replay
from benchmarks_runner.stats import NightEngine
from tests.unit.stats.nights import live, recorded, rules_of

ROOT = Path(__file__).resolve().parents[3]


def write(folder, *lines):
    source = folder / "in.jsonl"
    source.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines))
    return source


@pytest.mark.parametrize("seed", range(6))
def test_replay_equals_live(seed, tmp_path):
    night, target = recorded(seed), tmp_path / "out.jsonl"
    call_command("replay_verdict", input=write(tmp_path, night), output=target)
    (answer,) = map(json.loads, target.read_text().splitlines())
    pairs = {row["id"]: row["pairs"] for row in night["benchmarks"]}
    verdict = live(NightEngine(rules_of(night)), pairs, np.random.default_rng(seed))
    assert answer["suite"] == verdict.suite.verdict
    assert [
        (row["id"], row["verdict"], row["pairs_used"], row["estimate"], row["low"], row["high"])
        for row in answer["benchmarks"]
    ] == [(p.point, p.verdict, p.pairs_used, p.estimate, p.low, p.high) for p in verdict.points]


def test_every_benchmark_of_a_whole_night_has_an_estimate_and_an_interval():
    for seed in range(6):
        for row in replay(recorded(seed), 40)["benchmarks"]:
            assert row["low"] < row["high"]
            assert row["estimate"] is not None


def test_a_benchmark_without_enough_pairs_is_inconclusive_and_unbounded():
    night = recorded(1, points=2, pairs=3)
    night["benchmarks"][1]["pairs"] = []
    first, second = replay(night, 40)["benchmarks"]
    assert (first["verdict"], first["pairs_used"], first["low"], first["high"]) == ("inconclusive", 3, None, None)
    assert (second["pairs_used"], second["estimate"]) == (0, None)


AA = [0.01, -0.01, 0.02, -0.02, 0.01]
BAD = {
    "not JSON": ("{\n", "line 2"),
    "not an object": ("[]\n", "expected an object"),
    "no name": ({"benchmarks": []}, "expected an object"),
    "no benchmarks": ({"night": "x", "benchmarks": []}, "at least one"),
    "no id": ({"night": "x", "benchmarks": [{"aa": AA, "pairs": [0.1]}]}, '"id"'),
    "twice the same": ({"night": "x", "benchmarks": [{"id": "a", "aa": AA, "pairs": [0.1]}] * 2}, "same id"),
    "few A/A pairs": ({"night": "x", "benchmarks": [{"id": "a", "aa": AA[:4], "pairs": [0.1]}]}, "at least 5 A/A"),
    "a word for a number": ({"night": "x", "benchmarks": [{"id": "a", "aa": AA, "pairs": ["0.1"]}]}, "'0.1'"),
    "a truth for a number": ({"night": "x", "benchmarks": [{"id": "a", "aa": AA, "pairs": [True]}]}, "True"),
    "no number": ('{"night": "x", "benchmarks": [{"id": "a", "aa": [0, 0, 0, 0, NaN], "pairs": []}]}\n', "nan"),
    "a huge number": ({"night": "x", "benchmarks": [{"id": "a", "aa": [1e308] * 5, "pairs": []}]}, "from -50 to 50"),
    "endless digits": ({"night": "x", "benchmarks": [{"id": "a", "aa": AA, "pairs": [10**400]}]}, "from -50 to 50"),
    "a shard with a name": ({"night": "x", "benchmarks": [{"id": "a", "shard": "s", "aa": AA, "pairs": []}]}, "shard"),
    "pairs missing": ({"night": "x", "benchmarks": [{"id": "a", "aa": AA}]}, '"pairs" must be a list'),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_one_line_with_file_and_line_and_nothing_is_written(what, tmp_path):
    line, told = BAD[what]
    source, target = write(tmp_path, recorded(1), line), tmp_path / "out.jsonl"
    target.write_text("kept")
    with pytest.raises(CommandError) as refusal:
        call_command("replay_verdict", input=source, output=target)
    assert refusal.value.returncode == 2
    assert str(refusal.value).startswith(f"{source}, line 2: ")
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert target.read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_files_that_cannot_be_read_or_written_are_named(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere\.jsonl cannot be read: No such file"):
        call_command("replay_verdict", input=tmp_path / "nowhere.jsonl", output=tmp_path / "out")
    source, output = write(tmp_path, recorded(1)), tmp_path / "no" / "out"
    with pytest.raises(CommandError) as refusal:
        call_command("replay_verdict", input=source, output=output)
    assert str(refusal.value) == f"{output} cannot be written: No such file or directory"
    (tmp_path / "folder").mkdir()
    with pytest.raises(CommandError, match="folder cannot be written"):
        call_command("replay_verdict", input=source, output=tmp_path / "folder")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="bytes"):
        call_command("replay_verdict", input=tmp_path / "bytes", output=tmp_path / "out")


def test_it_runs_without_a_database_and_exits_2_on_bad_input(tmp_path):
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "FLAMEKEEPER_DATA": str(tmp_path / "data")}
    command = [sys.executable, "manage.py", "replay_verdict", "--output", tmp_path / "out.jsonl", "--input"]
    environment = {**os.environ, **nowhere}
    good = subprocess.run([*command, write(tmp_path, recorded(1))], cwd=ROOT, env=environment, capture_output=True)
    assert (good.returncode, good.stderr) == (0, b"")
    bad = subprocess.run([*command, write(tmp_path, "{")], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert bad.returncode == 2
    assert len(bad.stderr.splitlines()) == 1
    assert "Traceback" not in bad.stderr


SCORER = ROOT.parent / "shared" / "tools" / "evaluate_verdict.py"


@pytest.mark.slow
@pytest.mark.skipif(not SCORER.exists(), reason="the black-box scorer is not part of this repository")
def test_the_black_box_scorer_finds_no_night_that_looked_ahead():
    told = subprocess.run(
        [sys.executable, SCORER, "--nights", "3", "--command", f"{sys.executable} manage.py replay_verdict"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert told.count("nights that looked ahead 0") == 3

"""The command: JSON of the fixed form, readable arithmetic, one line and status 2 on bad input, no database."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parents[3]
BALLOTS = "Ann,Bob,Cee\n1,2,3\n1,2,3\n1,2,3\n2,1,3\n3,2,1\n"


@pytest.fixture
def ballots(tmp_path: Path) -> Path:
    (tmp_path / "ballots.csv").write_text(BALLOTS)
    return tmp_path / "ballots.csv"


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict:
    call_command("tally", *map(str, arguments), "--json")
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("method", ["schulze", "ranked-pairs", "irv", "stv", "star", "bloc-star", "approval"])
def test_json_holds_the_fixed_keys(method: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b.csv"
    path.write_text("Ann,Bob\n1,0\n1,1\n" if method in ("approval", "star", "bloc-star") else "Ann,Bob\n1,2\n1,2\n")
    result = told(capsys, path, "--method", method)
    assert {"method", "seats", "winners", "ranking", "excluded", "ballots"} <= set(result)
    assert (result["method"], result["seats"], result["winners"], result["ballots"]) == (method, 1, ["Ann"], 2)
    assert result["ranking"] == [["Ann"], ["Bob"]]


@pytest.mark.parametrize("text", ["Ann,Bob\n", '{"winners": []}', "[]\n", '2 1\n0\n"Ann"\n"Bob"\n"Council"\n'])
def test_a_file_without_a_ballot_elects_nobody(text: str, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text(text)
    with pytest.raises(CommandError, match="holds no ballot; give the file with the ballots") as refused:
        call_command("tally", str(tmp_path / "b.csv"))
    assert refused.value.returncode == 2


def test_the_readable_result_shows_pairs_and_paths(ballots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("tally", str(ballots), "--seats", "2")
    text = capsys.readouterr().out
    assert text.startswith("5 ballots by Schulze: ")
    assert "Ballots that prefer the row to the column:" in text
    assert "Strongest paths" in text


def test_the_readable_result_shows_rounds(ballots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for variant in ("gregory", "scottish", "meek"):
        call_command("tally", str(ballots), "--method", "stv", "--variant", variant, "--seats", "2")
        text = capsys.readouterr().out
        assert "Round 1: " in text
        assert "Quota" in text


def test_a_cap_from_files(ballots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("Ann,Acme\nBob,Globex\nCee,\n")
    (tmp_path / "s.csv").write_text("Dee,acme\n")
    asked = ["--affiliations", tmp_path / "a.csv", "--sitting", tmp_path / "s.csv", "--employer-cap", 1]
    result = told(capsys, ballots, "--seats", "2", *asked)
    assert result["winners"] == ["Bob", "Cee"]
    assert result["excluded"] == [
        {"candidate": "Ann", "reason": "Acme already holds 1 of at most 1 seats: Dee (sitting)"}
    ]


def test_a_draw_by_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b.csv"
    path.write_text("Ann,Bob\n1,2\n2,1\n")
    undecided = told(capsys, path)
    assert (undecided["winners"], undecided["decided"]) == ([], False)
    assert undecided["ties"] == [{"candidates": ["Ann", "Bob"], "seats": 1}]
    drawn = told(capsys, path, "--tie-break", "seed:public words")
    assert len(drawn["winners"]) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--seats", "0"],
        ["--employer-cap", "1"],
        ["--affiliations", "missing.csv", "--employer-cap", "1"],
        ["--tie-break", "missing.txt"],
        ["--tie-break", "seed:"],
        ["--method", "irv", "--seats", "2"],
        ["--long-terms", "5"],
    ],
)
def test_bad_input_is_one_line_and_status_2(ballots: Path, arguments: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("tally", str(ballots), *arguments)
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)


@pytest.mark.slow
def test_as_a_process_without_any_database(ballots: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
        "FLAMEKEEPER_DATA": str(tmp_path),
    }
    bad = tmp_path / "bad.csv"
    bad.write_text("A,B\n1,2\nx,1\n")
    for path, status in ((ballots, 0), (bad, 2)):
        command = [sys.executable, str(ROOT / "manage.py"), "tally", str(path), "--json"]
        ended = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
        assert ended.returncode == status, ended.stderr
        if status:
            assert (ended.stdout, ended.stderr.count("\n")) == ("", 1)
            assert "Traceback" not in ended.stderr
        else:
            assert json.loads(ended.stdout)["winners"] == ["Ann"]


def test_a_name_writes_no_line_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b.csv"
    path.write_text('"Ann\n\n1. Mallory\x1b[2J\u202e",Bob\n1,2\n')
    call_command("tally", str(path))
    text = capsys.readouterr().out
    assert "1. Ann\\u000a\\u000a1. Mallory\\u001b[2J\\u202e" in text.splitlines()
    assert "\x1b" not in text

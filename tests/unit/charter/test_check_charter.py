"""The command that says whether a file is a charter."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from governance import charter
from tests.unit.charter.small import SMALL, changed, line_of


def test_a_charter_is_told_with_its_gaps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "loom.toml"
    path.write_text(SMALL)
    call_command("check_charter", str(path))
    out = capsys.readouterr().out
    assert out.startswith("The rules of Loom define one office")
    assert "open: What breaks a tie?" in out
    assert out.endswith(f"SHA-256: {sha256(SMALL.encode()).hexdigest()}\n")


def test_json_is_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pytorch.toml"
    path.write_text(charter.text_of("pytorch"))
    call_command("check_charter", str(path), "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["charter"], told["project"], told["schema"]) == (True, "pytorch", 1)
    assert told["digest"] == sha256(path.read_bytes()).hexdigest()
    assert len(told["gaps"]) == len(charter.load("pytorch").gaps)


def test_faults_exit_2_with_line_path_and_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "loom.toml"
    text = changed('value = "2/3"', 'value = "x"')
    path.write_text(text)
    with pytest.raises(CommandError, match=r"decisions\.appoint\.threshold\.value") as refused:
        call_command("check_charter", str(path), "--json")
    assert refused.value.returncode == 2
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert fault["line"] == line_of('value = "x"', text)
    assert fault["remedy"]


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b""])
def test_what_cannot_be_read_exits_2_in_words(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError) as refused:
        call_command("check_charter", str(path))
    assert refused.value.returncode == 2


@pytest.mark.parametrize("path", ["/dev/zero", "/", "/proc/self/mem", "x\0y", "x" * 5000])
def test_what_is_no_file_or_has_no_end_exits_2_in_one_line(path: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("check_charter", path)
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)


def test_the_digest_is_the_same_whichever_way_lines_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "loom.toml"
    path.write_bytes(SMALL.replace("\n", "\r\n").encode())
    call_command("check_charter", str(path), "--json")
    assert json.loads(capsys.readouterr().out)["digest"] == sha256(SMALL.encode()).hexdigest()

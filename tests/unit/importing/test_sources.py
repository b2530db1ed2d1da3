"""Sources are opened whole or refused in one line: files, folders, revisions of git repositories."""

import os
import subprocess
from datetime import date

import pytest

from governance.importing import sources
from governance.importing.read_source import read_source
from governance.importing.reading import SourceRefused
from governance.importing.registry import known_formats
from governance.importing.sources import open_source
from tests.factories.sources_of_imports import ROSTER

TODAY = date(2026, 1, 1)
AMONG = {"roster": ROSTER}


def git(folder, *arguments, on="2021-03-04T23:30:00+0000"):
    author = {"GIT_AUTHOR_DATE": on, "GIT_COMMITTER_DATE": on, "HOME": str(folder), "PATH": "/usr/bin:/bin"}
    identity = ("-c", "user.name=Ada Example", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
    return subprocess.run(
        ["git", *identity, "-C", str(folder), *arguments], check=True, capture_output=True, env=author
    )


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "loomery"
    (folder / "team").mkdir(parents=True)
    git(folder, "init")
    (folder / "team" / "roster.txt").write_text("core: ada Ada Example\n")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "one")
    git(folder, "tag", "v1")
    (folder / "team" / "roster.txt").write_text("core: bert Bert Example\n")
    git(folder, "commit", "-am", "two", on="2022-05-06T00:30:00+0200")
    (folder / "team" / "roster.txt").write_text("core: zora Not Committed\n")
    return folder


def read(name, **more):
    return read_source(str(name), today=TODAY, among=AMONG, **more)


def people(dated):
    return [person.github for person in dated.reading.people]


def test_a_revision_is_read_from_its_objects_with_the_commits_day_and_checks_nothing_out(repository):
    found = read(repository, revision="v1")
    assert people(found) == ["ada"]
    assert found.on == date(2021, 3, 4)
    assert len(found.revision) == 40
    assert (repository / "team" / "roster.txt").read_text() == "core: zora Not Committed\n"
    assert git(repository, "status", "--short").stdout == b" M team/roster.txt\n"


def test_a_repository_without_a_revision_is_read_at_its_commit_in_utc(repository):
    found = read(repository)
    assert people(found) == ["bert"]
    assert found.on == date(2022, 5, 5)


def test_a_bare_repository_and_a_part_of_one_are_read(repository, tmp_path):
    git(tmp_path, "clone", "--bare", str(repository), str(tmp_path / "bare.git"))
    assert people(read(tmp_path / "bare.git", revision="v1")) == ["ada"]
    assert people(read(repository / "team", revision="v1")) == ["ada"]
    one_file = read(repository / "team" / "roster.txt", revision="v1")
    assert people(one_file) == ["ada"]
    assert one_file.files_read == ("team/roster.txt",)


def test_as_of_is_taken_before_the_commits_day(repository):
    assert read(repository, as_of=date(2020, 2, 2)).on == date(2020, 2, 2)


def test_a_plain_folder_tells_no_day(tmp_path):
    (tmp_path / "roster.txt").write_text("core: ada Ada Example\n")
    found = read(tmp_path)
    assert (found.on, found.revision) == (TODAY, "")
    assert "the source tells none" in found.dated_by


def test_a_public_repository_says_where_each_line_is_seen(repository):
    git(repository, "remote", "add", "origin", "https://github.com/loomery/team.git")
    found = read(repository, revision="v1")
    assert found.url == f"https://github.com/loomery/team/blob/{found.revision}/{{file}}"


def test_a_plain_folder_of_several_revisions_is_read_by_the_word_in_its_paths(tmp_path):
    for version in ("1.0", "2.0"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "roster.txt").write_text(f"core: ada{version[0]} Ada Example\n")
    assert people(read(tmp_path, revision="2.0")) == ["ada2"]


def test_links_out_of_a_folder_are_not_followed(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "roster.txt").write_text("core: ada Ada Example\n")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "roster.txt").symlink_to(tmp_path / "outside" / "roster.txt")
    (tmp_path / "inside" / "folder").symlink_to(tmp_path / "outside")
    assert open_source(str(tmp_path / "inside")).paths == []


@pytest.mark.parametrize(
    ("name", "more", "told"),
    [
        ("nowhere", {}, "There is no file or folder"),
        ("a\0b", {}, "NUL"),
        ("", {"revision": "v9"}, "has no revision v9"),
        ("", {"revision": "--help"}, "has no revision"),
        ("", {"format_name": "loom"}, "No format is called 'loom'"),
        ("", {"as_of": date(2026, 1, 2)}, "not yet"),
        ("team/notes.txt", {}, "no known format. Looked for roster"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_one_line(repository, name, more, told):
    (repository / "team" / "notes.txt").write_text("nothing")
    with pytest.raises(SourceRefused, match=told) as refused:
        read(repository / name if name else repository, **more)
    assert "\n" not in str(refused.value)


def test_text_that_is_not_utf_8_is_refused_with_its_place(tmp_path):
    (tmp_path / "roster.txt").write_bytes(b"core: ada \xff\n")
    with pytest.raises(SourceRefused, match=r"roster\.txt: not UTF-8 at byte 10"):
        read(tmp_path)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(repository, monkeypatch, tmp_path):
    monkeypatch.setattr(sources, "LARGEST_FILE_BYTES", 10)
    with pytest.raises(SourceRefused, match=r"roster\.txt: larger than"):
        read(repository, revision="v1")
    (tmp_path / "roster.txt").write_text("core: ada Ada Example\n")
    with pytest.raises(SourceRefused, match=r"roster\.txt: larger than"):
        read(tmp_path / "roster.txt")


def a_trap(tmp_path):
    """Return a program that a repository names, and what it leaves behind when it runs."""
    mark, trap = tmp_path / "it ran", tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{mark}'\n")
    trap.chmod(0o755)
    return trap, mark


def test_reading_a_signed_commit_runs_no_program_that_the_repository_names(repository, tmp_path):
    trap, mark = a_trap(tmp_path)
    plain = git(repository, "cat-file", "commit", "HEAD").stdout.decode()
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n"
    (tmp_path / "commit").write_text(plain.replace("\n\n", f"\n{signature}\n", 1))
    signed = git(repository, "hash-object", "-t", "commit", "-w", str(tmp_path / "commit")).stdout.decode().strip()
    git(repository, "update-ref", "HEAD", signed)
    git(repository, "config", "log.showSignature", "true")
    git(repository, "config", "gpg.program", str(trap))
    git(repository, "show", "-s", "HEAD")
    assert mark.exists(), "the trap does not work: this test would show nothing"
    mark.unlink()
    assert people(read(repository)) == ["bert"]
    assert not mark.exists()


def test_reading_a_part_of_a_repository_fetches_the_rest_by_no_program_that_it_names(repository, tmp_path):
    trap, mark = a_trap(tmp_path)
    blob = git(repository, "rev-parse", "HEAD:team/roster.txt").stdout.decode().strip()
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::{trap}",
        "protocol.ext.allow": "always",
    }.items():
        git(repository, "config", name, value)
    with pytest.raises(subprocess.CalledProcessError):
        git(repository, "cat-file", "-p", blob)
    assert mark.exists(), "the trap does not work: this test would show nothing"
    mark.unlink()
    with pytest.raises(SourceRefused):
        read(repository)
    assert not mark.exists()


def test_without_git_a_revision_is_refused_with_the_remedy(repository, monkeypatch):
    monkeypatch.setattr(sources, "GIT", ("no-such-git",))
    with pytest.raises(SourceRefused, match="git is not on PATH"):
        read(repository, revision="v1")


def test_every_known_format_has_a_name_of_its_own():
    found = known_formats()
    assert set(found) == {format.name for format in found.values()}
    assert {"pytorch", "kubernetes", "rust", "peps", "keps", "node_votes"} <= set(found)


def test_a_file_that_goes_while_it_is_read_is_refused(tmp_path):
    (tmp_path / "roster.txt").write_text("core: ada Ada Example\n")
    source = open_source(str(tmp_path))
    (tmp_path / "roster.txt").unlink()
    with pytest.raises(SourceRefused, match="cannot be read"):
        list(source.files(source.paths))


def test_a_name_that_is_no_text_can_be_kept(tmp_path):
    folder = os.fsencode(tmp_path) + b"/loom\xff"
    os.mkdir(folder)
    with open(folder + b"/roster.txt", "w") as opened:
        opened.write("core: ada Ada Example\n")
    assert read(os.fsdecode(folder)).label == "loom\ufffd"


def test_what_is_neither_file_nor_folder_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceRefused, match="cannot be read"):
        read(tmp_path / "pipe")

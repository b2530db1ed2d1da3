"""The static export: the same state gives the same bytes, nothing private is in it, nothing else is overwritten."""

import json
import re
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ecosystem.actions.identities import add_identity
from ecosystem.models import Identity, Person
from governance import exporting
from governance.actions.offices import begin_term
from governance.models import Office
from tests.factories.people import SOURCE, a_person, an_area, an_office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def facts() -> Person:
    ada = a_person("Ada Example", github="adaex")
    add_identity(person=ada, kind=Identity.Kind.EMAIL, value="ada@example.org", source=SOURCE, by=None)
    for office in (an_office("core"), an_office("looms", kind=Office.Kind.AREA, area=an_area())):
        begin_term(office=office, person=ada, on=date(2020, 1, 1), source=SOURCE, by=None)
    return ada


def exported(folder: Path, **more: Any) -> str:
    said = StringIO()
    call_command("export_governance", folder, stdout=said, **{"on": "2023-05-01", **more})
    return said.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_state_gives_the_same_bytes(tmp_path: Path) -> None:
    exported(tmp_path / "one")
    exported(tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert set(contents(tmp_path / "one")) == {
        "index.html", "flamekeeper-export.json", "people.json", "offices.json", "areas.json", "coverage.json",
        "history.json", "people/ada-example.json", "offices/core.json", "offices/looms.json", "areas/looms.json",
    }  # fmt: skip


def test_the_day_is_the_one_asked_for(tmp_path: Path) -> None:
    exported(tmp_path / "out", on="2019-05-01")
    office = json.loads((tmp_path / "out/offices/core.json").read_text())
    assert (office["on"], office["holders"], len(office["terms"])) == ("2019-05-01", [], 1)


def test_the_page_links_every_file_and_no_address_is_in_any(tmp_path: Path) -> None:
    exported(tmp_path / "out")
    files = contents(tmp_path / "out")
    page = files["index.html"].decode()
    links = set(re.findall(r'href="([^"]+)"', page))
    assert links == set(files) - {"index.html"}
    assert not any(b"@example.org" in content for content in files.values())


def test_an_earlier_export_is_replaced_as_a_whole(tmp_path: Path, facts: Person) -> None:
    exported(tmp_path / "out")
    Person.objects.filter(pk=facts.pk).update(slug="ada-now")
    exported(tmp_path / "out")
    assert "people/ada-now.json" in contents(tmp_path / "out")
    assert "people/ada-example.json" not in contents(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CommandError, match="holds files that no export wrote") as refused:
        exported(tmp_path)
    assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="is no folder"):
        exported(tmp_path / "mine.txt")
    with pytest.raises(CommandError, match="cannot be written"):
        exported(tmp_path / "mine.txt" / "below")
    assert contents(tmp_path) == {"mine.txt": b"mine"}


def test_a_failure_leaves_the_earlier_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exported(tmp_path / "out")
    before = contents(tmp_path)

    def fail(*args: object) -> None:
        raise RuntimeError("half-way")

    monkeypatch.setattr(exporting.documents, "area_document", fail)
    with pytest.raises(RuntimeError, match="half-way"):
        exported(tmp_path / "out")
    assert contents(tmp_path) == before


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    said = json.loads(exported(tmp_path / "out", json=True))
    assert said["files"] == {"areas": 2, "coverage": 1, "history": 1, "offices": 3, "people": 2}
    assert "as of 2023-05-01" in exported(tmp_path / "out")
    with pytest.raises(CommandError, match="is no day; write it as 2023-05-01") as refused:
        exported(tmp_path / "out", on="yesterday")
    assert refused.value.returncode == 2

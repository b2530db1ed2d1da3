"""Areas and offices that were renamed between two revisions: proposed with reasons, taken only where confirmed."""

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from ecosystem.actions.areas import add_area
from ecosystem.models import Area, Project
from governance.actions.imports import ImportRefused, apply_import, propose_import
from governance.actions.sample_project import load_sample_project
from governance.actions.undoing import undo_import
from governance.importing.renames import alike
from governance.models import Import, ImportTrace, Office, Term
from governance.queries.imports import difference_of
from tests.factories.people import a_project, an_account, an_office
from tests.factories.sources_of_imports import dated, imported
from tests.site_fixtures import collected_static
from tests.unit.importing.test_applying import facts

__all__ = ["collected_static"]

pytestmark = pytest.mark.django_db

D0, D1, D2, D3 = (date(year, 1, 1) for year in (2020, 2021, 2022, 2023))
BEFORE = "lead: ada Ada Example\nshuttle: bert Bert Example\nshuttle: cora Cora Example\nheddle: ~dora Dora Example\n"
AFTER = BEFORE.replace("shuttle", "flying shuttle")
PYTORCH = Path(__file__).resolve().parents[4] / "shared" / "data" / "governance" / "pytorch"


@pytest.fixture(autouse=True)
def project() -> Project:
    return a_project()


def proposed(text: str, on: date) -> Import:
    return propose_import(dated=dated(text, on), by=None)[0]


def taken(text: str, on: date, *renames: str) -> Import:
    return apply_import(imported=proposed(text, on), renames=renames, by=None)[0]


def test_what_looks_renamed_is_told_with_its_reasons() -> None:
    imported(BEFORE, D0)
    (one,) = difference_of(proposed(AFTER, D1)).renames
    assert one.rename.key == "shuttle=flying-shuttle"
    assert one.words == "Shuttle → Flying Shuttle: 2 of 2 people named in it are the same, the names are alike"


def test_what_is_not_confirmed_has_ended_and_another_is_new() -> None:
    imported(BEFORE, D0)
    imported(AFTER, D1)
    assert Area.objects.get(slug="shuttle").sunset_on == D1
    assert Area.objects.get(slug="flying-shuttle").known_from == D1


def test_what_is_confirmed_keeps_its_history_and_its_old_address_leads_to_the_new_one(client: Client) -> None:
    imported(BEFORE, D0)
    area, office = Area.objects.get(slug="shuttle"), Office.objects.get(slug="shuttle")
    terms = {(one.pk, one.held) for one in Term.objects.all()}
    taken(AFTER, D1, "shuttle=flying-shuttle")
    area.refresh_from_db()
    office.refresh_from_db()
    assert (area.slug, area.name, area.former_slugs) == ("flying-shuttle", "Flying Shuttle", ["shuttle"])
    assert (area.known_from, area.sunset_on) == (None, None)
    assert (office.slug, office.name) == ("flying-shuttle", "maintainer of Flying Shuttle")
    assert {(one.pk, one.held) for one in Term.objects.all()} == terms
    for address in ("/areas/", "/offices/", "/api/areas/", "/api/offices/"):
        response = client.get(f"{address}shuttle/?on=2020-05-01")
        assert (response.status_code, response["Location"]) == (302, f"{address}flying-shuttle/?on=2020-05-01")
        assert client.get(response["Location"]).status_code == 200
        assert client.get(f"{address}weft/").status_code == 404


def test_the_same_source_again_and_a_later_revision_differ_in_nothing() -> None:
    imported(BEFORE, D0)
    one = taken(AFTER, D1, "shuttle=flying-shuttle")
    again = difference_of(one)
    assert (again.changes, again.conflicts, again.renames) == ([], [], [])
    _, differing = imported(AFTER, D2)
    assert (differing.changes, differing.renames) == ([], [])


def test_undoing_gives_back_the_name_and_the_address() -> None:
    imported(BEFORE, D0)
    before = facts(), {(one.slug, tuple(one.former_slugs)) for one in (*Area.objects.all(), *Office.objects.all())}
    one = taken(AFTER, D1, "shuttle=flying-shuttle")
    undo_import(imported=one, by=None)
    after = facts(), {(one.slug, tuple(one.former_slugs)) for one in (*Area.objects.all(), *Office.objects.all())}
    assert after == before


def test_an_area_that_was_entered_by_hand_is_renamed_and_given_back() -> None:
    area = add_area(
        project=a_project(), slug="s", name="Shuttle", path_patterns=[], benchmark_tags=[], source="https://e.org",
        by=None,
    )  # fmt: skip
    an_office("s-maintainer", kind="area", area=area)
    first, _ = imported(BEFORE, D0)
    before = facts()
    second = taken(AFTER, D1, "shuttle=flying-shuttle")
    area.refresh_from_db()
    assert (area.slug, area.name, area.former_slugs) == ("flying-shuttle", "Flying Shuttle", ["s", "shuttle"])
    _, differing = imported(AFTER, D2)
    assert differing.changes == []
    undo_import(imported=Import.objects.get(as_of=D2), by=None)
    undo_import(imported=second, by=None)
    assert facts() == before
    undo_import(imported=first, by=None)
    area.refresh_from_db()
    assert (area.slug, area.name, area.former_slugs) == ("s", "Shuttle", [])
    assert not ImportTrace.objects.exists()


def test_undoing_the_revision_before_a_rename_keeps_the_area() -> None:
    first, _ = imported(BEFORE, D0)
    row = Area.objects.get(slug="shuttle").pk
    taken(AFTER, D1, "shuttle=flying-shuttle")
    undo_import(imported=first, by=None)
    area = Area.objects.get(pk=row)
    assert (area.slug, area.former_slugs) == ("flying-shuttle", [])
    assert all(one.renames == [["area", "shuttle", "flying-shuttle"]] for one in Import.objects.filter(state="applied"))


def test_a_name_changes_twice_and_both_addresses_lead_to_the_last(client: Client) -> None:
    imported(BEFORE, D0)
    taken(AFTER, D1, "shuttle=flying-shuttle")
    taken(BEFORE.replace("shuttle", "fly shuttle"), D2, "shuttle=fly-shuttle")
    area = Area.objects.get(name="Fly Shuttle")
    assert (area.slug, area.former_slugs) == ("fly-shuttle", ["flying-shuttle", "shuttle"])
    assert client.get("/areas/flying-shuttle/")["Location"] == "/areas/fly-shuttle/"


def test_a_revision_that_lists_both_names_means_two_areas() -> None:
    imported(BEFORE, D0)
    taken(AFTER, D1, "shuttle=flying-shuttle")
    imported(AFTER + "shuttle: zora Zora Example\n", D2)
    assert Area.objects.filter(name__in=["Shuttle", "Flying Shuttle"]).count() == 2


def test_a_rename_that_nothing_speaks_for_is_neither_told_nor_taken() -> None:
    imported(BEFORE, D0)
    other = proposed(BEFORE.replace("shuttle: bert Bert Example\nshuttle: cora Cora", "weft: zora Zora"), D1)
    assert difference_of(other).renames == []
    with pytest.raises(ImportRefused, match="Nothing looks renamed as 'shuttle=weft'; nothing does"):
        apply_import(imported=other, renames=["shuttle=weft"], by=None)
    assert Import.objects.get(pk=other.pk).state == "proposed"


def test_a_part_of_a_list_renames_nothing() -> None:
    imported(BEFORE, D0)
    both = proposed(BEFORE + "flying shuttle: bert Bert Example\nflying shuttle: cora Cora Example\n", D1)
    assert difference_of(both).renames == []


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [
        ("C++ API", "C++ API (libtorch)", True),
        ("Linear Algebra", "Linear algebra (linalg)", True),
        ("Compilers", "Other compilers", True),
        ("Sparse", "Sparsity", False),
        ("FFT", "NestedTensor", False),
    ],
)
def test_names_are_alike_by_their_letters_or_their_words(one: str, other: str, are: bool) -> None:
    assert (alike(one, other) >= 0.75) is are
    assert (alike(other, one) >= 0.75) is are


def test_the_page_lets_whoever_applies_confirm_each(client: Client) -> None:
    imported(BEFORE, D0)
    one = proposed(AFTER, D1)
    address = f"/imports/{one.pk}/"
    page = client.get(address).content.decode()
    assert "Shuttle → Flying Shuttle" in page
    assert 'type="checkbox"' not in page
    client.force_login(an_account("root", is_superuser=True))
    page = client.get(address)
    assert '<input type="checkbox" name="rename" value="shuttle=flying-shuttle">' in page.content.decode()
    client.post(f"{address}apply/", {"seen": page.context["seen"], "rename": "shuttle=flying-shuttle"})
    assert Area.objects.get(slug="flying-shuttle").former_slugs == ["shuttle"]
    assert "<dt>renamed</dt><dd>shuttle → flying-shuttle</dd>" in client.get(address).content.decode()


def of_pytorch(revision: str, as_of: str, *more: str) -> dict[str, list[dict[str, str]]]:
    out = StringIO()
    call_command(
        "import_governance", str(PYTORCH), f"--revision={revision}", f"--as-of={as_of}", "--json", *more, stdout=out
    )
    document: dict[str, list[dict[str, str]]] = json.loads(out.getvalue())
    return document


@pytest.mark.skipif(not PYTORCH.is_dir(), reason="the real files of ../shared/data/governance are not here")
def test_the_modules_of_pytorch_that_were_renamed_between_2_6_and_2026() -> None:
    Project.objects.all().delete()
    load_sample_project(by=None)
    of_pytorch("2.6.0", "2025-01-29")
    told = of_pytorch("main-2026", "2026-05-15", "--dry-run")["renames"]
    # As the two files list the modules: what only one of them has, with the same people below it.
    both = [(PYTORCH / folder).rglob("persons_of_interest.*") for folder in ("2.6.0", "main-2026")]
    older, newer = ("\n".join(path.read_text() for path in found) for found in both)
    for one in told:
        old, new = one["words"].split(": ")[0].split(" → ")
        assert old in older
        assert new in newer
    assert {one["rename"] for one in told} == {
        "performance-tools=profiling-and-monitoring-tools",
        "cpp-api=cpp-api-libtorch-stableabi",
        "compilers-jit-torchscript-package-deploy=other-compilers-jit-torchscript-package-deploy",
    }
    with pytest.raises(CommandError, match="Nothing looks renamed as 'fft=sparse'; these do: "):
        of_pytorch("main-2026", "2026-05-15", "--renames", "fft=sparse")
    of_pytorch("main-2026", "2026-05-15", "--renames", "all")
    area = Area.objects.get(slug="profiling-and-monitoring-tools")
    assert area.former_slugs == ["performance-tools"]
    assert area.known_from is None
    again = of_pytorch("main-2026", "2026-05-16")
    assert (again["added"], again["changed"], again["ended"], again["renames"]) == ([], [], [], [])

"""Undoing is whole: every row of every table is as before; what persons changed between stays and is told."""

from datetime import date
from operator import itemgetter

import pytest
from django.apps import apps
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecosystem.actions.areas import add_area
from ecosystem.actions.identities import rename_login
from ecosystem.models import Area, Employer, Identity, Login, Person, Project
from governance.actions.imports import ImportRefused, apply_import, propose_import
from governance.actions.offices import begin_term, end_term
from governance.actions.undoing import undo_import
from governance.importing.reading import AreaRead, HoldingRead, OfficeRead, PersonRead, Place, Reading
from governance.models import Import, Office, Term
from record.models import Event
from tests.factories.people import a_person, a_project, an_account, an_office
from tests.factories.sources_of_imports import dated_reading, imported
from tests.site_fixtures import collected_static

__all__ = ["collected_static"]

pytestmark = pytest.mark.django_db

D0, D1, D2, D3 = (date(year, 1, 1) for year in (2020, 2021, 2022, 2023))
SOURCE = "https://example.org/source"
AT = Place("roster.txt", 1)
# What tells of imports themselves grows: it is the history of what was done and undone.
GROWING = {"import", "importchange", "importunread", "event"}


def dump() -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table that an import may touch, with its number."""
    models = [model for app in ("ecosystem", "governance") for model in apps.get_app_config(app).get_models()]
    return {
        model._meta.model_name: sorted(model._base_manager.values_list(), key=str)
        for model in models
        if model._meta.model_name not in GROWING
    }


def read(people: tuple[PersonRead, ...], areas: tuple[AreaRead, ...] = (), on: date = D1) -> Import:
    offices = tuple(OfficeRead(a.slug, f"maintainer of {a.name}", "area", AT, "maintainer", a.slug) for a in areas)
    held = tuple(HoldingRead(o.slug, p.key, AT, "active") for o in offices for p in people)
    reading = Reading("loomery", "roster", people=people, areas=areas, offices=offices, holdings=held)
    proposed, _ = propose_import(dated=dated_reading(reading, on), by=None)
    return apply_import(imported=proposed, by=None)[0]


def person(login: str, number: int | None = None, name: str = "", employer: str = "") -> PersonRead:
    return PersonRead(login, name or login, AT, github=login, github_number=number, employer=employer)


@pytest.fixture(autouse=True)
def project() -> Project:
    return a_project()


def test_a_login_that_an_import_told_is_taken_back_with_its_history() -> None:
    ada = a_person("Ada Example", "ada")
    Identity.objects.update(number=7)
    before = dump()
    first = read((person("ada2", 7),), on=D1)
    second = read((person("ada3", 7),), on=D2)
    assert [one.value for one in Login.objects.order_by("held")] == ["ada", "ada2", "ada3"]
    undo_import(imported=first, by=None)
    assert [(one.value, one.held.upper) for one in Login.objects.order_by("held")] == [("ada", D2), ("ada3", None)]
    undo_import(imported=second, by=None)
    assert dump() == before
    assert ada.identities.get().value == "ada"


def test_a_login_that_another_revision_lists_too_stays() -> None:
    a_person("Ada Example", "ada")
    Identity.objects.update(number=7)
    first = read((person("ada2", 7),), on=D1)
    read((person("ada2", 7),), on=D2)
    undo_import(imported=first, by=None)
    assert Identity.objects.get().value == "ada2"


def test_an_account_and_a_number_that_an_import_added_go_again() -> None:
    a_person("Ada Example", "ada")
    bert = a_person("Bert Example")
    an = an_office("shuttle", kind="other")
    begin_term(office=an, person=bert, on=D0, source=SOURCE, by=None)
    before = dump()
    one = read((person("ada", 7), PersonRead("bert", "Bert Example", AT)))
    Identity.objects.get(number=7)
    undo_import(imported=one, by=None)
    assert dump() == before


def test_a_number_that_the_later_of_two_revisions_told_goes_with_it() -> None:
    read((person("ada"),), on=D1)
    before = dump()
    later = read((person("ada", 7, "Ada Example"),), on=D2)
    assert Person.objects.get().name == "Ada Example"
    undo_import(imported=later, by=None)
    assert dump() == before


def test_what_a_revision_filled_in_by_hand_rows_is_empty_again_though_another_names_them() -> None:
    add_area(project=a_project(), slug="s", name="Shuttle", path_patterns=[], benchmark_tags=[], source=SOURCE, by=None)
    ada = a_person("ada", "ada")
    first = read((person("ada"),), (AreaRead("shuttle", "Shuttle", AT),), on=D1)
    before = dump()
    later = read((person("ada", name="Ada Example"),), (AreaRead("shuttle", "Shuttle", AT, paths=("/s/",)),), on=D2)
    ada.refresh_from_db()
    assert (Area.objects.get().path_patterns, ada.name) == (["/s/"], "Ada Example")
    undo_import(imported=later, by=None)
    assert dump() == before
    undo_import(imported=first, by=None)


def test_employers_that_nobody_has_any_more_go() -> None:
    Employer.objects.create(slug="weave-house", name="Weave House")
    one, _ = imported("core: ada Ada Example, Loom Works\ncore: bert Bert Example, Weave House\n", D1)
    undo_import(imported=one, by=None)
    assert [employer.name for employer in Employer.objects.all()] == ["Weave House"]


def test_what_a_person_did_between_is_kept_and_told_and_all_else_undone() -> None:
    one, _ = imported("core: ada Ada Example\ncore: bert Bert Example\nshuttle: cora Cora Example\n", D0)
    term = Term.objects.get(person__name="Bert Example")
    end_term(term=term, on=D1, source=SOURCE, by=None)
    with pytest.raises(ImportRefused, match=r"Bert Example, core: .* was changed here since"):
        undo_import(imported=one, by=None)
    assert Term.objects.count() == 3
    _, kept = undo_import(imported=one, by=None, keeping=True)
    assert [words.split(":")[0] for words in kept] == ["Bert Example, core"]
    assert [(str(row), row.held.upper) for row in Term.objects.all()] == [("Bert Example, core", D1)]
    assert {row.name for row in Person.objects.all()} == {"Bert Example"}
    assert {row.slug for row in Office.objects.all()} == {"core"}
    assert not Area.objects.exists()
    event = Event.objects.latest("position")
    assert event.data["kept"] == kept
    assert event.summary.endswith("; 1 stay as they were changed here since.")


def test_a_login_entered_here_since_stands_in_the_way_and_is_kept() -> None:
    one, _ = imported("core: ada Ada Example\n", D0)
    rename_login(identity=Identity.objects.get(), login="ada2", on=D1, source=SOURCE, by=None)
    with pytest.raises(ImportRefused, match="a login was entered since"):
        undo_import(imported=one, by=None)
    undo_import(imported=one, by=None, keeping=True)
    assert Identity.objects.get().value == "ada2"
    assert Login.objects.count() == 2


def test_the_page_keeps_only_where_it_is_ticked(client: Client) -> None:
    one, _ = imported("core: ada Ada Example\n", D0)
    end_term(term=Term.objects.get(), on=D1, source=SOURCE, by=None)
    client.force_login(an_account("root", is_superuser=True))
    assert "was changed here since" in client.post(f"/imports/{one.pk}/undo/", follow=True).content.decode()
    assert Import.objects.get().state == "applied"
    page = client.post(f"/imports/{one.pk}/undo/", {"keeping": "yes"}, follow=True).content.decode()
    assert "Kept: Ada Example, core" in page
    assert Import.objects.get().state == "undone"


LOGINS = ("ada", "bert", "cora")


@st.composite
def rosters(draw: st.DrawFn) -> str:
    lines = []
    for office in ("core", "shuttle", "heddle"):
        if draw(st.booleans()):
            lines.append(f"{office}:")
            for login in draw(st.lists(st.sampled_from(LOGINS), unique=True)):
                mark = draw(st.sampled_from(["", "~"]))
                name = draw(st.sampled_from([login, f"{login.title()} Example"]))
                employer = draw(st.sampled_from(["", ", Loom Works", ", Weave House"]))
                lines.append(f"{office}: {mark}{login} {name}{employer}")
    return "\n".join(["lead: ada Ada Example", *lines, ""])


EDITS = ("end a term", "rename a person", "rename an area", "begin a term")


def edited(edit: str) -> tuple[str, int] | None:
    """Change a row as a person would; return which, nothing where there is none."""
    if edit == "end a term" and (term := Term.objects.filter(held__endswith=None).order_by("-pk").first()):
        end_term(term=term, on=date(2024, 1, 1), source=SOURCE, by=None)
        return "term", term.pk
    if edit == "rename a person" and (found := Person.objects.order_by("-pk").first()):
        Person.objects.filter(pk=found.pk).update(name="Zora van Example")
        return "person", found.pk
    if edit == "rename an area" and (area := Area.objects.order_by("-pk").first()):
        Area.objects.filter(pk=area.pk).update(name="Weft")
        return "area", area.pk
    if edit == "begin a term" and (found := Person.objects.order_by("-pk").first()):
        office = Office.objects.filter(slug="dyer").first() or an_office("dyer", kind="other")
        return "term", begin_term(office=office, person=found, on=D0, source=SOURCE, by=None).pk
    return None


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(rosters(), min_size=1, max_size=3), by_hand=st.booleans(), data=st.data())
def test_apply_then_undo_leaves_every_row_as_before(texts: list[str], by_hand: bool, data: st.DataObject) -> None:
    from django.db import transaction

    with transaction.atomic():
        if by_hand:
            ada = a_person("Ada Example", "ADA")
            begin_term(office=an_office("core", role="core"), person=ada, on=D0, source=SOURCE, by=None)
        *first, last = zip(texts, (D1, D2, D3), strict=False)
        for text, on in first:
            imported(text, on)
        before = dump()
        one, _ = imported(*last)
        edit = data.draw(st.sampled_from(["", *EDITS]))
        if edit and (at := edited(edit)):
            kind, row = at
            model = {"term": Term, "person": Person, "area": Area}[kind]
            mine = model._base_manager.values().get(pk=row)
            undo_import(imported=one, by=None, keeping=True)
            now = model._base_manager.values().get(pk=row)
            # What they wrote stays; what the import wrote beside it in the same row is taken back.
            written = {"end a term": lambda row: row["held"].upper, "begin a term": dict}.get(edit, itemgetter("name"))
            assert written(now) == written(mine)
        elif Import.objects.get(pk=one.pk).state == "applied":
            undo_import(imported=one, by=None)
            assert dump() == before
        transaction.set_rollback(True)

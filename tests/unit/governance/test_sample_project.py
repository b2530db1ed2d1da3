"""The project that the site ships with."""

import io
import json
import tomllib
from datetime import date

import pytest
from django.core.management import call_command
from django.db import transaction

from benchmarks_runner.providers import areas_of
from ci_gpu.catalogue import POINTS
from ecosystem.models import Area, Identity, Person
from governance.actions import sample_project
from governance.actions.offices import end_term
from governance.actions.sample_project import PYTORCH, load_sample_project
from governance.models import Office, Term
from governance.queries.offices import core_maintainers, leads
from record.chain import verify
from record.models import Event
from record.queries import entries

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded() -> None:
    load_sample_project(by=None)


@pytest.mark.usefixtures("loaded")
def test_the_lead_changes_hands_in_may_2026() -> None:
    def leading(day: date) -> list[str]:
        return [term.person.name for term in leads(day)]

    assert leading(date(2025, 11, 16)) == ["Soumith Chintala"]
    assert leading(date(2025, 11, 17)) == []
    assert leading(date(2026, 5, 1)) == []
    assert leading(date(2026, 5, 2)) == ["Alban Desmaison"]


@pytest.mark.usefixtures("loaded")
def test_who_led_stays_a_core_maintainer() -> None:
    core = {term.person.name for term in core_maintainers(date(2026, 6, 1))}
    assert {"Soumith Chintala", "Alban Desmaison", "Edward Yang"} <= core
    assert len(core) == 9


@pytest.mark.usefixtures("loaded")
def test_every_tag_of_the_suite_leads_to_an_area_with_maintainers() -> None:
    tags = {tag for point in POINTS.values() for tag in point.areas}
    for tag in tags:
        notes = areas_of([tag])
        assert notes, f"no area carries the tag {tag}"
        assert all(note.maintainers for note in notes), f"an area of {tag} names nobody"


@pytest.mark.usefixtures("loaded")
def test_every_fact_has_a_source() -> None:
    for rows in (Person, Identity, Area, Office, Term):
        assert rows.objects.exists()
        assert not rows.objects.exclude(source__startswith="https://").exists()
    assert not Term.objects.filter(held__upper_inf=False, end_source="").exists()


def test_every_source_in_the_file_is_used_and_known() -> None:
    facts = tomllib.loads(PYTORCH.read_text())
    used = {row["source"] for kind in ("people", "areas", "offices") for row in facts[kind].values()}
    used |= {row[name] for kind in ("terms", "affiliations") for row in facts[kind] for name in row if "source" in name}
    assert used == set(facts["sources"])


@pytest.mark.usefixtures("loaded")
def test_a_second_run_changes_nothing() -> None:
    events = Event.objects.count()
    assert load_sample_project(by=None).nothing
    assert Event.objects.count() == events


@pytest.mark.usefixtures("loaded")
def test_a_second_run_does_not_put_back_what_was_changed() -> None:
    term = Term.objects.get(office__slug="lead", person__slug="alban-desmaison")
    end_term(term=term, on=date(2027, 1, 1), source="https://example.org/", by="ada")
    assert load_sample_project(by=None).nothing
    assert Term.objects.get(pk=term.pk).held.upper == date(2027, 1, 1)


@pytest.mark.usefixtures("loaded")
def test_everything_is_in_the_record() -> None:
    assert Event.objects.filter(kind="person.added").count() == Person.objects.count()
    assert Event.objects.filter(kind="term.began").count() == Term.objects.count()
    assert Event.objects.filter(kind="term.ended").count() == 1
    assert verify(entries()).whole


def test_nothing_is_half_loaded_when_one_fact_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the last fact fails")

    monkeypatch.setattr(sample_project, "load_affiliation", refuse)
    with pytest.raises(RuntimeError, match="last fact"), transaction.atomic():
        load_sample_project(by=None)
    assert not Person.objects.exists()
    assert not Event.objects.exists()


def test_the_command_says_what_it_added() -> None:
    out = io.StringIO()
    call_command("load_sample_project", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"people": 19, "areas": 9, "offices": 11, "terms": 32, "affiliations": 1}
    out = io.StringIO()
    call_command("load_sample_project", stdout=out)
    assert out.getvalue() == "PyTorch's public facts were all here already.\n"

"""An election's rules come from the charter; what the charter leaves open stays open, and a difference is shown."""

import pytest
from django.test import Client

from governance.actions.offices import define_office
from governance.charter import SHIPPED, load
from governance.election_charter import decision_for, differences, rules_for, tie_ways
from governance.models import Office
from tests.factories.elections import an_election
from tests.factories.people import SOURCE, a_project

pytestmark = pytest.mark.django_db


def office_in(project: str, role: str, seats: int | None = None, kind: str = Office.Kind.COUNCIL) -> Office:
    return define_office(
        project=a_project(project, kept=False), slug=f"{project}-{role}", name=f"{role} of {project}", kind=kind,
        role=role, seats=seats, source=SOURCE, by=None,
    )  # fmt: skip


def test_pythons_council_is_elected_as_its_charter_says() -> None:
    council = office_in("python", "council", seats=5)
    core = office_in("python", "core", kind=Office.Kind.CORE)
    rules, charter = rules_for(council), load("python")
    assert rules["method"] == charter.decisions["elect_council"].counting.method.replace("_", "-")  # type: ignore[union-attr]
    assert rules["seats"] == 5
    assert rules["employer_cap"] == charter.offices["council"].employer_cap.most  # type: ignore[union-attr]
    assert rules["tie_break"] == ["agreement", "draw"]
    assert rules["electing_offices"] == [core.pk]
    assert rules["nominators"] == "offices"
    assert rules["nominating_offices"] == [core.pk]


def test_what_a_charter_leaves_open_is_not_filled_in() -> None:
    steering = office_in("kubernetes", "steering", seats=7)
    rules = rules_for(steering)
    assert "method" not in rules, "the charter names a family of methods only"
    assert rules["zone"] == "AoE"
    assert rules["tie_break"] == ["draw"]
    assert rules["nominators"] == "anyone"
    assert rules["activity_from"] == load("kubernetes").groups["voter"].contributions_at_least


def test_every_charter_that_comes_with_the_site_is_read_without_a_guess() -> None:
    for project in SHIPPED:
        charter = load(project)
        for name, decision in charter.decisions.items():
            if decision.kind == "election" and decision.tie_break:
                assert tie_ways(decision), f"{project}: {name}: {decision.tie_break}"


def test_an_office_without_a_charter_begins_with_its_seats() -> None:
    office = office_in("nowhere", "council", seats=3)
    assert rules_for(office) == {"office": office.pk, "seats": 3}


def test_the_form_begins_with_the_charter_and_the_page_shows_a_difference(client: Client) -> None:
    stage = an_election()
    council = office_in("python", "council", seats=5)
    client.force_login(stage.election.announced_by)
    page = client.get("/elections/new/", {"office": council.slug}).content.decode()
    assert '<option value="bloc-star" selected>' in page
    assert differences(stage.election) == []
    stage.election.office = council
    stage.election.save()
    assert decision_for(load("python"), council)
    assert differences(stage.election) == [
        "the method: the charter says bloc-star, this election schulze",
        "the employer cap: the charter says 2, this election none",
    ]
    assert "Other than the charter has it." in client.get("/elections/council/").content.decode()

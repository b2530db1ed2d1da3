"""Proposals as an importer brings them."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from governance.actions.imported_proposals import ProposalRefused, retract_import
from governance.models import Position, Proposal
from record.models import Event
from tests.factories.people import a_person, a_project, an_area
from tests.factories.proposals import a_read_proposal, positions

pytestmark = pytest.mark.django_db


def test_a_second_import_changes_nothing() -> None:
    said = {
        "authors": [a_person("Ada Example")],
        "shepherds": [a_person("Grace Example")],
        "areas": [an_area()],
        "positions": positions(mary="yes", edith="no", rosa="0"),
        "outcome": "Two for, one against.",
        "opened_on": date(2024, 2, 29),
    }
    first = a_read_proposal(**said)
    events = Event.objects.count()
    assert a_read_proposal(**said) == first
    assert (Proposal.objects.count(), Position.objects.count(), Event.objects.count()) == (1, 3, events)
    assert first.slug == "loomery-rfc-0001"
    assert {p.person.name: p.stand for p in first.positions.all()} == {
        "Mary": "agree",
        "Edith": "object",
        "Rosa": "abstain",
    }


def test_what_the_source_changed_is_brought_up_to_it_and_positions_are_kept() -> None:
    mary = a_person("Mary Example")
    proposal = a_read_proposal(positions={mary: "no"}, state="draft")
    a_read_proposal(positions={mary: "yes"}, state="accepted")
    proposal.refresh_from_db()
    assert proposal.state == "accepted"
    assert [p.stand for p in proposal.positions.order_by("pk")] == ["object", "agree"]
    assert Event.objects.filter(subject=proposal.subject).order_by("-position")[0].data["changed"] == [
        "positions",
        "state",
    ]


def test_a_word_that_is_no_stand_is_kept_as_it_was_said() -> None:
    mary = a_person("Mary Example")
    a_read_proposal(positions={mary: "rather yes"})
    a_read_proposal(positions={mary: "rather yes"})
    assert (Position.objects.get().stand, Position.objects.get().text) == ("comment", "rather yes")


def test_numbers_compare_without_case_and_addresses_never_clash() -> None:
    assert a_read_proposal("rfc-0001") == a_read_proposal("RFC-0001")
    assert a_read_proposal("RFC 0001").slug == "loomery-rfc-0001-2"
    other = a_project("peers", kept=False)
    assert a_read_proposal("RFC-0001", project=other).slug == "peers-rfc-0001"


def test_without_a_number_nothing_is_entered() -> None:
    for wrong in ({"number": " "}, {"title": ""}, {"state": ""}):
        with pytest.raises(ProposalRefused, match="needs a number"):
            a_read_proposal(**wrong)
    assert not Proposal.objects.exists()


def test_an_import_that_was_undone_leaves_the_history_and_comes_back_with_the_next() -> None:
    proposal = a_read_proposal(positions=positions(mary="yes"))
    retract_import(proposal=proposal, reason="The import was undone.", by="ada")
    proposal.refresh_from_db()
    assert proposal.retracted_at
    assert proposal.positions.count() == 1
    assert a_read_proposal(positions=positions(), state="accepted").retracted_at is None


def test_a_retraction_says_why() -> None:
    proposal = a_read_proposal()
    with pytest.raises(IntegrityError, match="proposal_retracted_when_and_why"), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(retracted_why="no moment")

"""Inactive by the charter's rule, as far as this site saw somebody act."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ecosystem.models import Person
from governance.actions.check_ins import answer_check_in, ask_whether_interested
from governance.actions.offices import begin_term
from governance.charter import load
from governance.models import Ballot, Choice, Elector, Office, Position, Term
from governance.queries.activity import inactivity, last_active, missed_votes
from tests.factories.people import SOURCE, a_person, a_project, an_office
from tests.factories.proposals import a_proposal, an_author

pytestmark = pytest.mark.django_db

DAY = date(2026, 5, 1)


def held(project: str, role: str, kind: str = Office.Kind.CORE) -> Term:
    office = an_office(f"{project}-{role}", kind=kind, project=a_project(project, kept=False), role=role)
    return begin_term(office=office, person=a_person(), on=date(2020, 1, 1), source=SOURCE, by=None)


def answered(term: Term, on: date) -> None:
    check_in = ask_whether_interested(term=term, on=on, by=None)
    answer_check_in(check_in=check_in, answer="active", on=on, by=None)


def test_a_period_runs_from_the_last_thing_seen() -> None:
    term = held("python", "core")
    after = load("python").offices["core"].inactivity.after_days
    answered(term, DAY)
    assert last_active([term.person], DAY)[term.person.pk] == DAY
    assert last_active([term.person], DAY - timedelta(days=1))[term.person.pk] is None
    found = inactivity(term.office, [term.person], DAY + timedelta(days=after - 1))
    assert (found.inactive, found.active) == ((), 1)
    late = inactivity(term.office, [term.person], DAY + timedelta(days=after))
    ((person, words),) = late.inactive
    assert person == term.person
    assert str(after) in words


def test_who_was_never_seen_is_not_said_to_be_inactive() -> None:
    term = held("python", "core")
    found = inactivity(term.office, [term.person], DAY)
    assert (found.inactive, found.active, len(found.unknown)) == ((), 0, 1)
    assert "not known" in found.unknown[0][1]


def test_an_office_without_such_a_rule_and_a_project_without_a_charter_say_nothing(client: Client) -> None:
    term = held("pytorch", "lead", Office.Kind.LEAD)
    assert inactivity(term.office, [term.person], DAY) is None
    office = an_office("weaver", project=a_project("loomery", kept=False), role="core")
    assert inactivity(office, [term.person], DAY) is None
    assert "Inactive by the charter" not in client.get("/offices/weaver/").content.decode()


def test_the_page_of_an_office_says_it(client: Client) -> None:
    term = held("python", "core")
    page = client.get(term.office.get_absolute_url()).content.decode()
    assert "Nobody, as far as this site can tell; of 1 it cannot tell" in page
    answered(term, date(2020, 2, 1))
    page = client.get(f"{term.office.get_absolute_url()}?on=2025-01-01").content.decode()
    assert "Inactive by the charter" in page
    assert "days without activity" in page


def a_vote(person: Person, days: int, *, voted: bool) -> None:
    """Have a vote that closes in so many days, and the person among its electors."""
    opened = timezone.now() - timedelta(days=1)
    ballot = Ballot.objects.create(
        project=a_project(), kind="other", question="Weave?", electorate=["core"], base="cast", share_numerator=1,
        share_denominator=2, choices_shown=Ballot.Shown.values[0], called_by=person, called_at=opened, days=7,
        zone="UTC", opened_at=opened, closes_at=timezone.now() + timedelta(days=days),
    )  # fmt: skip
    elector = Elector.objects.create(
        ballot=ballot, person=person, office="core", affiliation="unknown", frozen_at=opened
    )
    if voted:
        Choice.objects.create(elector=elector, word="yes", cast_at=timezone.now())


def test_votes_missed_count_back_from_the_last_that_closed() -> None:
    person, today = a_person(), timezone.localdate()
    assert missed_votes([person], today)[person.pk] == 0
    for days, voted in ((1, False), (2, True), (3, False), (4, False), (9, True)):
        a_vote(person, days, voted=voted)
    counted = [missed_votes([person], today + timedelta(days=days))[person.pk] for days in (0, 1, 2, 3, 4, 9)]
    assert counted == [0, 1, 0, 1, 2, 0]
    assert last_active([person], today)[person.pk] == today


def test_a_position_is_something_seen() -> None:
    author = an_author()
    proposal = a_proposal(author)
    taken = datetime(2026, 4, 1, 12, tzinfo=UTC)
    Position.objects.create(proposal=proposal, person=author.person, stand="agree", taken_at=taken)
    assert last_active([author.person], DAY)[author.person.pk] == date(2026, 4, 1)

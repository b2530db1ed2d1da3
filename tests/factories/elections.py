"""Invented elections for tests, at any step: a council of invented people, their electors, candidates and ballots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from ecosystem.models import Person
from governance.actions.elections import Rules, Timetable, announce, open_nominations, open_voting
from governance.actions.elections_casting import cast
from governance.actions.elections_nominations import accept, nominate
from governance.actions.offices import begin_term
from governance.models import Election, Office, User
from governance.queries.candidates import candidates
from tests.factories.people import SOURCE, a_person, an_office, hashed_once

RULE = "https://example.org/rules#elections"


@dataclass
class Stage:
    """An election with the accounts that act in it, by first name in small letters."""

    election: Election
    officer: User
    accounts: dict[str, User] = field(default_factory=dict)

    def now(self) -> Election:
        """Return the election as it is stored."""
        self.election.refresh_from_db()
        return self.election

    def person(self, name: str) -> Person:
        person = self.accounts[name].person
        assert person is not None
        return person

    def keys(self) -> dict[str, int]:
        """Return each candidate's key on the ballot, by first name."""
        return {each.person.name.split()[0].lower(): each.pk for each in candidates(self.election)}

    def vote(self, name: str, marks: Mapping[str, int]) -> str:
        """Cast somebody's ballot: first name of a candidate → mark; return the receipt."""
        keys = self.keys()
        return cast(
            election=self.election, marks={keys[who]: mark for who, mark in marks.items()}, by=self.accounts[name]
        )

    def ranked(self, name: str, order: str) -> str:
        """Cast a ranked ballot: "ida>joe=kim"."""
        groups = [group.split("=") for group in order.split(">")]
        return self.vote(name, {who: place for place, group in enumerate(groups, start=1) for who in group})

    def over(self) -> Election:
        """Let the moment of closing go by."""
        then = timezone.now() - timedelta(days=3)
        Election.objects.filter(pk=self.election.pk).update(
            nominations_close_at=then,
            exceptions_close_at=then,
            opens_at=then,
            closes_at=timezone.now() - timedelta(seconds=1),
        )
        return self.now()


def a_member(name: str, office: Office | None = None) -> User:
    """Return the account of somebody invented, an elector by an office where one is given."""
    person = a_person(name)
    if office:
        begin_term(office=office, person=person, on=date(2020, 1, 1), source=SOURCE, by=None)
    return User.objects.create(username=name.split()[0].lower(), person=person, password=hashed_once())


def timetable(**more: object) -> Timetable:
    """Return moments around now: nominations are open for two days, voting may open and closes in four."""
    now = timezone.now()
    moments = {
        "nominations_close_at": now + timedelta(days=2),
        "exceptions_close_at": now + timedelta(days=2),
        "opens_at": now + timedelta(days=2),
        "closes_at": now + timedelta(days=4),
        "takes_office_on": date(2031, 1, 1),
        "long_until": date(2033, 1, 1),
    }
    return Timetable(**{**moments, **more})


def an_election(
    electors: Sequence[str] = ("Ann", "Ben", "Cat", "Dov", "Eve", "Fay"), *, slug: str = "council", **rules: object
) -> Stage:
    """Return an announced election to a council; its electors hold an office, its officer is Olga Officer."""
    electing = Office.objects.filter(slug="weavers").first() or an_office("weavers", kind=Office.Kind.OTHER)
    council = Office.objects.filter(slug="council").first() or an_office("council", kind=Office.Kind.COUNCIL, seats=7)
    officer = User.objects.filter(username="olga").first() or a_member("Olga Officer")
    superuser = User.objects.filter(username="root").first() or User.objects.create(
        username="root", is_superuser=True, password=hashed_once()
    )
    times = {name: rules.pop(name) for name in list(rules) if name in Timetable.__dataclass_fields__}
    chosen = {
        "rule": RULE,
        "method": "schulze",
        "seats": 1,
        "tie_break": ["agreement", "draw"],
        "electors_on": date(2026, 1, 1),
        "electing_offices": [electing],
        "publish_from": 5,
        **rules,
    }
    assert officer.person is not None
    election = announce(
        office=council,
        slug=slug,
        title=f"Election of the {slug}",
        rules=Rules(**chosen),
        timetable=timetable(**times),
        officers=[officer.person],
        by=superuser,
    )
    stage = Stage(election, officer)
    for name in electors:
        stage.accounts[name.lower()] = a_member(f"{name} Elector", electing)
    return stage


def a_vote(
    standing: Sequence[str] = ("Ida", "Joe", "Kim"),
    electors: Sequence[str] = ("Ann", "Ben", "Cat", "Dov", "Eve", "Fay"),
    **rules: object,
) -> Stage:
    """Return an election that is open for votes, with candidates of these first names."""
    stage = an_election(electors, **rules)
    open_nominations(election=stage.election, by=stage.officer)
    stage.now()
    proposer = stage.accounts[electors[0].lower()]
    for name in standing:
        account = stage.accounts[name.lower()] = a_member(f"{name} Candidate")
        assert account.person is not None
        nomination = nominate(election=stage.election, person=account.person, by=proposer)
        accept(nomination=nomination, by=account)
    opened_now(stage)
    return stage


def opened_now(stage: Stage) -> Election:
    """Let the moment of opening come, and open the vote."""
    past = timezone.now() - timedelta(minutes=1)
    Election.objects.filter(pk=stage.election.pk).update(
        nominations_close_at=past, exceptions_close_at=past, opens_at=past
    )
    open_voting(election=stage.now(), by=stage.officer)
    return stage.now()


def moment(text: str) -> datetime:
    """Return a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)

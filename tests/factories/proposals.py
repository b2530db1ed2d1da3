"""Invented proposals and votes for tests: people who never were, under charters that come with the site."""

from datetime import date, datetime, timedelta

from django.db import connection
from django.utils import timezone

from ecosystem.models import Area, Person, Project
from governance.actions.imported_proposals import import_proposal
from governance.actions.offices import begin_term, define_office
from governance.actions.proposals import write_proposal
from governance.models import Ballot, CommentPeriod, Office, Proposal, User
from tests.factories.people import SOURCE, a_person, a_project, an_account

LONG_AGO = date(2020, 1, 1)


def a_read_proposal(number: str = "RFC-0001", state: str = "accepted", **more: object) -> Proposal:
    """Return a proposal that an importer brought."""
    more.setdefault("title", "Weave both ways")
    more["project"] = more.get("project") or a_project()
    return import_proposal(number=number, state=state, source=SOURCE, by="importer", **more)


def positions(**stands: str) -> dict[Person, str]:
    """Return stands by people of these names."""
    return {a_person(name.title()): stand for name, stand in stands.items()}


def an_officer(name: str, role: str, project: Project, *, kind: str = Office.Kind.OTHER, **more: object) -> User:
    """Return the account of somebody who holds the office of a role in a charter."""
    office = an_office_of(role, project, kind=kind)
    person = a_person(f"{name.title()} Example")
    begin_term(office=office, person=person, on=LONG_AGO, source=SOURCE, by=None)
    return an_account(name, person=person, **more)


def an_office_of(
    role: str, project: Project, *, kind: str = Office.Kind.OTHER, area: Area | None = None, slug: str = ""
) -> Office:
    """Return the office of a role in a project's charter."""
    slug = slug or f"{project.slug}-{role}"
    found = Office.objects.filter(slug=slug).first()
    return found or define_office(
        project=project, slug=slug, name=f"office of {slug}", kind=kind, role=role, area=area, source=SOURCE, by=None
    )


def rust_team(*names: str) -> list[User]:
    """Return members of the team of the kept project, which lives by the charter called rust."""
    project = a_project("rust")
    return [an_officer(name, "team", project) for name in names]


def an_author(name: str = "wanda") -> User:
    """Return the account of somebody who is known and holds no office."""
    return an_account(name, person=a_person(f"{name.title()} Example"))


def a_proposal(by: User | None = None, *, project: Project | None = None, **more: object) -> Proposal:
    """Return a proposal that was written here."""
    more.setdefault("title", "Weave both ways")
    more.setdefault("text", "# Why\n\nOne shuttle is slow.\n")
    return write_proposal(project=project or a_project("rust"), by=by or an_author(), **more)


def close(one: Ballot | CommentPeriod, ago: timedelta = timedelta(minutes=1)) -> None:
    """Let a vote or period have closed a while ago, as if its days had gone by: every stored moment is moved."""
    assert one.closes_at is not None
    rewind(one.closes_at - timezone.now() + ago)


def rewind(by: timedelta) -> None:
    """Move every moment that governance has stored into the past, as the owner of its tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, array_agg(column_name::text) FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type = 'timestamp with time zone' AND table_name IN"
            " ('governance_proposal', 'governance_revision', 'governance_position', 'governance_concern',"
            " 'governance_hold', 'governance_commentperiod', 'governance_link', 'governance_ballot',"
            " 'governance_elector', 'governance_choice', 'governance_declaration', 'governance_second',"
            " 'governance_reminder') GROUP BY table_name"
        )
        for table, columns in cursor.fetchall():
            moved = ", ".join(f"{column} = {column} - %s" for column in columns)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE {table} SET {moved}", [by] * len(columns))
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass", [table])
            for (name,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def now() -> datetime:
    """Return this moment."""
    return timezone.now()

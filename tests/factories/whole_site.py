"""One site with something of everything on it, and an account of each kind: for tests that walk over all addresses."""

from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.utils import timezone

from ecosystem.actions.areas import add_area
from ecosystem.actions.requests import ask, remove_name
from ecosystem.models import Person, Project
from governance.actions.ballots import Chosen, call_ballot
from governance.actions.charters import publish_shipped_charter
from governance.actions.charters_entered import enter_decision
from governance.actions.charters_proposed import propose_change
from governance.actions.check_ins import ask_whether_interested
from governance.actions.concerns import place_hold, raise_concern
from governance.actions.elections import open_nominations
from governance.actions.elections_nominations import nominate
from governance.actions.elections_roll import ask_exception
from governance.actions.imports import propose_import
from governance.actions.offices import begin_term
from governance.actions.proposals import add_link, move_proposal, revise, take_position
from governance.charter import text_of
from governance.models import Ballot, Office, Proposal, Release, User
from tests.factories.elections import Stage, a_member, a_vote, an_election, hashed_once
from tests.factories.measured import a_measured_night
from tests.factories.people import SOURCE, a_person, a_project, an_office
from tests.factories.proposals import LONG_AGO, a_proposal, an_office_of
from tests.factories.sources_of_imports import dated

# The accounts that try every address. `guest` acts for nobody; `author` wrote the proposals; `officer` runs elections.
ACCOUNTS = ("guest", "member", "author", "maintainer", "core", "lead", "officer", "admin")


@dataclass
class Site:
    """What the site holds: the words of its addresses, and what else a request must name."""

    accounts: dict[str, User] = field(default_factory=dict)
    words: dict[str, object] = field(default_factory=dict)
    release: Release | None = None
    proposal: Proposal | None = None
    final_comment: Proposal | None = None
    ballot: Ballot | None = None
    voting: Stage | None = None
    nominating: Stage | None = None

    def person(self, name: str) -> Person:
        person = self.accounts[name].person
        assert person is not None
        return person


def a_whole_site() -> Site:
    """Return a site on which every address leads somewhere."""
    site = Site()
    # The factories' own project is a peer here: the kept one lives by a charter that comes with the site.
    a_project(kept=False)
    project = a_project("pytorch")
    publish_shipped_charter(project=project, by=None)
    give_accounts(site, project)
    measure(site)
    propose(site, project)
    change_the_charter(site, project)
    elect(site)
    ask_around(site)
    return site


def give_accounts(site: Site, project: Project) -> None:
    """Make an account of each kind."""
    area = add_area(
        project=project,
        slug="looms",
        name="Looms",
        path_patterns=["/looms/"],
        benchmark_tags=(),
        source=SOURCE,
        by=None,
    )
    offices = {
        "maintainer": an_office_of("module", project, kind=Office.Kind.AREA, area=area),
        "core": an_office_of("core", project, kind=Office.Kind.CORE),
        "lead": an_office_of("lead", project, kind=Office.Kind.LEAD),
    }
    Office.objects.filter(pk__in=[offices["core"].pk, offices["lead"].pk]).update(signs_releases=True)
    for name in ("member", "author", "maintainer", "core", "lead"):
        site.accounts[name] = a_member(f"{name.title()} Example")
        if name in offices:
            begin_term(office=offices[name], person=site.person(name), on=LONG_AGO, source=SOURCE, by=None)
    site.accounts["guest"] = User.objects.create(username="guest", password=hashed_once())
    site.accounts["admin"] = User.objects.create(
        username="root", password=hashed_once(), is_staff=True, is_superuser=True
    )
    site.words |= {"office": offices["core"].slug, "area": area.slug, "person": "author-example", "project": "pytorch"}


def measure(site: Site) -> None:
    """Have a night, what it measured, and a release that rests on it."""
    night = a_measured_night(rounds=2, points=("softmax.float32.rows",))
    site.words |= {
        "night": night.pk,
        "running": a_measured_night({"softmax.float32.rows": 0.1}, rounds=0, points=("softmax.float32.rows",)).pk,
        "point": "softmax.float32.rows",
        "build": night.candidate_id,
        "machine": night.device.machine_id,
    }
    site.release = Release.objects.create(version="2.14.0", candidate=night.candidate, night=night)


def propose(site: Site, project: Project) -> None:
    """Have proposals, one of them in a project whose charter has final comment periods, and a vote."""
    author, core = site.accounts["author"], site.accounts["core"]
    site.proposal = a_proposal(by=author, project=project)
    revise(proposal=site.proposal, title="Weave both ways", text="# Why\n\nTwo shuttles.\n", by=author)
    take_position(proposal=site.proposal, stand="agree", by=core)
    concern = raise_concern(proposal=site.proposal, name="threads", text="They tangle.", by=site.accounts["maintainer"])
    hold = place_hold(proposal=site.proposal, reason="Wait.", by=core)
    link = add_link(proposal=site.proposal, url="https://example.org/1", by=author)
    rust = a_project("rust", kept=False)
    team = an_office_of("team", rust)
    begin_term(office=team, person=site.person("core"), on=LONG_AGO, source=SOURCE, by=None)
    site.final_comment = move_proposal(proposal=a_proposal(by=author, project=rust), enters="proposed_fcp", by=core)
    take_position(proposal=site.final_comment, stand="agree", by=core)
    site.ballot = call_ballot(
        project=project,
        decision="change_modules",
        question="Shall there be looms?",
        chosen=Chosen("1/2", "seated", True, 7, ("core",)),
        by=core,
    )
    other = call_ballot(
        project=project,
        decision="change_modules",
        question="Shall there be more?",
        chosen=Chosen("1/2", "seated", True, 7, ("core",)),
        by=core,
    )
    elector = site.ballot.electors.get(person=site.person("core"))
    site.words |= {
        "proposal": site.proposal.slug,
        "final_comment": site.final_comment.slug,
        "concern": concern.pk,
        "hold": hold.pk,
        "link": link.pk,
        "ballot": site.ballot.pk,
        "other_ballot": other.pk,
        "free": a_proposal(by=author, project=project, title="Unhindered").slug,
        "elector": elector.pk,
    }


def change_the_charter(site: Site, project: Project) -> None:
    """Have a change of the charter that was proposed, and a version that was decided elsewhere and entered by one."""
    text = text_of("pytorch").replace("idle_days = 14", "idle_days = 21")
    change = propose_change(
        project=project, title="Wait longer", why="Two weeks are short.", text=text, by=site.accounts["author"]
    )
    today = timezone.localdate()
    entry = enter_decision(
        project=project, text=text, source=SOURCE, decided_on=today, in_force_from=today, by=site.accounts["core"]
    )
    site.words |= {"change": change.revision.proposal.slug, "entry": entry.pk}


def elect(site: Site) -> None:
    """Have an election that takes nominations, and one that takes votes; core maintainers are electors."""
    weavers = an_office("weavers", kind=Office.Kind.OTHER, project=Project.objects.get(slug="pytorch"))
    core = Office.objects.get(role="core")
    an_office("council", kind=Office.Kind.COUNCIL, seats=7, project=weavers.project)
    rules = {"electing_offices": [weavers, core], "electors_on": date(2026, 1, 1)}
    site.voting = a_vote(slug="voting", electors=("Ann", "Ben", "Cat", "Dov", "Eve"), **rules)
    site.nominating = an_election(slug="nominating", electors=("Gus",), **rules)
    site.accounts["officer"] = site.voting.officer
    election = site.nominating.election
    open_nominations(election=election, by=site.voting.officer)
    election.refresh_from_db()
    nominate(election=election, person=site.person("author"), by=site.accounts["core"])
    asked = ask_exception(election=election, words="I weave too.", by=site.accounts["author"])
    site.words |= {"voting": "voting", "nominating": "nominating", "candidate": "author-example", "exception": asked.pk}


def ask_around(site: Site) -> None:
    """Have what waits for somebody's answer: a request, a check-in, an invitation, an import, the first link."""
    asked = ask(person=site.person("author"), kind="correction", words="Misspelt.", contact="", address="192.0.2.1")
    term = Office.objects.get(role="lead", project__slug="pytorch").terms.get()
    other = Office.objects.get(role="module", project__slug="pytorch").terms.get()
    check_in = ask_whether_interested(term=other, on=timezone.localdate(), by=site.accounts["lead"])
    proposed, _ = propose_import(dated=dated("core: ida Ida Example\n", date(2026, 5, 1)), by=None)
    renamed, gone = a_person("Rita Renamed", github="rita-r"), a_person("Silver Withheld")
    remove_name(
        person=gone, request=ask(person=gone, kind="removal", words="Mine.", contact="", address="x"), by="root"
    )
    site.words |= {
        "renamed": renamed.slug,
        "identity": renamed.identities.get().pk,
        "withheld": gone.withheld.pk,
        "request": asked.pk,
        "term": term.pk,
        "check_in": check_in.pk,
        "import": proposed.pk,
    }


def rows_written() -> int:
    """Return how many rows this transaction has written so far, sessions left out: what changes nothing adds none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_user_tables"
            " WHERE relname <> 'django_session'"
        )
        return int(cursor.fetchone()[0])

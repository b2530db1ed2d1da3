"""Every page that links lead to, read as a browser and a screen reader do, without an account and with one.

The crawl follows links, a few of each kind, from the home page; tests/markup.py says what is wrong with a page.
"""

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from benchmarks_runner.models import Bundle, Night
from ecosystem.models import Person
from governance.actions.ballot_rules import Chosen
from governance.actions.ballots import call_ballot
from governance.actions.ballots_choosing import choose
from governance.actions.check_ins import ask_whether_interested
from governance.actions.comment_periods import begin_final_comment
from governance.actions.concerns import place_hold, raise_concern
from governance.actions.elections_counting import count_votes
from governance.actions.imports import propose_import
from governance.actions.proposals import add_link, become_shepherd, move_proposal, revise, take_position
from governance.models import User
from tests.factories.elections import a_vote, an_election
from tests.factories.measured import a_measured_night, an_installed_build
from tests.factories.people import a_project, a_release
from tests.factories.proposals import a_proposal, an_author, close, rust_team
from tests.factories.sources_of_imports import dated, imported
from tests.markup import Markup, faults_of
from tests.site_fixtures import collected_static

__all__ = ["collected_static"]
pytestmark = pytest.mark.django_db

# Addresses of one kind that are read: the first that links lead to, and so many after it.
OF_A_KIND = 3
# Playing unchanged nights takes seconds, and says the same as its own tests.
LEFT_OUT = ({"proof"},)


@dataclass
class Crawl:
    """What a reader met: pages by address, what was wrong with them, and the names of all that was met."""

    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    titles: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    met: Counter[str] = field(default_factory=Counter)


def crawl(client: Client, *beginnings: str) -> Crawl:
    """Follow every link of the site's own, a few of each kind of address."""
    crawl, waiting, seen = Crawl(), deque((one, "the beginning") for one in beginnings), set(beginnings)
    kinds: Counter[tuple[str, ...]] = Counter()
    while waiting:
        address, found_on = waiting.popleft()
        kind = kind_of(address)
        kinds[kind] += 1
        if kinds[kind] > OF_A_KIND:
            continue
        crawl.met[kind[0]] += 1
        for link in read(client, address, found_on, crawl):
            if link not in seen:
                seen.add(link)
                waiting.append((link, address))
    return crawl


def kind_of(address: str) -> tuple[str, ...]:
    """Return the kind of an address: its name among the site's addresses, and what is asked beside."""
    parts = urlsplit(address)
    asked = tuple(sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True)))
    try:
        return (resolve(parts.path).view_name, *asked)
    except Resolver404:
        return (parts.path, *asked)


def read(client: Client, address: str, found_on: str, crawl: Crawl) -> list[str]:
    """Read one page, note what is wrong with it, and return where its links lead."""
    answer = client.get(address)
    if answer.status_code != 200:
        crawl.faults[f"answers {answer.status_code}"].append(f"{address}, linked on {found_on}")
    if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
        return []
    page = Markup(answer.content.decode())
    for fault in faults_of(page):
        crawl.faults[fault].append(address)
    if not any("lede" in element.attributes.get("class", "").split() for element in page.all("p")):
        crawl.faults["begins with no sentence"].append(address)
    crawl.titles[page.all("title")[0].text()].add(urlsplit(address).path)
    inner = (within_the_site(address, link) for link in page.links())
    return [link for link in inner if link]


def within_the_site(address: str, link: str) -> str:
    """Return the address of a link that the crawl follows, else nothing."""
    parts = urlsplit(urljoin(f"http://testserver{address}", link))
    if parts.netloc != "testserver" or parts.scheme != "http" or parts.path.startswith("/admin/"):
        return ""
    asked = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    return "" if asked in LEFT_OUT else f"{parts.path}?{parts.query}" if parts.query else parts.path


@pytest.fixture
def full() -> User:
    """Fill the site: what it ships with, nights and builds in each state, proposals, votes, elections, imports."""
    call_command("load_sample_project", verbosity=0)
    for slug in ("loomery", "rust"):
        a_project(slug, kept=False)
    nights_and_builds()
    proposals_and_votes()
    elections()
    imported("lead: ada Ada Loom\ncore: ada\nlooms: bo Bo Loom, Loomery Inc\nno office here\n", date(2025, 1, 1))
    propose_import(dated=dated("lead: bo Bo Loom\n", date(2026, 1, 1)), by=None)
    lead = Person.objects.get(slug="alban-desmaison")
    user = User.objects.create_superuser("warden", password="loom and needle", person=lead)
    ask_whether_interested(term=lead.terms.order_by("pk").last(), on=timezone.localdate(), by=user)
    return user


def nights_and_builds() -> None:
    """Have a night of each state, a release that one holds up, and builds on their way and broken."""
    slower = {"softmax.float32.rows": 1.5}
    points = ("softmax.float32.rows", "gemm.float32.square", "dispatch.float32.add")
    now = timezone.now()
    a_measured_night(kind=Night.Kind.AA, points=points, ended=now - timedelta(days=1))
    noisy = {"softmax.float32.rows": 0.01, "gemm.float32.square": 0.01, "dispatch.float32.add": 0.12}
    failing = a_measured_night(slower, points=points, scales=noisy)
    a_measured_night(slower, points=points, out_of_memory="gemm.float32.square")
    a_measured_night(slower, points=points, rounds=2)
    a_release("2.14.0", failing.candidate, failing)
    for specification, state in (("torch==2.14.1", "installing"), ("torch==9.9.9", "broken")):
        build = an_installed_build(specification)
        Bundle.objects.filter(pk=build.bundle_id).update(state=state, environment=None, error="No wheel fits.")


def proposals_and_votes() -> None:
    """Have a proposal that is held, one in its last days, a vote that is open and one that is over."""
    tess, tilda, thea = rust_team("tess", "tilda", "thea")
    author = an_author("wanda")
    held = a_proposal(author, text="# Why\n\nOne shuttle is *slow*.\n\n|loom|rows|\n|-|-|\n|old|10|\n")
    revise(proposal=held, text="# Why\n\nOne shuttle is very slow.\n\n|loom|rows|\n|-|-|\n|old|9|\n", by=author)
    become_shepherd(proposal=held, by=tess)
    take_position(proposal=held, stand="object", text="*No.*", by=thea)
    raise_concern(proposal=held, name="noise", text="It is louder.", by=tilda)
    place_hold(proposal=held, reason="Wait for the measurement.", by=tess)
    add_link(proposal=held, url="https://github.com/example/rfcs/pull/12", by=author)
    last = a_proposal(author, title="Count rows from one")
    move_proposal(proposal=last, enters="proposed_fcp", by=tess)
    for member in (tess, tilda, thea):
        take_position(proposal=last, stand="agree", by=member)
    begin_final_comment(proposal=last, disposition="merge", days=10, by=tess)
    for title, over in (("Red looms", True), ("Blue looms", False)):
        vote = call_ballot(
            project=held.project,
            decision="accept_rfc",
            question=f"Accept {title.lower()}?",
            proposal=a_proposal(author, title=title),
            chosen=Chosen("1/2", "seated", True, 7),
            by=tess,
        )
        choose(ballot=vote, word="yes", reason="They are well made.", by=tess)
        if over:
            close(vote)


def elections() -> None:
    """Have an election that was announced, one that is open and one that is counted."""
    counted = a_vote(("Lia", "Max"), slug="council-counted")
    for name in ("ann", "ben", "cat", "dov", "eve"):
        counted.ranked(name, "lia>max" if name < "d" else "max>lia")
    counted.over()
    count_votes(election=counted.now(), by=counted.officer)
    an_election(("Gus", "Hal"), slug="council-announced")
    a_vote(("Ida", "Joe"), ("Kay", "Lou", "Moe"), slug="council-open")


def told(crawl: Crawl) -> str:
    """Write the faults, each with where it stands first."""
    return "\n".join(f"{fault}: {', '.join(where[:3])}" for fault, where in crawl.faults.items())


def test_every_page_is_sound_and_every_link_leads_somewhere(client: Client, full: User) -> None:
    outside = crawl(client, "/")
    assert not outside.faults, told(outside)
    client.force_login(full)
    inside = crawl(client, "/", "/portal/")
    assert not inside.faults, told(inside)
    for visit in (outside, inside):
        assert {title: where for title, where in visit.titles.items() if len(where) > 1} == {}, "titles tell apart"
    assert " ".join(sorted(READ_BY_ANYBODY - set(outside.met))) == "", "no link leads there"
    assert " ".join(sorted(READ_WITH_AN_ACCOUNT - set(inside.met))) == "", "no link leads there"


# Pages to which links lead from the home page, for whoever comes, and for an administrator beside these.
READ_BY_ANYBODY = {
    "benchmarks_runner:nights", "benchmarks_runner:night", "benchmarks_runner:point", "benchmarks_runner:builds",
    "benchmarks_runner:build", "benchmarks_runner:machines", "benchmarks_runner:machine", "benchmarks_runner:gallery",
    "ecosystem:areas", "ecosystem:area", "ecosystem:people", "ecosystem:person", "ecosystem:ask", "ecosystem:ask_about",
    "governance:charters", "governance:charter", "governance:charter_version", "governance:coverage",
    "governance:offices", "governance:office", "governance:releases", "governance:release", "governance:imports",
    "governance:import", "governance:proposals", "governance:proposal", "governance:proposal_revision",
    "governance:proposal_changes", "governance:ballots", "governance:ballot", "governance:elections",
    "governance:election", "governance:election_roll", "governance:election_results", "governance:election_nomination",
    "governance:api_description", "governance:login", "record:list", "record:event",
}  # fmt: skip
READ_WITH_AN_ACCOUNT = {
    "benchmarks_runner:new_night", "ecosystem:duplicates", "ecosystem:requests", "governance:plan_release",
    "governance:portal", "governance:check_ins", "governance:invite_whom", "governance:new_password",
    "governance:write_proposal", "governance:new_election",
}  # fmt: skip

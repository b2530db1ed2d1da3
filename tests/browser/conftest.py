"""A site with something to see on each of its pages, and readers who look at it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.plugin import DjangoDbBlocker

from benchmarks_runner.models import Bundle, Night
from governance.actions.ballot_rules import Chosen
from governance.actions.ballots import call_ballot
from governance.actions.ballots_choosing import choose
from governance.actions.concerns import raise_concern
from governance.actions.proposals import revise, take_position
from governance.models import Ballot, Proposal, User
from tests.factories.measured import a_measured_night, an_installed_build
from tests.factories.people import a_project
from tests.factories.proposals import a_proposal, an_author, rust_team

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PASSWORD = "loom and needle"
SLOWER = {
    "softmax.float32.rows": 1.55,
    "attention.causal": 1.1,
    "optimizer.float32.adamw": 1.4,
    "norm.float32.layer": 0.05,
}
POINTS = (
    *SLOWER, "gemm.float32.square", "dispatch.float32.add", "dispatch.float32.chain", "pointwise.float32.add",
    "model.tree.training", "convolution.float32.3x3",
)  # fmt: skip


# What a page comes to show is awaited, however busy the machine.
expect.set_options(timeout=60_000)


@dataclass
class Sights:
    """What there is to see: the addresses of every page in its states, by a name for its picture."""

    failing: Night
    running: Night
    addresses: dict[str, str] = field(default_factory=dict)


@pytest.fixture(autouse=True)
def transactional_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let every test here read and write what the site shows; unlike its namesake it leaves emptying to the module."""
    with django_db_blocker.unblock():
        yield
        # Playwright's loop makes Django open a connection of its own here, which nobody else would close.
        connections.close_all()


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Fill the site once a module, for it takes as long as many tests, and empty it afterwards."""
    with django_db_blocker.unblock():
        yield
        call_command("flush", interactive=False, verbosity=0, allow_cascade=False, inhibit_post_migrate=False)
        connections.close_all()


@pytest.fixture(scope="module")
def warden(filled: None) -> User:
    """Have an account that may run nights."""
    return User.objects.create_superuser("warden", password=PASSWORD)


@pytest.fixture(scope="module")
def sights(filled: None) -> Sights:
    """Fill the site: the sample project, nights in each state, builds that are ready, broken and on their way."""
    call_command("load_sample_project", verbosity=0)
    now = timezone.now()
    noise = {"dispatch.float32.add": 0.12}
    aa = a_measured_night(kind=Night.Kind.AA, points=POINTS, ended=now - timedelta(days=2))
    fine = a_measured_night(points=POINTS, ended=now - timedelta(days=1))
    broken = a_measured_night(
        SLOWER, points=POINTS, out_of_memory="model.tree.training", ended=now - timedelta(hours=9)
    )
    failing = a_measured_night(SLOWER, points=POINTS, scales={**dict.fromkeys(POINTS, 0.01), **noise})
    waiting = a_measured_night(SLOWER, points=POINTS, rounds=0)
    Night.objects.filter(pk=waiting.pk).update(
        state="cancelled", ended_at=timezone.now(), state_reason="Cancelled by warden."
    )
    running = a_measured_night(SLOWER, points=POINTS, rounds=3)
    on_its_way = an_installed_build("torch==2.14.1")
    Bundle.objects.filter(pk=on_its_way.bundle_id).update(
        state="installing", environment=None, progress="downloading torch (412 of 803 MB)"
    )
    unfit = an_installed_build("torch==9.9.9")
    Bundle.objects.filter(pk=unfit.bundle_id).update(
        state="broken", environment=None, error="No wheel of torch 9.9.9 fits Python 3.11: name a version that exists."
    )
    machine = failing.device.machine_id
    held, vote = a_held_proposal_and_a_vote()
    return Sights(
        failing,
        running,
        {
            "home": "/",
            "nights": "/nights/",
            "night-failing": f"/nights/{failing.pk}/",
            "night-failing-near": f"/nights/{failing.pk}/?axis=near",
            "night-fine": f"/nights/{fine.pk}/",
            "night-broken": f"/nights/{broken.pk}/",
            "night-aa": f"/nights/{aa.pk}/",
            "night-cancelled": f"/nights/{waiting.pk}/",
            "night-running": f"/nights/{running.pk}/",
            "point-failing": f"/nights/{failing.pk}/points/softmax.float32.rows/",
            "point-passing": f"/nights/{failing.pk}/points/gemm.float32.square/",
            "point-too-noisy": f"/nights/{failing.pk}/points/dispatch.float32.add/",
            "point-broken": f"/nights/{broken.pk}/points/model.tree.training/",
            "builds": "/builds/",
            "build": f"/builds/{failing.candidate_id}/",
            "build-installing": f"/builds/{on_its_way.pk}/",
            "build-broken": f"/builds/{unfit.pk}/",
            "machines": "/machines/",
            "machine": f"/machines/{machine}/",
            "record": "/record/",
            "releases": "/releases/",
            "proposals": "/proposals/",
            "proposal-held": held.get_absolute_url(),
            "proposal-changes": f"{held.get_absolute_url()}changes/1/2/",
            "votes": "/votes/",
            "vote-open": vote.get_absolute_url(),
            "areas": "/areas/",
            "people": "/people/",
            "sign-in": "/accounts/login/",
            "gallery": "/gallery/",
        },
    )


def a_held_proposal_and_a_vote() -> tuple[Proposal, Ballot]:
    """Have invented people of a peer project propose, doubt and vote."""
    project = a_project("rust", kept=False)
    tess, tilda, *_ = rust_team("tess", "tilda", "thea")
    author = an_author("wanda")
    held = a_proposal(author, text="# Why\n\nOne shuttle is slow.\n\n|loom|rows|\n|-|-|\n|old|10|\n")
    revise(proposal=held, text="# Why\n\nOne shuttle is very slow.\n", by=author)
    take_position(proposal=held, stand="agree", text="*Well.*", by=tess)
    raise_concern(proposal=held, name="noise", text="It is louder.", by=tilda)
    asked = a_proposal(author, title="Red looms")
    vote = call_ballot(
        project=project,
        decision="accept_rfc",
        question="Accept red looms?",
        proposal=asked,
        chosen=Chosen("1/2", "seated", True, 7),
        by=tess,
    )
    choose(ballot=vote, word="yes", reason="They are red.", by=tess)
    return held, vote


@pytest.fixture
def site(site_process: str) -> str:
    """Return the address of a real site that sees what is committed."""
    return site_process


@pytest.fixture
def phone(browser: "Browser", site: str) -> Iterator["Page"]:
    """Open pages on a telephone of 390 points width."""
    context = browser.new_context(base_url=site, viewport={"width": 390, "height": 844}, has_touch=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def plain(browser: "Browser", site: str) -> Iterator["Page"]:
    """Open pages where no script runs."""
    context = browser.new_context(base_url=site, java_script_enabled=False)
    yield context.new_page()
    context.close()


def sign_in(page: "Page", name: str = "warden") -> None:
    """Sign in through the form, as a reader does."""
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form [type=submit]").first.click()
    page.wait_for_url("**/")

"""What every test may ask for: services, workers, a site, a browser, a torch interpreter.

def test_it(live_worker, site, page): ...        a real worker, web server and browser on the test database
def test_that(torch_python): ...                 an interpreter with the pinned torch; mark it `torch`
"""

import inspect
import os
import socket
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from config.launcher import Services, services_running
from config.testing.chromium import NoChromiumError
from config.testing.chromium import chromium as find_chromium
from config.testing.run import MARK, REQUIRED, through_here
from tests.live import Live, running_site, start_worker
from tests.night_stage import FailedByChance

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
# No property is a question of speed: these machines are noisy.
hypothesis.settings.register_profile("noisy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("noisy")
LOOPBACK = ("127.", "::1", "localhost")

pytest_plugins = ["tests.record_fixtures"]


def pytest_configure(config: pytest.Config) -> None:
    """Send a bare `pytest` through `manage.py test`: no test touches the user's own data folder."""
    if not os.environ.get(MARK):
        capture = config.pluginmanager.getplugin("capturemanager")
        if capture:
            capture.stop_global_capturing()
        through_here(config.invocation_params.args)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that must drive a browser and did not (.ci/run asks for it)."""
    if os.environ.get(REQUIRED) and session.config.stash.get(SKIPPED, []):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


SKIPPED = pytest.StashKey[list[str]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Remember the browser tests that were skipped."""
    report = yield
    if report.skipped and item.get_closest_marker("browser"):
        item.config.stash.setdefault(SKIPPED, []).append(item.nodeid)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Any:
    """Play a test once more where an unchanged point failed by chance; twice is no chance."""
    try:
        return (yield)
    except FailedByChance as seen:
        pyfuncitem.add_report_section("call", "played again", str(seen))
        pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters})
        return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say so in the last lines."""
    skipped = config.stash.get(SKIPPED, [])
    if skipped and os.environ.get(REQUIRED):
        terminalreporter.write_line(
            f"FAILED: {len(skipped)} browser tests were skipped, and {REQUIRED} is set", red=True
        )


def telling(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return how a fixture that takes minutes shows what it does."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    reporter = request.config.pluginmanager.getplugin("terminalreporter")

    def tell(message: str) -> None:
        with capture.global_and_fixture_disabled():
            reporter.write_line(f"  ... {message}")

    return tell


# --- services, workers, site ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    """Have a real PostgreSQL and Redis of this run."""
    from django.conf import settings

    with services_running(settings.DATA_DIR) as running:
        yield running


@pytest.fixture(scope="session")
def django_db_modify_db_settings(services: Services) -> None:
    """Start the services before pytest-django makes its test database on them."""


@pytest.fixture
def live_worker(services: Services, transactional_db: None) -> Iterator[Callable[..., Live]]:
    """Return a function that starts a real worker: `live_worker("default")`; it has a pid and may be killed.

    What a worker writes is committed, so such a test flushes the database at its end.
    """
    empty_queues(services)
    started: list[Live] = []

    def start(queue: str = "default", *, pool: str = "solo", **variables: str) -> Live:
        started.append(start_worker(services, queue, pool=pool, **variables))
        return started[-1]

    yield start
    for worker in started:
        worker.stop()
    empty_queues(services)


def empty_queues(services: Services) -> None:
    """Forget the messages of the test before."""
    import redis

    with redis.Redis(unix_socket_path=services.environment()["CELERY_BROKER_URL"].partition("//")[2]) as broker:
        broker.flushall()


@pytest.fixture(scope="session")
def site_process(services: Services, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Have one real web server on the test database for the whole run."""
    with running_site(services) as address:
        yield address


@pytest.fixture
def site(site_process: str, transactional_db: None) -> str:
    """Return the address of a real site that sees what this test commits."""
    return site_process


# --- browser --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Path:
    """Return a Chromium, getting one where there is none; skip, with the reason, where that fails."""
    try:
        return find_chromium(telling(request))
    except NoChromiumError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator["Browser"]:
    """Have one Chromium for the whole run."""
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread; Django's test database is used beside it, never inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: "Browser", site: str) -> Iterator["Page"]:
    """Open a page of the site in a fresh profile: `page.goto("/nights/")`."""
    context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


# --- torch ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def test_cache() -> Path:
    """Return the folder that is kept between runs: downloads of minutes lie there."""
    folder = Path(os.environ["FLAMEKEEPER_TEST_CACHE"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def torch_python(request: pytest.FixtureRequest) -> Path:
    """Return an interpreter with the pinned torch: FLAMEKEEPER_TEST_TORCH_PYTHON, else a real bundle's, made once."""
    named = os.environ.get("FLAMEKEEPER_TEST_TORCH_PYTHON")
    if named:
        return Path(named)
    from benchmarks_runner.bundles.install import ensure_environment

    folder = request.getfixturevalue("test_cache") / "bundles"
    tell = telling(request)
    pinned = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["bundle"]
    tell(f"making sure of a bundle with {' '.join(pinned)} (the first time takes minutes)")
    return ensure_environment(pinned, folder)


@pytest.fixture
def torch_bundles(torch_python: Path, test_cache: Path, settings: Any) -> Path:
    """Let the site's bundles be the ones kept between runs, so that a night need not install torch again."""
    folder: Path = settings.DATA_DIR / "bundles"
    kept = test_cache / "bundles"
    if not folder.exists() and kept.exists():
        folder.symlink_to(kept)
    return folder


# --- the network ------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to other machines: a test that needs one tests the weather."""
    connect = socket.socket.connect

    def connect_nearby(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(LOOPBACK):
            raise RuntimeError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_nearby)

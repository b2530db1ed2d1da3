"""What every test may ask for: services, a site, workers, a torch interpreter, a browser."""

import os
import socket
from collections.abc import Iterator

import pytest

from config.launcher import Services, services_running
from config.testing.run import MARK, through_here

pytest_plugins = ["tests.record_fixtures"]


def pytest_configure(config: pytest.Config) -> None:
    """Send a bare `pytest` through `manage.py test`: no test touches the user's own data folder."""
    if not os.environ.get(MARK):
        capture = config.pluginmanager.getplugin("capturemanager")
        if capture:
            capture.stop_global_capturing()
        through_here(config.invocation_params.args)


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    """Have a real PostgreSQL and Redis of this run."""
    from django.conf import settings

    with services_running(settings.DATA_DIR) as running:
        yield running


@pytest.fixture(scope="session")
def django_db_modify_db_settings(services: Services) -> None:
    """Start the services before pytest-django makes its test database on them."""


LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to other machines: a test that needs one tests the weather."""
    connect = socket.socket.connect

    def connect_nearby(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(LOOPBACK):  # type: ignore[index]
            raise RuntimeError(f"a test tried to reach {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect_nearby)

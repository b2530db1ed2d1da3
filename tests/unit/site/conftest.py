import logging

import pytest

from tests.site_fixtures import collected_static

__all__ = ["collected_static"]


@pytest.fixture
def no_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep hundreds of refusals out of the log: a failure says which one was wrong."""
    for name in ("django.request", "django.security.csrf", "django.security.DisallowedHost"):
        monkeypatch.setattr(logging.getLogger(name), "disabled", True)

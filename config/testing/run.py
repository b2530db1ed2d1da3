"""One run of the tests, with everything it needs around it."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from config.testing.private_data import private_data

ROOT = Path(__file__).resolve().parents[2]
# Tells tests/conftest.py that it was started from here; a bare `pytest` is sent here by it.
MARK = "FLAMEKEEPER_TEST_RUN"
# Set where a skipped browser test is a failure.
REQUIRED = "FLAMEKEEPER_BROWSER_REQUIRED"

HELP = """usage: manage.py test [pytest arguments]

Run the tests with a PostgreSQL and a Redis of their own, in a temporary folder. For example:
  manage.py test                              everything
  manage.py test tests/unit/record -x         one folder, until the first failure
  manage.py test -m "not slow and not torch"  the quick ones
"""


def main(arguments: Sequence[str]) -> int:
    """Run pytest with these arguments and return its status."""
    if list(arguments) in (["--help"], ["-h"]):
        print(HELP, end="")  # noqa: T201  (the answer to --help)
        return 0
    os.environ.setdefault("FLAMEKEEPER_TEST_CACHE", str(ROOT / ".flamekeeper" / "cache-for-tests"))
    with private_data() as folder:
        os.environ.update({MARK: "1", "FLAMEKEEPER_DATA": str(folder), "FLAMEKEEPER_THROWAWAY": "1"})
        import pytest

        return int(pytest.main(list(arguments)))


def through_here(arguments: Sequence[str]) -> None:
    """Become `manage.py test` with these arguments."""
    os.execv(sys.executable, [sys.executable, str(ROOT / "manage.py"), "test", *arguments])  # noqa: S606

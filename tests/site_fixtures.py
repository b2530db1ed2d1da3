"""Have the stylesheet and scripts collected once a run, as `up` does, for tests that render pages.

A conftest of page tests imports `collected_static`; nobody else pays for it.
"""

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command


@pytest.fixture(scope="session", autouse=True)
def collected_static() -> None:
    """Collect the static files into this run's own data folder, unless another test has done so."""
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        call_command("collectstatic", interactive=False, verbosity=0)
    # The storage reads its manifest when it is made; one made before has found none.
    staticfiles_storage.hashed_files, staticfiles_storage.manifest_hash = staticfiles_storage.load_manifest()

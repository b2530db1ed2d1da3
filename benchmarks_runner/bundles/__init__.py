"""Bundles: exact sets of wheels in content-addressed environments, and the variables they are measured with.

docs/explanation/bundles.md tells how the parts work together. Only `use` needs Django's models, and only what asks
for the site's own folder needs its settings: everything else is plain Python.
"""

from typing import TYPE_CHECKING

from benchmarks_runner.bundles.environments import complete, python_of
from benchmarks_runner.bundles.errors import BundleError, Busy, NotInstalled
from benchmarks_runner.bundles.store import Copy, Store
from ci_gpu.supervisor import Interpreter

if TYPE_CHECKING:
    from benchmarks_runner.models import Bundle

__all__ = ["BundleError", "Busy", "Copy", "NotInstalled", "interpreter", "site_store"]


def site_store() -> Store:
    """Return the site's own folder of bundles."""
    from django.conf import settings

    return Store(settings.DATA_DIR / "bundles")


def interpreter(bundle: "Bundle", copy: Copy = "a") -> Interpreter:
    """Return what a night starts to measure a bundle: its Python on this machine, and its variables.

    Raises:
        NotInstalled: where this machine has no whole copy; `install_bundle` makes one.
    """
    store, environment = site_store(), bundle.environment
    if environment is None or not complete(store, environment.digest, copy):
        raise NotInstalled(f"{bundle.specification} is not installed on this machine: manage.py bundle install")
    return Interpreter(python_of(store.environment(environment.digest, copy)), dict(bundle.variables))

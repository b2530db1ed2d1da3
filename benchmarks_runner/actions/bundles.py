"""Ask for bundles and builds, install them, and take away those that nobody uses."""

import time
from collections.abc import Collection, Mapping

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from packaging.version import Version

from benchmarks_runner.actions.moves import Actor, actor_name, move_night
from benchmarks_runner.bundles import BundleError, Busy, Copy, NotInstalled, interpreter, site_store
from benchmarks_runner.bundles.collection import Plan, carry_out, choose, holdings_of
from benchmarks_runner.bundles.install import WAITING, Installed, install, nobody
from benchmarks_runner.bundles.lock import Lock, bundle_digest, lock_from_rows, lock_rows
from benchmarks_runner.bundles.pip import Say
from benchmarks_runner.bundles.python import bundle_python
from benchmarks_runner.bundles.specification import Specification, SpecificationError, parse
from benchmarks_runner.bundles.store import COPIES
from benchmarks_runner.bundles.use import environments_in_use, last_uses
from benchmarks_runner.bundles.variables import crippling_note
from benchmarks_runner.models import Build, Bundle, Environment, Night
from record.actions import append

# A sign of life is worth a write this often, not four times a second.
HEARTBEAT_S = 1.0


@transaction.atomic
def request_bundle(*, specification: str, by: Actor) -> Bundle:
    """Ask for a bundle; equal requests are one bundle, and asking again for a broken one lets it be tried again.

    Raises:
        SpecificationError: one line that says what to write instead.
    """
    wanted = parse(specification)
    bundle, is_new = Bundle.objects.select_for_update().get_or_create(
        specification=wanted.canonical,
        defaults={
            "requirements": list(wanted.requirements),
            "variables": dict(wanted.variables),
            "requested_by": actor_name(by),
        },
    )
    if not is_new and bundle.state != Bundle.State.BROKEN:
        return bundle
    bundle.state, bundle.error = Bundle.State.REQUESTED, ""
    bundle.save(update_fields=["state", "error"])
    summary = f"The bundle {bundle} was asked for{'' if is_new else ' again'}."
    append("bundle.requested", by=by, subject=f"bundle/{bundle.pk}", summary=summary)
    return bundle


@transaction.atomic
def request_build(*, specification: str, by: Actor) -> Build:
    """Ask for the build that a specification makes; equal requests are one build.

    Raises:
        SpecificationError: one line that says what to write instead.
    """
    bundle = request_bundle(specification=specification, by=by)
    build, is_new = build_of(bundle, parse(specification))
    if is_new:
        append("build.added", by=by, subject=f"build/{build.pk}", summary=f"The build {build} was added.")
    return build


def build_of(bundle: Bundle, wanted: Specification) -> tuple[Build, bool]:
    """Return the build that a bundle makes, and whether it is new."""
    name, version = wanted.framework
    note = crippling_note(wanted.variables)
    kind = Build.Kind.SAMPLE if note else _kind(version)
    return Build.objects.get_or_create(
        bundle=bundle,
        defaults={"name": wanted.title, "framework": name, "version": version, "kind": kind, "note": note},
    )


def install_bundle(*, bundle_id: int, copy: Copy = "a", on_progress: Say | None = None, wait: bool = True) -> Bundle:
    """Make sure that a copy of a bundle is installed on this machine, whole and importable.

    What goes wrong is said in the bundle's `error`, its state is broken then; asking for it again tries again.
    A second copy that cannot be had leaves a bundle whose first copy works as it was.
    While somebody else is installing, wait for them; without `wait` return the bundle as it stands.
    """
    bundle = Bundle.objects.get(pk=bundle_id)
    try:
        installed = install(
            site_store(),
            parse(bundle.specification),
            copy=copy,
            known_lock=lambda: _begin(bundle_id),
            on_progress=_Progress(bundle_id, on_progress or nobody),
            wait=wait,
        )
    except Busy:
        return bundle
    except (BundleError, SpecificationError) as problem:
        if copy != "a" and _works(bundle_id):
            return _lack_copy(bundle_id, str(problem))
        return _break(bundle_id, str(problem))
    bundle = _finish(bundle_id, installed)
    if sum(installed.sizes.values()) > settings.BUNDLE_DISK_BUDGET_BYTES:
        collect_bundles(by=None, keep={installed.digest})
    return bundle


def collect_bundles(*, by: Actor, keep: Collection[str] = (), dry_run: bool = False) -> Plan:
    """Take the least recently used environments away until the rest fits the disk budget; never one in use."""
    store = site_store()
    with store.changing():
        plan = choose(
            holdings_of(store),
            budget_bytes=settings.BUNDLE_DISK_BUDGET_BYTES,
            in_use=environments_in_use() | set(keep),
            last_used=last_uses(),
        )
        if not dry_run:
            # First the rows: a row that promises what is gone would be worse than a folder nobody names.
            _collected(plan.gone, by)
            carry_out(store, plan)
            _write_sizes(holdings_of(store).sizes())
    return plan


def remove_bundle(*, bundle: Bundle, by: Actor) -> Bundle:
    """Take a bundle's environment off the disk now; bundles that share it go with it, and can be installed again.

    Raises:
        BundleError: where a night needs it, or nothing is installed.
    """
    store, environment = site_store(), bundle.environment
    if environment is None or environment.state != Environment.State.READY:
        raise BundleError(f"{bundle} is not installed: nothing to remove")
    with store.changing():
        if environment.digest in environments_in_use():
            raise BundleError(f"{bundle} is needed by a night, or was by the last decided one: it stays")
        holdings = holdings_of(store)
        after = holdings.without(environment.digest).total_bytes
        plan = Plan(((environment.digest, COPIES),), holdings.total_bytes, after)
        _collected(plan.gone, by)
        carry_out(store, plan)
        _write_sizes(holdings_of(store).sizes())
    bundle.refresh_from_db()
    return bundle


class _Progress:
    """Writes what the installation does into the bundle's row, at most once a second, as a sign of life."""

    def __init__(self, bundle_id: int, also: Say) -> None:
        self._bundle_id, self._also, self._written = bundle_id, also, float("-inf")

    def __call__(self, text: str, fraction: float | None) -> None:
        self._also(text, fraction)
        # Whoever waits must not write over the words of the one that works.
        if text == WAITING or time.monotonic() - self._written < HEARTBEAT_S:
            return
        self._written = time.monotonic()
        Bundle.objects.filter(pk=self._bundle_id).update(progress=text[:200], heartbeat_at=timezone.now())


@transaction.atomic
def _begin(bundle_id: int) -> Lock | None:
    """Mark the installation as begun, now that nobody else is at it, and return the lock it must keep to."""
    bundle = Bundle.objects.select_for_update().get(pk=bundle_id)
    # A ready bundle gets its second copy, or is mended, while nights go on with it.
    if bundle.state != Bundle.State.READY:
        bundle.state = Bundle.State.INSTALLING
    bundle.error, bundle.heartbeat_at = "", timezone.now()
    bundle.save(update_fields=["state", "error", "heartbeat_at"])
    return _known_lock(bundle)


def _known_lock(bundle: Bundle) -> Lock | None:
    """Return the lock of an earlier installation of the same requirements, made for this minor version of Python."""
    environments = Environment.objects.filter(bundles__requirements=bundle.requirements)
    own_first = sorted(environments.order_by("-installed_at"), key=lambda found: found.pk != bundle.environment_id)
    minor = bundle_python().version.rpartition(".")[0]
    fitting = (found for found in own_first if found.python_version.rpartition(".")[0] == minor)
    found = next(fitting, None)
    return lock_from_rows(found.lock) if found else None


@transaction.atomic
def _finish(bundle_id: int, installed: Installed) -> Bundle:
    now = timezone.now()
    environment, _ = Environment.objects.update_or_create(
        digest=installed.digest,
        defaults={"state": Environment.State.READY, "last_used_at": now},
        create_defaults={
            "lock": lock_rows(installed.lock),
            "python_version": installed.python_version,
            "state": Environment.State.READY,
            "installed_at": now,
            "last_used_at": now,
        },
    )
    bundle = Bundle.objects.select_for_update().get(pk=bundle_id)
    was_ready = bundle.state == Bundle.State.READY and bundle.environment_id == environment.pk
    bundle.environment, bundle.digest = environment, bundle_digest(environment.digest, bundle.variables)
    bundle.state, bundle.progress, bundle.error, bundle.heartbeat_at = Bundle.State.READY, "", "", now
    bundle.save()
    Build.objects.filter(bundle=bundle).update(version=installed.version)
    _write_sizes(installed.sizes)
    environment.refresh_from_db()
    if not was_ready:
        _record_installed(bundle, installed)
    return bundle


def _record_installed(bundle: Bundle, installed: Installed) -> None:
    wheels = "one wheel" if len(installed.lock) == 1 else f"{len(installed.lock)} wheels"
    append(
        "bundle.installed",
        by=bundle.requested_by,
        subject=f"bundle/{bundle.pk}",
        summary=f"The bundle {bundle} was installed: {wheels}, environment {installed.digest[:12]}.",
        data={"digest": bundle.digest, "environment": installed.digest, "lock": lock_rows(installed.lock)},
    )


@transaction.atomic
def _break(bundle_id: int, error: str) -> Bundle:
    bundle = Bundle.objects.select_for_update().get(pk=bundle_id)
    bundle.state, bundle.progress, bundle.error = Bundle.State.BROKEN, "", error
    bundle.save(update_fields=["state", "progress", "error"])
    summary = f"The bundle {bundle} could not be installed: {error}"
    append("bundle.broken", by=bundle.requested_by, subject=f"bundle/{bundle.pk}", summary=summary)
    return bundle


def _works(bundle_id: int) -> bool:
    """Say whether nights can run the first copy of a bundle."""
    bundle = Bundle.objects.select_related("environment").get(pk=bundle_id)
    try:
        return bundle.state == Bundle.State.READY and bool(interpreter(bundle, "a"))
    except NotInstalled:
        return False


@transaction.atomic
def _lack_copy(bundle_id: int, error: str) -> Bundle:
    """Say that a bundle has no second copy, and give up the nights that cannot be measured without one."""
    # Every row is held before the record is: whoever does it the other way round would wait for us, and we for them.
    waiting = Night.objects.filter(state__in=(Night.State.REQUESTED, Night.State.SCALING))
    both = waiting.filter(baseline__bundle=bundle_id, candidate__bundle=bundle_id)
    nights = list(both.select_for_update(of=("self",)).order_by("pk"))
    bundle = Bundle.objects.select_for_update().get(pk=bundle_id)
    bundle.progress, bundle.error = "", f"The second copy cannot be installed: {error}"
    bundle.save(update_fields=["progress", "error"])
    for night in nights:
        reason = f"The second copy of the bundle {bundle} cannot be installed: {error}"
        move_night(night=night, move="give_up", by=None, summary=f"Night {night.pk}: {reason[:300]}", reason=reason)
    summary = f"A second copy of the bundle {bundle} could not be installed: {error}"
    append("bundle.copy_failed", by=bundle.requested_by, subject=f"bundle/{bundle.pk}", summary=summary)
    return bundle


@transaction.atomic
def _collected(digests: Collection[str], by: Actor) -> None:
    """Say of environments and the ready bundles made of them that they are no longer on disk."""
    Environment.objects.filter(digest__in=digests).update(state=Environment.State.COLLECTED, size_bytes=None)
    ready = Bundle.objects.select_for_update().filter(environment__digest__in=digests, state=Bundle.State.READY)
    for bundle in ready.order_by("pk"):
        bundle.state = Bundle.State.COLLECTED
        bundle.save(update_fields=["state"])
        summary = f"The bundle {bundle} was taken off the disk; its lock is kept, and it can be installed again."
        append("bundle.collected", by=by, subject=f"bundle/{bundle.pk}", summary=summary)


def _write_sizes(sizes: Mapping[str, int]) -> None:
    for digest, size in sizes.items():
        Environment.objects.filter(digest=digest, state=Environment.State.READY).update(size_bytes=size)


def _kind(version: str) -> Build.Kind:
    read = Version(version)
    if read.is_devrelease:
        return Build.Kind.NIGHTLY
    return Build.Kind.CANDIDATE if read.is_prerelease else Build.Kind.RELEASE

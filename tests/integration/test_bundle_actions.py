"""Bundles in the database: asking, installing, failing, collecting, each with its line in the record."""

import os
import shutil
import signal
import subprocess
import sys

import pytest
from django.utils import timezone

from benchmarks_runner import bundles
from benchmarks_runner.actions import bundles as actions
from benchmarks_runner.actions.bundles import (
    collect_bundles,
    install_bundle,
    remove_bundle,
    request_build,
    request_bundle,
)
from benchmarks_runner.bundles.use import environments_in_use, last_uses
from benchmarks_runner.models import Build, Bundle, Device, Environment, Machine, Night
from record.models import Event
from tests.bundle_wheels import make_wheel, offered

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(tmp_path, monkeypatch, settings):
    settings.DATA_DIR = tmp_path / "data"
    folder = offered(tmp_path, monkeypatch)
    make_wheel(folder, "flame", requires=["spark"])
    make_wheel(folder, "spark")
    return folder


def kinds():
    return [*Event.objects.order_by("position").values_list("kind", flat=True)]


def ready(specification):
    return install_bundle(bundle_id=request_build(specification=specification, by="ada").bundle_id)


def recorded(specification):
    """Return a bundle that is ready on record; nothing lies on disk."""
    bundle = request_build(specification=specification, by="ada").bundle
    bundle.environment = Environment.objects.create(digest=specification, lock=[], state=Environment.State.READY)
    bundle.state = Bundle.State.READY
    bundle.save()
    return bundle


def move(moved, state):
    ended = timezone.now() if state in ("decided", "cancelled", "failed") else None
    Night.objects.filter(pk=moved.pk).update(state=state, ended_at=ended)


def night(baseline, candidate, state, **fields):
    machine, _ = Machine.objects.get_or_create(name="machine 1", digest="d", defaults={"fingerprint": {}})
    device, _ = Device.objects.get_or_create(machine=machine, kind=Device.Kind.CPU, model="CPU")
    ended = timezone.now() if state in ("decided", "cancelled", "failed") else None
    fields = {"suite": "smoke", "suite_version": "1", "seed": 1, "requested_by": "ada", "ended_at": ended, **fields}
    return Night.objects.create(
        baseline=baseline.build, candidate=candidate.build, device=device, state=state,
        repeat=Night.objects.count() + 1, **fields,
    )  # fmt: skip


# --- asking ------------------------------------------------------------------------------------------------------


def test_equal_requests_are_one_bundle_and_one_build():
    one = request_build(specification="torch==2.13.0,ATEN_CPU_CAPABILITY=default", by="ada")
    two = request_build(specification=" ATEN_CPU_CAPABILITY=default, Torch == 2.13 ", by="grace")
    assert one == two
    assert (one.name, one.framework, one.version) == ("torch 2.13.0, ATEN_CPU_CAPABILITY=default", "torch", "2.13.0")
    assert one.bundle.requested_by == "ada"
    assert kinds() == ["bundle.requested", "build.added"]


@pytest.mark.parametrize(
    ("specification", "kind"),
    [
        ("torch==2.13.0", Build.Kind.RELEASE),
        ("torch==2.14.0rc1", Build.Kind.CANDIDATE),
        ("torch==2.15.0.dev20261101", Build.Kind.NIGHTLY),
        ("torch==2.13.0,ATEN_CPU_CAPABILITY=default", Build.Kind.SAMPLE),
        ("torch==2.13.0,OMP_NUM_THREADS=1", Build.Kind.RELEASE),
    ],
)
def test_a_build_says_what_kind_it_is(specification, kind):
    build = request_build(specification=specification, by="ada")
    assert build.kind == kind
    assert ("as a mis-built wheel would" in build.note) == (kind == Build.Kind.SAMPLE)


def test_a_request_whose_record_cannot_be_written_leaves_nothing(monkeypatch):
    def refuse(kind, **event):
        raise RuntimeError("the record refuses")

    monkeypatch.setattr(actions, "append", refuse)
    with pytest.raises(RuntimeError):
        request_build(specification="torch==2.13.0", by="ada")
    assert not Bundle.objects.exists()
    assert not Build.objects.exists()


# --- installing --------------------------------------------------------------------------------------------------


def test_an_installed_bundle_has_its_lock_its_digests_and_its_interpreter(offer):
    bundle = ready("flame==1.0.0,SPARKS=3")
    assert bundle.state == Bundle.State.READY
    assert (bundle.progress, bundle.error) == ("", "")
    assert [(row["name"], row["version"]) for row in bundle.environment.lock] == [
        ("flame", "1.0.0"),
        ("spark", "1.0.0"),
    ]
    assert bundle.environment.size_bytes > 0
    assert bundle.digest != bundle.environment.digest
    found = bundles.interpreter(bundle)
    assert found.environment == {"SPARKS": "3"}
    assert subprocess.run([found.python, "-I", "-c", "import flame"]).returncode == 0
    assert kinds() == ["bundle.requested", "build.added", "bundle.installed"]
    assert Event.objects.last().data["lock"] == bundle.environment.lock


def test_the_record_tells_files_and_no_addresses(offer):
    ready("flame==1.0.0")
    told = str([(event.summary, event.data) for event in Event.objects.all()])
    assert "flame-1.0.0-py3-none-any.whl" in told
    assert str(offer.parent) not in told
    assert "://" not in told


def test_bundles_that_differ_in_variables_share_an_environment_even_when_the_index_moved_on(offer):
    plain = ready("flame==1.0.0")
    make_wheel(offer, "spark", "2.0.0")  # resolved anew, the second bundle would get this one
    other = ready("flame==1.0.0,SPARKS=3")
    assert plain.environment == other.environment
    assert plain.digest != other.digest
    assert Environment.objects.count() == 1


def test_installing_again_changes_and_records_nothing(offer):
    bundle = ready("flame==1.0.0")
    before = (kinds(), bundle.environment.installed_at)
    again = install_bundle(bundle_id=bundle.pk)
    assert (kinds(), again.environment.installed_at) == before


def test_a_second_copy_leaves_the_bundle_ready_meanwhile(offer):
    bundle, states = ready("flame==1.0.0"), set()
    with pytest.raises(bundles.NotInstalled):
        bundles.interpreter(bundle, "b")

    def watch(text, part):
        states.add(Bundle.objects.get(pk=bundle.pk).state)

    bundle = install_bundle(bundle_id=bundle.pk, copy="b", on_progress=watch)
    assert states == {Bundle.State.READY}
    assert bundles.interpreter(bundle, "b").python != bundles.interpreter(bundle, "a").python
    assert kinds().count("bundle.installed") == 1


def test_progress_is_a_sign_of_life_at_most_once_a_second(offer, django_assert_max_num_queries):
    bundle = request_bundle(specification="flame==1.0.0", by="ada")
    seen, began = set(), timezone.now()

    def watch(text, part):
        row = Bundle.objects.get(pk=bundle.pk)
        seen.add((row.state, row.progress, row.heartbeat_at))

    install_bundle(bundle_id=bundle.pk, on_progress=watch)
    seconds = (timezone.now() - began).total_seconds()
    words = {progress for _, progress, _ in seen}
    assert any(word.startswith("asking pip what flame==1.0.0 needs") for word in words)
    assert {state for state, _, _ in seen} == {Bundle.State.INSTALLING}
    assert 1 <= len({beat for _, _, beat in seen}) <= seconds + 2


def test_what_cannot_be_had_is_broken_with_the_remedy_and_can_be_asked_for_again(offer):
    bundle = ready("flame==9.0.0")
    assert bundle.state == Bundle.State.BROKEN
    assert bundle.error.endswith("offered are 1.0.0: ask for one of them")
    with pytest.raises(bundles.NotInstalled):
        bundles.interpreter(bundle)
    make_wheel(offer, "flame", "9.0.0")
    assert request_bundle(specification="flame==9.0.0", by="grace").state == Bundle.State.REQUESTED
    bundle = install_bundle(bundle_id=bundle.pk)
    assert (bundle.state, bundle.error) == (Bundle.State.READY, "")
    assert kinds() == [
        "bundle.requested", "build.added", "bundle.broken", "bundle.requested", "bundle.installed",
    ]  # fmt: skip


def lose_wheels(offer):
    """Take away everything that another copy could be made of."""
    shutil.rmtree(bundles.site_store().wheels)
    for wheel in offer.iterdir():
        wheel.unlink()


def test_a_second_copy_that_cannot_be_had_leaves_the_first_at_work(offer):
    bundle = ready("flame==1.0.0")
    itself = night(bundle, bundle, "requested", kind=Night.Kind.AA)
    other = night(bundle, recorded("ember==1.0.0"), "requested")
    lose_wheels(offer)
    bundle = install_bundle(bundle_id=bundle.pk, copy="b")
    assert bundle.state == Bundle.State.READY
    assert bundle.error.startswith("The second copy cannot be installed: ")
    assert subprocess.run([bundles.interpreter(bundle).python, "-I", "-c", "import flame"]).returncode == 0
    assert kinds()[-2:] == ["night.failed", "bundle.copy_failed"]
    itself.refresh_from_db()
    other.refresh_from_db()
    assert (itself.state, other.state) == ("failed", "requested")
    assert "The second copy of the bundle flame==1.0.0 cannot be installed" in itself.state_reason


def test_where_the_first_copy_is_gone_too_the_bundle_is_broken(offer):
    bundle = ready("flame==1.0.0")
    lose_wheels(offer)
    shutil.rmtree(bundles.interpreter(bundle).python.parents[1])
    assert install_bundle(bundle_id=bundle.pk, copy="b").state == Bundle.State.BROKEN


def test_a_bundle_of_a_specification_that_is_none_is_broken_in_words():
    bundle = Bundle.objects.create(specification="flame==1.0.0,my_var=1", requirements=[], requested_by="import")
    bundle = install_bundle(bundle_id=bundle.pk)
    assert bundle.state == Bundle.State.BROKEN
    assert "a variable is upper-case" in bundle.error


def test_whoever_does_not_wait_leaves_the_row_to_the_one_that_works(offer):
    bundle = request_bundle(specification="flame==1.0.0", by="ada")
    program = (
        "import sys, time; from pathlib import Path; from benchmarks_runner.bundles.store import Store\n"
        "with Store(Path(sys.argv[1])).changing(): print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(bundles.site_store().root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=os.getcwd()) as holder:
        assert holder.stdout.readline() == b"held\n"
        assert install_bundle(bundle_id=bundle.pk, wait=False).state == Bundle.State.REQUESTED
        holder.send_signal(signal.SIGKILL)
    assert install_bundle(bundle_id=bundle.pk, wait=False).state == Bundle.State.READY


def test_an_installation_that_died_is_taken_up_by_the_next(offer):
    bundle = request_bundle(specification="flame==1.0.0", by="ada")
    Bundle.objects.update(state=Bundle.State.INSTALLING, progress="unpacking flame 1.0.0 (1 of 2)")
    assert install_bundle(bundle_id=bundle.pk).state == Bundle.State.READY


def test_an_environment_that_lost_a_file_is_not_used_and_is_mended(offer):
    bundle = ready("flame==1.0.0")
    folder = bundles.interpreter(bundle).python.parents[1]
    next(folder.rglob("flame.py")).unlink()
    with pytest.raises(bundles.NotInstalled):
        bundles.interpreter(bundle)
    install_bundle(bundle_id=bundle.pk)
    assert subprocess.run([bundles.interpreter(bundle).python, "-I", "-c", "import flame"]).returncode == 0


# --- collecting --------------------------------------------------------------------------------------------------


def test_the_least_recently_used_is_collected_and_comes_back_with_the_same_lock(offer, settings):
    make_wheel(offer, "ember")
    old, new = ready("ember==1.0.0"), ready("flame==1.0.0")
    settings.BUNDLE_DISK_BUDGET_BYTES = new.environment.size_bytes
    Environment.objects.filter(pk=old.environment_id).update(last_used_at=timezone.now() - timezone.timedelta(days=3))
    planned = collect_bundles(by="ada", dry_run=True)
    assert planned.gone == (old.environment.digest,)
    assert bundles.interpreter(old)
    collect_bundles(by="ada")
    old.refresh_from_db()
    assert old.state == Bundle.State.COLLECTED
    assert old.environment.state == Environment.State.COLLECTED
    assert old.environment.size_bytes is None
    with pytest.raises(bundles.NotInstalled):
        bundles.interpreter(old)
    assert kinds()[-1] == "bundle.collected"
    digest, lock = old.environment.digest, old.environment.lock
    settings.BUNDLE_DISK_BUDGET_BYTES = 10**9
    old = install_bundle(bundle_id=old.pk)
    assert (old.environment.digest, old.environment.lock) == (digest, lock)
    assert old.environment.state == Environment.State.READY
    assert old.environment.size_bytes > 0


def test_an_index_that_moved_on_is_told_when_a_collected_bundle_is_wanted_again(offer):
    bundle = ready("flame==1.0.0")
    remove_bundle(bundle=bundle, by="ada")
    make_wheel(offer, "spark", files={"spark.py": "rebuilt = True\n"})
    bundle = install_bundle(bundle_id=bundle.pk)
    assert bundle.state == Bundle.State.BROKEN
    assert "now has another file for spark==1.0.0 than this bundle was locked to" in bundle.error


def test_an_installation_over_the_budget_makes_room_but_keeps_itself(offer, settings):
    make_wheel(offer, "ember")
    old = ready("ember==1.0.0")
    settings.BUNDLE_DISK_BUDGET_BYTES = 1
    new = ready("flame==1.0.0")
    old.refresh_from_db()
    assert (old.state, new.state) == (Bundle.State.COLLECTED, Bundle.State.READY)
    assert bundles.interpreter(new)


def test_what_a_night_needs_stays_until_no_night_needs_it(offer, settings):
    settings.BUNDLE_DISK_BUDGET_BYTES = 0
    bundle = ready("flame==1.0.0")
    asked = night(bundle, bundle, "requested")
    for state in ("requested", "scaling", "running", "decided"):
        move(asked, state)
        assert collect_bundles(by="ada").gone == ()
        with pytest.raises(bundles.BundleError, match="it stays"):
            remove_bundle(bundle=bundle, by="ada")
    for state in ("cancelled", "failed"):
        move(asked, state)
        assert collect_bundles(by="ada", dry_run=True).gone == (bundle.environment.digest,)
    assert bundles.interpreter(bundle)


def test_of_the_decided_nights_the_last_of_each_kind_keeps_its_bundles():
    ember, ash, coal, flame = (recorded(f"{name}==1.0.0") for name in ("ember", "ash", "coal", "flame"))
    day = timezone.timedelta(days=1)
    night(ember, ember, "decided", ended_at=timezone.now() - 3 * day)
    night(ash, coal, "decided", ended_at=timezone.now() - 2 * day)
    night(flame, flame, "decided", kind=Night.Kind.AA, ended_at=timezone.now() - day)
    assert environments_in_use() == {bundle.environment.digest for bundle in (ash, coal, flame)}
    Bundle.objects.filter(pk=ember.pk).update(state=Bundle.State.INSTALLING)
    assert ember.environment.digest in environments_in_use()


def test_a_night_counts_as_a_use():
    bundle = recorded("flame==1.0.0")
    Environment.objects.update(last_used_at=timezone.now() - timezone.timedelta(days=9))
    last = night(bundle, bundle, "cancelled")
    assert last_uses() == {bundle.environment.digest: pytest.approx(last.requested_at.timestamp())}


def test_removing_takes_the_bundles_that_share_the_environment_along(offer):
    one, two = ready("flame==1.0.0"), ready("flame==1.0.0,SPARKS=3")
    remove_bundle(bundle=one, by="ada")
    two.refresh_from_db()
    assert two.state == Bundle.State.COLLECTED
    assert kinds()[-2:] == ["bundle.collected"] * 2
    with pytest.raises(bundles.BundleError, match="not installed"):
        remove_bundle(bundle=two, by="ada")

"""Requests beside each other: each locks the device, then the night, and the record last, so none waits in a ring."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from benchmarks_runner.actions.moves import locked_night
from benchmarks_runner.actions.nights import cancel_night, prepare_night, request_night, run_night_again
from benchmarks_runner.models import Bundle, Device, Night
from benchmarks_runner.queries import installed
from record.actions import append
from tests.factories.nights import leased_device, ready_build, selftest_night

pytestmark = pytest.mark.django_db(transaction=True)
PLAN = {"baseline": "six==1.17.0", "candidate": "six==1.16.0", "suite": "selftest", "by": "ada"}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    """Wake nobody, and let every bundle that is ready be installed here."""
    monkeypatch.setattr("benchmarks_runner.actions.wakeups.current_app.send_task", lambda *args, **more: None)
    monkeypatch.setattr(installed, "is_installed", lambda bundle, copy: bundle.state == Bundle.State.READY)


@pytest.fixture
def beside():
    """Return a function that runs another one in a thread with a connection of its own."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda ask: pool.submit(_closing, ask)


def _closing(ask: Callable[[], object]) -> object:
    try:
        return ask()
    finally:
        connection.close()


def wait_for_a_waiting_one(other: "Future[object]") -> None:
    """Wait until another connection waits for a lock that this one holds."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        assert not other.done(), other.result()
        time.sleep(0.01)
    raise AssertionError("nobody waited")


def tell() -> None:
    append("night.noted", by="ada", subject="night/1", summary="Something was noted.")


def test_a_request_with_new_bundles_waits_for_the_device_without_the_record(beside):
    device = leased_device()
    with transaction.atomic():
        Device.objects.select_for_update().get(pk=device.pk)
        other = beside(lambda: request_night(**PLAN, device=device))
        wait_for_a_waiting_one(other)
        tell()
    assert other.result(20).state == Night.State.REQUESTED


@pytest.mark.parametrize("again", [True, False])
def test_a_request_waits_for_an_installation_without_the_record(beside, again):
    device = leased_device()
    ready_build("six==1.16.0")
    Bundle.objects.update(state=Bundle.State.BROKEN)
    night = request_night(**PLAN, device=device)
    Bundle.objects.update(state=Bundle.State.BROKEN)
    Night.objects.update(state=Night.State.FAILED, ended_at="2026-01-01T00:00Z")
    night.refresh_from_db()
    new = {**PLAN, "baseline": "six==1.15.0"}
    with transaction.atomic():
        Bundle.objects.select_for_update().get(specification="six==1.16.0")
        ask = (lambda: run_night_again(night=night, by="ada")) if again else lambda: request_night(**new, device=device)
        other = beside(ask)
        wait_for_a_waiting_one(other)
        tell()
    assert other.result(20).state == Night.State.REQUESTED


def test_a_cancelled_night_locks_the_night_that_measures_its_noise_before_the_record(beside):
    night = selftest_night()
    prepare_night(night_id=night.pk)
    night.refresh_from_db()
    with transaction.atomic():
        locked_night(night.scale_from_id)
        other = beside(lambda: cancel_night(night=night, by="ada"))
        wait_for_a_waiting_one(other)
        tell()
    other.result(20)
    assert set(Night.objects.values_list("state", flat=True)) == {"cancelled"}


def test_a_night_does_not_wait_for_an_aa_night_that_is_cancelled_in_the_same_moment(beside):
    first, second = selftest_night(), selftest_night()
    prepare_night(night_id=first.pk)
    first.refresh_from_db()
    with transaction.atomic():
        cancel_night(night=first, by="ada")
        other = beside(lambda: prepare_night(night_id=second.pk))
        wait_for_a_waiting_one(other)
    other.result(20)
    prepare_night(night_id=second.pk)
    second.refresh_from_db()
    assert (second.state, second.scale_from.state) == ("scaling", "requested")
    assert second.scale_from_id != first.scale_from_id

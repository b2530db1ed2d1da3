"""Leases: one holder, a fence for former ones, and nothing left running by a dead one."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from benchmarks_runner.actions import leases, processes, rounds
from benchmarks_runner.actions.attempts import store_sample
from benchmarks_runner.actions.leases import (
    DeviceBusy,
    DeviceQuarantined,
    LeaseLost,
    beat,
    note_process,
    release_lease,
    take_lease,
)
from benchmarks_runner.actions.machines import lift_quarantine
from benchmarks_runner.models import Device, Lease, Round, Sample
from record.models import Event
from tests.factories.nights import attempt_of, leased_device, message, running_night

pytestmark = pytest.mark.django_db

ELSEWHERE = "4194305 another-machine/pid:[1]/1"


@pytest.fixture
def device():
    return leased_device()


@pytest.fixture
def sleeper():
    """A process in a group of its own, as a measured one is."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def expire(device):
    Lease.objects.filter(device=device).update(expires_at=timezone.now() - timedelta(seconds=1))


def test_a_device_has_one_holder(device):
    held = take_lease(device=device)
    with pytest.raises(DeviceBusy):
        take_lease(device=device)
    release_lease(held)
    assert take_lease(device=device).token == held.token + 1


def test_a_lease_of_a_dead_worker_is_over_before_it_expires(device):
    dead = subprocess.Popen([sys.executable, "-c", "pass"])
    holder = f"{dead.pid} {processes.place()}/1"
    dead.wait()
    take_lease(device=device, holder=holder)
    assert take_lease(device=device).token == 2


def test_a_worker_that_cannot_be_seen_from_here_is_waited_for_until_it_expires(device):
    take_lease(device=device, holder=ELSEWHERE)
    with pytest.raises(DeviceBusy):
        take_lease(device=device)
    expire(device)
    assert take_lease(device=device).token == 2


def test_beating_keeps_a_lease(device):
    held = take_lease(device=device, holder=ELSEWHERE)
    expire(device)
    beat(held)
    with pytest.raises(DeviceBusy):
        take_lease(device=device)


def test_a_stolen_lease_refuses_its_former_holder_everything(device):
    round = running_night().rounds.get()
    attempt = attempt_of(round, "baseline")
    old = take_lease(device=device, holder=ELSEWHERE)
    assert store_sample(held=old, attempt=attempt, message=message("selftest.sum", 10.0))
    expire(device)
    new = take_lease(device=device)
    with pytest.raises(LeaseLost):
        store_sample(held=old, attempt=attempt, message=message("selftest.sort", 10.0))
    with pytest.raises(LeaseLost):
        beat(old)
    release_lease(old)
    note_process(old, os.getpid())
    lease = Lease.objects.get(device=device)
    assert (lease.token, lease.holder != "", lease.process_group) == (new.token, True, None)
    assert list(Sample.objects.values_list("point", flat=True)) == ["selftest.sum"]
    assert old.lost.is_set()


def test_a_sample_that_comes_twice_is_stored_once(device):
    attempt = attempt_of(running_night().rounds.get(), "baseline")
    held = take_lease(device=device)
    told = [store_sample(held=held, attempt=attempt, message=message("selftest.sum", ns)) for ns in (10.0, 99.0)]
    assert told == [True, False]
    assert Sample.objects.get().cpu_ns == 10.0


def test_what_a_dead_holder_left_running_is_ended_first(device, sleeper):
    held = take_lease(device=device, holder=ELSEWHERE)
    note_process(held, sleeper.pid)
    expire(device)
    take_lease(device=device)
    assert sleeper.wait(60) == -9
    assert Lease.objects.get(device=device).process_group is None


def test_a_process_that_is_not_known_to_be_gone_is_ended_by_the_next_holder(device, sleeper):
    held = take_lease(device=device)
    note_process(held, sleeper.pid)
    release_lease(held)
    take_lease(device=device)
    assert sleeper.wait(60) == -9


def test_a_round_is_given_back_once_although_the_answer_was_lost(device):
    round = running_night().rounds.get()
    held = take_lease(device=device)
    Round.objects.filter(pk=round.pk).update(state=Round.State.RUNNING)
    for _ in range(2):
        rounds._given_back(held, round)
    round.refresh_from_db()
    assert round.state == Round.State.DUE


def test_a_process_that_was_given_the_number_later_is_left_alone(device, sleeper):
    take_lease(device=device, holder=ELSEWHERE)
    Lease.objects.filter(device=device).update(
        process_group=sleeper.pid, process_identity=f"{processes.place()}/1", expires_at=timezone.now()
    )
    take_lease(device=device)
    assert sleeper.poll() is None


def test_a_process_that_cannot_be_ended_puts_the_device_out_of_use_and_says_so(device, sleeper, monkeypatch):
    held = take_lease(device=device, holder=ELSEWHERE)
    note_process(held, sleeper.pid)
    expire(device)
    monkeypatch.setattr(leases.processes, "end_group", lambda *args: False)
    with pytest.raises(DeviceQuarantined, match="could not be ended"):
        take_lease(device=device)
    with pytest.raises(DeviceQuarantined):
        take_lease(device=device)
    device.refresh_from_db()
    assert (device.state, str(sleeper.pid) in device.state_reason) == (Device.State.QUARANTINED, True)
    assert Event.objects.get().kind == "device.quarantined"
    lift_quarantine(device=device, by="ada")
    assert take_lease(device=device).token > held.token


def test_a_process_of_another_container_puts_the_device_out_of_use(device):
    take_lease(device=device, holder=ELSEWHERE)
    boot = processes.place().partition("/")[0]
    Lease.objects.filter(device=device).update(
        process_group=7, process_identity=f"{boot}/pid:[1]/5", expires_at=timezone.now()
    )
    with pytest.raises(DeviceQuarantined, match="container"):
        take_lease(device=device)


def test_an_identity_holds_for_one_process_only(sleeper):
    recorded = processes.identity(sleeper.pid)
    assert processes.alive(sleeper.pid, recorded)
    assert not processes.alive(os.getpid(), recorded)
    sleeper.kill()
    sleeper.wait()
    assert not processes.alive(sleeper.pid, recorded)
    assert processes.identity(sleeper.pid) == ""


def test_after_another_boot_nothing_is_left_to_end():
    assert processes.end_group(os.getpid(), "another-boot/pid:[1]/1")

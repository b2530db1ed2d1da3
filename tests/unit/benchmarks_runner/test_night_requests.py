"""Asking for nights, preparing them, cancelling, repeating and extending them."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from benchmarks_runner import policies
from benchmarks_runner.actions import nights as actions
from benchmarks_runner.actions.bundles import request_bundle
from benchmarks_runner.actions.machines import lift_quarantine, quarantine_device, register_machine, rename_machine
from benchmarks_runner.actions.nights import (
    NightRefused,
    cancel_night,
    extend_night,
    prepare_night,
    prepare_waiting_nights,
    request_aa_night,
    request_night,
    request_nightly,
    request_weekly_aa,
    run_night_again,
)
from benchmarks_runner.actions.reconcile import reconcile
from benchmarks_runner.actions.rounds import MOST_TAKES, measure_round
from benchmarks_runner.bundles.specification import SpecificationError
from benchmarks_runner.models import Attempt, Bundle, Device, Lease, Machine, Night, Round
from benchmarks_runner.models.states import MoveRefused
from benchmarks_runner.queries import installed as installed_here
from record.models import Event
from tests.factories.nights import POINTS, fill_round, leased_device, ready_build, running_night, selftest_night

pytestmark = pytest.mark.django_db
PLAN = {"baseline": "six==1.17.0", "candidate": "six==1.16.0", "suite": "selftest", "by": "ada"}


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    """The wake-ups that were to be published, in their order."""
    published = []
    monkeypatch.setattr(
        "benchmarks_runner.actions.wakeups.current_app.send_task",
        lambda name, args, queue, **more: published.append((name.rpartition(".")[2], *args, queue)),
    )
    return published


@pytest.fixture
def installed(monkeypatch):
    """Let every bundle that is ready be installed here."""
    monkeypatch.setattr(installed_here, "is_installed", lambda bundle, copy: bundle.state == Bundle.State.READY)


@pytest.fixture
def device():
    return leased_device()


def measure(night, differences=None, rounds=100):
    for _ in range(rounds):
        round = night.rounds.filter(state=Round.State.DUE).first()
        if round is None:
            break
        fill_round(round, {p: (differences or {}).get(p, 0.001) for p in round.points})
        Round.objects.filter(pk=round.pk).update(state=Round.State.COMPLETE)
        from benchmarks_runner.actions.closing import go_on

        with transaction.atomic():
            go_on(night=night)
        night.refresh_from_db()
    return night


def test_the_same_request_twice_is_one_night(device, woken, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first = request_night(**PLAN, device=device)
        assert request_night(**PLAN, device=device).pk == first.pk
    assert request_night(**PLAN, device=device, again=True).pk == first.pk, "it has not ended yet"
    assert ("prepare_night", first.pk, "default") in woken
    assert Event.objects.filter(kind="night.requested").count() == 1


def test_a_night_that_came_to_nothing_is_not_the_answer_to_the_next_request(device):
    first = request_night(**PLAN, device=device)
    cancel_night(night=first, by="ada")
    assert request_night(**PLAN, device=device).repeat == 2


def test_again_asks_for_another_night_once_the_first_has_ended(device):
    first = request_night(**PLAN, device=device)
    cancel_night(night=first, by="ada")
    second = request_night(**PLAN, device=device, again=True)
    assert (second.pk != first.pk, second.repeat, second.seed != first.seed) == (True, 2, True)
    assert run_night_again(night=first, by="ada").pk == second.pk


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"suite": "nothing"}, NightRefused, "There is no suite 'nothing': choose one of"),
        ({"cap": 0}, NightRefused, "cap"),
        ({"suite": "smoke"}, NightRefused, "no point for six"),
        ({"candidate": "six"}, SpecificationError, "six"),
    ],
)
def test_what_cannot_be_measured_is_refused_and_nothing_is_kept(device, change, error, words):
    with pytest.raises(error, match=words):
        request_night(**{**PLAN, **change}, device=device)
    assert not Night.objects.exists()
    assert not Bundle.objects.exists()


def test_a_build_may_be_named(device):
    build = ready_build("six==1.15.0")
    assert request_night(**{**PLAN, "baseline": build.name}, device=device).baseline == build


def test_a_night_waits_for_its_bundles_and_wakes_their_installation(
    device, woken, installed, django_capture_on_commit_callbacks
):
    night = request_night(**PLAN, device=device)
    with django_capture_on_commit_callbacks(execute=True):
        prepare_night(night_id=night.pk)
    night.refresh_from_db()
    assert night.state == Night.State.REQUESTED
    assert [name for name, *_ in woken] == ["install_bundle", "install_bundle"]


def test_a_bundle_that_cannot_be_installed_ends_the_night_in_words(device, installed):
    night = request_night(**PLAN, device=device)
    Bundle.objects.filter(specification="six==1.16.0").update(state=Bundle.State.BROKEN, error="no such version")
    prepare_night(night_id=night.pk)
    night.refresh_from_db()
    assert (night.state, night.state_reason) == (
        Night.State.FAILED,
        "The candidate six==1.16.0 cannot be installed: no such version",
    )


def test_without_history_five_aa_pairs_are_measured_first_and_then_judge_the_night(device, installed):
    night = selftest_night()
    prepare_night(night_id=night.pk)
    night.refresh_from_db()
    scale = night.scale_from
    assert (night.state, scale.kind, scale.baseline, scale.candidate) == (
        "scaling",
        "aa",
        night.baseline,
        night.baseline,
    )
    prepare_night(night_id=night.pk)
    prepare_night(night_id=scale.pk)
    scale.refresh_from_db()
    assert scale.state == Night.State.RUNNING
    measure(scale, {POINTS[0]: 0.05})
    assert (scale.state, scale.rounds.count()) == ("decided", 5)
    prepare_night(night_id=night.pk)
    night.refresh_from_db()
    planned = {row.point: row for row in night.planned_points.all()}
    assert (night.state, set(planned)) == ("running", set(POINTS))
    assert planned[POINTS[0]].scale > planned[POINTS[1]].scale > 0
    assert all(row.clock and row.scale_pairs == 5 for row in planned.values())
    assert night.rounds.get().number == 1


def test_a_machine_with_history_needs_no_aa_night(device, installed):
    measure(_frozen(selftest_night(kind=Night.Kind.AA, rounds_cap=8)))
    night = selftest_night()
    prepare_night(night_id=night.pk)
    night.refresh_from_db()
    assert (night.state, night.scale_from) == ("running", None)


def _frozen(night):
    prepare_night(night_id=night.pk)
    night.refresh_from_db()
    return night


def test_preparing_twice_plans_one_round(installed):
    night = selftest_night(kind=Night.Kind.AA, rounds_cap=8)
    prepare_night(night_id=night.pk)
    prepare_night(night_id=night.pk)
    assert night.rounds.count() == 1


def test_a_night_whose_aa_night_came_to_nothing_says_so(installed):
    night = selftest_night()
    prepare_night(night_id=night.pk)
    cancel_night(night=Night.objects.get(pk=night.pk).scale_from, by="ada")
    prepare_night(night_id=night.pk)
    night.refresh_from_db()
    assert (night.state, "is cancelled" in night.state_reason) == ("failed", True)


def test_cancelling_a_night_cancels_the_aa_night_that_nobody_else_waits_for(installed):
    night = selftest_night()
    prepare_night(night_id=night.pk)
    night.refresh_from_db()
    cancel_night(night=night, by="ada")
    assert set(Night.objects.values_list("state", flat=True)) == {"cancelled"}


def test_what_has_ended_cannot_be_cancelled():
    night = measure(running_night())
    with pytest.raises(MoveRefused):
        cancel_night(night=night, by="ada")


def test_more_rounds_go_on_with_what_is_inconclusive_and_keep_what_was_decided(installed):
    night = measure(running_night(rounds_cap=3), {POINTS[0]: 0.004})
    assert night.state == Night.State.DECIDED
    before = {v.point: v.pairs_used for v in night.verdicts.exclude(point="")}
    extended = extend_night(night=night, rounds=20, by="ada")
    assert (extended.state, extended.rounds_cap, extended.ended_at) == ("running", 23, None)
    night.refresh_from_db()
    measure(night)
    after = {v.point: (v.verdict, v.pairs_used) for v in night.verdicts.exclude(point="")}
    assert night.state == Night.State.DECIDED
    assert all(word == "pass" and pairs > before[point] for point, (word, pairs) in after.items())


def undecided(**changes):
    """A decided night whose points are all inconclusive after one round."""
    night = measure(running_night(rounds_cap=1, **changes))
    assert set(words_of(night).values()) == {"inconclusive"}
    return night


def words_of(night):
    return dict(night.verdicts.exclude(point="").values_list("point", "verdict"))


def test_more_rounds_come_with_more_time(installed):
    spent = {**running_night().policy, "budget_seconds": 0}
    night = measure(running_night(policy=spent))
    assert (night.rounds.count(), "used up" in night.state_reason) == (1, True)
    measure(extend_night(night=night, rounds=3, by="ada"))
    assert night.rounds.count() == 4


def test_an_extended_night_whose_bundle_is_gone_waits_for_it_to_be_installed_again(
    installed, woken, django_capture_on_commit_callbacks
):
    night = undecided()
    Bundle.objects.filter(pk=night.candidate.bundle_id).update(state=Bundle.State.COLLECTED)
    extend_night(night=night, rounds=3, by="ada")
    round = night.rounds.get(number=2)
    with django_capture_on_commit_callbacks(execute=True):
        measure_round(round_id=round.pk)
    round.refresh_from_db()
    assert (round.state, round.takes, Attempt.objects.filter(round=round).count()) == ("due", 0, 0)
    assert ("install_bundle", night.candidate.bundle_id, "a", "default") in woken
    assert Lease.objects.get(device=night.device).holder == ""
    woken.clear()
    Bundle.objects.update(state=Bundle.State.READY)
    with django_capture_on_commit_callbacks(execute=True):
        prepare_waiting_nights(bundle_id=night.candidate.bundle_id)
    assert woken == [("measure_round", round.pk, night.device.queue)]


def test_an_extended_night_whose_bundle_cannot_be_had_any_more_is_decided_as_before(installed):
    night = undecided()
    before = words_of(night)
    extend_night(night=night, rounds=3, by="ada")
    Bundle.objects.filter(pk=night.candidate.bundle_id).update(state=Bundle.State.BROKEN, error="withdrawn")
    measure_round(round_id=night.rounds.get(number=2).pk)
    night.refresh_from_db()
    assert (night.state, night.rounds_cap, words_of(night)) == ("decided", 1, before)
    assert "withdrawn" in night.state_reason


def test_a_running_night_whose_bundle_cannot_be_had_any_more_says_so(installed):
    night = running_night()
    Bundle.objects.filter(pk=night.candidate.bundle_id).update(state=Bundle.State.BROKEN, error="withdrawn")
    measure_round(round_id=night.rounds.get().pk)
    night.refresh_from_db()
    assert (night.state, "withdrawn" in night.state_reason) == ("failed", True)


def test_cancelling_more_rounds_leaves_a_night_decided_by_what_it_has(installed):
    night = undecided()
    extended = extend_night(night=night, rounds=9, by="ada")
    measure(extended, rounds=2)
    assert set(words_of(night).values()) == {""}
    cancel_night(night=Night.objects.get(pk=night.pk), by="ada")
    night.refresh_from_db()
    assert (night.state, night.rounds_cap, set(words_of(night).values())) == ("decided", 3, {"inconclusive"})
    assert "Cancelled by ada" in night.state_reason
    assert all("Not decided after 3 pairs" in reason for reason in reasons_of(night))


def reasons_of(night):
    return night.verdicts.exclude(point="").values_list("reason", flat=True)


def test_more_rounds_begin_with_the_round_that_was_left_unfinished(installed):
    night = undecided()
    extend_night(night=night, rounds=9, by="ada")
    Round.objects.filter(night=night, number=2).update(takes=MOST_TAKES)
    measure_round(round_id=night.rounds.get(number=2).pk)
    night.refresh_from_db()
    assert (night.state, "never finished" in night.state_reason) == ("decided", True)
    extended = extend_night(night=night, rounds=9, by="ada")
    assert list(night.rounds.order_by("number").values_list("number", "takes", "state")) == [
        (1, 0, "complete"),
        (2, 0, "due"),
    ]
    measure(extended)
    assert (night.rounds.count() > 2, set(words_of(night).values())) == (True, {"pass"})


@pytest.mark.parametrize("ask", ["by name", "by specification", "again", "its noise"])
def test_asking_again_lets_a_broken_bundle_be_tried_again(device, installed, ask):
    night = request_night(**PLAN, device=device)
    Bundle.objects.filter(pk=night.baseline.bundle_id).update(state=Bundle.State.BROKEN, error="no network")
    prepare_night(night_id=night.pk)
    night = Night.objects.get(pk=night.pk)
    if ask == "again":
        new = run_night_again(night=night, by="ada")
    elif ask == "its noise":
        new = request_aa_night(build=night.baseline, suite="selftest", device=device, by="ada")
    else:
        name = night.baseline.name if ask == "by name" else "six==1.17.0"
        new = request_night(**{**PLAN, "baseline": name}, device=device)
    prepare_night(night_id=new.pk)
    new.refresh_from_db()
    assert (new.pk != night.pk, new.state, new.baseline.bundle.state) == (True, "requested", "requested")


def test_a_device_out_of_use_takes_no_night_and_shows_what_was_decided(device, installed):
    decided = measure(running_night())
    quarantine_device(device=device, reason="a process could not be ended.")
    device = Device.objects.get(pk=device.pk)
    with pytest.raises(NightRefused, match=r"out of use: a process could not be ended\. .*/admin/"):
        request_night(**PLAN, device=device)
    assert not Bundle.objects.filter(specification="six==1.16.0").exists()
    with pytest.raises(NightRefused, match="out of use"):
        run_night_again(night=decided, by="ada")
    plan = {"suite": "selftest", "device": device, "by": "ada"}
    shown = request_night(baseline=decided.baseline.name, candidate=decided.candidate.name, **plan)
    assert shown.pk == decided.pk


def test_a_night_waits_where_its_device_was_taken_out_of_use(device, installed):
    night = selftest_night()
    quarantine_device(device=device, reason="a process could not be ended.")
    prepare_night(night_id=night.pk)
    assert Night.objects.get().state == Night.State.REQUESTED
    lift_quarantine(device=device, by="ada")
    prepare_night(night_id=night.pk)
    night.refresh_from_db()
    assert night.state == Night.State.SCALING


def test_a_night_without_an_open_question_cannot_be_extended():
    night = measure(running_night())
    assert not policies.can_be_extended(night)
    with pytest.raises(MoveRefused):
        extend_night(night=night, rounds=5, by="ada")


@pytest.mark.parametrize("rounds", [0, -1, 1001])
def test_more_rounds_are_a_sensible_number(rounds):
    night = measure(running_night(rounds_cap=1))
    with pytest.raises(NightRefused):
        extend_night(night=night, rounds=rounds, by="ada")


def test_a_round_that_takes_its_workers_along_ends_the_night():
    night = running_night()
    Round.objects.update(takes=MOST_TAKES)
    measure_round(round_id=night.rounds.get().pk)
    night.refresh_from_db()
    assert (night.state, "never finished" in night.state_reason) == ("failed", True)
    assert Lease.objects.get(device=night.device).holder == ""


def test_the_schedule_does_nothing_until_somebody_says_what(settings):
    assert request_nightly() is None
    settings.NIGHTLY_BASELINE, settings.NIGHTLY_CANDIDATE = "six==1.17.0", "six==1.16.0"
    settings.NIGHTLY_SUITE = "selftest"
    night = request_nightly()
    assert night.requested_by == "schedule"
    assert night.device.machine.name == "machine 1"


def test_aa_nights_are_asked_for_where_nights_were_compared_within_four_weeks(settings):
    (weekly,) = (row for row in settings.CELERY_BEAT_SCHEDULE.values() if row["task"].endswith(".weekly_aa"))
    assert (weekly["schedule"].day_of_week, weekly["schedule"].hour) == ({0}, {4})
    assert request_weekly_aa() == []
    night = measure(running_night())
    for days, asked in ((29, 0), (27, 1)):
        Night.objects.filter(pk=night.pk).update(ended_at=timezone.now() - timedelta(days=days))
        assert len(request_weekly_aa()) == asked
    (asked,) = request_weekly_aa()
    assert (asked.kind, asked.device, asked.suite) == (Night.Kind.AA, night.device, "selftest")
    assert request_weekly_aa() == [asked], "it has not ended yet"


def test_reconciling_wakes_what_is_due_and_nothing_else(woken, django_capture_on_commit_callbacks):
    night, waiting = running_night(), selftest_night()
    with django_capture_on_commit_callbacks(execute=True):
        assert reconcile() == {"bundles": 0, "nights": 1, "rounds": 1}
    round = night.rounds.get()
    assert ("measure_round", round.pk, night.device.queue) in woken
    assert ("prepare_night", waiting.pk, "default") in woken
    Lease.objects.update(holder="1 elsewhere/x/1", expires_at="2999-01-01T00:00Z")
    assert reconcile()["rounds"] == 0
    Lease.objects.update(expires_at="2020-01-01T00:00Z")
    Round.objects.update(state=Round.State.RUNNING)
    assert reconcile()["rounds"] == 1, "its worker died"


def test_bundles_are_installed_for_as_long_as_somebody_waits_for_them(device, woken):
    night = request_night(**PLAN, device=device)
    by_itself = request_bundle(specification="six==1.15.0", by="ada")
    assert reconcile()["bundles"] == 3
    cancel_night(night=night, by="ada")
    assert reconcile()["bundles"] == 1
    by_itself.delete()
    request_night(**PLAN, device=device)
    assert reconcile()["bundles"] == 2


def test_a_night_that_another_process_gave_up_meanwhile_is_given_up_once(device, installed):
    seen = request_night(**PLAN, device=device)
    Bundle.objects.update(state=Bundle.State.BROKEN, error="no network")
    prepare_night(night_id=seen.pk)
    assert not actions._bundles_ready(Night.objects.get(pk=seen.pk))
    assert Event.objects.filter(kind="night.failed").count() == 1


def test_two_devices_wait_for_nobody_but_their_own(woken):
    running_night()
    running_night(device=leased_device("a" * 16))
    running_night(device=leased_device("a" * 16))
    assert reconcile()["rounds"] == 2


def test_a_broker_that_is_away_loses_nothing(device, monkeypatch, caplog, django_capture_on_commit_callbacks):
    from kombu.exceptions import OperationalError

    def refuse(*args, **more):
        raise OperationalError("no broker")

    monkeypatch.setattr("benchmarks_runner.actions.wakeups.current_app.send_task", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        night = request_night(**PLAN, device=device)
    assert Night.objects.get() == night
    assert "the reconciler will do it" in caplog.text


def test_a_machine_is_registered_once_under_a_number_and_never_under_its_own_name():
    facts = {"digest": "f" * 16, "processor": "a processor", "gpus": [{"uuid": "GPU-1", "name": "a GPU"}]}
    machine = register_machine(facts=facts)
    assert register_machine(facts=facts) == machine
    other = register_machine(facts={"digest": "0" * 16, "processor": "another", "gpus": []})
    assert [machine.name, other.name] == ["machine 1", "machine 2"]
    assert [device.address for device in machine.devices.all()] == ["cpu", "cuda:0"]
    assert Lease.objects.count() == 3
    rename_machine(machine=other, name="the quiet one", by="ada")
    assert Machine.objects.get(pk=other.pk).name == "the quiet one"


def test_who_may_run_nights_is_asked_of_the_offices_held_today(django_user_model):
    from django.contrib.auth.models import AnonymousUser, Permission

    from tests.factories.people import a_signatory

    user = django_user_model.objects.create_user("ada")
    assert not policies.may_run_nights(user)
    assert not policies.may_run_nights(AnonymousUser())
    with pytest.raises(PermissionDenied):
        policies.check_may_run_nights(user)
    user.user_permissions.add(Permission.objects.get(codename="run_night"))
    assert not policies.may_run_nights(django_user_model.objects.get(pk=user.pk)), "no flag grants it"
    user = a_signatory("grace")
    assert policies.may_run_nights(user)
    policies.check_may_run_nights(user)
    user.is_active = False
    assert not policies.may_run_nights(user)


def test_an_aa_night_is_of_a_build_against_itself():
    night = request_aa_night(build=ready_build(), suite="selftest", device=leased_device(), by="ada")
    assert (night.kind, night.baseline, night.rounds_cap) == ("aa", night.candidate, 8)

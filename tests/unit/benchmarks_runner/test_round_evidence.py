"""What a night's rows say: pairs, breakages, and the same verdict whatever the order in which they came."""

import itertools
import random

import pytest
from django.db import transaction

from benchmarks_runner.actions.attempts import (
    MeasuredArm,
    end_lost_attempts,
    flags_of,
    insert_sample,
    void_if_changed,
    wanted_fault,
)
from benchmarks_runner.actions.closing import close_round, go_on
from benchmarks_runner.actions.leases import take_lease
from benchmarks_runner.actions.rounds import measure_round, next_group
from benchmarks_runner.models import Attempt, Night, Round, Sample, Verdict
from benchmarks_runner.queries.evidence import attempts_of, pairs_in, stops_in
from benchmarks_runner.queries.replay import clocks_of, replayed
from benchmarks_runner.stats import NightEngine
from tests.factories.nights import POINTS, attempt_of, fill_round, message, running_night, selftest_night

pytestmark = pytest.mark.django_db
SORT, SQUARE, SUM, TABLE = sorted(POINTS)


@pytest.fixture
def night():
    return running_night()


@pytest.fixture
def round(night):
    return night.rounds.get()


def points_of_pairs(night):
    return [(pair.round, pair.point, pair.attempt) for pair in pairs_in(attempts_of(night))]


def test_a_pair_is_both_arms_of_one_attempt(night, round):
    fill_round(round, {SUM: 0.1, SORT: 0.0})
    pairs = pairs_in(attempts_of(night))
    assert [(p.point, pytest.approx(p.difference("cpu"))) for p in pairs] == [(SORT, 0.0), (SUM, 0.1)]
    assert pairs[0].difference("cpu/sentinel") == pytest.approx(0.0)
    assert pairs[0].difference("device") is None


def test_a_half_pair_is_void_and_its_samples_stay(night, round):
    fill_round(round, {SUM: 0.1}, arms=["baseline"])
    assert points_of_pairs(night) == []
    assert Sample.objects.count() == 1
    assert next_group(round).number == 2


def test_the_first_whole_attempt_of_a_round_is_the_one_that_counts(night, round):
    fill_round(round, {SUM: 0.1}, number=2)
    fill_round(round, {SUM: 0.3}, number=3)
    fill_round(round, {SUM: 0.9}, number=1, arms=["baseline"])
    assert points_of_pairs(night) == [(1, SUM, 2)]


@pytest.mark.parametrize("ended", ["", "lost", "cancelled"])
def test_an_arm_that_somebody_else_ended_voids_the_attempt_and_speaks_against_nobody(night, round, ended):
    fill_round(round, {SUM: 0.1})
    Attempt.objects.filter(arm="candidate").update(ended=ended)
    assert points_of_pairs(night) == []
    assert stops_in(attempts_of(night)) == []


def crash(round, number, arm="candidate", at=SORT):
    other = "baseline" if arm == "candidate" else "candidate"
    attempt_of(round, arm, number, [at], ended="crash", last_point=at)
    insert_sample(attempt_of(round, other, number, [at]), message(at, 10.0))


def test_a_candidate_that_crashes_twice_is_broken_and_once_is_not(night, round):
    crash(round, 1)
    assert stops_in(attempts_of(night)) == []
    assert SORT in next_group(round).points or next_group(round).points != ()
    crash(round, 2)
    (stop,) = stops_in(attempts_of(night))
    assert (stop.point, stop.arm, stop.round, stop.reason) == (SORT, "candidate", 1, "its process crashed")


def test_where_the_baseline_crashes_too_nothing_is_said_against_the_candidate(night, round):
    crash(round, 1)
    crash(round, 2)
    crash(round, 3, arm="baseline")
    (stop,) = stops_in(attempts_of(night))
    assert stop.arm == "both"


def test_a_point_that_cannot_be_measured_is_inconclusive_and_not_broken(night, round):
    for number in (1, 2):
        for arm in ("baseline", "candidate"):
            failure = {"point": SUM, "reason": "invalid_timing", "message": "1.7 times as fast as this machine can be"}
            attempt_of(round, arm, number, [SUM], failures=[failure])
    (stop,) = stops_in(attempts_of(night))
    assert (stop.arm, "shorter than the device can be" in stop.reason) == ("both", True)


def test_wrong_numbers_in_the_candidate_alone_break_it(night, round):
    for number in (1, 2):
        insert_sample(attempt_of(round, "baseline", number, [SUM]), message(SUM, 10.0, error=1e-16))
        insert_sample(attempt_of(round, "candidate", number, [SUM]), message(SUM, 10.0, error=1e-3))
    assert [(s.point, s.arm) for s in stops_in(attempts_of(night))] == [(SUM, "candidate")]
    assert points_of_pairs(night) == []


def test_a_lost_worker_leaves_the_round_as_it_found_it(night, round):
    attempt_of(round, "baseline", ended="", ended_at=None)
    assert end_lost_attempts(round) == 1
    assert next_group(round).points == tuple(round.points)


def fingerprint(machine="d" * 16, build="b1"):
    return {"machine": {}, "framework": {}, "digest": {"machine": machine, "build": build}}


def pair_on(round, number, machine_of_candidate, build="b1"):
    rows = [
        attempt_of(round, "baseline", number, [SUM], fingerprint=fingerprint()),
        attempt_of(round, "candidate", number, [SUM], fingerprint=fingerprint(machine_of_candidate, build)),
    ]
    held = take_lease(device=round.night.device)
    void_if_changed(held=held, round=round, measured=[MeasuredArm(row, clean=True) for row in rows])
    from benchmarks_runner.actions.leases import release_lease

    release_lease(held)
    return [Attempt.objects.get(pk=row.pk) for row in rows]


def test_a_machine_that_changes_within_a_pair_voids_it_by_arm_until_the_budget_is_spent(round):
    for number in (1, 2, 3):
        baseline, candidate = pair_on(round, number, "another")
        assert (baseline.void_reason, "fingerprint" in candidate.void_reason) == ("", True)
    baseline, candidate = pair_on(round, 4, "another")
    assert (candidate.void_reason, len(candidate.flags)) == ("", 1)


def test_a_pair_on_one_machine_stands(round):
    assert not any(row.void_reason or row.flags for row in pair_on(round, 1, "d" * 16))


def play(night, seed, shuffle=None):
    """Measure a night to its end with differences drawn for round and point; return what its rows say then."""
    draw = random.Random(seed)
    while round := night.rounds.filter(state=Round.State.DUE).first():
        shifts = {p: (0.5 if p == SORT else 0.0) + draw.gauss(0, 0.02) for p in sorted(round.points)}
        arms = ["baseline", "candidate"]
        if shuffle:
            items = list(shifts.items())
            shuffle.shuffle(items)
            shuffle.shuffle(arms)
            shifts = dict(items)
        fill_round(round, shifts, arms=arms)
        Round.objects.filter(pk=round.pk).update(state=Round.State.COMPLETE)
        with transaction.atomic():
            go_on(night=night)
        night.refresh_from_db()
    fields = ("point", "verdict", "estimate", "low", "high", "pairs_used", "decided_in_round", "reason", "evidence")
    return list(night.verdicts.order_by("point").values_list(*fields))


def test_the_order_of_arrival_changes_no_verdict():
    told = [play(running_night(), 3, shuffle=None if order is None else random.Random(order)) for order in (None, 1, 2)]
    assert told[0] == told[1] == told[2]
    assert {row[0]: row[1] for row in told[0]}[SORT] == "fail"


def test_replaying_the_rows_says_what_was_said_live():
    night = running_night()
    play(night, 11)
    assert night.state == Night.State.DECIDED
    again = replayed(Night.objects.get(pk=night.pk))
    live = {v.point: (v.verdict, v.estimate, v.low, v.high, v.pairs_used) for v in night.verdicts.exclude(point="")}
    assert live == {p.point: (p.verdict, p.estimate, p.low, p.high, p.pairs_used) for p in again.engine.result().points}
    assert {v.point: v.decided_in_round for v in night.verdicts.exclude(point="")} == again.decided_in


def test_the_engine_is_fed_nothing_of_a_round_that_is_not_closed(night, round, monkeypatch):
    fill_round(round, dict.fromkeys(POINTS, 3.0))
    fed = []
    monkeypatch.setattr(NightEngine, "feed", lambda self, point, number, value: fed.append(point))
    replayed(night)
    assert fed == []
    assert clocks_of(night) == dict.fromkeys(POINTS, "cpu")


def test_decided_points_leave_the_schedule_and_the_plan_stays(night):
    play(night, 5)
    sizes = [len(round.points) for round in night.rounds.order_by("number")]
    assert sizes[0] == len(POINTS)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < len(POINTS)
    assert night.planned_points.count() == len(POINTS)


def test_a_broken_point_is_a_verdict_and_holds_up_nothing(night):
    while round := night.rounds.filter(state=Round.State.DUE).first():
        fill_round(round, {p: 0.0 for p in round.points if p != SORT})
        if SORT in round.points:
            crash(round, 2)
            crash(round, 3)
        Round.objects.filter(pk=round.pk).update(state=Round.State.COMPLETE)
        with transaction.atomic():
            go_on(night=night)
        night.refresh_from_db()
    broken = night.verdicts.get(point=SORT)
    assert (broken.verdict, broken.decided_in_round) == ("broken", 1)
    assert "never in the baseline" in broken.reason
    assert set(night.verdicts.exclude(point__in=["", SORT]).values_list("verdict", flat=True)) == {"pass"}


def test_at_the_cap_what_is_undecided_is_inconclusive_and_says_what_would_decide_it():
    night = running_night(rounds_cap=2)
    play(night, 1)
    assert night.rounds.count() == 2
    rows = night.verdicts.exclude(point="")
    assert set(rows.values_list("verdict", flat=True)) == {"inconclusive"}
    assert all("would" in row.reason for row in rows)


def test_when_its_time_is_used_up_a_night_ends_with_what_it_knows():
    night = running_night(policy={**running_night().policy, "budget_seconds": 0})
    play(night, 1)
    assert night.rounds.count() == 1
    assert night.rounds_cap == 1
    assert "used up after 1 rounds" in night.state_reason
    assert set(night.verdicts.exclude(point="").values_list("verdict", flat=True)) == {"inconclusive"}
    reasons = night.verdicts.values_list("reason", flat=True)
    assert all(reason.startswith("Not decided after one pair") and "would" in reason for reason in reasons)


def test_a_night_that_ends_on_its_time_says_what_the_engine_says_that_is_told_to_end():
    night = running_night({SUM: 0.02, SORT: 0.02, TABLE: 0.5}, policy={**running_night().policy, "budget_seconds": 0})
    while round := night.rounds.filter(state=Round.State.DUE).first():
        Night.objects.filter(pk=night.pk).update(policy={**night.policy, "budget_seconds": 10_000 * (round.number < 3)})
        night.refresh_from_db()
        fill_round(round, {p: 0.9 if p == SORT else 0.01 for p in round.points})
        Round.objects.filter(pk=round.pk).update(state=Round.State.COMPLETE)
        with transaction.atomic():
            go_on(night=night)
        night.refresh_from_db()
    ended = replayed(Night(**{f.attname: getattr(night, f.attname) for f in Night._meta.fields} | {"rounds_cap": 30}))
    assert ended.engine.undecided
    ended.engine.end()
    told = {v.point: (v.verdict, v.reason, v.pairs_used) for v in night.verdicts.exclude(point="")}
    assert (night.rounds_cap, night.rounds.count()) == (3, 3)
    assert told == {p.point: (p.verdict, p.reason, p.pairs_used) for p in ended.engine.result().points}


def test_a_point_without_a_scale_is_never_measured_and_never_passes():
    night = running_night({SUM: 0.02, SORT: None})
    assert night.rounds.get().points == [SUM]
    play(night, 2)
    verdict = night.verdicts.get(point=SORT)
    assert (verdict.verdict, "fewer than five pairs" in verdict.reason) == ("inconclusive", True)


def test_closing_the_same_round_twice_changes_nothing(night, round):
    fill_round(round, dict.fromkeys(POINTS, 0.0))
    Round.objects.filter(pk=round.pk).update(state=Round.State.RUNNING)
    held = take_lease(device=night.device)
    for _ in range(2):
        close_round(held=held, round_id=round.pk)
    assert night.rounds.count() == 2
    assert Verdict.objects.filter(night=night).count() == len(POINTS) + 1


def test_a_message_for_a_finished_round_or_a_busy_device_changes_nothing(night, round):
    held = take_lease(device=night.device, holder="1 elsewhere/x/1")
    before = list(itertools.chain(Round.objects.values(), Attempt.objects.values()))
    measure_round(round_id=round.pk)
    Round.objects.filter(pk=round.pk).update(state=Round.State.COMPLETE)
    measure_round(round_id=round.pk)
    Round.objects.filter(pk=round.pk).update(state=Round.State.DUE)
    assert list(itertools.chain(Round.objects.values(), Attempt.objects.values())) == before
    assert held.token == 1


def test_an_aa_night_ends_with_five_pairs_of_each_point():
    night = selftest_night(kind=Night.Kind.AA, rounds_cap=8)
    from benchmarks_runner.actions.plans import freeze_plan

    freeze_plan(night=night)
    play(night, 4)
    assert (night.state, night.rounds.count(), night.verdicts.count()) == ("decided", 5, 0)


def test_an_aa_night_measures_on_where_a_pair_was_lost():
    from benchmarks_runner.actions.plans import freeze_plan

    night = selftest_night(kind=Night.Kind.AA, rounds_cap=8)
    freeze_plan(night=night)
    number = 0
    while round := night.rounds.filter(state=Round.State.DUE).first():
        number += 1
        fill_round(round, {p: 0.01 for p in round.points if (number, p) != (2, SUM)})
        Round.objects.filter(pk=round.pk).update(state=Round.State.COMPLETE)
        with transaction.atomic():
            go_on(night=night)
        night.refresh_from_db()
    assert [len(round.points) for round in night.rounds.order_by("number")] == [4, 4, 4, 4, 4, 1]


def test_a_device_that_slowed_itself_down_flags_the_pair_which_counts_all_the_same(night, round):
    hot = {"before": None, "after": {"throttle_reasons": ["idle", "software_thermal"]}, "queued_ahead": True}
    assert flags_of([message(SUM, 10.0, telemetry=hot), message(SORT, 10.0)]) == ["throttled: software_thermal"]
    fill_round(round, {SUM: 0.1})
    Attempt.objects.filter(arm="candidate").update(flags=["throttled: software_thermal"])
    (pair,) = pairs_in(attempts_of(night))
    assert pair.flags == ("throttled: software_thermal",)


@pytest.mark.parametrize(
    ("arm", "number", "wanted"), [("candidate", 2, True), ("baseline", 2, False), ("candidate", 3, False)]
)
def test_a_fault_strikes_only_where_the_environment_allows_it_and_the_plan_says(monkeypatch, arm, number, wanted):
    plan = '[{"night": "comparison", "arm": "candidate", "round": 2, "point": "selftest.sum", "kind": "hang"}]'
    monkeypatch.setenv("FLAMEKEEPER_FAULT_PLAN", plan)
    assert wanted_fault("comparison", arm, number, 1) is None
    monkeypatch.setenv("FLAMEKEEPER_FAULTS", "1")
    assert (wanted_fault("comparison", arm, number, 1) == {"point": SUM, "kind": "hang"}) == wanted
    assert wanted_fault("aa", arm, number, 1) is None

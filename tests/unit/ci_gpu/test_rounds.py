"""Which processes a round still needs, and who is broken."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gpu import rounds
from ci_gpu.rounds import ArmRun, Attempt, breakages, coin, complete, given_up, next_orders, point_order

POINTS = ["a", "b", "c", "d"]
WRITTEN_DOWN = "bcbcccbc"
ORDER_WRITTEN_DOWN = ("a", "b", "d", "c")


def ran(points, *, failed=None, ended="done", at=None, error=0.0):
    """Return a process that measured its points up to the one it fell over."""
    failed = failed or {}
    reached = points if ended == "done" else points[: points.index(at)] if at else []
    return ArmRun(tuple(points), {p: error for p in reached if p not in failed}, failed, ended, at)


def both(points, **candidate):
    return Attempt(ran(points), ran(points, **candidate))


def test_a_round_begins_with_all_points_together():
    assert next_orders(POINTS, []) == [POINTS]


def test_a_round_is_complete_when_every_point_has_a_pair():
    assert next_orders(POINTS, [both(POINTS)]) == []
    assert complete([both(POINTS)]) == dict.fromkeys(POINTS, 0)


def test_no_points_need_no_process():
    assert next_orders([], []) == []


def test_after_a_crash_the_rest_goes_on_together_and_the_suspect_alone():
    crashed = both(POINTS, ended="crash", at="b")
    assert next_orders(POINTS, [crashed]) == [["c", "d"], ["b"]]


def test_a_half_pair_is_void():
    """The baseline measured c and d, the candidate did not reach them: both arms measure them anew."""
    crashed = both(POINTS, ended="crash", at="b")
    assert set(complete([crashed])) == {"a"}
    assert next_orders(POINTS, [crashed, both(["c", "d"])]) == [["b"]]


def test_a_suspect_that_does_well_alone_is_a_pair():
    attempts = [both(POINTS, ended="timeout", at="b"), both(["c", "d"]), both(["b"])]
    assert next_orders(POINTS, attempts) == []
    assert complete(attempts)["b"] == 2
    assert breakages(attempts) == {}


def test_a_point_that_spoils_two_attempts_is_given_up_and_broken():
    attempts = [both(POINTS, ended="crash", at="b"), both(["c", "d"]), both(["b"], ended="crash", at="b")]
    assert next_orders(POINTS, attempts) == []
    assert given_up(attempts) == {"b"}
    assert breakages(attempts)["b"] == rounds.Breakage("candidate", "crash")


@pytest.mark.parametrize("reason", ["error", "numerics"])
def test_a_failure_that_the_process_survived_is_tried_again_alone(reason):
    attempts = [both(POINTS, failed={"c": reason})]
    assert next_orders(POINTS, attempts) == [["c"]]
    attempts.append(both(["c"], failed={"c": reason}))
    assert next_orders(POINTS, attempts) == []
    assert breakages(attempts)["c"] == rounds.Breakage("candidate", reason)


def test_what_ran_out_of_memory_is_blamed_for_its_own_end_only():
    run = ArmRun(tuple(POINTS), {"a": 0.0}, {"b": "out_of_memory"}, "out_of_memory", "b")
    assert run.reasons() == {"b": "out_of_memory"}


def test_an_operation_that_the_device_lacks_is_not_tried_again_and_breaks_nobody():
    attempts = [both(POINTS, failed={"c": "unsupported"})]
    assert next_orders(POINTS, attempts) == []
    assert breakages(attempts * 2) == {}


def test_an_impossible_timing_is_tried_again_but_breaks_nobody():
    attempts = [both(POINTS, failed={"c": "invalid_timing"}), both(["c"], failed={"c": "invalid_timing"})]
    assert next_orders(POINTS, attempts[:1]) == [["c"]]
    assert next_orders(POINTS, attempts) == []
    assert breakages(attempts) == {}


def test_an_end_between_points_is_blamed_on_the_next_one():
    run = ArmRun(tuple(POINTS), {"a": 0.0, "b": 0.0}, {}, "crash", None)
    assert run.reasons() == {"c": "crash"}


def lying(points, **kinds):
    """Return a process that measured everything, said done, and whose clock cannot be believed."""
    return ArmRun(tuple(points), dict.fromkeys(points, 0.0), kinds, "garbage", None)


@pytest.mark.parametrize("arm", rounds.ARMS)
def test_what_a_process_with_a_lying_clock_said_is_no_pair(arm):
    attempt = Attempt(**{"baseline": ran(POINTS), "candidate": ran(POINTS), arm: lying(POINTS)})
    assert attempt.pairs() == set()
    assert attempt.reasons(arm) == dict.fromkeys(POINTS, "garbage")
    assert complete([attempt]) == {}


def test_after_a_lying_clock_the_same_points_are_measured_together_once_more():
    """Alone they would be processes too short for the lie to be seen."""
    lied = Attempt(ran(POINTS), lying(POINTS))
    assert next_orders(POINTS, [lied]) == [POINTS]
    assert next_orders(POINTS, [lied, both(POINTS)]) == []
    assert complete([lied, both(POINTS)]) == dict.fromkeys(POINTS, 1)
    assert breakages([lied, both(POINTS)]) == {}


def test_a_build_whose_clock_lies_twice_is_broken():
    lied = Attempt(ran(POINTS), lying(POINTS))
    assert next_orders(POINTS, [lied, lied]) == []
    assert given_up([lied, lied]) == set(POINTS)
    assert breakages([lied, lied]) == dict.fromkeys(POINTS, rounds.Breakage("candidate", "garbage"))


def test_a_point_that_failed_under_a_lying_clock_is_a_suspect_all_the_same():
    measured = {p: 0.0 for p in POINTS if p != "c"}
    lied = Attempt(ran(POINTS), ArmRun(tuple(POINTS), measured, {"c": "error"}, "garbage", None))
    assert lied.reasons("candidate")["c"] == "error"
    assert next_orders(POINTS, [lied]) == [["a", "b", "d"], ["c"]]


def test_garbage_at_a_point_leaves_the_pairs_before_it():
    garbled = both(POINTS, ended="garbage", at="c")
    assert garbled.pairs() == {"a", "b"}
    assert next_orders(POINTS, [garbled]) == [["d"], ["c"]]


def test_a_build_that_cannot_start_speaks_against_every_point():
    attempts = [both(POINTS, ended="crash"), *(both([p], ended="crash") for p in POINTS)]
    assert next_orders(POINTS, attempts[:1]) == [[p] for p in POINTS]
    assert next_orders(POINTS, attempts) == []
    assert set(breakages(attempts)) == set(POINTS)


def test_a_cancelled_attempt_counts_for_nothing():
    attempts = [both(POINTS, ended="cancelled", at="b")]
    assert next_orders(POINTS, attempts) == [POINTS]
    assert next_orders(POINTS, [Attempt(ran(POINTS), None)]) == [POINTS]
    assert breakages(attempts * 3) == {}


def test_a_baseline_that_breaks_is_not_the_candidates_fault():
    broken = Attempt(ran(["a"], ended="crash", at="a"), ran(["a"]))
    assert breakages([broken, broken])["a"].arm == "baseline"


def test_both_broken_say_both():
    twice = [Attempt(ran(["a"], ended="crash", at="a"), ran(["a"], ended="timeout", at="a"))] * 2
    assert breakages(twice)["a"] == rounds.Breakage("both", "baseline: crash; candidate: timeout")


def test_one_crash_of_the_baseline_takes_the_blame_from_the_candidate():
    once = Attempt(ran(["a"], ended="crash", at="a"), ran(["a"]))
    assert breakages([once, both(["a"], ended="crash", at="a"), both(["a"], ended="crash", at="a")])["a"].arm == "both"


def test_crashes_in_two_rounds_are_twice():
    assert breakages([both(["a"], ended="crash", at="a")]) == {}
    assert breakages([both(["a"], ended="crash", at="a"), both(["a"]), both(["a"], ended="garbage", at="a")])


def test_a_candidate_much_less_exact_than_the_baseline_is_wrong():
    attempt = Attempt(ran(["a"], error=1e-7), ran(["a"], error=1e-5))
    assert attempt.reasons("candidate") == {"a": "numerics"}
    assert attempt.reasons("baseline") == {}
    assert next_orders(["a"], [attempt]) == [["a"]]
    assert breakages([attempt, attempt])["a"] == rounds.Breakage("candidate", "numerics")


def test_how_exact_is_exact_enough_depends_on_the_type():
    errors = ran(["a"], error=1e-3), ran(["a"], error=1e-2)
    assert Attempt(*errors, {"a": "bfloat16"}).pairs() == {"a"}
    assert Attempt(*errors, {"a": "float32"}).pairs() == set()


@pytest.mark.parametrize(
    ("baseline", "candidate", "right"),
    [
        (1e-6, 2e-6, True),
        (1e-6, 3e-6, False),
        (0.0, 4e-7, True),
        (None, 1.0, True),
        (1e-6, None, True),
        (1.0, 0.0, True),
    ],
)
def test_as_exact(baseline, candidate, right):
    assert rounds.as_exact(baseline, candidate, "float32") is right


BEHAVIOURS = ["right", "right", "right", "crash", "timeout", "error", "unsupported", "flaky"]


def play(points, behaviour, draw):
    """Run a round against points that behave in given ways, as a worker would; return its attempts."""
    attempts = []
    while groups := next_orders(points, attempts):
        assert len(attempts) < 4 * len(points) + 2, "the round does not end"
        attempts.append(Attempt(*(one_arm(groups[0], behaviour[arm], draw) for arm in rounds.ARMS)))
    return attempts


def one_arm(group, behaviour, draw):
    run = said(group, behaviour, draw)
    lies = run.ended == "done" and draw(st.sampled_from([False, False, True]))
    return ArmRun(run.points, run.measured, run.failed, "garbage", None) if lies else run


def said(group, behaviour, draw):
    measured, failed = {}, {}
    for point in group:
        does = behaviour[point]
        if does == "flaky":
            does = draw(st.sampled_from(["right", "crash"]))
        if does in ("crash", "timeout"):
            return ArmRun(tuple(group), measured, failed, does, point)
        if does == "right":
            measured[point] = 0.0
        else:
            failed[point] = does
    return ArmRun(tuple(group), measured, failed)


@given(st.data())
def test_every_round_ends_with_all_pairs_that_could_be_had(data):
    points = [f"p{i}" for i in range(data.draw(st.integers(1, 7)))]
    behaviour = {arm: {p: data.draw(st.sampled_from(BEHAVIOURS)) for p in points} for arm in rounds.ARMS}
    attempts = play(points, behaviour, data.draw)
    pairs, lost = set(complete(attempts)), given_up(attempts)
    assert pairs | lost == set(points)
    twice_void = {p for p, count in rounds.spoiled(attempts).items() if count >= rounds.LIMIT}
    sound = {p for p in points if all(behaviour[arm][p] == "right" for arm in rounds.ARMS)}
    assert sound - twice_void <= pairs
    for point, index in complete(attempts).items():
        arms = (attempts[index].baseline, attempts[index].candidate)
        assert not any(arm.disbelieved or point not in arm.measured for arm in arms)
    assert all(count <= rounds.LIMIT for count in rounds.spoiled(attempts).values())


@given(st.data())
def test_no_suspect_shares_a_process(data):
    points = [f"p{i}" for i in range(5)]
    behaviour = {arm: {p: data.draw(st.sampled_from(BEHAVIOURS)) for p in points} for arm in rounds.ARMS}
    attempts = play(points, behaviour, data.draw)
    for index, attempt in enumerate(attempts):
        group = attempt.baseline.points
        assert len(group) == 1 or not set(group) & {p for a in attempts[:index] for p in a.suspects()}


def test_the_coin_is_fair_and_repeats_itself():
    faces = Counter(coin(7, "night", number, 0) for number in range(4000))
    assert abs(faces["baseline_first"] - 2000) < 160  # five standard deviations
    assert [coin(7, "night", n, 0) for n in range(50)] == [coin(7, "night", n, 0) for n in range(50)]


def test_each_round_shard_and_attempt_has_a_coin_of_its_own():
    by_round = [coin(7, "n", k, 0) for k in range(64)]
    assert by_round != [coin(7, "n", k, 1) for k in range(64)]
    assert by_round != [coin(7, "n", k, 0, 2) for k in range(64)]
    assert by_round != [coin(8, "n", k, 0) for k in range(64)]


def test_the_order_of_points_is_drawn_anew_each_round_whatever_order_they_came_in():
    first = point_order(POINTS, 1, "n", 1, 0)
    assert sorted(first) == POINTS
    assert first == point_order(reversed(POINTS), 1, "n", 1, 0)
    assert len({point_order(POINTS, 1, "n", k, 0) for k in range(200)}) == 24


def test_inputs_differ_from_round_to_round():
    assert len({rounds.seed_of(1, "n", k, 0) for k in range(100)}) == 100


def test_a_coin_comes_out_the_same_on_every_machine():
    """Written down once: a change here would change the plan of nights already under way."""
    drawn = [coin(1, "alone", k, 0) for k in range(1, 9)]
    assert "".join("b" if c == "baseline_first" else "c" for c in drawn) == WRITTEN_DOWN
    assert point_order(POINTS, 1, "alone", 1, 0) == ORDER_WRITTEN_DOWN


def test_shards_hold_at_most_twenty():
    points = [str(i) for i in range(45)]
    assert [len(s) for s in rounds.shards(points)] == [20, 20, 5]
    assert [p for shard in rounds.shards(points) for p in shard] == points

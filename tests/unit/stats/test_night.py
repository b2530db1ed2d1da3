"""The engine: what it decides, when, and that neither order nor the future can change it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks_runner.stats import NightEngine, PointRule, Policy, margin
from benchmarks_runner.stats.describe import middle
from tests.unit.stats.nights import live, recorded, rules, rules_of

RNG = np.random.default_rng


def play(engine, pairs, seed=0):
    return live(engine, pairs, RNG(seed))


def night_of(shifts, scale=0.01, seed=1, rounds=40):
    rng = RNG(seed)
    return {f"p{i}": (shift + scale * rng.normal(0, 1, rounds)).tolist() for i, shift in enumerate(shifts)}


def by_point(verdict):
    return {point.point: point for point in verdict.points}


def test_slow_points_fail_and_others_pass():
    verdict = play(NightEngine(rules(16)), night_of([math.log(1.05)] * 4 + [0.0] * 12))
    assert [point.verdict for point in verdict.points] == ["fail"] * 4 + ["pass"] * 12
    assert verdict.finished
    for point in verdict.points:
        assert point.low < point.estimate < point.high
        assert len(point.evidence_slower) == len(point.evidence_no_worse) == point.pairs_used


def test_a_huge_slowdown_fails_after_as_few_pairs_as_can_show_it():
    # 16 / 5 % = 320 takes nine doublings; the tenth pair makes the interval leave zero out
    engine = NightEngine(rules(16))
    pairs = night_of([math.log(3)] + [0.0] * 15)
    for round in range(1, 9):
        for point in engine.undecided:
            engine.feed(point, round, pairs[point][round - 1])
        engine.close_round(round)
        assert by_point(engine.result())["p0"].verdict == "inconclusive"
    engine.feed("p0", 9, pairs["p0"][8])
    engine.close_round(9)
    assert by_point(engine.result())["p0"].verdict == "fail"
    verdict = by_point(play(NightEngine(rules(16)), pairs))["p0"]
    assert verdict.pairs_used <= 11
    assert 0 < verdict.low < math.log(3) < verdict.high


def test_a_fail_needs_m_over_q_and_a_pass_one_over_beta():
    policy = Policy(linger=0)
    verdict = play(NightEngine(rules(8), policy=policy), night_of([0.03, 0.0, 0.0, 0.02, 0.0, 0.0, 0.0, 0.0]))
    for point in verdict.points:
        if point.verdict == "fail":
            assert math.exp(point.evidence_slower[-1]) >= 8 / 0.05 > math.exp(point.evidence_slower[-2])
        if point.verdict == "pass":
            assert math.exp(point.evidence_no_worse[-1]) >= 50 > math.exp(point.evidence_no_worse[-2])
    assert {point.verdict for point in verdict.points} == {"fail", "pass"}


def test_the_cap_is_never_a_silent_pass():
    verdict = play(NightEngine(rules(3), cap=5), night_of([0.0, 0.0, 0.05]))
    assert {point.verdict for point in verdict.points} == {"inconclusive"}
    assert verdict.finished
    assert all(point.pairs_used == 5 for point in verdict.points)
    assert "more pairs at this scale" in verdict.points[0].reason


def test_a_night_that_ends_early_is_as_one_at_its_cap():
    pairs = night_of([1.0, 1.0, 0.0, 0.005])
    short, ended = NightEngine(rules(4), cap=6), NightEngine(rules(4))
    for round in range(1, 7):
        for engine in (short, ended):
            for point in engine.undecided:
                engine.feed(point, round, pairs[point][round - 1])
            engine.close_round(round)
    assert not ended.finished
    ended.end()
    assert ended.finished
    assert ended.result() == short.result()


def test_points_at_the_cap_can_still_be_discovered_together():
    # alone, 4 / 5 % = 80 is out of reach in six pairs (2 ** 6 = 64); together 20 is enough
    verdict = play(NightEngine(rules(4), cap=6), night_of([1.0] * 4))
    assert {point.verdict for point in verdict.points} == {"fail"}
    alone = play(NightEngine(rules(4), cap=6), night_of([1.0, 0.0, 0.0, 0.0]))
    assert alone.points[0].verdict == "inconclusive"


def test_a_noisy_point_cannot_pass_but_a_huge_slowdown_shows():
    noisy = [PointRule(f"p{i}", 0.09, None) for i in range(16)]
    verdict = play(NightEngine(noisy), night_of([1.1] + [0.0] * 15, scale=0.09))
    first, *others = verdict.points
    assert first.verdict == "fail"
    assert {point.verdict for point in others} == {"inconclusive"}
    assert all("Cannot be judged on this machine" in point.reason for point in others)
    # no longer than it takes to show a huge one
    assert {point.pairs_used for point in others} == {9}
    assert all(point.low < point.estimate < point.high for point in others)


def test_broken_points_leave_the_schedule_and_say_whose_fault_it_is():
    engine = NightEngine(rules(4))
    engine.broken("p0", "candidate", "crash: died twice")
    engine.broken("p1", "baseline", "out of memory")
    engine.broken("p2", "candidate", "crash")
    engine.broken("p2", "baseline", "crash")
    assert engine.undecided == ("p3",)
    verdict = play(engine, night_of([0.0] * 4))
    assert [point.verdict for point in verdict.points] == ["broken", "inconclusive", "inconclusive", "pass"]
    assert "crash: died twice" in verdict.points[0].reason
    assert verdict.points[2].reason.startswith("Both builds are broken")
    assert verdict.points[0].pairs_used == 0
    assert verdict.points[0].low is None


def test_a_suite_where_everything_is_slower_fails_and_an_unchanged_one_passes():
    slower = play(NightEngine(rules(30, scale=0.015, shards=5)), night_of([0.01] * 30, scale=0.015))
    assert slower.suite.verdict == "fail"
    assert 0 < slower.suite.low < slower.suite.estimate < slower.suite.high
    same = play(NightEngine(rules(30, scale=0.015, shards=5)), night_of([0.0] * 30, scale=0.015))
    assert same.suite.verdict == "pass"
    assert same.suite.high < 0.01
    assert len(same.suite.differences) == same.suite.rounds_used == len(same.suite.evidence_slower)


def test_the_suite_is_the_mean_weighted_by_precision_of_what_was_measured():
    points = [PointRule("a", 0.01, 0.02, 0), PointRule("b", 0.02, 0.03, 1), PointRule("c", 0.04, 0.06, 1)]
    engine = NightEngine(points)
    engine.feed("a", 1, 0.01)
    engine.feed("b", 1, 0.05)
    engine.close_round(1)
    suite = engine.result().suite
    weights = np.array([1 / 0.01**2, 1 / 0.02**2])
    assert suite.differences == pytest.approx([weights @ [0.01, 0.05] / weights.sum()])
    # two shards with one point each share nothing
    assert suite.scale == pytest.approx(math.sqrt(weights**2 @ [0.01**2, 0.02**2]) / weights.sum())


def test_bad_calls_are_refused():
    engine = NightEngine(rules(2))
    engine.feed("p0", 1, 0.01)
    for call, words in [
        (lambda: engine.feed("p0", 1, 0.02), "already has a pair"),
        (lambda: engine.feed("p9", 1, 0.02), "not a point"),
        (lambda: engine.feed("p1", 0, 0.02), "does not exist"),
        (lambda: engine.feed("p1", 1, math.nan), "finite"),
        (lambda: engine.feed("p1", 1, math.inf), "finite"),
        (lambda: engine.broken("p9", "candidate", "crash"), "not a point"),
        (lambda: engine.broken("p0", "neither", "crash"), "not an arm"),
        (lambda: engine.close_round(0), "does not exist"),
    ]:
        with pytest.raises(ValueError, match=words):
            call()
    engine.close_round(1)
    engine.close_round(3)
    for round in (1, 3):
        with pytest.raises(ValueError, match="closed"):
            engine.feed("p1", round, 0.01)
        with pytest.raises(ValueError, match="closed already"):
            engine.close_round(round)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: NightEngine([]), "at least one point"),
        (lambda: NightEngine(rules(1) * 2), "same id"),
        (lambda: NightEngine(rules(1), cap=0), "cap"),
        (lambda: PointRule("p", 0.0, 0.02), "scale"),
        (lambda: PointRule("p", math.nan, 0.02), "scale"),
        (lambda: PointRule("p", 0.01, -0.02), "margin"),
        (lambda: Policy(q=0), "q must"),
        (lambda: Policy(shard_correlation=2), "shard_correlation"),
        (lambda: Policy(linger=-1), "linger"),
    ],
)
def test_no_night_without_sound_rules(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_nothing_is_read_before_its_round_is_closed():
    engine = NightEngine(rules(2))
    before = engine.result()
    for round in range(1, 30):
        engine.feed("p0", round, 5.0)
        engine.feed("p1", round, 0.0)
    for round in range(2, 30):
        engine.close_round(round)
    assert engine.result() == before
    engine.close_round(1)
    assert engine.finished


@st.composite
def arrivals(draw):
    """Draw a night and two orders in which its messages arrive, each round closed only after its own pairs."""
    points, rounds = draw(st.integers(1, 5)), draw(st.integers(1, 14))
    cells = [(f"p{i}", round) for i in range(points) for round in range(1, rounds + 1)]
    kept = [cell for cell in cells if draw(st.integers(0, 9))]
    shifts = draw(st.lists(st.sampled_from([0.0, 0.02, 1.0]), min_size=points, max_size=points))
    rng = RNG(draw(st.integers(0, 2**32 - 1)))
    pairs = {(point, round): shifts[int(point[1:])] + 0.01 * rng.normal() for point, round in kept}
    broken = draw(
        st.lists(st.tuples(st.integers(0, points - 1), st.sampled_from(["candidate", "baseline"])), max_size=2)
    )
    return points, rounds, pairs, broken, [order(draw, pairs, rounds, broken) for _ in range(2)]


def order(draw, pairs, rounds, broken):
    feeds = draw(st.permutations([("feed", *cell) for cell in pairs]))
    last = {
        round: max((k for k, feed in enumerate(feeds) if feed[2] == round), default=-1)
        for round in range(1, rounds + 1)
    }
    events = [(k, feed) for k, feed in enumerate(feeds)]
    for round in range(1, rounds + 1):
        events.append((draw(st.integers(last[round], len(feeds))) + 0.5, ("close", round)))
    events += [(draw(st.integers(-1, len(feeds))) + 0.25, ("broken", *what)) for what in broken]
    return [event for _, event in sorted(events, key=lambda event: event[0])]


@settings(max_examples=60, deadline=None)
@given(arrivals())
def test_the_order_of_arrival_changes_nothing(night):
    points, _, pairs, _, orders = night
    results = []
    for events in orders:
        engine = NightEngine(rules(points, shards=2), cap=12)
        for kind, *what in events:
            if kind == "feed":
                engine.feed(what[0], what[1], pairs[what[0], what[1]])
            elif kind == "close":
                engine.close_round(what[0])
            else:
                engine.broken(f"p{what[0]}", what[1], "crash")
        results.append(engine.result())
    assert results[0] == results[1]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30))
def test_no_verdict_knows_more_than_the_rounds_it_was_given(seed, known):
    night = recorded(seed)
    pairs = {row["id"]: row["pairs"] for row in night["benchmarks"]}
    other = {point: values[:known] + [9.0] * (40 - known) for point, values in pairs.items()}
    results = []
    for future in (pairs, other):
        engine = NightEngine(rules_of(night))
        for point, values in future.items():
            for round, value in enumerate(values, start=1):
                engine.feed(point, round, value)
        for round in range(1, known + 1):
            engine.close_round(round)
        results.append(engine.result())
    assert results[0] == results[1]
    assert all(point.pairs_used <= known for point in results[0].points)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_pairs_after_a_decision_do_not_count(seed):
    night = recorded(seed)
    pairs = {row["id"]: row["pairs"] for row in night["benchmarks"]}
    scheduled = live(NightEngine(rules_of(night)), pairs, RNG(seed))
    flooded = NightEngine(rules_of(night))
    for round in range(1, 41):
        for point in pairs:
            flooded.feed(point, round, pairs[point][round - 1])
        flooded.close_round(round)
    assert flooded.result() == scheduled


@pytest.mark.slow
def test_unchanged_nights_seldom_fail_and_slow_points_are_found():
    failed, caught, slow = 0, 0, 0
    for seed in range(150):
        shifts = [math.log(1.05)] * (seed % 3) + [0.0] * (16 - seed % 3)
        verdict = play(NightEngine(rules(16, shards=2)), night_of(shifts, seed=seed), seed)
        verdicts = [point.verdict for point in verdict.points]
        caught += verdicts[: seed % 3].count("fail")
        slow += seed % 3
        failed += "fail" in verdicts[seed % 3 :]
    assert failed <= 7  # q = 5 % of 150 nights; far fewer are expected
    assert caught >= 0.97 * slow


def test_the_suite_s_estimate_lies_in_its_interval_though_its_precise_points_left_early():
    """Four precise points are slower and soon decided; the rest, all noise, would outvote their rounds."""
    scales = np.r_[np.full(4, 0.006), np.full(12, 0.03)]
    points = [PointRule(f"p{i}", s, margin(s), i % 2) for i, s in enumerate(scales)]
    for seed in (3, 4, 25):
        noise = RNG(seed).normal(0, 1, (16, 40)) * scales[:, None]
        noise[:4] += 0.012
        suite = play(NightEngine(points), {f"p{i}": row.tolist() for i, row in enumerate(noise)}).suite
        assert suite.low <= suite.estimate <= suite.high
    assert middle(np.array(suite.differences)) < suite.low

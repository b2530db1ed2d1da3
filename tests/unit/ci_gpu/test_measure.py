"""Warm-up until steady, batches in turn with the sentinel, and what is sent of them."""

import gc
import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gpu import measure, timers
from ci_gpu.sentinel import STEPS, Sentinel, _work
from ci_gpu.timers import Batch, CpuTimer

durations = st.lists(st.floats(1, 1e9), min_size=4, max_size=60)


class Script:
    """A timer that reads its times from a list."""

    most_calls = 1 << 16

    def __init__(self, per_call):
        self.per_call, self.asked = iter(per_call), []

    def batch(self, call, calls):
        self.asked.append(calls)
        call()
        value = next(self.per_call)
        return Batch(value, value)


def nothing():
    pass


@pytest.mark.parametrize(
    ("per_call", "calls"), [(5_000_000, 1), (2_000_000, 1), (1_000_000, 2), (1000, 2000), (7, 1 << 16)]
)
def test_a_batch_lasts_about_two_milliseconds(per_call, calls):
    found = measure.calls_for(nothing, Script([per_call] * 40))
    assert found == calls or (found < 1 << 16 and 1_000_000 <= found * per_call <= 4_000_000)


def test_no_more_calls_than_the_timer_can_queue():
    timer = Script([10] * 40)
    timer.most_calls = 48
    assert measure.calls_for(nothing, timer) == 48
    assert max(timer.asked) <= 48


def test_steady_compares_a_window_with_the_one_before():
    assert not measure.is_steady([10.0] * 7)
    assert measure.is_steady([10.0] * 8)
    assert measure.is_steady([90.0, 50.0, *[10.0] * 8])
    assert not measure.is_steady([20.0, 18.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0])


def test_warming_up_takes_as_long_as_it_takes():
    falling = [100 / (1 + k) + 50 for k in range(200)]
    count, steady = measure._warm_up(nothing, Script(falling), 1, until=timers.wall_ns() + 10**10)
    assert steady
    assert 8 < count < 60


def test_what_never_gets_steady_is_said_to_be_so():
    count, steady = measure._warm_up(nothing, Script([2.0**k for k in range(500)]), 1, until=0)
    assert not steady
    assert count == 2


def busy():
    return sum(range(2000))


def test_a_real_measurement():
    gc.enable()
    found = measure.measure(busy, CpuTimer(), Sentinel(), budget_s=0.1)
    fields = measure.sample_fields(found)
    assert gc.isenabled()
    assert len(found.batches) >= measure.LEAST
    assert fields["iterations"] == len(found.batches) * found.calls_per_batch
    assert 0 < fields["cpu_ns"] <= 1.2 * fields["wall_ns"]
    assert fields["device_ns"] is None
    assert 1 <= len(fields["durations_ns"]) <= measure.MOST_DURATIONS


def test_garbage_collection_comes_back_after_an_error():
    def broken():
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        measure.measure(broken, CpuTimer(), Sentinel(), budget_s=0.05)
    assert gc.isenabled()


def test_cpu_time_does_not_count_waiting():
    import time

    found = CpuTimer().batch(lambda: time.sleep(0.02), 2)
    assert found.wall_ns > 19e6
    assert found.cpu_ns < 5e6


@given(durations)
def test_at_most_fifty_durations_in_their_order(values):
    kept = measure.thinned(values)
    assert len(kept) <= 50
    assert kept[0] == round(values[0])
    assert set(kept) <= {round(v) for v in values}
    if len(values) <= 50:
        assert kept == [round(v) for v in values]


@given(durations, st.floats(0.5, 100))
def test_spread_and_skew_do_not_mind_the_unit(values, unit):
    scaled = [v * unit for v in values]
    assert measure.spread(scaled) == pytest.approx(measure.spread(values), rel=1e-6, abs=1e-9)
    assert -1 <= measure.skew(values) <= 1


def test_spread_of_a_normal_is_its_standard_deviation():
    normal = statistics.NormalDist(100, 3)
    values = [normal.inv_cdf((k + 0.5) / 1000) for k in range(1000)]
    assert measure.spread(values) == pytest.approx(0.03, rel=0.02)
    assert measure.skew(values) == pytest.approx(0, abs=0.02)


def test_skew_is_positive_where_the_slow_side_is_longer():
    assert measure.skew([math.exp(k / 10) for k in range(40)]) > 0.1
    assert measure.skew([5.0] * 8) == 0
    assert measure.skew([1.0, 2.0]) is None


def test_the_sentinel_computes_what_it_says():
    """The same recurrence in Python, from the library's own first two values."""
    before, now = _work(0, 200_000.0), _work(1, 200_000.0)
    for n in range(1, STEPS):
        before, now = now, 2 * n / 200_000.0 * now - before
    assert Sentinel().work() == pytest.approx(now, rel=1e-9)


def test_the_sentinels_work_is_in_its_steps():
    """Eight times the steps take about eight times as long: the loop is not short-cut.

    Cut short it would be once or, with a cost that grows faster than its steps, 64 times; a busy neighbour on the same
    core changes the shortest of sixty by far less than these bounds allow.
    """

    def shortest(steps):
        timer = CpuTimer()
        return min(timer.batch(lambda: _work(steps, 200_000.0), 4).cpu_ns for _ in range(60))

    assert 3 < shortest(STEPS) / shortest(STEPS // 8) < 21


def test_the_sentinel_times_itself():
    cpu, wall = Sentinel().time()
    assert cpu > 0
    assert 0 < wall < 10**9

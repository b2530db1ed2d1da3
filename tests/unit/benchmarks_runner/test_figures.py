"""What is drawn and how it is said: positions on the axis, numbers in words, figures from rows."""

import hashlib
import json
import math
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import plotly.offline
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks_runner import figures, quantities, sentences
from benchmarks_runner.interval_axis import LABELS, axis_over, bar
from benchmarks_runner.sentences import Judged
from benchmarks_runner.templatetags import flamekeeper as tags

VENDOR = Path(__file__).resolve().parents[3] / "static" / "vendor"
LOG_RATIOS = st.floats(min_value=-3, max_value=3)


# -- the axis --------------------------------------------------------------------------------------------------


@given(st.lists(LOG_RATIOS, max_size=30))
def test_every_value_and_one_lie_on_the_whole_axis(values: list[float]) -> None:
    axis = axis_over(values)
    assert all(axis.low < value < axis.high for value in [*values, 0.0])
    assert "1" in [tick.label for tick in axis.ticks]
    gaps = [b.position - a.position for a, b in zip(axis.ticks, axis.ticks[1:], strict=False)]
    assert all(gap >= 8.9 for gap in gaps), "labels do not run into one another"


@given(LOG_RATIOS, LOG_RATIOS)
def test_positions_keep_order(first: float, second: float) -> None:
    axis = axis_over([-3.0, 3.0])
    assert (first < second) <= (axis.position(first) <= axis.position(second))


def test_equal_factors_are_equal_steps() -> None:
    axis = axis_over([math.log(0.25), math.log(4)])
    half, one, two = (axis.position(math.log(ratio)) for ratio in (0.5, 1, 2))
    assert one - half == pytest.approx(two - one, abs=0.02)
    assert one == pytest.approx(50, abs=0.02)


def test_what_lies_beyond_the_axis_is_marked_and_never_drawn_inside() -> None:
    near = axis_over([], near=True)
    drawn = bar(near, word="fail", estimate=1.5, low=1.4, high=1.6, margin=0.02)
    assert drawn is not None
    assert drawn.estimate is None
    assert (drawn.beyond_low, drawn.beyond_high) == (False, True)
    assert drawn.margin is not None
    assert drawn.margin_width == pytest.approx(100 * 0.04 / (near.high - near.low), abs=0.02)


def test_nothing_is_drawn_of_nothing() -> None:
    assert bar(axis_over([]), word="broken", estimate=None, low=None, high=None, margin=0.02) is None


def test_an_interval_is_said_to_those_who_do_not_see_it() -> None:
    drawn = bar(axis_over([1.5]), word="fail", estimate=1.5, low=1.47, high=1.53, margin=None)
    assert drawn is not None
    assert drawn.words == "ratio 4.5, interval 4.3 to 4.6"


def test_labels_rise() -> None:
    assert list(LABELS) == sorted(LABELS)


# -- numbers in words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("log_ratio", "low", "high", "said"),
    [
        (1.52, 1.47, 1.57, "4.6"),
        (0.003, -0.001, 0.007, "1.003"),
        (0.085, 0.02, 0.18, "1.09"),
        (0.085, 0.002, 0.18, "1.089"),
        (1.5, None, None, "4.5"),
        (0.0, 0.0, 0.0, "1.0"),
        (-0.7, -2.0, 0.5, "0.5"),
    ],
)
def test_a_ratio_has_as_many_figures_as_its_interval_earns(
    log_ratio: float, low: float | None, high: float | None, said: str
) -> None:
    assert quantities.ratio(log_ratio, low, high) == said


@given(LOG_RATIOS, st.floats(min_value=1e-4, max_value=1))
def test_an_estimate_and_its_ends_line_up(middle: float, half: float) -> None:
    ends = (middle - half, middle, middle + half)
    written = [quantities.ratio(value, ends[0], ends[2]) for value in ends]
    assert len({len(text.partition(".")[2]) for text in written}) == 1
    width = math.exp(ends[2]) - math.exp(ends[0])
    assert all(abs(float(t) - math.exp(v)) < max(width, 1e-3) for t, v in zip(written, ends, strict=True))


@pytest.mark.parametrize(
    ("log_ratio", "said"),
    [
        (math.log(4.6), "4.6 × slower"),
        (math.log(1.021), "2.1 % slower"),
        (-math.log(1.3), "30 % faster"),
        (1e-5, "as fast"),
        (-math.log(2), "2.0 × faster"),
    ],
)
def test_a_change_is_said_as_people_say_it(log_ratio: float, said: str) -> None:
    assert quantities.change(log_ratio) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.42, "0.42 s"),
        (42, "42 s"),
        (59.7, "1 min"),
        (200, "3 min 20 s"),
        (1500, "25 min"),
        (7500, "2 h 5 min"),
        (7200, "2 h"),
    ],
)
def test_spans_of_time(seconds: float, said: str) -> None:
    assert quantities.duration(seconds) == said


@pytest.mark.parametrize(("value", "said"), [(1.5, "1.5 ns"), (2_000, "2 µs"), (1_234_000, "1.234 ms"), (3e9, "3 s")])
def test_measured_times(value: float, said: str) -> None:
    assert quantities.nanoseconds(value) == said


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1, seconds=5), "1 minute ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=20), "2 weeks ago"),
        (-timedelta(days=1, minutes=1), "in 1 day"),
    ],
)
def test_how_long_ago(ago: timedelta, said: str) -> None:
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert tags.relative(now - ago, now) == said


def test_each_quantity_is_registered_under_its_own_key() -> None:
    assert all(quantity.key == key for key, quantity in quantities.QUANTITIES.items())
    assert all(quantity.format(0.5) for quantity in quantities.QUANTITIES.values())


# -- sentences -----------------------------------------------------------------------------------------------------


def judged(**counts: int) -> list[Judged]:
    sizes = {"fail": [1.52, 1.1, 0.05], "broken": [None], "inconclusive": [0.01], "passed": [0.0]}
    words = {"passed": "pass"}
    return [
        Judged(f"{word}.{n}", words.get(word, word), sizes[word][n % len(sizes[word])], "Looms")
        for word, number in counts.items()
        for n in range(number)
    ]


@pytest.mark.parametrize(
    ("counts", "said", "tone"),
    [
        ({"fail": 2, "passed": 3}, "2 of 5 points are slower, by 3.0–4.6 ×, both in Looms; 3 passed.", "fail"),
        ({"fail": 3}, "3 of 3 points are slower, by 5.1 % to 4.6 ×, all in Looms.", "fail"),
        ({"fail": 1, "inconclusive": 1}, "1 of 2 points is slower, by 4.6 ×; 1 is inconclusive.", "fail"),
        ({"broken": 1, "passed": 1}, "1 of 2 points is broken; 1 passed.", "broken"),
        ({"passed": 4}, "Nothing slower: all 4 points are decided, none slower than its margin allows.", "pass"),
        (
            {"passed": 3, "inconclusive": 1},
            "Nothing is shown slower, but 1 of 4 points is inconclusive, which is no pass.",
            "inconclusive",
        ),
        ({}, "Nothing was measured: the plan holds no point that can be judged on this machine.", ""),
    ],
)
def test_a_decided_night_in_a_sentence(counts: dict[str, int], said: str, tone: str) -> None:
    sentence = sentences.decided_night(judged(**counts))
    assert (sentence.text, sentence.tone) == (said, tone)


def test_a_suite_that_fails_alone_is_no_pass() -> None:
    sentence = sentences.decided_night(judged(passed=4), Judged("", "fail", 0.012))
    assert sentence.tone == "fail"
    assert "the suite as a whole is: 1.2 % slower" in sentence.text


@given(st.lists(st.sampled_from(["pass", "fail", "broken", "inconclusive"]), min_size=1, max_size=12))
def test_a_sentence_passes_only_where_every_point_did(words: list[str]) -> None:
    sentence = sentences.decided_night([Judged(f"p{n}", word, 0.7) for n, word in enumerate(words)])
    assert (sentence.tone == "pass") is all(word == "pass" for word in words)


# -- plots -----------------------------------------------------------------------------------------------------------

PAIRS = [figures.PairRow(n, 1000.0, 1000.0 * math.exp(0.5), 0.5, candidate_first=n % 2 == 0) for n in range(1, 7)]
THRESHOLDS = figures.Thresholds(fail=64, passing=50, alone=320)


def test_the_pairs_are_plotted_as_they_came() -> None:
    plot = figures.pairs_plot(PAIRS, estimate=0.5, low=0.45, high=0.55, margin=0.02)
    dots = {(x, y) for trace in plot.figure["data"] for x, y in zip(trace["x"], trace["y"], strict=True)}
    assert dots == {(row.round, row.difference) for row in PAIRS}
    assert plot.title == "The candidate was slower in 6 of 6 pairs"
    assert len(plot.rows) == 6
    assert all(len(row) == len(plot.columns) for row in plot.rows)


def test_no_pairs_make_a_plot_that_says_so() -> None:
    assert figures.pairs_plot([], estimate=None, low=None, high=None, margin=None).title.startswith("No pair")


@pytest.mark.parametrize(
    ("slower", "no_worse", "title"),
    [
        ([2.0, 4.2], [-1.0, -2.0], "Evidence for “slower” reached its threshold after 2 pairs"),
        ([-1.0, -2.0], [2.0, 4.0], "Evidence for “no worse” reached its threshold after 2 pairs"),
        ([0.5], [0.1], "After 1 pair neither line has reached its threshold"),
    ],
)
def test_the_evidence_says_which_line_arrived(slower: list[float], no_worse: list[float], title: str) -> None:
    plot = figures.evidence_plot(slower, no_worse, thresholds=THRESHOLDS)
    assert plot.title == title
    first = plot.figure["data"][0]
    assert first["y"][0] == 0, "every night begins at E = 1"
    assert first["y"][-1] == pytest.approx(slower[-1] / math.log(10))
    assert "one alone needs 320" in plot.message


def test_the_roofline_says_which_roof_it_is_and_how_near() -> None:
    roof = figures.Roof(flops=100e9, bandwidth=10e9)
    low = figures.roofline_plot([figures.RooflinePosition("baseline", 1.0, 5e9)], roof)
    high = figures.roofline_plot([figures.RooflinePosition("baseline", 100.0, 50e9)], roof)
    assert low.title == "Share of what memory bandwidth allows here: baseline 50 %"
    assert high.title == "Share of what arithmetic allows here: baseline 50 %"


def test_figures_name_only_colours_that_the_stylesheet_has() -> None:
    plots = [
        figures.pairs_plot(PAIRS, estimate=0.5, low=0.4, high=0.6, margin=0.02),
        figures.evidence_plot([1.0], [1.0], thresholds=THRESHOLDS),
        figures.scales_plot([figures.ScaleRow("a", (0.01, -0.01), 0.01, None)], machine="m"),
    ]
    named = {name for plot in plots for name in re.findall(r"var\((--[\w-]+)\)", json.dumps(plot.figure))}
    styles = (VENDOR.parent / "flamekeeper.css").read_text()
    assert named
    assert all(re.search(rf"^  {name}:", styles, re.M) for name in named)


# -- what is served --------------------------------------------------------------------------------------------------


def test_the_vendored_files_are_the_ones_that_their_list_names() -> None:
    listed = dict(re.findall(r"^\| `([^`]+)` .*`([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text(), re.M))
    present = {file.name for file in VENDOR.iterdir() if file.suffix in (".js", ".css")}
    assert set(listed) == present
    for name, digest in listed.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


def test_the_plots_are_drawn_by_the_release_that_made_them() -> None:
    assert f"plotly-basic-{plotly.offline.get_plotlyjs_version()}.min.js" in {file.name for file in VENDOR.iterdir()}


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_can_be_read_on_paper(theme: int) -> None:
    styles = (VENDOR.parent / "flamekeeper.css").read_text()
    found = re.findall(r"^  (--[\w-]+): light-dark\((#\w{6}), (#\w{6})\);", styles, re.M)
    colours = {name: pair[theme] for name, *pair in found}
    words = ("--ink", "--soft", "--ember", "--pass", "--fail", "--broken", "--inconclusive", "--blue")
    for word in (*words, "--vermilion-text", "--green-text"):
        for ground in ("--paper", "--sheet"):
            assert _contrast(colours[word], colours[ground]) >= 4.5, f"{word} on {ground}"
    assert _contrast(colours["--on-ember"], colours["--ember"]) >= 4.5

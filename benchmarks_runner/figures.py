"""Figures as Plotly builds them: pure functions from rows to a figure, its message and the table beneath it.

Okabe–Ito colours, told apart in grey as well. All are named as the page's own ("var(--ink)", "var(--blue)"), which
static/flamekeeper.js fills in at each drawing, so that a figure follows the theme.
Logarithmic axes are drawn as linear ones of logarithms with labels of our own: lines, bands, labels and points
then all speak the same coordinate.
"""

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from benchmarks_runner import quantities
from benchmarks_runner.interval_axis import axis_over

BLUE = "var(--blue)"
VERMILION = "var(--vermilion)"
GREEN = "var(--green)"
# The same hues, dark or light enough to be read as text.
AS_TEXT = {VERMILION: "var(--vermilion-text)", GREEN: "var(--green-text)"}
INK = "var(--ink)"
SOFT = "var(--soft)"
RULE = "var(--rule)"
PAPER = "var(--paper)"
MARGIN_SHADE = "rgba(128, 120, 108, 0.18)"
INTERVAL_SHADE = "rgba(0, 114, 178, 0.14)"
LN10 = math.log(10)


@dataclass(frozen=True)
class Column:
    """One column of the table beneath a plot."""

    label: str
    numeric: bool = True


@dataclass(frozen=True)
class Plot:
    """A figure with its message and the same numbers as rows."""

    id: str
    title: str
    message: str
    figure: Mapping[str, Any]
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]
    csv_url: str = ""


@dataclass(frozen=True)
class PairRow:
    """One pair of a point: what both arms measured in one round, on the clock that judges it."""

    round: int
    baseline_ns: float
    candidate_ns: float
    difference: float
    candidate_first: bool = False
    remark: str = ""


@dataclass(frozen=True)
class Thresholds:
    """Where the evidence of a night decides: E ≥ fail, or E ≥ passing.

    With several points failing together less evidence suffices for each (e-BH); `alone` is what one by itself needs.
    """

    fail: float
    passing: float
    alone: float | None = None


@dataclass(frozen=True)
class Roof:
    """What a device can do at best, as it was calibrated: FLOP/s and byte/s."""

    flops: float
    bandwidth: float


@dataclass(frozen=True)
class RooflinePosition:
    """Where an arm's point lies under its device's roof: FLOP/byte, and FLOP/s attained."""

    label: str
    intensity: float
    attained: float


@dataclass(frozen=True)
class ScaleRow:
    """How far a point's A/A pairs lie apart on one machine, as ln ratios."""

    point: str
    differences: tuple[float, ...]
    scale: float
    margin: float | None


# -- a point's pairs -------------------------------------------------------------------------------------------


def pairs_plot(
    rows: Sequence[PairRow],
    *,
    estimate: float | None,
    low: float | None,
    high: float | None,
    margin: float | None,
    clock: str = "",
    csv_url: str = "",
) -> Plot:
    """Show each pair's ratio as it came, with the estimate, its interval and the margin."""
    last = max((row.round for row in rows), default=1)
    figure = blank_figure()
    if margin:
        figure.add_hrect(y0=-margin, y1=margin, fillcolor=MARGIN_SHADE, line_width=0, layer="below")
    if low is not None and high is not None:
        figure.add_hrect(y0=low, y1=high, fillcolor=INTERVAL_SHADE, line_width=0, layer="below")
    figure.add_hline(y=0, line={"color": INK, "width": 1})
    for first, name in ((False, "baseline ran first"), (True, "candidate ran first")):
        figure.add_trace(_pairs_trace([row for row in rows if row.candidate_first is first], name, open_=first))
    if estimate is not None:
        figure.add_hline(y=estimate, line={"color": BLUE, "width": 1.5, "dash": "dot"})
        _label_right(figure, estimate, f"estimate {quantities.ratio(estimate, low, high)}", BLUE)
    figure.update_layout(showlegend=True)
    axis = axis_over([*(row.difference for row in rows), estimate, low, high])
    figure.update_yaxes(
        title={"text": "candidate / baseline"},
        range=[axis.low, axis.high],
        tickvals=[axis.low + tick.position / 100 * (axis.high - axis.low) for tick in axis.ticks],
        ticktext=[tick.label for tick in axis.ticks],
    )
    figure.update_xaxes(title={"text": "round"}, tickvals=_whole_ticks(last), range=[0.3, last + 0.7])
    return Plot(
        id="plot-pairs",
        title=_pairs_title(rows),
        message=f"A dot is one pair of fresh processes{f', judged by {clock}' if clock else ''}. Dotted: the estimate; "
        "blue band: its interval; grey band: the margin.",
        figure=plain_figure(figure),
        columns=PAIR_COLUMNS,
        rows=tuple(_pair_cells(row) for row in rows),
        csv_url=csv_url,
    )


PAIR_COLUMNS = (
    Column("round"),
    Column("ran first", numeric=False),
    Column("baseline, ns"),
    Column("candidate, ns"),
    Column("ratio"),
    Column("ln ratio"),
    Column("remark", numeric=False),
)


def _pairs_trace(rows: Sequence[PairRow], name: str, *, open_: bool) -> go.Scatter:
    """Draw the pairs of one order; filled and open tell the coin."""
    return go.Scatter(
        x=[row.round for row in rows],
        y=[row.difference for row in rows],
        name=name,
        mode="markers",
        marker={
            "size": 9,
            "color": PAPER if open_ else BLUE,
            "line": {"color": BLUE, "width": 1.5},
        },
        customdata=[
            [
                quantities.nanoseconds(row.baseline_ns),
                quantities.nanoseconds(row.candidate_ns),
                math.exp(row.difference),
            ]
            for row in rows
        ],
        hovertemplate="round %{x}: ratio %{customdata[2]:.4f}<br>baseline %{customdata[0]}, "
        "candidate %{customdata[1]}<extra></extra>",
    )


def _pairs_title(rows: Sequence[PairRow]) -> str:
    """Say what the pairs show."""
    slower = sum(row.difference > 0 for row in rows)
    if not rows:
        return "No pair has been measured yet"
    return f"The candidate was slower in {slower} of {len(rows)} pairs"


def _pair_cells(row: PairRow) -> tuple[object, ...]:
    """Write one pair as a row of the table."""
    return (
        row.round,
        "candidate" if row.candidate_first else "baseline",
        f"{row.baseline_ns:,.0f}",
        f"{row.candidate_ns:,.0f}",
        f"{math.exp(row.difference):.4f}",
        f"{row.difference:+.5f}",
        row.remark,
    )


# -- evidence --------------------------------------------------------------------------------------------------


def evidence_plot(
    slower: Sequence[float], no_worse: Sequence[float], *, thresholds: Thresholds, csv_url: str = ""
) -> Plot:
    """Show the evidence growing pair by pair towards fail or pass, on a logarithmic axis. Evidence comes as ln E."""
    last = max(len(slower), len(no_worse), 1)
    figure = blank_figure()
    figure.add_hline(y=0, line={"color": INK, "width": 1})
    for name, values, colour, threshold, word in (
        ("slower", slower, VERMILION, thresholds.fail, "▲ fail"),
        ("no worse", no_worse, GREEN, thresholds.passing, "● pass"),
    ):
        figure.add_trace(_evidence_trace(name, values, colour))
        figure.add_hline(y=math.log10(threshold), line={"color": colour, "width": 1, "dash": "dash"})
        # Both thresholds may lie close together: one label stands above its line, the other below.
        _label_left(figure, math.log10(threshold), f"{word} at {threshold:,.0f}", colour, above=word.endswith("fail"))
        if values:
            _label_right(figure, values[-1] / LN10, name, colour)
    low, high = _evidence_range(slower, no_worse, thresholds)
    powers = _whole_powers(low, high)
    figure.update_yaxes(
        title={"text": "evidence E"}, range=[low, high], tickvals=powers, ticktext=[_power_of_ten(p) for p in powers]
    )
    figure.update_xaxes(title={"text": "pairs so far"}, tickvals=[0, *_whole_ticks(last)], range=[-0.3, last + 0.3])
    return Plot(
        id="plot-evidence",
        title=_evidence_title(slower, no_worse, thresholds),
        message=_evidence_message(thresholds),
        figure=plain_figure(figure),
        columns=EVIDENCE_COLUMNS,
        rows=tuple(_evidence_cells(n, s, w) for n, (s, w) in enumerate(zip(slower, no_worse, strict=False), 1)),
        csv_url=csv_url,
    )


EVIDENCE_COLUMNS = (
    Column("pairs"),
    Column("E, slower"),
    Column("E, no worse"),
    Column("ln E, slower"),
    Column("ln E, no worse"),
)


def _evidence_trace(name: str, values: Sequence[float], colour: str) -> go.Scatter:
    """Draw one line of evidence from 1, where every night begins."""
    return go.Scatter(
        x=list(range(len(values) + 1)),
        y=[0.0, *(value / LN10 for value in values)],
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 2, "dash": "solid" if name == "slower" else "dot"},
        marker={"size": 6, "symbol": "triangle-up" if name == "slower" else "circle", "color": colour},
        customdata=[_evidence_text(value) for value in (0.0, *values)],
        hovertemplate=f"after %{{x}} pairs: E = %{{customdata}} for “{name}”<extra></extra>",
    )


def _evidence_message(thresholds: Thresholds) -> str:
    """Say how to read the lines, and why the threshold of a fail may lie lower than one point alone would need."""
    start = "Each pair multiplies the evidence; 1 is none either way."
    if thresholds.alone is None or thresholds.alone <= thresholds.fail:
        return f"{start} The first line to reach its own threshold decides."
    together = round(thresholds.alone / thresholds.fail)
    suffices = f"{together} points fail together, so {thresholds.fail:,.0f} suffices for each"
    return f"{start} {suffices}; one alone needs {thresholds.alone:,.0f}."


def _evidence_title(slower: Sequence[float], no_worse: Sequence[float], thresholds: Thresholds) -> str:
    """Say where the evidence stands."""
    failed = next((n for n, value in enumerate(slower, 1) if value >= math.log(thresholds.fail)), None)
    passed = next((n for n, value in enumerate(no_worse, 1) if value >= math.log(thresholds.passing)), None)
    if failed and (passed is None or failed <= passed):
        return f"Evidence for “slower” reached its threshold after {_pairs(failed)}"
    if passed:
        return f"Evidence for “no worse” reached its threshold after {_pairs(passed)}"
    return f"After {_pairs(len(slower))} neither line has reached its threshold"


def _pairs(number: int) -> str:
    return f"{number} pair{'' if number == 1 else 's'}"


def _evidence_range(slower: Sequence[float], no_worse: Sequence[float], thresholds: Thresholds) -> tuple[float, float]:
    """Return log10 E at both ends: both thresholds in sight, and no more than three decades of counter-evidence."""
    every = [value / LN10 for value in (*slower, *no_worse)]
    top = max([math.log10(thresholds.fail), math.log10(thresholds.passing), *every])
    return max(min([-0.5, *every]), -3.0) - 0.3, top + 0.5


def _evidence_text(log_evidence: float) -> str:
    """Write E with two figures, as a power of ten where it is long."""
    power = log_evidence / LN10
    return f"{math.exp(log_evidence):,.2g}" if -3 <= power < 4 else f"10^{power:.1f}"


def _evidence_cells(number: int, slower: float, no_worse: float) -> tuple[object, ...]:
    """Write the evidence after one pair as a row of the table."""
    return (number, _evidence_text(slower), _evidence_text(no_worse), f"{slower:+.4f}", f"{no_worse:+.4f}")


# -- roofline --------------------------------------------------------------------------------------------------


def roofline_plot(positions: Sequence[RooflinePosition], roof: Roof, *, csv_url: str = "") -> Plot:
    """Show where a point lies under its device's roof, both axes logarithmic."""
    ridge = roof.flops / roof.bandwidth
    lowest = min([ridge, *(p.intensity for p in positions)]) / 8
    highest = max([ridge, *(p.intensity for p in positions)]) * 8
    figure = blank_figure()
    figure.add_trace(
        go.Scatter(
            x=[math.log10(lowest), math.log10(ridge), math.log10(highest)],
            y=[math.log10(lowest * roof.bandwidth), math.log10(roof.flops), math.log10(roof.flops)],
            mode="lines",
            line={"color": INK, "width": 1.5},
            hoverinfo="skip",
        )
    )
    fastest = max((p.attained for p in positions), default=0.0)
    for position, symbol, colour in zip(positions, ("circle", "diamond"), (BLUE, VERMILION), strict=False):
        # Two builds that are alike would write over each other: the faster one's name stands above its mark.
        side = "top right" if position.attained == fastest else "bottom right"
        figure.add_trace(_roofline_trace(position, symbol, colour, side))
    floor = min([lowest * roof.bandwidth, *(p.attained for p in positions)]) / 4
    x_ticks = _whole_powers(math.log10(lowest), math.log10(highest))
    y_ticks = _whole_powers(math.log10(floor), math.log10(roof.flops * 4))
    figure.update_xaxes(
        title={"text": "FLOP per byte"}, tickvals=x_ticks, ticktext=[_power_of_ten(p) for p in x_ticks],
        range=[math.log10(lowest), math.log10(highest)],
    )  # fmt: skip
    figure.update_yaxes(
        title={"text": "FLOP/s"}, tickvals=y_ticks, ticktext=[quantities.count(10**p) for p in y_ticks],
        range=[math.log10(floor), math.log10(roof.flops * 4)],
    )  # fmt: skip
    return Plot(
        id="plot-roofline",
        title=_roofline_title(positions, roof),
        message="The line is what this device can do at best, as it was calibrated: memory bandwidth on the slope, "
        "arithmetic on the level.",
        figure=plain_figure(figure),
        columns=(Column("arm", numeric=False), Column("FLOP per byte"), Column("FLOP/s"), Column("of the roof")),
        rows=tuple(
            (
                p.label,
                f"{p.intensity:.4g}",
                quantities.count(p.attained),
                quantities.percent(p.attained / under(roof, p)),
            )
            for p in positions
        ),
        csv_url=csv_url,
    )


def under(roof: Roof, position: RooflinePosition) -> float:
    """Return the FLOP/s that the roof allows at a position's intensity."""
    return min(roof.flops, roof.bandwidth * position.intensity)


def _roofline_trace(position: RooflinePosition, symbol: str, colour: str, side: str) -> go.Scatter:
    """Draw one arm with its name beside it."""
    return go.Scatter(
        x=[math.log10(position.intensity)],
        y=[math.log10(position.attained)],
        mode="markers+text",
        text=[f"  {position.label}"],
        textposition=side,
        textfont={"color": AS_TEXT.get(colour, colour)},
        marker={"size": 11, "symbol": symbol, "color": colour},
        hovertemplate=f"{position.label}: {quantities.count(position.attained, 'FLOP/s')} at "
        f"{position.intensity:.3g} FLOP per byte<extra></extra>",
    )


def _roofline_title(positions: Sequence[RooflinePosition], roof: Roof) -> str:
    """Say how near to the roof the arms come, and which roof it is."""
    if not positions:
        return "Nothing is known of the roofline"
    limit = "arithmetic" if positions[0].intensity >= roof.flops / roof.bandwidth else "memory bandwidth"
    shares = ", ".join(f"{p.label} {quantities.percent(p.attained / under(roof, p))}" for p in positions)
    return f"Share of what {limit} allows here: {shares}"


# -- how often this lies ---------------------------------------------------------------------------------------


def scales_plot(rows: Sequence[ScaleRow], *, machine: str, csv_url: str = "", number: int = 0) -> Plot:
    """Show each point's A/A differences on one machine: how far two runs of one build lie apart."""
    ordered = sorted(rows, key=lambda row: row.scale)
    figure = blank_figure(height=90 + 22 * max(len(ordered), 3))
    figure.add_vline(x=0, line={"color": INK, "width": 1})
    figure.add_trace(
        go.Scatter(
            x=[100 * math.expm1(d) for row in ordered for d in row.differences],
            y=[row.point for row in ordered for _ in row.differences],
            mode="markers",
            marker={"size": 8, "symbol": "line-ns", "color": BLUE, "line": {"color": BLUE, "width": 1.5}},
            hovertemplate="%{y}: %{x:+.2f} %<extra></extra>",
        )
    )
    figure.update_xaxes(title={"text": "difference, %"}, zeroline=False)
    figure.update_yaxes(type="category", automargin=True, showgrid=True)
    return Plot(
        id=f"plot-scales-{number}",
        title=_scales_title(ordered),
        message=f"A mark is one A/A pair on {machine}: a build's second copy against its first, in fresh processes. "
        "Quietest points at the bottom.",
        figure=plain_figure(figure),
        columns=(Column("point", numeric=False), Column("A/A pairs"), Column("scale"), Column("margin")),
        rows=tuple(_scale_cells(row) for row in reversed(ordered)),
        csv_url=csv_url,
    )


def _scales_title(ordered: Sequence[ScaleRow]) -> str:
    """Say how far an unchanged build seems to change here."""
    if not ordered:
        return "No A/A pair has been measured here"
    middle = statistics.median(row.scale for row in ordered)
    return f"An unchanged build seems to change by about {quantities.percent(middle)} from pair to pair"


def _scale_cells(row: ScaleRow) -> tuple[object, ...]:
    """Write one point's A/A record as a row of the table."""
    margin = quantities.percent(row.margin) if row.margin is not None else "too wide to judge"
    return (row.point, len(row.differences), quantities.percent(row.scale), margin)


# -- what all of them share ------------------------------------------------------------------------------------


def blank_figure(height: int = 300) -> go.Figure:
    """Return an empty figure in the page's own hand."""
    axis = {
        "gridcolor": RULE,
        "linecolor": SOFT,
        "zeroline": False,
        "ticks": "outside",
        "tickcolor": SOFT,
        "ticklen": 4,
        "automargin": True,
        "fixedrange": True,
    }
    return go.Figure(
        layout={
            "template": {"layout": {}},
            "height": height,
            "margin": {"l": 56, "r": 16, "t": 34, "b": 44},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": "system-ui, sans-serif", "size": 12, "color": INK},
            "hoverlabel": {"bgcolor": PAPER, "bordercolor": SOFT, "font": {"color": INK}},
            "showlegend": False,
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            "xaxis": {**axis, "showgrid": False, "showline": True},
            "yaxis": {**axis, "title": {"standoff": 6}},
        }
    )


def _label_right(figure: go.Figure, y: float, text: str, colour: str) -> None:
    """Write a line's name at its right end, above it."""
    figure.add_annotation(
        x=1, xref="paper", xanchor="right", y=y, yanchor="bottom", text=text, showarrow=False,
        font={"color": AS_TEXT.get(colour, colour), "size": 12},
    )  # fmt: skip


def _label_left(figure: go.Figure, y: float, text: str, colour: str, *, above: bool = True) -> None:
    """Write a line's name at its left end, above or below it."""
    figure.add_annotation(
        x=0, xref="paper", xanchor="left", y=y, yanchor="bottom" if above else "top", text=text, showarrow=False,
        font={"color": AS_TEXT.get(colour, colour), "size": 12},
    )  # fmt: skip


def _whole_ticks(last: int) -> list[int]:
    """Return up to about ten whole numbers from 1 to the last."""
    step = max(1, math.ceil(last / 10))
    return list(range(step, last + 1, step))


def _whole_powers(low: float, high: float) -> list[int]:
    """Return up to about seven whole powers of ten between two logarithms."""
    first, last = math.ceil(low), math.floor(high)
    return list(range(first, last + 1, max(1, math.ceil((last - first) / 7))))


SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _power_of_ten(power: int) -> str:
    """Write a power of ten: 0.01, 1, 100, 10⁶."""
    return f"{10.0**power:,g}" if -3 <= power <= 3 else f"10{str(power).translate(SUPERSCRIPTS)}"


def plain_figure(figure: go.Figure) -> dict[str, Any]:
    """Return the figure as plain JSON values, without Plotly's default template."""
    return dict(json.loads(figure.to_json()))

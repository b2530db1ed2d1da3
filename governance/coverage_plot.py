"""How many areas stood on nobody and on one, drawn over the years."""

from collections.abc import Sequence
from datetime import date

import plotly.graph_objects as go

from benchmarks_runner.figures import BLUE, SOFT, VERMILION, Column, Plot, blank_figure, plain_figure
from governance.queries.history import Coverage

COLUMNS = (
    Column("from", numeric=False),
    Column("areas kept up"),
    Column("with no maintainer"),
    Column("with exactly one"),
)
MOST_DRAWN = 400
LINES = (("areas kept up", "areas", SOFT), ("with no maintainer", "nobody", VERMILION), ("with one", "one", BLUE))


def cells(row: Coverage) -> tuple[object, ...]:
    """Return a row of the table and of the file."""
    return row.day.isoformat(), row.areas, row.nobody, row.one


def drawn(rows: Sequence[Coverage]) -> list[Coverage]:
    """Return the rows that are drawn: all; of very many the last of each month, as finely as years can be seen."""
    if len(rows) <= MOST_DRAWN:
        return list(rows)
    return [rows[0], *({row.day.replace(day=1): row for row in rows[1:]}.values())]


def coverage_plot(rows: Sequence[Coverage], *, until: date, csv_url: str) -> Plot:
    """Draw three stepped lines: each holds until something changed, the last values until a day."""
    figure = blank_figure()
    days = [row.day.isoformat() for row in rows] + [until.isoformat()]
    for name, attribute, colour in LINES:
        values = [getattr(row, attribute) for row in (*rows, *rows[-1:])]
        figure.add_trace(
            go.Scatter(x=days, y=values, name=name, mode="lines", line={"color": colour, "width": 2, "shape": "hv"})
        )
    figure.update_layout(showlegend=True, hovermode="x unified")
    figure.update_xaxes(type="date")
    figure.update_yaxes(title={"text": "areas"}, rangemode="tozero")
    return Plot(
        id="plot-coverage",
        title="Areas with no maintainer, and with one, over the years",
        message="A line steps where a term or an area began or ended. Terms of unknown beginning count from the start.",
        figure=plain_figure(figure),
        columns=COLUMNS,
        rows=tuple(cells(row) for row in reversed(rows)),
        csv_url=csv_url,
    )

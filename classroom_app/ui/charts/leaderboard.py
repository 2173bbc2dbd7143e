"""Draws tables of figures as Altair charts that stay readable from the back of a room."""

from __future__ import annotations

from typing import Final, Literal

import altair as alt
import pandas as pd

from classroom_app.ui.charts import FONT, INK

# The theme's colours; a test holds that they are the theme's.
QUIET_INK: Final = "#6b5f55"
TRACK: Final = "#f4e6d3"
LINE: Final = "#d9c7b2"
# Gold, silver and bronze behind the ranks 1 to 3, pale enough for dark ink; paper-brown for the rest.
RANK_COLORS: Final = ("#ffcf3f", "#d3d9e2", "#eeb183", "#f4e6d3")

Align = Literal["left", "center", "right"]
Weight = Literal[500, 800]
LEADERBOARD_COLUMNS: Final = ("slot", "rank", "emoji", "name", "share", "score", "color")

# Left of the bars there is room for rank, emoji and name, right of them for the score: in units of the
# axis (1 = 100 %), so that everything grows with the chart.
_LEFT: Final = -0.58
_RANK_AT: Final = -0.545
_EMOJI_AT: Final = -0.455
_NAME_AT: Final = -0.4
_SCORE_AT: Final = 1.21
_RIGHT: Final = 1.22
_ROWS_MIN: Final = 4  # few groups do not get bars as thick as a door


def leaderboard(rows: pd.DataFrame, *, title: str, rows_min: int = _ROWS_MIN) -> alt.LayerChart:
    """Horizontal bars from 0 to 100 %, in the order of `slot` (0 on top). `title` is for screen readers.

    Two charts side by side have bars of one thickness when both get the same `rows_min`.

    The specification depends only on the number of rows: a new score changes data alone, so that the
    browser redraws bars and not the whole chart. Texts and bars grow with the chart's own size.
    """
    slots = max(len(rows), rows_min, _ROWS_MIN)
    base = alt.Chart(rows.loc[:, list(LEADERBOARD_COLUMNS)]).encode(
        y=alt.Y("slot:O", scale=alt.Scale(domain=list(range(slots)), paddingInner=0.22), axis=None)
    )
    # One line of text takes half of its row, and no more than the width leaves for a name.
    row = f"height / {slots}"
    text = alt.ExprRef(f"min({row} * 0.5, width / 32)")
    big = alt.ExprRef(f"min({row} * 0.66, width / 25)")
    disc = alt.ExprRef(f"pow(min({row} * 0.74, width / 25), 2)")
    nudge = alt.ExprRef(f"min({row} * 0.02, width / 800)")  # digits sit high in their line
    round_end = alt.ExprRef(f"min({row} * 0.12, 14)")
    chart: alt.LayerChart = (
        alt.layer(
            _track(base, round_end),
            _bars(base, round_end),
            base.mark_point(shape="circle", filled=True, opacity=1, size=disc).encode(
                x=_at(_RANK_AT),
                color=alt.condition("datum.rank <= 3", _medal(), alt.value(RANK_COLORS[3])),
            ),
            _texts(base, "rank:N", _RANK_AT, text, "center", 800, dy=nudge),
            _texts(base, "emoji:N", _EMOJI_AT, big, "center"),
            _texts(base, "name:N", _NAME_AT, text, "left", 800),
            _texts(base, "score:N", _SCORE_AT, text, "right", 800),
        )
        .properties(
            width="container",
            height="container",
            autosize=alt.AutoSizeParams(type="fit", contains="padding"),
            background="transparent",
            description=title,
        )
        .configure(font=FONT, padding=8)
        .configure_view(stroke=None)
        .resolve_scale(color="independent")
    )
    return chart


def _x() -> alt.Scale:
    return alt.Scale(domain=[_LEFT, _RIGHT], nice=False, zero=False)


def _axis() -> alt.Axis:
    """0 to 100 %, whatever the scores are: a bar means the same all day long."""
    return alt.Axis(
        values=[0, 0.25, 0.5, 0.75, 1],
        format=".0%",
        title=None,
        domain=False,
        ticks=False,
        labelColor=QUIET_INK,
        labelFontSize=alt.ExprRef("max(14, width / 64)"),
        labelFontWeight=500,
        labelPadding=10,
        gridColor=LINE,
        gridDash=[2, 6],
        gridWidth=2,
        zindex=0,
    )


def _at(position: float) -> alt.XDatum:
    return alt.XDatum(position, scale=_x(), axis=_axis())


def _medal() -> alt.Color:
    return alt.Color("rank:O", scale=alt.Scale(domain=[1, 2, 3], range=list(RANK_COLORS[:3])), legend=None)


def _track(base: alt.Chart, round_end: alt.ExprRef) -> alt.Chart:
    """The way to 100 %, pale: how far is it still?"""
    chart: alt.Chart = base.mark_bar(color=TRACK, cornerRadiusEnd=round_end).encode(
        x=alt.XDatum(0, scale=_x(), axis=_axis()), x2=alt.X2Datum(1)
    )
    return chart


def _bars(base: alt.Chart, round_end: alt.ExprRef) -> alt.Chart:
    """A thin dark edge: some groups' colours are as pale as paper."""
    chart: alt.Chart = base.mark_bar(
        cornerRadiusEnd=round_end, stroke=INK, strokeWidth=1.5, strokeOpacity=0.35
    ).encode(
        x=alt.X("share:Q", scale=_x(), axis=_axis()),
        x2=alt.X2Datum(0),
        color=alt.Color("color:N", scale=None, legend=None),
    )
    return chart


def _texts(
    base: alt.Chart,
    field: str,
    position: float,
    size: alt.ExprRef,
    align: Align,
    weight: Weight = 500,
    dy: alt.ExprRef | float = 0,
) -> alt.Chart:
    chart: alt.Chart = base.mark_text(
        align=align, baseline="middle", fontSize=size, fontWeight=weight, color=INK, font=FONT, dy=dy
    ).encode(x=_at(position), text=alt.Text(field))
    return chart

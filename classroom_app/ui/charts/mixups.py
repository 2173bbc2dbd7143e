"""Draws which labels were taken for which as a heat map that is read from the back of a room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import altair as alt
import pandas as pd

from classroom_app.ui.charts import FONT, INK

MIXUP_COLUMNS: Final = ("truth", "guess", "count")
# The theme's colours; a test holds that they are the theme's.
RIGHT: Final = "#e6f5e9"
# On the stage what never happened is as quiet as an empty bar, and the more often the brighter.
RIGHT_DARK: Final = "#2c5a45"
WRONG_DARK: Final = ("#46385f", "#7a4a4f", "#d35f17", "#f9974c", "#ffcd9b")
WRONG: Final = ("#fff3e2", "#ffcd9b", "#f9974c", "#d35f17", "#8d370a")
_TEXT_U: Final = 2.42  # 46 px at 1920
_WIDTH_U: Final = 34.0


def heat_map(pairs: pd.DataFrame, labels: Sequence[str], title: str, *, dark: bool = False) -> alt.LayerChart:
    """`pairs` has each pair of labels once, with how often it happened; right answers are on the diagonal.
    `title` is for screen readers. Which side is which is said above it: Vega cuts titles whose size follows
    the width.
    """
    ink = "#ffffff" if dark else INK
    text = alt.ExprRef(f"max(12, width * {_TEXT_U / (_WIDTH_U - 8):.4f})")
    table = pairs.assign(
        wrong=pairs["count"].where(pairs["truth"] != pairs["guess"], 0),
        right=pairs["truth"] == pairs["guess"],
    )
    most = max(1, int(table["wrong"].max()))
    axis: dict[str, Any] = {
        "labelFontSize": text,
        "labelColor": ink,
        "title": None,
        "domain": False,
        "ticks": False,
        "labelPadding": 8,
        "labelFont": f"{FONT}, 'Noto Color Emoji', 'Apple Color Emoji'",
    }
    base = alt.Chart(table).encode(
        x=alt.X("guess:O", sort=list(labels), axis=alt.Axis(orient="top", labelAngle=0, **axis)),
        y=alt.Y("truth:O", sort=list(labels), axis=alt.Axis(**axis)),
    )
    scale = alt.Scale(domain=[0, most], range=list(WRONG_DARK if dark else WRONG))
    cells = base.mark_rect(cornerRadius=8, stroke="transparent", strokeWidth=6).encode(
        color=alt.condition(
            "datum.right",
            alt.value(RIGHT_DARK if dark else RIGHT),
            alt.Color("wrong:Q", scale=scale, legend=None),
        )
    )
    figures = base.mark_text(fontSize=text, fontWeight=800, font=FONT).encode(
        text=alt.condition("datum.count > 0", alt.Text("count:Q"), alt.value("")),
        color=alt.condition(
            f"datum.wrong > {0.6 * most}",
            alt.value(INK if dark else "#ffffff"),
            alt.value("#ffffff" if dark else INK),
        ),
    )
    chart: alt.LayerChart = (
        alt.layer(cells, figures)
        .properties(
            width="container",
            height="container",
            autosize=alt.AutoSizeParams(type="fit", contains="padding"),
            background="transparent",
            description=title,
        )
        # Emoji are higher than Vega takes a line of its font to be.
        .configure(font=FONT, padding={"left": 4, "right": 4, "bottom": 4, "top": 36})
        .configure_view(stroke=None)
    )
    return chart

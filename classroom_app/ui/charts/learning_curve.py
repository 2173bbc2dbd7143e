"""Charts for children: few marks, large letters, numbers written beside the points. Pure functions."""

from __future__ import annotations

import functools

import altair as alt
import pandas as pd

from classroom_app.ui.charts import FONT, INK, specification
from classroom_app.ui.charts.specification import Specification

LINE = "#1f5fb4"
HEIGHT_PX = 240


def learning_curve(frame: pd.DataFrame, x_title: str, y_title: str) -> Specification:
    """Columns `photos` (of each label), `right` (0 to 1) and `told`, the same in counts such as `23 / 28`:
    shares beside the score above would look like another score. The last point is the AI of now.
    """
    return specification.filled(_drawn(x_title, y_title), frame)


@functools.lru_cache(maxsize=8)  # one for each language
def _drawn(x_title: str, y_title: str) -> Specification:
    base = alt.Chart(specification.ROWS).encode(
        x=alt.X("photos:O", title=x_title, axis=alt.Axis(labelAngle=0, tickSize=0)),
        y=alt.Y(
            "right:Q",
            title=y_title,
            scale=alt.Scale(domain=[-0.06, 1.12], nice=False),
            axis=alt.Axis(labels=False, values=[0, 0.5, 1], tickSize=0, gridColor="#e2d6c8"),
        ),
    )
    points = base.mark_circle(aria=False, size=260, color=LINE, opacity=1)
    numbers = base.mark_text(aria=False, dy=-22, fontSize=18, fontWeight=800, color=INK).encode(text="told:N")
    chart = alt.layer(
        base.mark_line(aria=False, color=LINE, strokeWidth=5, strokeCap="round"), points, numbers
    )
    return specification.of(
        chart.properties(
            height=HEIGHT_PX,
            width="container",
            background="transparent",
            padding={"left": 5, "top": 5, "right": 30, "bottom": 5},
        )
        .configure(font=FONT, aria=False)  # the chart has one alternative text; Vega would add English ones
        .configure_view(strokeWidth=0)  # after it: it begins anew
        .configure_axis(
            labelFontSize=18, titleFontSize=18, labelColor=INK, titleColor=INK, domain=False, titlePadding=10
        )
    )

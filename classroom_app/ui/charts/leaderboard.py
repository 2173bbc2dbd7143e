"""Draws the race and the leaderboard as an Altair chart that stays readable from the back of a room.

Each mark has its group as a key, so that a browser moves the marks that it has instead of drawing others: the
projector's style sheet lets them slide.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Final, Literal

import altair as alt
import pandas as pd

from classroom_app.ui.charts import FONT, INK, specification
from classroom_app.ui.charts.specification import Specification

# The theme's colours; a test holds that they are the theme's.
QUIET_INK: Final = "#6b5f55"
TRACK: Final = "#f4e6d3"
BASELINE: Final = "#9a8c7f"
# Gold, silver and bronze behind the ranks 1 to 3, pale enough for dark ink.
RANK_COLORS: Final = ("#ffcf3f", "#d3d9e2", "#eeb183")

Align = Literal["left", "center", "right"]
LEADERBOARD_COLUMNS: Final = (
    *("key", "slot", "rank", "picture", "name", "color"),
    *("photos", "share", "latest", "earlier", "score", "state", "none"),
)


@dataclass(frozen=True)
class Look:
    """The colours of the chart on paper, or on a dark screen."""

    ink: str
    quiet: str
    track: str
    edge: str


LIGHT: Final = Look(INK, QUIET_INK, TRACK, INK)
DARK: Final = Look("#ffffff", "#d8cdea", "#46385f", "#ffffff")

# In hundredths of the screen's width, as the projector's style sheet counts.
HEIGHT_U: Final = 42.5
WIDTH_U: Final = {1: 93.0, 2: 44.5}  # of a chart, by the number of charts side by side
TEXT_U_MIN: Final = 2.42  # 46 px at 1920
_TEXT_U_MAX: Final = 3.8  # with larger text the bars are short, and what stands in an empty one is longer
_TEXT_OF_ROW: Final = 0.86  # a line of text in a row that is hardly higher
# Widths in heights of the text.
_RANK_EM: Final = 1.6
_ANIMAL_EM: Final = 1.55
_NAME_EM: Final = 5.8
_PHOTOS_EM: Final = {1: 3.5, 2: 2.2}  # with a camera before the number where there is room
_SCORE_EM: Final = 3.5
_UPRIGHT: Final = "M-0.08,-1h0.16v2h-0.16z"  # a thin bar as a point's shape


@dataclass(frozen=True)
class Layout:
    """Where things are along a row, in units of the bar (1 = 100 %), and how large text is."""

    rows: int
    text_u: float
    left: float
    right: float
    rank: float
    animal: float
    name: float
    photos: float
    width_u: float

    def text(self, factor: float = 1.0) -> alt.ExprRef:
        """A size that grows with the chart."""
        share = factor * self.text_u / self.width_u
        return alt.ExprRef(f"min(width * {share:.5f}, height / {self.rows} * {factor * _TEXT_OF_ROW:.3f})")


def layout(rows: int, columns: int) -> Layout:
    """Rows are as high as there is room: few groups get large ones."""
    width, row = WIDTH_U[columns], HEIGHT_U / rows
    text = min(max(row * 0.5, TEXT_U_MIN), _TEXT_U_MAX, row * _TEXT_OF_ROW)
    left = text * (_RANK_EM + _ANIMAL_EM + _NAME_EM + _PHOTOS_EM[columns])
    bar = width - left - text * _SCORE_EM
    em = text / bar
    begin = -left / bar
    return Layout(
        rows=rows,
        text_u=text,
        left=begin,
        right=1 + _SCORE_EM * em,
        rank=begin + 0.5 * _RANK_EM * em,
        animal=begin + (_RANK_EM + 0.5 * _ANIMAL_EM) * em,
        name=begin + (_RANK_EM + _ANIMAL_EM + 0.15) * em,
        photos=-0.35 * em,
        width_u=width,
    )


def leaderboard(
    rows: pd.DataFrame, *, title: str, rows_min: int = 1, columns: int = 1, dark: bool = False
) -> Specification:
    """Horizontal bars from 0 to 100 %, in the order of `slot` (0 on top). `title` is for screen readers.

    `share` is the long bar, `latest` a mark on it, `earlier` a dot for each of
    these shares, with commas between them; `none` says in the empty bar why it is empty. Two charts side by
    side have bars of one thickness when both get the same `rows_min`.

    The specification depends only on the number of rows: a new score changes data alone.
    """
    if columns == 1:
        rows = rows.assign(photos=rows["photos"].where(rows["photos"] == "", "📷 " + rows["photos"]))
    drawn = _drawn(max(len(rows), rows_min, 1), columns, dark, title)
    return specification.filled(drawn, rows.loc[:, list(LEADERBOARD_COLUMNS)])


@functools.lru_cache(maxsize=64)
def _drawn(rows: int, columns: int, dark: bool, title: str) -> Specification:
    place = layout(rows, columns)
    look = DARK if dark else LIGHT
    base = alt.Chart(specification.ROWS).encode(
        y=alt.Y("slot:O", scale=alt.Scale(domain=list(range(place.rows)), paddingInner=0.16), axis=None),
        key=alt.Key("key:N"),
    )
    chart = (
        alt.layer(
            *_bars(base, place, look),
            *_names(base, place, look),
        )
        .properties(
            width="container",
            height="container",
            autosize=alt.AutoSizeParams(type="fit", contains="padding"),
            background="transparent",
            description=title,
        )
        .configure(font=FONT, padding=4)
        .configure_view(stroke=None)
        .resolve_scale(color="independent")
    )
    return specification.of(chart)


def _row(place: Layout) -> str:
    return f"height / {place.rows}"


def _x(place: Layout) -> alt.Scale:
    return alt.Scale(domain=[place.left, place.right], nice=False, zero=False)


def _at(position: float, place: Layout) -> alt.XDatum:
    return alt.XDatum(position, scale=_x(place), axis=None)


def _field(name: str, place: Layout) -> alt.X:
    return alt.X(f"{name}:Q", scale=_x(place), axis=None)


def _bars(base: alt.Chart, place: Layout, look: Look) -> list[alt.Chart]:
    """The way to 100 %, the score on it, the newest AI's score as a mark, the earlier ones' as dots."""
    row = _row(place)
    round_end = alt.ExprRef(f"min({row} * 0.12, 14)")
    thick = alt.RelativeBandSize(band=0.78)
    color = alt.Color("color:N", scale=None, legend=None)
    # A dark edge: some groups' colours are as pale as paper.
    edge: dict[str, Any] = {"stroke": look.edge, "strokeWidth": 2, "strokeOpacity": 0.55}
    track = base.mark_bar(color=look.track, cornerRadiusEnd=round_end, height=thick).encode(
        x=_at(0, place), x2=alt.X2Datum(1)
    )
    score = base.mark_bar(cornerRadiusEnd=round_end, height=thick, **edge).encode(
        x=_field("share", place), x2=alt.X2Datum(0), color=color
    )
    latest = base.mark_point(
        shape=_UPRIGHT,
        filled=True,
        opacity=1,
        color=look.ink,
        size=alt.ExprRef(f"pow({row} * 0.7, 2)"),
    ).encode(x=_field("latest", place))
    # Split here: with a second table, of versions, the chart would be drawn anew with each score.
    earlier = (
        base.transform_filter("datum.earlier != ''")
        .transform_calculate(dot="split(datum.earlier, ',')")
        .transform_flatten(["dot"])
        .transform_calculate(dot="toNumber(datum.dot)", dot_key="datum.key + ' ' + datum.dot")
        .mark_circle(
            color=look.ink,
            stroke=look.track,
            strokeWidth=3,
            opacity=1,
            size=alt.ExprRef(f"pow({row} * 0.22, 2)"),
        )
        .encode(x=_field("dot", place), key=alt.Key("dot_key:N"))
    )
    return [track, score, earlier, latest]


def _names(base: alt.Chart, place: Layout, look: Look) -> list[alt.Chart]:
    disc = alt.ExprRef(f"pow({place.text(1.25).expr}, 2)")
    medal = alt.Color("rank:O", scale=alt.Scale(domain=["1", "2", "3"], range=list(RANK_COLORS)), legend=None)
    ranked = "datum.rank == '1' || datum.rank == '2' || datum.rank == '3'"
    return [
        base.mark_point(shape="circle", filled=True, opacity=1, size=disc).encode(
            x=_at(place.rank, place), color=alt.condition(ranked, medal, alt.value("transparent"))
        ),
        _texts(base, "rank", place.rank, place, "center").encode(
            color=alt.condition(ranked, alt.value(INK), alt.value(look.ink))
        ),
        base.mark_image(width=place.text(1.3), height=place.text(1.3)).encode(
            x=_at(place.animal, place), url=alt.Url("picture:N")
        ),
        _texts(base, "name", place.name, place, "left", look.ink),
        _texts(base, "photos", place.photos, place, "right", look.quiet),
        _texts(base, "state", 0.985, place, "right", look.ink),
        _texts(base, "none", 0.015, place, "left", look.quiet),
        _texts(base, "score", place.right, place, "right", look.ink),
    ]


def _texts(
    base: alt.Chart, field: str, position: float, place: Layout, align: Align, color: str | None = None
) -> alt.Chart:
    given: dict[str, Any] = {} if color is None else {"color": color}
    chart: alt.Chart = base.mark_text(
        align=align, baseline="middle", fontSize=place.text(), fontWeight=800, font=FONT, **given
    ).encode(x=_at(position, place), text=alt.Text(f"{field}:N"))
    return chart

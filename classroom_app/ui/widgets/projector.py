"""What everybody in the room looks at: who has joined, who leads, and the results one by one.

Knows nothing of scores' origin; it draws what it is given, in words that children read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import streamlit as st

from classroom_app.ui import texts
from classroom_app.ui.charts import leaderboard as chart_of
from classroom_app.ui.texts import t, t_html
from classroom_app.ui.widgets.staff_frame import escape, qr_image

_CSS: Final = Path(__file__).with_name("projector.css")

START_S: Final = 6.0  # everybody looks up
STEP_S: Final = 2.5  # a rank outside the first three
TOP_STEP_S: Final = 5.0
FIRST_STEP_S: Final = 7.0
TOP: Final = 3
_MANY_RANKS: Final = 8  # more than these below the top go faster: nobody waits for minutes
_CONFETTI: Final = 36
_ONE_COLUMN_MAX: Final = 12  # more lines than this are too thin to read from the back row
_NAMED_MAX: Final = 6  # groups without a run that fit on one line with their names


@dataclass(frozen=True)
class Tile:
    emoji: str
    name: str
    color: str
    ink: str
    lit: bool


@dataclass(frozen=True)
class Place:
    """A line of a ranking; `rank` None: no run yet. `correct` of `total` are of the half that is shown."""

    emoji: str
    name: str
    color: str
    rank: int | None
    correct: int | None
    total: int | None

    @property
    def share(self) -> float:
        return (self.correct or 0) / self.total if self.total else 0.0

    @property
    def score(self) -> str:
        return f"{self.correct}/{self.total}"


def style() -> None:
    st.html(f"<style>{_CSS.read_text(encoding='utf-8')}</style>")


def header(event_name: str, title_html: str, hint_html: str = "") -> None:
    st.html(
        f'<header class="pj-head"><div><h1>{title_html}</h1>'
        f"{f'<p>{hint_html}</p>' if hint_html else ''}</div><small>{_ruby(event_name)}</small></header>"
    )


def _ruby(text: str) -> str:
    return texts.label_html(text)


# -- lobby -------------------------------------------------------------------------------------


def lobby(join_url: str, tiles: Sequence[Tile]) -> None:
    lit = sum(tile.lit for tile in tiles)
    with st.container(key="pj_lobby"):
        st.html(
            f'<div class="pj-join">{qr_image(join_url, t("pj_join"))}<p>📷 {t_html("pj_join")}</p>'
            f"<code>{escape(_short(join_url))}</code></div>"
        )
        with st.container(key="pj_side"):
            st.html(f'<p class="pj-count"><b>{lit}</b> / {len(tiles)} {t_html("pj_joined")}</p>')
            with st.container(key=f"pj_tiles_{_density(len(tiles))}"):
                for tile in tiles:  # one element each, so that only a tile that lights up is drawn anew
                    st.html(_tile(tile))


def _short(url: str) -> str:
    """An address as people type it."""
    return url.removeprefix("https://").removeprefix("http://")


def _density(number: int) -> str:
    """A name for the style sheet: how large a group's tile or line can be."""
    sizes = {"few": 6, "some": 12, "many": 20, "crowd": 30}
    return next((name for name, limit in sizes.items() if number <= limit), "packed")


def _tile(tile: Tile) -> str:
    paint = f'style="background:{escape(tile.color)};color:{escape(tile.ink)}"' if tile.lit else ""
    kind = "pj-tile pj-lit" if tile.lit else "pj-tile"
    return f'<div class="{kind}" {paint}><span>{escape(tile.emoji)}</span><b>{_ruby(tile.name)}</b></div>'


# -- leaderboard -------------------------------------------------------------------------------


def leaderboard(places: Sequence[Place]) -> None:
    ranked = [place for place in places if place.rank is not None]
    waiting = [place for place in places if place.rank is None]
    if not ranked:
        hint = f"<p>{t_html('pj_nobody_hint')}</p>"
        st.html(f'<div class="pj-empty"><span>📷 ➜ 🤖</span><b>{t_html("pj_nobody")}</b>{hint}</div>')
        return
    columns = 1 if len(ranked) <= _ONE_COLUMN_MAX else 2
    size = -(-len(ranked) // columns)
    with st.container(key="pj_board_apart" if waiting else "pj_board"):
        for number, column in enumerate(st.columns(columns, gap="large")):
            part = ranked[number * size : (number + 1) * size]
            chart = chart_of.leaderboard(_frame(part), title=t("pj_chart"), rows_min=size)
            key = f"pj_chart_{number}"
            column.altair_chart(chart, theme=None, width="stretch", height="stretch", key=key)
    if waiting:
        names = len(waiting) <= _NAMED_MAX
        chips = "".join(f"<span>{escape(x.emoji)} {_ruby(x.name) if names else ''}</span>" for x in waiting)
        st.html(f'<div class="pj-waiting"><b>{t_html("pj_unranked")}</b>{chips}</div>')


def _frame(places: Sequence[Place]) -> pd.DataFrame:
    rows = [
        (slot, x.rank, x.emoji, texts.label_plain(x.name), x.share, x.score, x.color)
        for slot, x in enumerate(places)
    ]
    return pd.DataFrame(rows, columns=list(chart_of.LEADERBOARD_COLUMNS))


# -- reveal ------------------------------------------------------------------------------------


def reveal_times(ranks: Sequence[int]) -> dict[int, float]:
    """When each rank is shown, in seconds from the start: the last one first, the top ones slowly."""
    different = sorted(set(ranks), reverse=True)
    below = sum(rank > TOP for rank in different)
    step = STEP_S * min(1.0, _MANY_RANKS / below) if below else STEP_S
    times, moment = {}, START_S
    for position, rank in enumerate(different):
        if position:  # the very first one comes when the start is over
            moment += FIRST_STEP_S if rank == 1 else TOP_STEP_S if rank <= TOP else step
        times[rank] = moment
    return times


def reveal(places: Sequence[Place], elapsed_s: float) -> bool:
    """Draw the results as far as they are out; True when all are."""
    ranked = [place for place in places if place.rank is not None]
    if not ranked:
        st.html(f'<div class="pj-empty"><span>🍵</span><b>{t_html("pj_no_result")}</b></div>')
        return True
    times = reveal_times([place.rank or 0 for place in ranked])
    out = {rank for rank, moment in times.items() if elapsed_s >= moment}
    coming = [rank for rank in times if rank not in out]
    if not coming:
        _winners([place for place in ranked if place.rank == 1])
    else:
        st.html(f'<div class="pj-drum">{_suspense(coming[0], begun=bool(out))}</div>')
    with st.container(key=f"pj_places_{_density(len(ranked))}"):
        for place in ranked:  # one element each: a line that is out stays as it is
            st.html(_place(place, out=place.rank in out))
    if not coming:
        _confetti()
    return not coming


def _suspense(rank: int, *, begun: bool) -> str:
    if not begun:
        return f"🥁 {t_html('pj_ready')}"
    return f"🥁 {t_html('pj_next_first') if rank == 1 else t_html('pj_next', rank=rank)}"


def _place(place: Place, *, out: bool) -> str:
    medal = {1: "🥇", 2: "🥈", 3: "🥉"}.get(place.rank or 0, "")
    rank = f'<span class="pj-rank">{medal} {t_html("pj_rank", rank=place.rank)}</span>'
    if not out:
        return f'<div class="pj-place pj-hidden">{rank}<span class="pj-who">？？？</span></div>'
    kind = "pj-place pj-out pj-first" if place.rank == 1 else "pj-place pj-out"
    bar = f"width:{place.share:.1%};background:{escape(place.color)}"
    return (
        f'<div class="{kind}">{rank}'
        f'<span class="pj-who"><i>{escape(place.emoji)}</i> {_ruby(place.name)}</span>'
        f'<span class="pj-bar"><span style="{bar}"></span></span><b class="pj-score">{place.score}</b></div>'
    )


def _winners(winners: Sequence[Place]) -> None:
    title = t_html("pj_winner" if len(winners) == 1 else "pj_winners")
    names = "".join(f"<span><i>{escape(x.emoji)}</i> {_ruby(x.name)}</span>" for x in winners)
    st.html(f'<div class="pj-winner"><b>🏆 {title}</b>{names}</div>')


def _confetti() -> None:
    """Falls for some seconds, and not at all for those who asked their device for less motion."""
    pieces = "".join(
        f'<i style="left:{(number * 37) % 100}%;animation-delay:{(number % 9) * 0.35:.2f}s">'
        f"{'🎉🎊⭐🌟'[number % 4]}</i>"
        for number in range(_CONFETTI)
    )
    st.html(f'<div class="pj-confetti" aria-hidden="true">{pieces}</div>')


def thanks(places: Sequence[Place]) -> None:
    winners = "".join(f"<span>🏆 {escape(x.emoji)} {_ruby(x.name)}</span>" for x in places if x.rank == 1)
    st.html(
        f'<div class="pj-empty"><span>🌸 👋 🌸</span><b>{t_html("pj_thanks")}</b>'
        f'<p>{t_html("pj_thanks_hint")}</p><div class="pj-names">{winners}</div></div>'
    )

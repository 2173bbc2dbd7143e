"""What everybody in the room looks at: who has joined, who leads, and the results one by one.

The leaderboard shows the practice half, the reveal the final one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd
import streamlit as st

from classroom_app.content.catalog import MEDALS
from classroom_app.states import Half
from classroom_app.ui import texts, viewer
from classroom_app.ui.charts import leaderboard as chart_of
from classroom_app.ui.texts import t, t_html
from classroom_app.ui.widgets.staff_frame import escape, qr_image
from classroom_app.views import BoardRow, GroupView

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


def style() -> None:
    st.html(f"<style>{_CSS.read_text(encoding='utf-8')}</style>")


def header(event_name: str, title_html: str, hint_html: str = "") -> None:
    hint = f"<p>{hint_html}</p>" if hint_html else ""
    st.html(
        f'<header class="pj-head"><div><h1>{title_html}</h1>'
        f"{hint}</div><small>{texts.label_html(event_name)}</small></header>"
    )


def _name(group: GroupView | BoardRow) -> str:
    """With furigana, escaped."""
    return texts.label_html(group.name(viewer.lang()))


# -- lobby -------------------------------------------------------------------------------------


def lobby(join_url: str, groups: Sequence[GroupView]) -> None:
    joined = sum(group.joined for group in groups)
    with st.container(key="pj_lobby"):
        st.html(
            f'<div class="pj-join">{qr_image(join_url, t("pj_join"))}<p>📷 {t_html("pj_join")}</p>'
            f"<code>{escape(_short(join_url))}</code></div>"
        )
        with st.container(key="pj_side"):
            st.html(f'<p class="pj-count"><b>{joined}</b> / {len(groups)} {t_html("pj_joined")}</p>')
            with st.container(key=f"pj_tiles_{_density(len(groups))}"):
                for group in groups:  # one element each, so that only a tile that lights up is drawn anew
                    st.html(_tile(group))


def _short(url: str) -> str:
    """An address as people type it."""
    return url.removeprefix("https://").removeprefix("http://")


def _density(number: int) -> str:
    """A name for the style sheet: how large a group's tile or line can be."""
    sizes = {"few": 6, "some": 12, "many": 20, "crowd": 30}
    return next((name for name, limit in sizes.items() if number <= limit), "packed")


def _tile(group: GroupView) -> str:
    paint = f'style="background:{escape(group.color)};color:{escape(group.ink)}"' if group.joined else ""
    kind = "pj-tile pj-lit" if group.joined else "pj-tile"
    return f'<div class="{kind}" {paint}><span>{escape(group.emoji)}</span><b>{_name(group)}</b></div>'


# -- leaderboard -------------------------------------------------------------------------------


def leaderboard(rows: Sequence[BoardRow]) -> None:
    ranked = [row for row in rows if row.rank is not None]
    waiting = [row for row in rows if row.rank is None]
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
        chips = "".join(f"<span>{escape(x.emoji)} {_name(x) if names else ''}</span>" for x in waiting)
        st.html(f'<div class="pj-waiting"><b>{t_html("pj_unranked")}</b>{chips}</div>')


def _frame(rows: Sequence[BoardRow]) -> pd.DataFrame:
    lang = viewer.lang()
    table = [
        (
            slot,
            row.rank,
            row.emoji,
            texts.label_plain(row.name(lang)),
            *_result(row, Half.PRACTICE),
            row.color,
        )
        for slot, row in enumerate(rows)
    ]
    return pd.DataFrame(table, columns=list(chart_of.LEADERBOARD_COLUMNS))


def _result(row: BoardRow, half: Half) -> tuple[float, str]:
    """The share of 1, and the score as `18/20`."""
    correct, total = row.score(half) or (0, 0)
    return (correct / total if total else 0.0), f"{correct}/{total}"


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


def reveal(rows: Sequence[BoardRow], elapsed_s: float) -> None:
    """Draw the results as far as they are out."""
    ranked = [row for row in rows if row.rank is not None]
    if not ranked:
        st.html(f'<div class="pj-empty"><span>🍵</span><b>{t_html("pj_no_result")}</b></div>')
        return
    times = reveal_times([row.rank or 0 for row in ranked])
    out = {rank for rank, moment in times.items() if elapsed_s >= moment}
    coming = [rank for rank in times if rank not in out]
    if not coming:
        _winners([row for row in ranked if row.rank == 1])
    else:
        st.html(f'<div class="pj-drum">{_suspense(coming[0], begun=bool(out))}</div>')
    with st.container(key=f"pj_places_{_density(len(ranked))}"):
        for row in ranked:  # one element each: a line that is out stays as it is
            st.html(_place(row, out=row.rank in out))
    if not coming:
        _confetti()


def _suspense(rank: int, *, begun: bool) -> str:
    if not begun:
        return f"🥁 {t_html('pj_ready')}"
    return f"🥁 {t_html('pj_next_first') if rank == 1 else t_html('pj_next', rank=rank)}"


def _place(row: BoardRow, *, out: bool) -> str:
    medal = MEDALS.get(row.rank or 0, "")
    rank = f'<span class="pj-rank">{medal} {t_html("pj_rank", rank=row.rank)}</span>'
    if not out:
        return f'<div class="pj-place pj-hidden">{rank}<span class="pj-who">？？？</span></div>'
    kind = "pj-place pj-out pj-first" if row.rank == 1 else "pj-place pj-out"
    share, score = _result(row, Half.FINAL)
    bar = f"width:{share:.1%};background:{escape(row.color)}"
    return (
        f'<div class="{kind}">{rank}'
        f'<span class="pj-who"><i>{escape(row.emoji)}</i> {_name(row)}</span>'
        f'<span class="pj-bar"><span style="{bar}"></span></span><b class="pj-score">{score}</b></div>'
    )


def _winners(winners: Sequence[BoardRow]) -> None:
    title = t_html("pj_winner" if len(winners) == 1 else "pj_winners")
    names = "".join(f"<span><i>{escape(x.emoji)}</i> {_name(x)}</span>" for x in winners)
    st.html(f'<div class="pj-winner"><b>🏆 {title}</b>{names}</div>')


def _confetti() -> None:
    """Falls for some seconds, and not at all for those who asked their device for less motion."""
    pieces = "".join(
        f'<i style="left:{(number * 37) % 100}%;animation-delay:{(number % 9) * 0.35:.2f}s">'
        f"{'🎉🎊⭐🌟'[number % 4]}</i>"
        for number in range(_CONFETTI)
    )
    st.html(f'<div class="pj-confetti" aria-hidden="true">{pieces}</div>')


def thanks(rows: Sequence[BoardRow]) -> None:
    winners = "".join(f"<span>🏆 {escape(x.emoji)} {_name(x)}</span>" for x in rows if x.rank == 1)
    st.html(
        f'<div class="pj-empty"><span>🌸 👋 🌸</span><b>{t_html("pj_thanks")}</b>'
        f'<p>{t_html("pj_thanks_hint")}</p><div class="pj-names">{winners}</div></div>'
    )

"""A group's AI, version by version, and the groups' ranks with a celebration at the end."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from classroom_app.content.catalog import MEDALS
from classroom_app.states import Half
from classroom_app.ui import guard, texts, viewer
from classroom_app.ui.widgets.follow import follow
from classroom_app.views import Board, BoardRow, GroupIdentity, GroupNow, LabelView, RunView

BOARD_POLL_S: Final = 5.0
CONFETTI: Final = ("🎉", "⭐", "🎊", "✨", "🌟", "🎈")
CONFETTI_PIECES: Final = 24


def versions(history: Sequence[RunView], labels: Sequence[LabelView]) -> None:
    """Oldest first: photos, score, and which photos were new."""
    if not history:
        return
    best = max((_share(item.practice_correct, item.practice_total) for item in history), default=0.0)
    lines = []
    for before, item in zip([None, *history[:-1]], history, strict=True):
        share = _share(item.practice_correct, item.practice_total)
        star = " best" if share == best and share > 0 else ""
        lines.append(
            f'<li class="version{star}">'
            f'<span class="number">{texts.t_html("version", number=item.version)}</span>'
            f'<span class="photos">📷 {texts.t_html("photos_count", number=item.photos)}</span>'
            f"{_bar(item.practice_correct, item.practice_total)}"
            f'<span class="new">{_new(before, item, labels)}</span></li>'
        )
    st.html(
        f'<section class="versions"><h2>{texts.t_html("versions_title")}</h2>'
        f"<ol>{''.join(lines)}</ol></section>"
    )


def _new(before: RunView | None, now: RunView, labels: Sequence[LabelView]) -> str:
    if before is None:
        return texts.t_html("versions_first")
    changes = [
        (label, now.photos_by_label.get(label.id, 0) - before.photos_by_label.get(label.id, 0))
        for label in labels
    ]
    parts = [f'<span class="emoji">{html.escape(label.emoji)}</span>{n:+d}' for label, n in changes if n]
    return " ".join(parts) or texts.t_html("versions_same_photos")


@st.fragment
def board(read: Callable[[], Board], look: Callable[[GroupIdentity, str], GroupNow]) -> None:
    """The practice ranks, which move while the class goes on."""
    _, group = guard.require_group()  # a fragment runs without the page: the cookie counts here too
    follow(look(group, "board"), BOARD_POLL_S)
    rows = [row for row in read().rows if row.rank is not None]
    if rows:
        st.html(
            f'<section class="board"><h2>{texts.t_html("board_title")}</h2>'
            f"<ol>{''.join(_row(row, group.id, half=Half.PRACTICE) for row in rows)}</ol></section>"
        )


def reveal(final: Board, own_id: str) -> None:
    """The last ranks, with a little rain of stars for everybody."""
    own = next((row for row in final.rows if row.group_id == own_id), None)
    pieces = "".join(
        f'<i style="--x:{(n * 2654435761 >> 7) % 100};--t:{n * 7 % 40}">{CONFETTI[n % len(CONFETTI)]}</i>'
        for n in range(CONFETTI_PIECES)  # strewn about, but the same on every run: nothing jumps
    )
    if own is not None and own.rank is not None:
        title = texts.t_html("reveal_rank", rank=own.rank)
        text = texts.t_html("score", correct=own.final_correct, total=own.final_total)
    else:
        title, text = texts.t_html("reveal_thanks"), ""
    medal = MEDALS.get(own.rank or 0, "🎉") if own is not None else "🎉"
    rows = "".join(_row(row, own_id, half=Half.FINAL) for row in final.rows if row.rank is not None)
    st.html(
        f'<div class="confetti" aria-hidden="true">{pieces}</div>'
        f'<div class="big-message"><div class="big-message-picture" aria-hidden="true">'
        f'<span class="emoji">{medal}</span></div><h1>{title}</h1><p>{text}</p></div>'
        f'<section class="board"><h2>{texts.t_html("board_final_title")}</h2><ol>{rows}</ol></section>'
    )


def _row(row: BoardRow, own_id: str, *, half: Half) -> str:
    bar = _bar(*row.score(half) or (None, None))
    own = row.group_id == own_id
    tag = f"<em>{texts.t_html('board_us')}</em>" if own else ""
    return (
        f'<li class="{"own" if own else ""}">'
        f'<span class="rank">{texts.t_html("rank", rank=row.rank)}</span>'
        f'<img src="{html.escape(row.picture)}" alt="">'
        f'<span class="name">{html.escape(row.name(viewer.lang()))}{tag}</span>{bar}</li>'
    )


def _bar(correct: int | None, total: int | None) -> str:
    if correct is None or not total:
        return '<span class="score-bar"></span>'
    return (
        f'<span class="score-bar"><i style="width:{100 * correct / total:.1f}%"></i>'
        f"<b>{correct} / {total}</b></span>"
    )


def _share(correct: int | None, total: int | None) -> float:
    return correct / total if correct is not None and total else 0.0

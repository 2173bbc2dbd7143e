"""A group's AI, version by version, and the groups' ranks."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from classroom_app.states import Half
from classroom_app.ui import guard, texts, viewer
from classroom_app.ui.widgets import big_messages
from classroom_app.ui.widgets.follow import follow
from classroom_app.ui.widgets.qr_code import qr_image
from classroom_app.ui.widgets.take_home import page_file
from classroom_app.ui.widgets.train_result import some_of
from classroom_app.views.classes import GroupIdentity, GroupNow, LabelView
from classroom_app.views.contest import Board, BoardRow
from classroom_app.views.photos import PhotoView
from classroom_app.views.training import Journey, RunView

BOARD_POLL_S: Final = 5.0
THUMBS: Final = 3  # photos of each version


def nothing(now: GroupNow, journey: Journey) -> None:
    """Before the first AI: how it comes to be, or that there is no more time for one."""
    if not now.may_work:
        big_messages.closed(now, wait=True)
        return
    big_messages.no_ai_yet(journey, "results_empty", "results_empty_text")


def versions(
    history: Sequence[RunView],
    labels: Sequence[LabelView],
    photos: Sequence[PhotoView],
    *,
    counted: str | None = None,
    choose: bool = False,
    beside_final: bool = False,
) -> str | None:
    """Oldest first, as a path: score, gain, and some of the `photos` that were new. `counted`: the id of the
    version that gets the crown. Returns the id of the version that was tapped, where the group may `choose`:
    each but the one that counts has a button, one tap, and it does. `beside_final`: the page has scores
    of the final half too, so these say that they are of practice.
    """
    if not history:
        return None
    choose = choose and len(history) > 1
    best = max((_share(item.practice_correct, item.practice_total) for item in history), default=0.0)
    tapped = None
    with st.container(key="versions"):
        st.html(f"<h2>{texts.t_html('versions_title')}{_half(Half.PRACTICE) if beside_final else ''}</h2>")
        if choose:
            st.html(f'<p class="choose">{texts.t_html("rule_counted_chosen")}</p>')
        with st.container(key="versions_path", horizontal=True, gap=None):
            for before, item in zip([None, *history[:-1]], history, strict=True):
                share = _share(item.practice_correct, item.practice_total)
                star = " best" if share == best and share > 0 else ""
                with st.container(key=f"version_{item.version}"):
                    st.html(
                        f'<div class="version{star}">'
                        f'<h3 class="number">{texts.t_html("version", number=item.version)}</h3>'
                        f"{_result(before, item)}{_thumbs(before, item, photos)}"
                        f'<span class="photos">📷 {texts.t_html("photos_count", number=item.photos)}</span>'
                        f'<span class="new">{_new(before, item, labels)}</span></div>'
                    )
                    if item.id == counted:
                        st.html(
                            f'<p class="counts-now">👑 <span>{texts.t_html("choose_run_done")}</span></p>'
                        )
                    elif choose and _choose(item):
                        tapped = item.id
    return tapped


def _choose(item: RunView) -> bool:
    text = texts.t("choose_run", number=item.version)
    return st.button(text, key=f"small_choose_{item.id}", width="stretch", wrap=True)


def _result(before: RunView | None, now: RunView) -> str:
    """Such as 43 / 48, and how many more than before where that was the same test."""
    if now.practice_correct is None or now.practice_total is None:
        return ""
    gain = ""
    if before is not None and before.practice_total == now.practice_total:
        more = now.practice_correct - (before.practice_correct or 0)
        gain = f"<i>▲ +{more}</i>" if more > 0 else ""
    return (
        f'<span class="result"><b>{now.practice_correct}</b><span>/ {now.practice_total}</span>{gain}</span>'
    )


def _thumbs(before: RunView | None, now: RunView, photos: Sequence[PhotoView]) -> str:
    """Some of the group's own photos that this version was the first to learn from."""
    new = [
        photo
        for photo in photos
        if photo.taken_at <= now.requested_at and (before is None or photo.taken_at > before.requested_at)
    ]
    shown = "".join(
        f'<img src="/photos/{html.escape(photo.id)}/thumb" alt="">' for photo in some_of(new, THUMBS)
    )
    return f'<span class="thumbs" aria-hidden="true">{shown}</span>' if shown else ""


def _new(before: RunView | None, now: RunView, labels: Sequence[LabelView]) -> str:
    if before is None:
        return texts.t_html("versions_first")
    changes = [
        (label, now.photos_by_label.get(label.id, 0) - before.photos_by_label.get(label.id, 0))
        for label in labels
    ]
    parts = [
        f'<span class="pair"><span class="emoji">{html.escape(label.emoji)}</span>{n:+d}</span>'
        for label, n in changes
        if n
    ]
    return " ".join(parts) or texts.t_html("versions_same_photos")


@st.fragment
def board(read: Callable[[], Board], look: Callable[[GroupIdentity, str], GroupNow]) -> None:
    """The practice ranks, which move while the class goes on, and stand still before the end."""
    _, group = guard.require_group()  # a fragment runs without the page: the cookie counts here too
    now = look(group, "board")
    follow(now, BOARD_POLL_S)
    rows = [row for row in read().rows if row.rank is not None]
    if rows:
        frozen = f"<p>🧊 {texts.t_html('board_frozen')}</p>" if now.clock.frozen else ""
        st.html(
            f'<section class="board"><h2>{texts.t_html("board_title")}</h2>{frozen}'
            f"<ol>{''.join(_row(row, group.id, half=Half.PRACTICE) for row in rows)}</ol></section>"
        )


def final_board(final: Board, own_id: str) -> None:
    """The last ranks of all groups, when the screen has shown them."""
    rows = "".join(_row(row, own_id, half=Half.FINAL) for row in final.rows if row.rank is not None)
    title = texts.t_html("board_final_title")
    st.html(f'<section class="board"><h2>{title}{_half(Half.FINAL)}</h2><ol>{rows}</ol></section>')


def _half(half: Half) -> str:
    """Which questions the scores below are of, as the screen calls them."""
    key = "pj_way_final" if half == Half.FINAL else "pj_way_practice"
    return f' <span class="half">{texts.t_html(key)}</span>'


def next_step(now: GroupNow, *, has_ai: bool) -> None:
    """The one way on from here, in every phase."""
    with st.container(key="dock"):
        if now.may_work:
            big_messages.way_on("to_collect_more", "📷", "collect")
        elif has_ai:
            big_messages.way_on("to_play", "🔍", "play")


def take_home(token: str | None) -> None:
    """The way to the AI as a file: small and shut, for whoever looks for it; nothing where there is none."""
    if token is None or not page_file.is_possible():
        return
    path = f"/take-home/{token}"
    code = qr_image(f"{viewer.base_url()}{path}", texts.t("take_home_qr"))
    st.html(
        f'<details class="take-home"><summary>🎁 {texts.t_html("take_home_door")}</summary>'
        f"<p>{texts.t_html('take_home_scan')}</p>{code}"
        f'<a href="{html.escape(path)}" target="_self" download>{texts.t_html("take_home_link")}</a>'
        "</details>"
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

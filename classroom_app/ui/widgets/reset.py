"""What will go, are you sure, and the receipt afterwards."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

import streamlit as st

from classroom_app.states import DeletionScope
from classroom_app.ui import state, texts, viewer
from classroom_app.ui.texts import moment_words, t_kanji
from classroom_app.ui.widgets.hold_button import hold_button
from classroom_app.ui.widgets.staff_frame import badge, escape, table
from classroom_app.views.classes import EventView
from classroom_app.views.deletion import (
    NO_REST,
    DeletionTarget,
    IntegrityReport,
    Learnt,
    PendingDeletion,
    ReceiptView,
)
from classroom_app.views.photos import PhotoView

_PHOTOS_A_PAGE = 18
_PHOTOS_A_ROW = 6


# What a facilitator chooses from; a label's photos of one group, or of the whole class.
_CHOICES: Final = {
    "photos": DeletionScope.PHOTOS,
    "label_group": DeletionScope.LABEL,
    "label_class": DeletionScope.LABEL,
    "runs": DeletionScope.RUNS,
    "group_reset": DeletionScope.GROUP_RESET,
    "group": DeletionScope.GROUP,
    "event": DeletionScope.EVENT,
}


def choose_target(event: EventView, photos_of: Callable[[str], Sequence[PhotoView]]) -> DeletionTarget | None:
    """What is chosen; None while something is missing. `photos_of` has a group's photos by its id."""
    choice = st.radio(
        t_kanji("re_scope"), _CHOICES, format_func=lambda key: t_kanji(f"re_scope_{key}"), key="reset_scope"
    )
    scope, lang = _CHOICES[choice], viewer.lang()
    left, right = st.columns(2)
    group_id = label_id = None
    if choice not in {"label_class", "event"}:
        groups = {item.id: item for item in event.groups}
        group_id = left.selectbox(
            t_kanji("re_group"), list(groups), key="reset_group",
            format_func=lambda key: f"{groups[key].emoji} {groups[key].name(lang)}",
        )  # fmt: skip
        if group_id not in groups:
            return None
    if scope in {DeletionScope.PHOTOS, DeletionScope.LABEL}:
        labels = {item.id: item for item in event.labels}
        label_id = (left if group_id is None else right).selectbox(
            t_kanji("re_label"), list(labels), key="reset_label",
            format_func=lambda key: f"{labels[key].emoji} {texts.label_kanji(labels[key].name(lang))}",
        )  # fmt: skip
    if group_id is not None and scope is DeletionScope.PHOTOS:
        photo_ids = choose_photos([item.id for item in photos_of(group_id) if item.label_id == label_id])
        return DeletionTarget(scope, event.id, group_id, photo_ids=photo_ids) if photo_ids else None
    return DeletionTarget(scope, event.id, group_id, label_id)


def choose_photos(photo_ids: Sequence[str]) -> tuple[str, ...]:
    """Thumbnails to choose from, a page at a time; they come over the route that checks the cookie."""
    if not photo_ids:
        st.info(t_kanji("re_photos_none"), icon="🗂️")
        return ()
    pages = -(-len(photo_ids) // _PHOTOS_A_PAGE)
    st.html(f'<p class="staff-hint">{escape(t_kanji("re_photo_choose"))}</p>')
    page = 1
    if pages > 1:
        page = st.pills(
            t_kanji("re_page"), list(range(1, pages + 1)), default=1, required=True, key=state.PHOTO_PAGE
        )
    chosen: frozenset[str] = st.session_state.get(state.PHOTO_CHOSEN, frozenset())
    start = (page - 1) * _PHOTOS_A_PAGE
    shown = photo_ids[start : start + _PHOTOS_A_PAGE]
    for first in range(0, len(shown), _PHOTOS_A_ROW):
        for offset, column in enumerate(st.columns(_PHOTOS_A_ROW, gap="small")):
            if first + offset < len(shown):
                with column:
                    photo_id = shown[first + offset]
                    _photo(photo_id, start + first + offset + 1, is_chosen=photo_id in chosen)
    return tuple(photo_id for photo_id in photo_ids if photo_id in chosen)


def _photo(photo_id: str, number: int, *, is_chosen: bool) -> None:
    alt = escape(t_kanji("re_photo_alt", number=number))
    st.html(
        f'<img class="staff-photo{" staff-chosen" if is_chosen else ""}" alt="{alt}" loading="lazy"'
        f' src="/photos/{escape(photo_id)}/thumb">'
    )
    text = t_kanji("re_photo_chosen" if is_chosen else "re_photo_this")
    st.button(
        text,
        key=f"photo_{number}",
        type="primary" if is_chosen else "secondary",
        width="stretch",
        on_click=_choose,
        args=(photo_id,),
    )


def _choose(photo_id: str) -> None:
    """Chosen by the first tap, let go by the second."""
    chosen: frozenset[str] = st.session_state.get(state.PHOTO_CHOSEN, frozenset())
    st.session_state[state.PHOTO_CHOSEN] = chosen ^ {photo_id}
    st.session_state.pop(state.DELETION, None)


def with_models(target: DeletionTarget, learnt: Learnt) -> DeletionTarget:
    """One choice, where AIs learnt from the photos: they go too, unless somebody says otherwise."""
    if not learnt.models:
        return target
    key = "re_learnt_counted" if learnt.counted else "re_learnt"
    told = t_kanji(key, number=learnt.models, counted=learnt.counted)
    st.html(f'<p class="staff-ask">🧠 {escape(told)}</p>')
    name = f"learnt_too_{target.scope}_{target.group_id}_{target.label_id}"
    return replace(target, keep_models=not st.checkbox(t_kanji("re_learnt_too"), value=True, key=name))


def will_go(counts: Mapping[str, int]) -> None:
    head = [escape(t_kanji("re_kind")), escape(t_kanji("re_number"))]
    shown = {kind: number for kind, number in counts.items() if kind not in NO_REST}
    rows = [[escape(t_kanji(f"kind_{kind}")), f"<b>{number}</b>"] for kind, number in shown.items()]
    st.html(
        f'<h2 class="staff-h2">{escape(t_kanji("re_will_go"))}</h2>'
        f'<div class="staff-narrow">{table(head, rows)}</div>'
    )


def confirm(target: str, minutes: int) -> Literal["undo", "now"] | None:
    """Two steps without typing: a tap, then a button that is held. `target` says what the tap was for: it
    counts for that alone. "undo": it can be brought back for so many minutes; "now": it cannot.
    """
    if st.session_state.get(state.DELETION) != target:
        if st.button(t_kanji("re_delete"), key="delete", icon="🗑️"):
            st.session_state[state.DELETION] = target
            st.rerun()
        return None
    with st.container(key="delete_sure", border=True):
        how = sure(minutes)
    if how == "no":
        st.session_state.pop(state.DELETION, None)
        st.rerun()
    return how


def sure(minutes: int) -> Literal["undo", "now", "no"] | None:
    """The question, and a button that is held for each answer but no."""
    st.html(f'<p class="staff-ask">⚠️ {escape(t_kanji("re_sure"))}</p>')
    hint = t_kanji("re_hold")
    undo = hold_button(text=t_kanji("re_yes_undo", minutes=minutes), hint=hint, key="delete_undo")
    now = hold_button(text=t_kanji("re_yes_now"), hint=hint, key="delete_now", strong=False)
    no = st.button(t_kanji("fa_cancel"), key="delete_no")
    return "undo" if undo else "now" if now else "no" if no else None


def pending(
    items: Sequence[PendingDeletion], now: dt.datetime
) -> tuple[Literal["undo", "now"], PendingDeletion] | None:
    """What was deleted and can still be brought back; what a facilitator wants of one of them."""
    if not items:
        return None
    st.html(f'<h2 class="staff-h2">↩️ {escape(t_kanji("re_pending"))}</h2>')
    wish: tuple[Literal["undo", "now"], PendingDeletion] | None = None
    for item in items:
        with st.container(key=f"pending_{item.id}", border=True):
            minutes = max(1, math.ceil((item.due_at - now).total_seconds() / 60))
            what = f"{t_kanji(f'scope_{item.scope}')}: {item.subject}"
            st.html(
                f"<b>{escape(what)}</b> <small>{escape(_gone(item.counts))}</small>"
                f'<p class="staff-hint">{escape(t_kanji("re_pending_left", minutes=minutes))}</p>'
            )
            if st.button(t_kanji("re_undo"), key=f"undo_{item.id}", icon="↩️", type="primary"):
                wish = ("undo", item)
            hint = t_kanji("re_hold")
            key = f"finish_{item.id}"
            if hold_button(text=t_kanji("re_pending_now"), hint=hint, key=key, strong=False):
                wish = ("now", item)
    return wish


def _gone(counts: Mapping[str, int]) -> str:
    return "、".join(
        f"{t_kanji(f'kind_{kind}')} {number}"
        for kind, number in counts.items()
        if number and kind not in NO_REST
    )


def receipt(shown: ReceiptView) -> None:
    clean = shown.clean
    text = t_kanji("re_receipt_clean" if clean else "re_receipt_left")
    (st.success if clean else st.error)(f"{text}　{shown.subject}", icon="✅" if clean else "⚠️")
    head = [escape(t_kanji(key)) for key in ("re_kind", "re_deleted", "re_left")]
    rows = [
        [
            escape(t_kanji(f"kind_{kind}")),
            str(shown.deleted.get(kind, 0)),
            badge(str(left), "good" if not left else "quiet" if kind in NO_REST else "bad"),
        ]
        for kind in {**shown.deleted, **shown.left}
        for left in [shown.left.get(kind, 0)]
    ]
    links = " ".join(
        f'<a class="staff-link" href="/api/receipts/{escape(shown.id)}.{kind}" target="_blank">⬇️ {name}</a>'
        for kind, name in (("pdf", "PDF"), ("csv", "CSV"))
    )
    st.html(f'<div class="staff-narrow">{table(head, rows)}</div>{links}')


def check_result(report: IntegrityReport) -> None:
    """One sentence when all is well, else one for each kind of problem."""
    if report.sound:
        st.success(t_kanji("check_sound"), icon="✅")
        return
    found = [t_kanji(f"check_{kind}", number=number) for kind, number in report.counts().items()]
    st.error("　".join(found), icon="⚠️")


def earlier_receipts(receipts: Sequence[ReceiptView], csv_url: str) -> None:
    if not receipts:
        st.html(f'<p class="staff-hint">{escape(t_kanji("re_receipts_none"))}</p>')
        return
    head = [escape(t_kanji(key)) for key in ("re_when", "re_what", "re_deleted", "re_result", "re_papers")]
    rows = []
    for item in receipts:
        gone = _gone(item.deleted)
        left = item.remains
        result = badge(t_kanji("re_clean"), "good")
        if left:
            result = badge(t_kanji("re_not_clean", number=left), "bad")
        when = moment_words(item.created_at)
        what = f"{t_kanji(f'scope_{item.scope}')}: {item.subject}"
        papers = " ".join(
            f'<a class="staff-link" href="/api/receipts/{escape(item.id)}.{kind}" target="_blank">{name}</a>'
            for kind, name in (("pdf", "PDF"), ("csv", "CSV"))
        )
        rows.append([escape(when), escape(what), f"<small>{escape(gone)}</small>", result, papers])
    st.html(f'<div class="staff-receipts">{table(head, rows)}</div>')
    text = escape(t_kanji("re_receipts_csv"))
    st.html(f'<a class="staff-link" href="{escape(csv_url)}" target="_blank">⬇️ {text}</a>')

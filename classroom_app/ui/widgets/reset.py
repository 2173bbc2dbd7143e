"""What will go, are you sure, and the receipt afterwards.

Knows nothing of what is deleted or how.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from classroom_app.ui import state
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.staff_frame import badge, escape, table

_PHOTOS_A_PAGE = 18
_PHOTOS_A_ROW = 6


@dataclass(frozen=True)
class ShownReceipt:
    scope: str
    subject: str
    deleted: Mapping[str, int]
    left: Mapping[str, int]
    created_at: dt.datetime

    @property
    def still_there(self) -> int:
        return sum(self.left.values())


def choose_photo(photo_ids: Sequence[str]) -> str | None:
    """Thumbnails to choose one of, a page at a time; they come over the route that checks the cookie."""
    if not photo_ids:
        st.info(t_kanji("re_photos_none"), icon="🗂️")
        return None
    pages = -(-len(photo_ids) // _PHOTOS_A_PAGE)
    st.html(f'<p class="gu-hint">{escape(t_kanji("re_photo_choose"))}</p>')
    page = 1
    if pages > 1:
        page = st.pills(
            t_kanji("re_page"), list(range(1, pages + 1)), default=1, required=True, key=state.PHOTO_PAGE
        )
    chosen = st.session_state.get(state.PHOTO_CHOSEN)
    start = (page - 1) * _PHOTOS_A_PAGE
    shown = photo_ids[start : start + _PHOTOS_A_PAGE]
    for first in range(0, len(shown), _PHOTOS_A_ROW):
        for offset, column in enumerate(st.columns(_PHOTOS_A_ROW, gap="small")):
            if first + offset < len(shown):
                with column:
                    _photo(shown[first + offset], start + first + offset + 1, chosen)
    return chosen if chosen in photo_ids else None


def _photo(photo_id: str, number: int, chosen: str | None) -> None:
    is_chosen = photo_id == chosen
    alt = escape(t_kanji("re_photo_alt", number=number))
    st.html(
        f'<img class="gu-photo{" gu-chosen" if is_chosen else ""}" alt="{alt}" loading="lazy"'
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
    st.session_state[state.PHOTO_CHOSEN] = photo_id
    st.session_state.pop(state.DELETION, None)


def will_go(counts: Mapping[str, int]) -> None:
    head = [escape(t_kanji("re_kind")), escape(t_kanji("re_number"))]
    rows = [[escape(t_kanji(f"kind_{kind}")), f"<b>{number}</b>"] for kind, number in counts.items()]
    st.html(
        f'<h2 class="gu-h2">{escape(t_kanji("re_will_go"))}</h2>'
        f'<div class="gu-narrow">{table(head, rows)}</div>'
    )


def confirm_by_name(names: Sequence[str], key: str) -> bool:
    """Typed confirmation: True when one of the names was typed and the button pressed."""
    with st.form(f"delete_{key}", border=True):
        typed = st.text_input(t_kanji("re_type", name=names[0]), key=f"typed_{key}", autocomplete="off")
        pressed = st.form_submit_button(t_kanji("re_delete"), type="primary", icon="🗑️")
    if not pressed:
        return False
    if _plain(typed) not in {_plain(name) for name in names}:
        st.error(t_kanji("re_type_wrong"), icon="🙅")
        return False
    return True


def confirm_twice(target: str) -> bool:
    """Two taps on two buttons; `target` says what the first tap was for, so that it counts for that alone."""
    if st.session_state.get(state.DELETION) != target:
        if st.button(t_kanji("re_delete"), key="delete", icon="🗑️"):
            st.session_state[state.DELETION] = target
            st.rerun()
        return False
    with st.container(key="delete_sure", border=True):
        st.html(f'<p class="gu-ask">⚠️ {escape(t_kanji("re_sure"))}</p>')
        with st.container(horizontal=True):
            yes = st.button(t_kanji("re_yes"), key="delete_yes", type="primary", icon="🗑️")
            no = st.button(t_kanji("fa_cancel"), key="delete_no")
    if no:
        st.session_state.pop(state.DELETION, None)
        st.rerun()
    return yes


def _plain(text: str) -> str:
    """Full-width and capital letters do not matter."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def receipt(shown: ShownReceipt) -> None:
    clean = shown.still_there == 0
    text = t_kanji("re_receipt_clean" if clean else "re_receipt_left")
    (st.success if clean else st.error)(f"{text}　{shown.subject}", icon="✅" if clean else "⚠️")
    head = [escape(t_kanji(key)) for key in ("re_kind", "re_deleted", "re_left")]
    rows = [
        [
            escape(t_kanji(f"kind_{kind}")),
            str(shown.deleted.get(kind, 0)),
            badge(str(left), "bad" if left else "good"),
        ]
        for kind in {**shown.deleted, **shown.left}
        for left in [shown.left.get(kind, 0)]
    ]
    st.html(f'<div class="gu-narrow">{table(head, rows)}</div>')


def earlier_receipts(receipts: Sequence[ShownReceipt], zone: dt.tzinfo | None, csv_url: str) -> None:
    if not receipts:
        st.html(f'<p class="gu-hint">{escape(t_kanji("re_receipts_none"))}</p>')
        return
    head = [escape(t_kanji(key)) for key in ("re_when", "re_what", "re_deleted", "re_result")]
    rows = []
    for item in receipts:
        gone = "、".join(
            f"{t_kanji(f'kind_{kind}')} {number}" for kind, number in item.deleted.items() if number
        )
        left = item.still_there
        result = badge(t_kanji("re_clean"), "good")
        if left:
            result = badge(t_kanji("re_not_clean", number=left), "bad")
        when = item.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        what = f"{t_kanji(f'scope_{item.scope}')}: {item.subject}"
        rows.append([escape(when), escape(what), f"<small>{escape(gone)}</small>", result])
    st.html(f'<div class="gu-receipts">{table(head, rows)}</div>')
    text = escape(t_kanji("re_receipts_csv"))
    st.html(f'<a class="gu-link" href="{escape(csv_url)}" target="_blank">⬇️ {text}</a>')

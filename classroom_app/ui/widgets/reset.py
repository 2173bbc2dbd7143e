"""What will go, are you sure, and the receipt afterwards."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from classroom_app.states import DeletionScope
from classroom_app.ui import state, texts, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.staff_frame import badge, escape, table
from classroom_app.views import DeletionTarget, EventView, IntegrityReport, PhotoView, ReceiptView

_PHOTOS_A_PAGE = 18
_PHOTOS_A_ROW = 6


@dataclass(frozen=True)
class Wanted:
    """What a facilitator chose to delete, and the names of which one has to be typed where much would go."""

    target: DeletionTarget
    names: tuple[str, ...]


# What a facilitator chooses from; a label's photos of one group, or of the whole class.
_CHOICES: Final = {
    "photo": DeletionScope.PHOTO,
    "label_group": DeletionScope.LABEL,
    "label_class": DeletionScope.LABEL,
    "group_reset": DeletionScope.GROUP_RESET,
    "group": DeletionScope.GROUP,
    "event": DeletionScope.EVENT,
}


def choose_target(event: EventView, photos_of: Callable[[str], Sequence[PhotoView]]) -> Wanted | None:
    """What is chosen; None while something is missing. `photos_of` has a group's photos by its id."""
    choice = st.radio(
        t_kanji("re_scope"), _CHOICES, format_func=lambda key: t_kanji(f"re_scope_{key}"), key="reset_scope"
    )
    scope, lang = _CHOICES[choice], viewer.lang()
    left, right = st.columns(2)
    group = label = None
    if choice not in {"label_class", "event"}:
        groups = {item.id: item for item in event.groups}
        group_id = left.selectbox(
            t_kanji("re_group"), list(groups), key="reset_group",
            format_func=lambda key: f"{groups[key].emoji} {groups[key].name(lang)}",
        )  # fmt: skip
        group = groups.get(group_id or "")
        if group is None:
            return None
    if scope in {DeletionScope.PHOTO, DeletionScope.LABEL}:
        labels = {item.id: item for item in event.labels}
        label = (left if group is None else right).selectbox(
            t_kanji("re_label"), list(labels), key="reset_label",
            format_func=lambda key: f"{labels[key].emoji} {texts.label_kanji(labels[key].name(lang))}",
        )  # fmt: skip
    names: tuple[str, ...] = (event.name,)
    if group is not None and scope in {DeletionScope.GROUP_RESET, DeletionScope.GROUP}:
        names = (group.name(lang), group.name_ja, group.name_en)
    photo = None
    if group is not None and scope is DeletionScope.PHOTO:
        photo = choose_photo([item.id for item in photos_of(group.id) if item.label_id == label])
        if photo is None:
            return None
        label = None
    return Wanted(DeletionTarget(scope, event.id, group.id if group else None, label, photo), names)


def choose_photo(photo_ids: Sequence[str]) -> str | None:
    """Thumbnails to choose one of, a page at a time; they come over the route that checks the cookie."""
    if not photo_ids:
        st.info(t_kanji("re_photos_none"), icon="🗂️")
        return None
    pages = -(-len(photo_ids) // _PHOTOS_A_PAGE)
    st.html(f'<p class="staff-hint">{escape(t_kanji("re_photo_choose"))}</p>')
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
    st.session_state[state.PHOTO_CHOSEN] = photo_id
    st.session_state.pop(state.DELETION, None)


def will_go(counts: Mapping[str, int]) -> None:
    head = [escape(t_kanji("re_kind")), escape(t_kanji("re_number"))]
    rows = [[escape(t_kanji(f"kind_{kind}")), f"<b>{number}</b>"] for kind, number in counts.items()]
    st.html(
        f'<h2 class="staff-h2">{escape(t_kanji("re_will_go"))}</h2>'
        f'<div class="staff-narrow">{table(head, rows)}</div>'
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
        st.html(f'<p class="staff-ask">⚠️ {escape(t_kanji("re_sure"))}</p>')
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


def receipt(shown: ReceiptView) -> None:
    clean = shown.clean
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
    st.html(f'<div class="staff-narrow">{table(head, rows)}</div>')


def check_result(report: IntegrityReport) -> None:
    """One sentence when all is well, else one for each kind of problem."""
    if report.sound:
        st.success(t_kanji("check_sound"), icon="✅")
        return
    found = [t_kanji(f"check_{kind}", number=number) for kind, number in report.counts().items()]
    st.error("　".join(found), icon="⚠️")


def earlier_receipts(receipts: Sequence[ReceiptView], zone: dt.tzinfo | None, csv_url: str) -> None:
    if not receipts:
        st.html(f'<p class="staff-hint">{escape(t_kanji("re_receipts_none"))}</p>')
        return
    head = [escape(t_kanji(key)) for key in ("re_when", "re_what", "re_deleted", "re_result")]
    rows = []
    for item in receipts:
        gone = "、".join(
            f"{t_kanji(f'kind_{kind}')} {number}" for kind, number in item.deleted.items() if number
        )
        left = sum(item.left.values())
        result = badge(t_kanji("re_clean"), "good")
        if left:
            result = badge(t_kanji("re_not_clean", number=left), "bad")
        when = item.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        what = f"{t_kanji(f'scope_{item.scope}')}: {item.subject}"
        rows.append([escape(when), escape(what), f"<small>{escape(gone)}</small>", result])
    st.html(f'<div class="staff-receipts">{table(head, rows)}</div>')
    text = escape(t_kanji("re_receipts_csv"))
    st.html(f'<a class="staff-link" href="{escape(csv_url)}" target="_blank">⬇️ {text}</a>')

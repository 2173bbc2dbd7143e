"""Parts of the collect page around the camera: the labels with their rings, what is still missing."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import streamlit as st

from classroom_app.ui import state, texts, viewer
from classroom_app.ui.widgets.tiles import Tile, tiles
from classroom_app.views import LabelView


def choose_label(labels: Sequence[LabelView], counts: Mapping[str, int], color: str) -> LabelView:
    """The row of labels; the one whose camera is open comes back, at first the first."""
    lang = viewer.lang()
    chosen = st.session_state.get(state.LABEL)
    if chosen not in {label.id for label in labels}:
        chosen = labels[0].id
    shown = [
        Tile(
            label.id,
            label.name(lang),
            label.emoji,
            photos=counts.get(label.id, 0),
            note=texts.t("photos_count", number=counts.get(label.id, 0)),
        )
        for label in labels
    ]
    tapped = tiles(shown, label=texts.t("choose_label"), key="labels", chosen=chosen, color=color)
    if tapped and tapped != chosen:
        st.session_state[state.LABEL] = tapped
        st.rerun()
    return next(label for label in labels if label.id == chosen)


def missing(short: Sequence[tuple[LabelView, int]], *, begun: bool) -> None:
    """One line: how many more photos until the AI can learn."""
    more = "".join(
        f'<span class="chip"><span class="emoji">{html.escape(label.emoji)}</span>'
        f"{texts.t_html('missing_more', number=number)}</span>"
        for label, number in short
    )
    title = texts.t_html("missing_title" if begun else "missing_start")
    st.html(f'<div class="missing"><span>{title}</span>{more}</div>')


def seen_before(number: int) -> None:
    """Said once: until the children have read it, and again only when there are more."""
    if number <= st.session_state.get(state.SEEN_BEFORE_TOLD, 0):
        return
    with st.container(key="seen_before", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<p class="seen-before" role="status"><span class="emoji" aria-hidden="true">👯</span>'
            f"<span>{texts.t_html('seen_before', number=number)}</span></p>"
        )
        if st.button(texts.t("seen_before_ok"), key="small_seen_before"):
            st.session_state[state.SEEN_BEFORE_TOLD] = number
            st.rerun()

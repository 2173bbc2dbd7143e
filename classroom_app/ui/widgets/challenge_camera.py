"""Taking challenge photos with the camera that groups have, a label at a time; the last one can go again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from classroom_app.states import Half
from classroom_app.ui import state, texts, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.camera import STRINGS, camera
from classroom_app.ui.widgets.staff_frame import escape
from classroom_app.ui.widgets.tiles import Tile, tiles
from classroom_app.views.classes import LabelView

COLOR: Final = "#bf3f0c"  # of the main buttons of grown-ups' pages


def choose_label(labels: Sequence[LabelView], counts: Mapping[tuple[str, Half], int]) -> LabelView:
    """The labels with what each has; the chosen one comes back, at first that which has least."""
    lang = viewer.lang()
    totals = {label.id: sum(counts.get((label.id, half), 0) for half in Half) for label in labels}
    if st.session_state.get(state.SHOT_LABEL) not in totals:
        st.session_state[state.SHOT_LABEL] = min(totals, key=lambda label_id: totals[label_id])
    chosen: str = st.session_state[state.SHOT_LABEL]
    shown = [
        Tile(
            label.id,
            texts.label_kanji(label.name(lang)),
            label.emoji,
            photos=totals[label.id],
            note=t_kanji("ch_shot_count", number=totals[label.id]),
        )
        for label in labels
    ]
    tapped = tiles(shown, label=t_kanji("ch_label"), key="shot_labels", chosen=chosen, color=COLOR)
    if tapped and tapped != chosen:
        st.session_state[state.SHOT_LABEL] = tapped
        st.rerun()
    return next(label for label in labels if label.id == chosen)


def shoot(event_id: str, label: LabelView) -> None:
    """Shots go to the class's challenge by a facilitator's cookie."""
    camera(
        group_id=f"challenge:{event_id}",
        group_name=t_kanji("kind_challenge_photos"),
        epoch=0,
        label_id=label.id,
        label_name=texts.label_kanji(label.name(viewer.lang())),
        label_emoji=label.emoji,
        color=COLOR,
        strings={key: t_kanji(key) for key in STRINGS},
        key="challenge_camera",
        upload_url=f"/api/events/{event_id}/challenge/photos",
        by_staff=True,
    )


def last_one(photo_id: str) -> bool:
    """The label's newest photo; true when it is to go."""
    told = escape(t_kanji("ch_shot_last"))
    st.html(
        f'<p class="staff-hint">{told}</p>'
        f'<img class="staff-photo" alt="{told}" src="/challenge/{escape(photo_id)}/thumb">'
    )
    return st.button(t_kanji("ch_shot_undo"), key=f"shot_undo_{photo_id}", icon="↩️")

"""Parts of the collect page around the camera: the labels with their rings, what is still missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Final

import streamlit as st

from classroom_app.ui import state, texts, viewer
from classroom_app.ui.widgets.tiles import Tile, tiles
from classroom_app.ui.widgets.tiles import tiles as next_tile  # a name of its own, for tests of pages
from classroom_app.views.classes import LabelView
from classroom_app.views.training import TrainingReadiness

ADDRESS: Final = "label"  # of the page's query: the id of the chosen one


def choose_label(
    labels: Sequence[LabelView],
    counts: Mapping[str, int],
    short: Sequence[tuple[LabelView, int]],
    color: str,
) -> LabelView:
    """The row of labels; the one whose camera is open comes back, at first the first. When that has enough
    and others are `short`, the tile of the next one nudges.
    """
    lang = viewer.lang()
    known = _known_label({label.id for label in labels})
    chosen = st.session_state[state.LABEL] = known or labels[0].id
    following = _following(labels, short, chosen)
    shown = [
        Tile(
            label.id,
            label.name(lang),
            label.emoji,
            photos=counts.get(label.id, 0),
            note=texts.t("photos_count", number=counts.get(label.id, 0)),
            next=following is not None and label.id == following.id,
        )
        for label in labels
    ]
    tapped = tiles(
        shown,
        label=texts.t("choose_label"),
        key="labels",
        chosen=chosen,
        color=color,
        kept_as=ADDRESS,
        is_known=known is not None,
    )
    if tapped and tapped != chosen:
        st.session_state[state.LABEL] = tapped
        st.rerun()
    return next(label for label in labels if label.id == chosen)


def _known_label(ids: Set[str]) -> str | None:
    """The label that was chosen, also in a new session after a restart, a reload or a change of language: the
    page's address says it. None: nobody has chosen one.
    """
    asked = st.query_params.get(ADDRESS, "")
    if asked != st.session_state.get(state.LABEL_ASKED):
        st.session_state[state.LABEL_ASKED] = asked
        if asked in ids:
            st.session_state[state.LABEL] = asked
    chosen = st.session_state.get(state.LABEL)
    return chosen if chosen in ids else None


def _following(
    labels: Sequence[LabelView], short: Sequence[tuple[LabelView, int]], chosen: str
) -> LabelView | None:
    """The label to go on with: the next in the row that is short, round to the first; None while the chosen
    one itself needs photos, or none does.
    """
    needs = {label.id for label, _ in short}
    if chosen in needs:
        return None
    at = [label.id for label in labels].index(chosen)
    return next((label for label in (*labels[at:], *labels[:at]) if label.id in needs), None)


def missing(
    ready: TrainingReadiness,
    chosen: LabelView,
    *,
    begun: bool,
    color: str,
) -> None:
    """What the AI still needs: in words while the chosen label itself needs photos (the shutter is the one
    next thing); when that has enough, the way to the next label, which is a button.
    """
    following = _following(ready.labels, ready.missing, chosen.id)
    if following is None:
        if begun:  # before, the gallery says it
            st.html(f'<p class="missing">{texts.t_html("missing_more", number=ready.photos_to_train)}</p>')
        return
    # A tile: as those of the row it changes the label in the browser at once, for the shot that follows.
    name = following.name(viewer.lang())
    words = texts.t_html("next_label", label=name)
    tapped = next_tile(
        [Tile(following.id, name, following.emoji, words=words)],
        label=texts.t("choose_label"),
        key="next_label",
        layout="way",
        color=color,
    )
    if tapped:
        st.session_state[state.LABEL] = tapped
        st.rerun()

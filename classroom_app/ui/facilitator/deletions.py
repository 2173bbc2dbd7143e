"""What a facilitator does to a deletion, from whichever page: begin it, end it at once, take it back.

Knows nothing of how the target was chosen.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence

import streamlit as st

from classroom_app.resources import App
from classroom_app.ui import state
from classroom_app.ui.telling import attempt
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import reset
from classroom_app.views.deletion import DeletionTarget, PendingDeletion


def delete(app: App, target: DeletionTarget, told: str, *, at_once: bool) -> str | None:
    """`told` is said while it can be undone; at once, there is a receipt. Raises as DeletionService does."""
    if not at_once:
        app.deletions.begin(target)
        return told
    st.session_state[state.RECEIPT] = app.deletions.delete_now(target)
    return None


def pending(app: App, items: Sequence[PendingDeletion], place: str) -> None:
    """Those that can still be taken back; what came of a press is said at this place."""
    wish = reset.pending(items, dt.datetime.now(dt.UTC))
    if wish is None:
        return
    what, item = wish
    st.session_state.pop(state.RECEIPT, None)
    attempt(place, functools.partial(_undo if what == "undo" else _finish, app, item.id))


def _undo(app: App, item_id: str) -> str:
    app.deletions.undo(item_id)
    return t_kanji("re_undone")


def _finish(app: App, item_id: str) -> None:
    st.session_state[state.RECEIPT] = app.deletions.finish(item_id)

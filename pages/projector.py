"""The instructor's projector: lobby, live leaderboard, reveal, thanks. Read-only, no photos.

It follows the class's phase by itself.
"""

import time

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.states import Phase
from classroom_app.ui import guard, state, viewer
from classroom_app.ui.texts import t_html, t_kanji
from classroom_app.ui.widgets import projector
from classroom_app.views import EventView

app, event_id = guard.require_projector()
LIVE_EVERY_S = 3
REVEAL_EVERY_S = 1


def lobby(event: EventView) -> None:
    projector.header(event.name, t_html("app_title"))
    projector.lobby(f"{viewer.base_url()}/join", event.groups)


def board(event: EventView) -> None:
    projector.header(event.name, t_html(f"pj_{event.phase}"), t_html("pj_question"))
    projector.leaderboard(app.board.board(event.id, final=False).rows)


def reveal(event: EventView) -> None:
    projector.header(event.name, f"🏆 {t_html('pj_reveal')}")
    began = st.session_state.setdefault(state.REVEAL_BEGAN, {}).setdefault(event.id, time.time())
    projector.reveal(app.board.board(event.id, final=True).rows, time.time() - began)


def thanks(event: EventView) -> None:
    projector.header(event.name, t_html("app_title"))
    projector.thanks(app.board.board(event.id, final=True).rows)


SHOW = {
    Phase.LOBBY: lobby,
    Phase.COLLECT: board,
    Phase.FINAL: board,
    Phase.REVEAL: reveal,
    Phase.CLOSED: thanks,
}


def screen(drawn_phase: Phase | None) -> None:
    guard.require_projector()  # a fragment runs without the page: the cookie counts here too
    try:
        event = app.classes.get(event_id)
        if event.phase != drawn_phase:
            st.rerun()  # the whole page: another rhythm
        SHOW[event.phase](event)
    except ClassroomError as error:
        st.html(f'<div class="pj-empty"><b>{t_kanji(error.key, **error.params)}</b></div>')


projector.style()
try:
    phase: Phase | None = app.classes.get(event_id).phase
except ClassroomError:
    phase = None
every = REVEAL_EVERY_S if phase == Phase.REVEAL else LIVE_EVERY_S
st.fragment(screen, run_every=every)(phase)

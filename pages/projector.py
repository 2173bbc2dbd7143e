"""The instructor's projector: lobby, live leaderboard, reveal, thanks. Read-only, no photos.

Knows nothing of who may open it beyond asking the guard; it follows the class's phase by itself.
"""

import time

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.services.board import Board
from classroom_app.services.classes import EventView
from classroom_app.ui import guard, state, viewer
from classroom_app.ui.texts import t_html, t_kanji
from classroom_app.ui.widgets import projector

app, event_id = guard.require_projector()
LANG = viewer.lang()
LIVE_EVERY_S = 3
REVEAL_EVERY_S = 1


def places(board: Board, *, final: bool) -> list[projector.Place]:
    return [
        projector.Place(
            row.emoji,
            row.name(LANG),
            row.color,
            row.rank,
            row.final_correct if final else row.practice_correct,
            row.final_total if final else row.practice_total,
        )
        for row in board.rows
    ]


def lobby(event: EventView) -> None:
    projector.header(event.name, t_html("app_title"))
    tiles = [projector.Tile(x.emoji, x.name(LANG), x.color, x.ink, x.joined) for x in event.groups]
    projector.lobby(f"{viewer.base_url()}/join", tiles)


def board(event: EventView) -> None:
    projector.header(event.name, t_html(f"pj_{event.phase}"), t_html("pj_question"))
    projector.leaderboard(places(app.board.board(event.id, final=False), final=False))


def reveal(event: EventView) -> None:
    projector.header(event.name, f"🏆 {t_html('pj_reveal')}")
    began = st.session_state.setdefault(state.REVEAL_BEGAN, {}).setdefault(event.id, time.time())
    projector.reveal(places(app.board.board(event.id, final=True), final=True), time.time() - began)


def thanks(event: EventView) -> None:
    projector.header(event.name, t_html("app_title"))
    projector.thanks(places(app.board.board(event.id, final=True), final=True))


SHOW = {"lobby": lobby, "collect": board, "final": board, "reveal": reveal, "closed": thanks}


def screen(drawn_phase: str) -> None:
    guard.require_projector()  # a fragment runs without the page: the cookie counts here too
    try:
        event = app.events.get(event_id)
        if event.phase != drawn_phase:
            st.rerun()  # the whole page: another rhythm
        SHOW[event.phase](event)
    except ClassroomError as error:
        st.html(f'<div class="pj-empty"><b>{t_kanji(error.key, **error.params)}</b></div>')


projector.style()
try:
    phase = app.events.get(event_id).phase
except ClassroomError:
    phase = ""
every = REVEAL_EVERY_S if phase == "reveal" else LIVE_EVERY_S
st.fragment(screen, run_every=every)(phase)

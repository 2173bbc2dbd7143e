"""The five phases of a class as steps: what each means, which one it is, and the way to the others."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

import streamlit as st

from classroom_app.states import Phase
from classroom_app.ui import state
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.staff_frame import escape

PHASES: Final = tuple(Phase)
EMOJI: Final = {
    Phase.LOBBY: "🚪",
    Phase.COLLECT: "📷",
    Phase.FINAL: "⏰",
    Phase.REVEAL: "🏆",
    Phase.CLOSED: "👋",
}
_ASKS_FIRST: Final = frozenset({Phase.REVEAL, Phase.CLOSED})  # everybody in the room sees these at once


def phase_steps(current: Phase, move: Callable[[Phase], None], *, final_made: bool = False) -> None:
    """Show the steps; `move` is called with the phase that a facilitator wants (and has confirmed).

    `final_made`: the groups have seen the results, so collecting once more asks first too.
    """
    asks_first = _ASKS_FIRST | ({Phase.COLLECT} if final_made else frozenset())
    st.html(f'<h2 class="staff-h2 staff-unseen">{escape(t_kanji("phase_steps"))}</h2>')
    at = PHASES.index(current)
    with st.container(key="phases"):
        for column, phase in zip(st.columns(len(PHASES), gap="small"), PHASES, strict=True):
            with column.container(key=f"phase_{phase}", height="stretch"):
                st.html(_step(phase, PHASES.index(phase) - at))
                _button(phase, PHASES.index(phase) - at, move, asks_first)
    wanted = st.session_state.get(state.PHASE_WANTED)
    if wanted in asks_first and wanted != current:
        _ask(wanted, move)


def _step(phase: Phase, ahead: int) -> str:
    kind = "now" if ahead == 0 else "past" if ahead < 0 else "ahead"
    number = PHASES.index(phase) + 1
    what = escape(t_kanji(f"phase_{phase}_what"))
    return (
        f'<div class="staff-step staff-{kind}" title="{what}"><span class="staff-step-no">{number}</span>'
        f'<span class="staff-emoji">{EMOJI[phase]}</span><b>{escape(t_kanji(f"phase_{phase}"))}</b></div>'
    )


def _button(phase: Phase, ahead: int, move: Callable[[Phase], None], asks_first: Collection[Phase]) -> None:
    if ahead == 0:
        st.html(f'<div class="staff-now-mark">● {escape(t_kanji("phase_now"))}</div>')
        return
    text = t_kanji("phase_go" if ahead > 0 else "phase_back")
    if st.button(text, key=f"go_{phase}", type="primary" if ahead == 1 else "secondary", width="stretch"):
        if phase in asks_first:
            st.session_state[state.PHASE_WANTED] = phase
        else:
            st.session_state.pop(state.PHASE_WANTED, None)
            move(phase)


def _ask(phase: Phase, move: Callable[[Phase], None]) -> None:
    with st.container(key="phase_sure", border=True):
        st.html(f'<p class="staff-ask">{EMOJI[phase]} {escape(t_kanji(f"phase_sure_{phase}"))}</p>')
        with st.container(horizontal=True):
            yes = st.button(t_kanji("phase_yes"), key="phase_yes", type="primary")
            no = st.button(t_kanji("phase_no"), key="phase_no")
    if yes or no:
        st.session_state.pop(state.PHASE_WANTED, None)
        if yes:
            move(phase)
        else:
            st.rerun()

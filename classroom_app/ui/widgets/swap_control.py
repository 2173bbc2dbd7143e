"""The swap round for grown-ups: buttons to begin, turn on and end it; who tries whose AI."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from classroom_app.ui import viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.staff_frame import animal, escape, name
from classroom_app.views.play import SwapLine, SwapNow

SwapWish = Literal["start", "turn_on", "end"]
_ABLE_MIN = 2


def swap_control(now: SwapNow) -> SwapWish | None:
    """What a grown-up pressed."""
    with st.container(key="swap_control", border=True):
        with st.container(key="swap_buttons", horizontal=True, vertical_alignment="center"):
            st.html(_face(now), width="stretch")
            wish = _buttons(now)
        if now.turn is not None:
            st.html(
                f'<p class="staff-hint">{escape(t_kanji("cs_swap_lines"))}</p>'
                f'<div class="staff-swap-lines">{"".join(map(_line, now.lines))}</div>'
            )
    return wish


def _buttons(now: SwapNow) -> SwapWish | None:
    if now.turn is None:
        enough = now.able >= _ABLE_MIN
        why = None if enough else t_kanji("cs_swap_needs_two")
        pressed = st.button(
            t_kanji("cs_swap_start"), key="swap_start", icon="🔄", disabled=not enough, help=why
        )
        return "start" if pressed else None
    # Its key changes with the turn: a press on what another grown-up has turned on meanwhile does nothing.
    if st.button(t_kanji("cs_swap_turn_on"), key=f"swap_turn_on_{now.turn}", icon="🔄"):
        return "turn_on"
    return "end" if st.button(t_kanji("cs_swap_end"), key="swap_end", icon="⏹️") else None


def _face(now: SwapNow) -> str:
    if now.turn is None:
        hint = t_kanji("cs_swap_hint")
        return (
            f'<div class="staff-swap"><b>{escape(t_kanji("cs_swap"))}</b>'
            f'<span class="staff-hint">{escape(hint)}</span></div>'
        )
    state = t_kanji("cs_swap_on", number=now.turn, fooled=now.fooled)
    return (
        f'<div class="staff-swap staff-swap-on"><b>{escape(t_kanji("cs_swap"))}</b>'
        f"<span>{escape(state)}</span></div>"
    )


def _line(line: SwapLine) -> str:
    finder = f"{animal(line.finder.picture)} {name(line.finder.name(viewer.lang()))}"
    if line.owner is None:
        return f"<span>{finder} —</span>"
    owner = f"{animal(line.owner.picture)} {name(line.owner.name(viewer.lang()))}"
    return f"<span>{finder} ➜ {owner} <b>🎭{line.fooled}</b></span>"

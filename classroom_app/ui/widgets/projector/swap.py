"""The swap round on the projector: who tries whose AI, and how often it was fooled."""

from __future__ import annotations

import streamlit as st

from classroom_app.ui.texts import t_html
from classroom_app.ui.widgets.projector.frame import Cue, animal, density, name_of
from classroom_app.ui.widgets.staff_frame import escape
from classroom_app.views.play import SwapLine, SwapNow

_NAMED = frozenset({"one", "few", "some"})  # of more groups than these the animals alone have room


def cue(now: SwapNow) -> Cue:
    """Each find sounds, a little higher than the one before."""
    return Cue(f"swap {now.turn} {now.fooled}", "joined", now.fooled)


def news(now: SwapNow) -> str:
    """One line of what has just happened, as HTML."""
    if now.newest is None:
        return t_html("pj_swap_hint")
    label, guess = escape(now.newest.label.emoji), escape(now.newest.guess.emoji)
    pop = f"pj-pop-{now.fooled % 2}"  # another key is another element, which pops in
    return f'<span class="pj-news {pop}">🎭 {t_html("pj_swap_newest", label=label, guess=guess)}</span>'


def swap_round(now: SwapNow) -> None:
    size = density(len(now.lines))
    cells = "".join(_line(line, named=size in _NAMED) for line in now.lines)
    legend = f"<span>{t_html('pj_swap_who')}</span><span>🎭 {t_html('pj_swap_count')}</span>"
    st.html(f'<div class="pj-swap pj-{size}">{cells}</div><p class="pj-swap-legend">{legend}</p>')


def _line(line: SwapLine, *, named: bool) -> str:
    finder = animal(line.finder) + (f"<b>{name_of(line.finder)}</b>" if named else "")
    if line.owner is None:
        return f'<div class="pj-swap-line pj-swap-none"><span>{finder}</span></div>'
    owner = animal(line.owner) + (f"<b>{name_of(line.owner)}</b>" if named else "")
    return (
        f'<div class="pj-swap-line"><span>{finder}</span><i>➜</i><span class="pj-swap-ai">{owner}</span>'
        f"<em>🎭 {line.fooled}</em></div>"
    )

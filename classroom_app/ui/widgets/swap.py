"""The swap round on a group's pages: whose AI it tries, what was found, and the way there."""

from __future__ import annotations

import html
from typing import Final

import streamlit as st

from classroom_app.ui import texts, viewer
from classroom_app.ui.widgets import big_messages
from classroom_app.views.classes import GroupIdentity
from classroom_app.views.play import LentAi, MixUpCount

PAGE: Final = "play"
_MIX_UPS: Final = 4  # the most often; more than these is a list


def whose(lent: LentAi) -> None:
    """The other group's animal and name, plainly."""
    owner = lent.owner
    words = texts.t_html("swap_trying", name=owner.name(viewer.lang()))
    st.html(
        f'<div class="swap-whose" style="--theirs:{html.escape(owner.color)}" role="status">'
        f'<img src="{html.escape(owner.picture)}" alt=""><b>{words}</b></div>'
    )


def tally(lent: LentAi) -> None:
    """What the group has found, and what its own AI was fooled by."""
    fooled = sum(item.times for item in lent.own_fooled)
    own = ""
    if fooled:
        shown = "".join(_mix_up(item) for item in lent.own_fooled[:_MIX_UPS])
        words = texts.t_html("swap_own_fooled", number=fooled)
        own = f'<p>🙈 {words}</p><p class="swap-mixed">{shown}</p>'
    st.html(
        f'<div class="swap-tally" role="status"><p>🎭 {texts.t_html("swap_found", number=lent.fooled)}</p>'
        f"{own}</div>"
    )


def _mix_up(item: MixUpCount) -> str:
    lang = viewer.lang()
    words = texts.t_html("swap_taken_for", label=item.label.name(lang), guess=item.guess.name(lang))
    return (
        f"<span>{html.escape(item.label.emoji)}➜{html.escape(item.guess.emoji)} {words} ×{item.times}</span>"
    )


def way_there(group: GroupIdentity, here: str) -> None:
    """On the group's other pages, while a swap round is on."""
    if group.swaps and group.waits is None and here != PAGE:
        with st.container(key="swap_way"):
            big_messages.way_on("swap_way", "🔄", PAGE, big=False)

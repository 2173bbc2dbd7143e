"""The swap round on a group's pages: whose AI it tries, what was found, and the way there."""

from __future__ import annotations

import html
from typing import Final

import streamlit as st

from classroom_app.ui import state, texts, viewer
from classroom_app.ui.widgets import big_messages
from classroom_app.views.classes import GroupIdentity
from classroom_app.views.play import LentAi, MixUpCount

PAGE: Final = "play"
_MIX_UPS: Final = 4  # the most often; more than these is a list


def whose(lent: LentAi) -> None:
    """The other group's animal and name, plainly, and what is to be done with its AI."""
    owner = lent.owner
    words = texts.t_html("swap_trying", name=owner.name(viewer.lang()))
    st.html(
        f'<div class="swap-whose" style="--theirs:{html.escape(owner.color)}" role="status">'
        f'<img src="{html.escape(owner.picture)}" alt=""><div><b>{words}</b>'
        f"<p>{texts.t_html('swap_how')}</p></div></div>"
    )


def tally(lent: LentAi) -> None:
    """What the group has found, and what its own AI was fooled by."""
    fooled = sum(item.times for item in lent.own_fooled)
    own = ""
    if fooled:
        shown = "".join(_mix_up(item) for item in lent.own_fooled[:_MIX_UPS])
        own = f"{_line('🙈', texts.t_html('swap_own_fooled', number=fooled))}<ul>{shown}</ul>"
    found = _line("🎭", texts.t_html("swap_found", number=lent.fooled))
    st.html(f'<div class="swap-tally" role="status">{found}{own}</div>')


def _line(picture: str, words: str) -> str:
    return f"<p>{_emoji(picture)}<span>{words}</span></p>"


def _emoji(picture: str) -> str:
    return f'<span class="emoji" aria-hidden="true">{html.escape(picture)}</span>'


def _mix_up(item: MixUpCount) -> str:
    lang = viewer.lang()
    label, guess = item.label.name(lang), item.guess.name(lang)
    words = texts.t_html("swap_taken_for", label=label, guess=guess, number=item.times)
    return f"<li>{_emoji(item.label.emoji)}→{_emoji(item.guess.emoji)}<span>{words}</span></li>"


def way_there(group: GroupIdentity, here: str) -> None:
    """On the group's other pages, while a swap round is on; their own next thing is quiet then."""
    if group.swaps and group.waits is None and here != PAGE:
        with st.container(key="swap_way"):
            big_messages.way_on("swap_way", "🔄", PAGE)
        st.session_state[state.CALM] = True

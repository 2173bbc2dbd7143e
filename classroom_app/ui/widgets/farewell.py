"""What an iPad shows when its cookie opens nothing any more: the end, or what to do, by the reason."""

from __future__ import annotations

import html
from typing import Final

import streamlit as st

from classroom_app.states import Ending, Phase
from classroom_app.ui import texts, viewer
from classroom_app.ui.widgets import big_messages, children_frame, place
from classroom_app.ui.widgets.follow import follow
from classroom_app.views.classes import GroupNow, RoundClock
from classroom_app.views.contest import Farewell

LOOK_EVERY_S: Final = 15.0  # a class may be opened again, or be deleted; follow.js soon looks once a minute
WITHOUT_ANIMAL: Final = "👋"
_NO_CLOCK: Final = RoundClock(None, paused=False, frozen=False)


def farewell(shown: Farewell, url: str) -> None:
    """`url`: of this page, where the language switch comes back to."""
    if shown.why == Ending.LOST:
        children_frame.corner(url)
        way_back("ended_lost", "/join", "ended_lost_way")
        return
    if shown.animal is not None:
        children_frame.paint(shown.animal)
    children_frame.corner(url)
    picture = shown.animal.picture if shown.animal else WITHOUT_ANIMAL
    ranked = shown.own is not None and shown.own.rank is not None
    big_messages.show(
        picture,
        texts.t_html(f"ended_{shown.why}"),
        _text(shown),
        behind=place.stars() if ranked else "",
    )
    if shown.why == Ending.RENEWED:
        # Quiet: the one next thing is the new card. One part: readings must not be rows of their own.
        words = f"<span>{texts.t_html('ended_renewed_way')}</span>"
        st.html(f'<a class="big-link quiet" href="/join" target="_self">{words}</a>')
    if shown.why == Ending.OVER:
        mark = str(shown.why.error_key)  # as the route has it, so that only another answer is news
        follow(GroupNow("join", Phase.CLOSED, 0, mark, _NO_CLOCK), LOOK_EVERY_S)


def card_of_a_closed_class() -> None:
    """For whoever scans it without having been in."""
    children_frame.corner("/join?problem=join_class_over")
    big_messages.show(WITHOUT_ANIMAL, texts.t_html("ended_over"), texts.t_html("join_class_over"))


def way_back(key: str, url: str, link: str) -> None:
    """One sentence and one big link; a full page load, so that the new cookie is seen."""
    st.html(
        f'<div class="way-back"><p>{texts.t_html(key)}</p>'
        f'<a class="big-link" href="{html.escape(url)}" target="_self">{texts.t(link)}</a></div>'
    )


def _text(shown: Farewell) -> str:
    lines = []
    if shown.animal is not None:
        name = shown.animal.name(viewer.lang())
        lines.append(f"<b>{texts.t_html('ended_group', name=name)}</b>")
    if shown.own is not None and shown.own.rank is not None:
        medal, word = place.picture(shown.own.rank), place.title(shown.own.rank, last=shown.last)
        lines.append(f'<span class="medal" aria-hidden="true">{medal}</span> {word}')
    lines.append(texts.t_html(f"ended_{shown.why}_text"))
    return "<br>".join(lines)

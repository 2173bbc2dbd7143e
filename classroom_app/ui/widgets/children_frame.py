"""The frame of every page: our style, the group's badge, the path of four steps, the time that is left, the
language switch.
"""

from __future__ import annotations

import html
import json
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from classroom_app.ui import navigation, state, texts, viewer
from classroom_app.ui.widgets import assets, staff_words, swap
from classroom_app.ui.widgets.follow import follow
from classroom_app.ui.widgets.keep_alive import keep_alive
from classroom_app.ui.widgets.navigate import navigate
from classroom_app.ui.widgets.round_clock import STRINGS as ROUND_STRINGS
from classroom_app.ui.widgets.round_clock import round_clock
from classroom_app.views.classes import Animal, GroupIdentity, GroupNow
from classroom_app.views.training import Journey

_CSS: Final = ("common/tokens.css", "children_frame.css")
STEPS: Final = (("collect", "📷"), ("train", "🌱"), ("play", "🔍"), ("results", "🏆"))
PART_OF: Final = {"mistakes": "results"}  # pages that are no step of their own


def style() -> None:
    """Once a run, first thing on the page: before it nothing is drawn, so nothing flashes."""
    away = json.dumps(texts.t("away"), ensure_ascii=False)  # a CSS string is written like a JSON one
    st.html(f"<style>{assets.source(*_CSS)}:root{{--away:{away}}}</style>")


def header(now: GroupNow, group: GroupIdentity, journey: Journey, *, at_result: bool = False) -> None:
    """The frame of a children's page; it also follows the facilitator and the group's other iPads, and says
    what a facilitator told the group. Where the group has to wait, the page ends here. `at_result`: as for
    staff_words.
    """
    here = now.page
    paint(group)
    with st.container(key="top", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(_badge(group))
        with st.container(key="steps", horizontal=True, gap=None, wrap=False):
            for number, (page, icon) in enumerate(STEPS):
                with st.container(key=f"step{number}_{_state(page, PART_OF.get(here, here), journey)}"):
                    st.page_link(navigation.page_path(page), label=texts.t(f"step_{page}"), icon=icon)
        round_clock(now.clock, texts.strings(ROUND_STRINGS))
        language(f"/{here}")
    follow(now)
    staff_words.show(group, at_result=at_result)
    st.session_state[state.CALM] = False
    swap.way_there(group, here)
    if now.clock.paused:
        st.session_state[state.CALM] = True


def paint(group: GroupIdentity | Animal) -> None:
    """The group's colour, for whatever wants it."""
    st.html(
        f"<style>:root{{--group:{html.escape(group.color)};--group-ink:{html.escape(group.ink)};"
        f"--group-deep:{html.escape(group.deep)}}}</style>"
    )


def language(url: str) -> None:
    """A tap changes the language of this iPad and comes back to the same page, with what its address says."""
    query = urlencode(st.query_params.to_dict())
    url = f"{url}?{query}" if query and "?" not in url else url
    other = {"ja": "en", "en": "ja"}[viewer.lang()]
    keep_alive()
    if st.button(texts.t("language_other"), key="language"):
        navigate(url=url, post_url="/session/language", body={"lang": other}, key=f"language_{other}")


def corner(url: str, *, grown_ups: bool = False) -> None:
    """The language switch alone, where there is no path of steps; `grown_ups`: and their way to answers."""
    with st.container(key="corner", horizontal=True, horizontal_alignment="right"):
        if grown_ups:
            words = texts.t_html("privacy_link")
            st.html(f'<a class="for-grown-ups" href="/privacy" target="_self">{words}</a>', width="content")
        language(url)


def problem(sentence: str) -> None:
    """The one sentence (HTML) a child sees when something did not work."""
    st.html(f'<div class="sorry" role="alert">{sentence}</div>')


def _badge(group: GroupIdentity) -> str:
    name = html.escape(group.name(viewer.lang()))
    return f'<div class="badge"><img src="{html.escape(group.picture)}" alt=""><div><b>{name}</b></div></div>'


def _state(page: str, here: str, journey: Journey) -> str:
    """`here`, `done`, `open` or `locked`; with `here_done` for a step that is done and looked at again."""
    played = st.session_state.get(state.PLAYED, 0) > 0 or journey.versions > 1
    done = {
        "collect": journey.photos_ready,
        "train": journey.versions > 0,
        "play": journey.versions > 0 and played,
    }.get(page, False)
    if page == here:
        return "here_done" if done else "here"
    if done:
        return "done"
    ready = {"train": journey.photos_ready, "play": journey.versions > 0, "results": journey.versions > 0}
    return "open" if ready.get(page, True) else "locked"

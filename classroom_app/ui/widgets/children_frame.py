"""The frame of every page: our style, the group's badge, the path of four steps, the language switch.

Knows nothing of what a page does; it is told how far the group has come.
"""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Final, Protocol

import streamlit as st

from classroom_app.ui import navigation, state, texts, viewer
from classroom_app.ui.widgets.keep_alive import calm
from classroom_app.ui.widgets.navigate import navigate

_CSS = Path(__file__).with_name("children_frame.css")
STEPS: Final = (("collect", "📷"), ("train", "🌱"), ("play", "🔍"), ("results", "🏆"))
PART_OF: Final = {"mistakes": "results"}  # pages that are no step of their own
PHASE_POLL_S: Final = 4.0


class Badge(Protocol):
    """What the frame shows of a group."""

    @property
    def emoji(self) -> str: ...
    @property
    def picture(self) -> str: ...
    @property
    def color(self) -> str: ...
    @property
    def ink(self) -> str: ...
    @property
    def event_name(self) -> str: ...
    @property
    def phase(self) -> str: ...
    @property
    def epoch(self) -> int: ...
    def name(self, lang: str) -> str: ...


class Progress(Protocol):
    """How far the group has come."""

    @property
    def photos_ready(self) -> bool: ...
    @property
    def versions(self) -> int: ...


def style() -> None:
    """Once a run, first thing on the page: before it nothing is drawn, so nothing flashes."""
    away = json.dumps(texts.t("away"), ensure_ascii=False)  # a CSS string is written like a JSON one
    st.html(f"<style>{_CSS.read_text(encoding='utf-8')}:root{{--away:{away}}}</style>")


def header(here: str, group: Badge, progress: Progress) -> None:
    """The frame of a children's page; it also notices when the class moves on."""
    paint(group)
    with st.container(key="top", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(_badge(group))
        with st.container(key="steps", horizontal=True, gap=None, wrap=False):
            for number, (page, icon) in enumerate(STEPS):
                with st.container(key=f"step{number}_{_state(page, PART_OF.get(here, here), progress)}"):
                    st.page_link(navigation.page_path(page), label=texts.t(f"step_{page}"), icon=icon)
        language(f"/{here}")
    _follow_class(group.phase, group.epoch)


def paint(group: Badge) -> None:
    """The group's colour, for whatever wants it."""
    st.html(
        f"<style>:root{{--group:{html.escape(group.color)};--group-ink:{html.escape(group.ink)}}}</style>"
    )


def language(url: str) -> None:
    """A tap changes the language of this iPad and comes back to the same page."""
    other = {"ja": "en", "en": "ja"}[viewer.lang()]
    calm()
    if st.button(texts.t("language_other"), key="language"):
        navigate(url=url, post_url="/session/language", body={"lang": other}, key=f"language_{other}")


def problem(sentence: str) -> None:
    """The one sentence (HTML) a child sees when something did not work."""
    st.html(f'<div class="sorry" role="alert">{sentence}</div>')


def _badge(group: Badge) -> str:
    name = html.escape(group.name(viewer.lang()))
    return (
        f'<div class="badge"><img src="{html.escape(group.picture)}" alt="">'
        f"<div><b>{name}</b><small>{texts.label_html(group.event_name)}</small></div></div>"
    )


def _state(page: str, here: str, progress: Progress) -> str:
    """`here`, `done`, `open` or `locked`; with `here_done` for a step that is done and looked at again."""
    played = st.session_state.get(state.PLAYED, 0) > 0 or progress.versions > 1
    done = {
        "collect": progress.photos_ready,
        "train": progress.versions > 0,
        "play": progress.versions > 0 and played,
    }.get(page, False)
    if page == here:
        return "here_done" if done else "here"
    if done:
        return "done"
    ready = {"train": progress.photos_ready, "play": progress.versions > 0, "results": progress.versions > 0}
    return "open" if ready.get(page, True) else "locked"


@st.fragment(run_every=PHASE_POLL_S)
def _follow_class(phase: str, epoch: int) -> None:
    """The facilitator moves the class on or empties the group, and every iPad follows by itself."""
    group = viewer.group()
    if group is None or (group.phase, group.epoch) != (phase, epoch):
        st.rerun()

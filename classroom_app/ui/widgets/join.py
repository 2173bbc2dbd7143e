"""The way in: is this us, which group are we, the picture code, waiting for the class to start."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final, NoReturn
from urllib.parse import urlencode

import streamlit as st

from classroom_app.content.catalog import PICTURE_CODE_LENGTH, PICTURES
from classroom_app.states import Ending
from classroom_app.ui import state, texts, viewer
from classroom_app.ui.widgets import big_messages, children_frame, farewell, staff_words
from classroom_app.ui.widgets.follow import follow
from classroom_app.ui.widgets.navigate import navigate
from classroom_app.ui.widgets.picture_code import STRINGS, picture_code
from classroom_app.ui.widgets.tiles import Tile, tiles
from classroom_app.ui.widgets.tryout import STRINGS as TRYOUT_STRINGS
from classroom_app.ui.widgets.tryout import tryout
from classroom_app.views.classes import GroupIdentity, GroupNow
from classroom_app.views.contest import Farewell

CLASS_OVER: Final = "join_class_over"


def confirm(group: GroupIdentity) -> bool:
    """True when the children say that the animal is theirs."""
    children_frame.paint(group)
    children_frame.corner("/join")
    name = group.name(viewer.lang())
    big_messages.show(
        group.picture, texts.t_html("confirm_title", group=name), texts.label_html(group.event_name)
    )
    with st.container(key="narrow"):
        yes = st.button(
            texts.t("confirm_yes"), key="big_yes", icon="🙌", type="primary", width="stretch", wrap=True
        )
        if st.button(texts.t("confirm_no"), key="small_no", width="stretch", wrap=True):
            navigate(url="/join", post_url="/session/leave", body={}, key="leave")
    return yes


def lobby(group: GroupIdentity, now: GroupNow) -> None:
    """Breathes until the class starts, then goes on by itself. Meanwhile the camera can be tried."""
    children_frame.paint(group)
    children_frame.corner("/join")
    follow(now)
    staff_words.show(group)
    if st.session_state.get(state.TRYOUT):
        _try_camera(group)
    else:
        tried = st.session_state.get(state.TRIED, False)
        text = texts.t_html("lobby_text")
        if tried:
            text = f"📷 {texts.t_html('lobby_camera_ready')}<br>{text}"
        big_messages.show(group.picture, texts.t_html("lobby_title"), text, moving=True)
        with st.container(key="narrow"):
            if st.button(
                texts.t("lobby_camera_again" if tried else "lobby_camera"),
                key="small_camera" if tried else "big_camera",
                icon="📷",
                type="secondary" if tried else "primary",
                width="stretch",
                wrap=True,
            ):
                st.session_state[state.TRYOUT] = True
                st.rerun()


def _try_camera(group: GroupIdentity) -> None:
    """One photo that nobody gets."""
    st.html(f'<h1 class="ask">{texts.t_html("tryout_title")}</h1>')
    left = tryout(color=group.color, strings=texts.strings(TRYOUT_STRINGS), key="tryout_camera")
    if left is not None:
        st.session_state[state.TRYOUT] = False
        st.session_state[state.TRIED] = left == "tried" or st.session_state.get(state.TRIED, False)
        st.rerun()


def end_of_a_class(shown: Farewell, problem: str) -> None:
    """For an iPad that was in and has stayed here, or scans a card that is over: the good-bye, and nothing
    else. Whoever types the address gets the groups of open classes, after whatever was before.
    """
    was_in = shown.why != Ending.LOST
    here = st.query_params.get("here", "")
    if problem == CLASS_OVER and shown.why not in {Ending.OVER, Ending.DELETED}:
        farewell.card_of_a_closed_class()
    elif was_in and (here or problem in {CLASS_OVER, "join_token_unknown"}):
        kept = {"here": here} if here else {"problem": problem}
        farewell.farewell(shown, f"/join?{urlencode(kept)}")
    else:
        return
    st.stop()


def choose_group(classes: Sequence[tuple[str, Sequence[GroupIdentity]]]) -> None:
    """A tile for each group of the open classes."""
    children_frame.corner("/join", grown_ups=True)
    if not any(groups for _, groups in classes):
        big_messages.show("🌙", texts.t_html("no_class_title"), texts.t_html("no_class_text"), moving=True)
        return
    st.html(f'<h1 class="ask">{texts.t_html("choose_group")}</h1>')
    for number, (name, groups) in enumerate(classes):
        if len(classes) > 1:
            st.html(f'<h2 class="class-name">{texts.label_html(name)}</h2>')
        shown = [
            Tile(group.id, group.name(viewer.lang()), group.emoji, group.picture, group.color)
            for group in groups
        ]
        tapped = tiles(shown, label=texts.t("choose_group"), key=f"groups_{number}", layout="cards")
        if tapped:
            st.session_state[state.TILE] = tapped
            st.session_state[state.CODE_TRIES] = 0
            st.session_state.pop(state.CODE_PROBLEM, None)
            st.rerun()
    st.html(f'<p class="ask-teacher">{texts.t_html("ask_teacher")}</p>')


def ask_code(group: GroupIdentity) -> tuple[str, ...] | None:
    """The pad of pictures; returns the code when it is complete, once."""
    children_frame.paint(group)
    children_frame.corner("/join")
    name = html.escape(group.name(viewer.lang()))
    with st.container(key="code_page"):
        st.html(
            f'<div class="code-who"><img src="{html.escape(group.picture)}" alt=""><div><b>{name}</b>'
            f"<p>{texts.t_html('code_text')}</p></div></div>"
        )
        code = picture_code(
            pictures=PICTURES,
            length=PICTURE_CODE_LENGTH,
            strings=texts.strings(STRINGS),
            key=f"pad_{group.id}",
            problem=st.session_state.get(state.CODE_PROBLEM, ""),
            tries=st.session_state.get(state.CODE_TRIES, 0),
            color=group.color,
        )
    with st.container(key="narrow"):
        if st.button(
            texts.t("code_other_group"), key="small_other_group", icon="↩️", width="stretch", wrap=True
        ):
            del st.session_state[state.TILE]
            st.rerun()
    return code


def wrong_code(sentence: str) -> NoReturn:
    """The pad shakes, says why, and is empty again."""
    st.session_state[state.CODE_PROBLEM] = sentence
    st.session_state[state.CODE_TRIES] = st.session_state.get(state.CODE_TRIES, 0) + 1
    st.rerun()


def enter(ticket: str) -> None:
    """The ticket becomes this iPad's cookie, and the group's own page opens."""
    navigate(
        url="/join",
        post_url="/session/group",
        body={"ticket": ticket},
        known_url="/session/known?who=group",
        lost_url="/join?problem=join_no_cookie",
        key="enter",
    )

"""The facilitator leads the show: what is on the screen, what comes next, and how it goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import streamlit as st

from classroom_app.states import Scene
from classroom_app.ui import texts, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.assets import nothing, script
from classroom_app.ui.widgets.staff_frame import animal, escape
from classroom_app.views.show import ScreenNow, ShowStory

PACES_S: Final = (4.0, 7.0, 12.0)
_BY_HAND: Final = 0.0
_EVERY_MS: Final = 700
_PICTURES: Final = {
    Scene.DRUM: "🥁",
    Scene.PODIUM: "🏆",
    Scene.AWARDS: "🎖️",
    Scene.HARDEST: "🤔",
    Scene.LOOKED: "👀",
    Scene.THANKS: "👋",
}

Move = Literal["next", "back", "replay"]

_follow = st.components.v2.component("classroom_show_control", js=script("show_control/show_control.js"))


def follow_show(event_id: str, now: ScreenNow) -> None:
    """What is led on a projector is seen here within a second. Shows nothing."""
    with st.container(key="follow_show"):
        _follow(
            key="follow_show_script",
            height="content",
            data={
                "event": event_id,
                "mark": now.mark,
                "clock": {"ends": None},
                "every_ms": _EVERY_MS,
                "calm_ms": 60_000,
            },
            on_changed_change=nothing,
        )


def show_control(now: ScreenNow, story: ShowStory, lead: Callable[[Move], None]) -> float | None:
    """Big and clear: now, next, and the ways there; `lead` is called before the page runs again.

    Returns the pace that is wanted: seconds a step, or None for led by hand.
    """
    show = now.show
    last = show.step >= show.steps - 1
    with st.container(key="show_control", border=True):
        st.html(
            f'<div class="staff-show"><div><small>{escape(t_kanji("sc_now"))} '
            f"({show.step + 1} / {show.steps})</small><b>{_scene(story, show.step)}</b></div>"
            f"<div><small>{escape(t_kanji('sc_next'))}</small>"
            f"<b>{escape(t_kanji('sc_end')) if last else _scene(story, show.step + 1)}</b></div></div>"
        )
        back, go = st.columns([2, 6], gap="small")
        back.button(
            t_kanji("sc_back"),
            key="show_back",
            icon="◀️",
            disabled=not show.step,
            width="stretch",
            on_click=lead,
            args=("back",),
        )
        go.button(
            t_kanji("sc_go"),
            key="show_next",
            icon="▶️",
            type="secondary" if last else "primary",
            disabled=last,
            width="stretch",
            on_click=lead,
            args=("next",),
        )
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
            wanted = _pace(now.pace_s)
            _from_the_beginning(lead, at_the_beginning=not show.step)
        st.html(f'<p class="staff-hint">{escape(t_kanji("sc_hint"))}</p>')
        return wanted


def _from_the_beginning(lead: Callable[[Move], None], *, at_the_beginning: bool) -> None:
    """Asked for first, and away from the button that everybody presses: it takes the whole room back."""
    # Another key once it is there: the question was answered.
    key = f"show_again_{at_the_beginning}"
    with st.popover(t_kanji("sc_replay"), icon="🔁", disabled=at_the_beginning, key=key):
        st.write(t_kanji("sc_replay_sure"))
        st.button(t_kanji("sc_replay_yes"), key="show_replay", on_click=lead, args=("replay",))


def _pace(current: float | None) -> float | None:
    choices = (_BY_HAND, *PACES_S)
    wanted = st.segmented_control(
        t_kanji("sc_pace"),
        choices,
        format_func=lambda pace: t_kanji("sc_every", seconds=round(pace)) if pace else t_kanji("sc_by_hand"),
        default=current if current in choices else _BY_HAND,
        required=True,
        # Its key changes with the setting: what another facilitator chose meanwhile is shown, not undone.
        key=f"show_pace_{current}",
    )
    return wanted or None


def _scene(story: ShowStory, step: int) -> str:
    scene = story.scenes[step]
    if scene is not Scene.PLACE:
        return f"{_PICTURES[scene]} {escape(t_kanji(f'sc_scene_{scene}'))}"
    row = story.places[step - 1].row
    name = texts.label_kanji(row.name(viewer.lang()))
    words = (
        t_kanji("sc_scene_no_ai", name=name)
        if row.rank is None
        else t_kanji("sc_scene_place", rank=texts.ordinal(row.rank), name=name)
    )
    return f"{animal(row.picture)} {escape(words)}"


def dark_screens(dark: bool) -> bool:
    """A switch; what it says now."""
    return st.toggle(
        f"🌙 {t_kanji('sc_dark')}", value=dark, key=f"dark_screens_{dark}", help=t_kanji("sc_dark_hint")
    )

"""The camera to be tried in the lobby: the question for it is asked before the race, and one photo is taken
that nobody gets. Its script has no way to the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import streamlit as st

from classroom_app.ui.widgets.assets import chosen, nothing, script, source

_WORDS: Final = ("again", "asking", "asleep", "dark", "flip", "lost", "opening", "take")
_OWN_WORDS: Final = (
    "busy",
    "denied",
    "insecure",
    "none",
)  # said otherwise than in the race: nothing is lost here
STRINGS: Final = (
    *(f"camera_{word}" for word in _WORDS),
    *(f"tryout_{word}" for word in _OWN_WORDS),
    "camera_help",
    "camera_shutter",
    "tryout_again",
    "tryout_allow_1",
    "tryout_allow_2",
    "tryout_allow_3",
    "tryout_done",
    "tryout_gone",
    "tryout_hint",
    "tryout_mark",
    "tryout_taken",
    "tryout_taken_dark",
    "tryout_way_back",
)

_mount = st.components.v2.component(
    "classroom_tryout",
    html=source("tryout/tryout.html"),
    css=source("common/look.css", "camera/camera.css", "tryout/tryout.css"),
    js=script("tryout/tryout.js"),
    isolate_styles=True,
)


def tryout(*, color: str, strings: Mapping[str, str], key: str) -> Literal["tried", "back"] | None:
    """How the children left it: they have seen their photo and said that they are done, or they went back."""
    told = chosen(strings, STRINGS)
    result = _mount(
        key=key,
        data={
            "color": color,
            "strings": told
            | {f"camera_{word}": told[f"tryout_{word}"] for word in _OWN_WORDS}
            | {"camera_help": "", "tryout_help": told["camera_help"]},  # below the steps, not above them
        },
        on_left_change=nothing,
    )
    if result.left is None:
        return None
    return "tried" if result.left.get("tried") else "back"

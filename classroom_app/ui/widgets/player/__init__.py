"""The live player: points the camera, has it guessed a few times a second, draws the guess as calm bars.

The AI guesses on the iPad itself; where that does not work, frames are sent. No picture is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from classroom_app.ui.widgets.assets import chosen, local_path, script, source

STRINGS: Final = (
    "camera_again",
    "camera_asking",
    "camera_asleep",
    "camera_busy",
    "camera_dark",
    "camera_denied",
    "camera_flip",
    "camera_from_library",
    "camera_help",
    "camera_insecure",
    "camera_lost",
    "camera_none",
    "camera_opening",
    "camera_unreadable",
    "device_adult_away",
    "device_adult_here",
    "device_moving_in",
    "device_stays",
    "look_bright",
    "look_nowhere",
    "look_wait",
    "look_where",
    "mistakes_truth",
    "player_around_done",
    "player_around_few",
    "player_around_here",
    "player_around_same",
    "player_around_show",
    "player_freeze",
    "player_next_photo",
    "player_no_model",
    "player_offline",
    "player_offline_wait",
    "player_resume",
    "player_signed_out",
    "player_take",
    "player_think",
    "player_think_photo",
    "player_unsure",
    "player_unsure_torn",
    "player_wait",
    "sure_maybe",
    "sure_probably",
    "sure_surely",
    "swap_again",
    "swap_counted",
    "swap_doubt",
    "swap_enough",
    "swap_next",
    "swap_once_more",
    "swap_over",
    "swap_really",
    "swap_right",
    "swap_soon",
)

_mount = st.components.v2.component(
    "classroom_player",
    html=source("player/player.html"),
    css=source("common/look.css", "common/heatmap.css", "player/player.css"),
    js=script("player/player.js"),
    isolate_styles=True,
)


def player(
    *,
    strings: Mapping[str, str],
    key: str,
    predict_url: str = "/predict",
    explain_url: str = "/explain",
    color: str,
    device: Mapping[str, object] | None = None,
    fooling: Sequence[Mapping[str, str]] = (),
) -> None:
    """Show the live guessing. It needs no rerun of the page and causes none. `device`: what the iPad needs to
    guess by itself (`widgets.device.offer`); None: the server guesses. `fooling`: the labels to say with what
    a thing is that stands still, where the AI is another group's."""
    told = chosen(strings, STRINGS)
    _mount(
        key=key,
        data={
            "strings": told
            | {"camera_take": told["player_take"]},  # a photo for the AI to see, none for it to learn
            "predict_url": local_path(predict_url),
            "explain_url": local_path(explain_url),
            "color": color,
            "device": device,
            "fooling": [dict(label) for label in fooling],
        },
    )

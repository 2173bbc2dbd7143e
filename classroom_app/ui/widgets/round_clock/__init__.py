"""The time that a round has left, small in the head of every page of a group.

It ticks in the browser and goes by the server's time alone: each look of `follow` brings it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from classroom_app.ui.widgets.assets import chosen, script, source
from classroom_app.views.classes import RoundClock

STRINGS: Final = ("clock_five", "clock_left", "clock_one", "clock_over", "clock_paused")

_mount = st.components.v2.component(
    "classroom_round_clock",
    html=source("round_clock/round_clock.html"),
    css=source("common/look.css", "round_clock/round_clock.css"),
    js=script("round_clock/round_clock.js"),
    isolate_styles=True,
)


def round_clock(clock: RoundClock, strings: Mapping[str, str]) -> None:
    """Nothing without a time box."""
    if clock.left_s is None:
        return
    with st.container(key="round"):
        _mount(
            key="round_clock",
            height="content",
            data={
                "left_ms": round(1000 * clock.left_s),
                "paused": clock.paused,
                "strings": chosen(strings, STRINGS),
            },
        )

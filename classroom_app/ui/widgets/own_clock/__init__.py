"""What time the browser of a facilitator believes it is, beside the server: nobody has to read two clocks.

Knows nothing of what counts as wrong.
"""

from __future__ import annotations

import datetime as dt

import streamlit as st

from classroom_app.ui.widgets.assets import nothing, script

_mount = st.components.v2.component("classroom_own_clock", js=script("own_clock/own_clock.js"))


def own_clock() -> int | None:
    """Seconds that the browser's clock is ahead of the server's, a second or two of the way included; shows
    nothing. None until it has said, a moment after the page is there.
    """
    server_ms = round(dt.datetime.now(dt.UTC).timestamp() * 1000)
    with st.container(key="own_clock"):
        told = _mount(
            key="own_clock_script",
            data={"server_ms": server_ms},
            height="content",
            on_off_s_change=nothing,
        ).off_s
    return told if isinstance(told, int) and not isinstance(told, bool) else None

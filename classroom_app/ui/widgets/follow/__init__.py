"""Lets a page follow its group: the browser asks a small route, and the page runs again when that says so.

A run of a page costs twenty times what the question costs, and nearly always nothing has changed.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

from classroom_app.ui.widgets.assets import nothing, script
from classroom_app.views.classes import GroupNow

FOLLOW_EVERY_S: Final = 2.0  # what one iPad of a group does, the others show within three seconds

_mount = st.components.v2.component("classroom_follow", js=script("follow/follow.js"))


def follow(now: GroupNow, every_s: float = FOLLOW_EVERY_S) -> None:
    """Once for each page, or part of a page that is a fragment: that part alone runs again. Shows nothing.

    `now` is what the page looked at before it read anything else, so that it misses nothing.
    """
    with st.container(key=f"follow_{now.page}"):
        _mount(
            key=f"follow_script_{now.page}",
            height="content",
            data={
                "page": now.page,
                "mark": now.mark,
                "phase": now.phase,
                "epoch": now.epoch,
                "every_ms": round(1000 * every_s),
            },
            on_changed_change=nothing,
        )

"""Every ten seconds a group's iPad says how it fares: over a route, or over the page if that is stopped."""

from __future__ import annotations

import streamlit as st

from classroom_app.ui.widgets.assets import nothing, script
from classroom_app.views.console import IPadWord

_mount = st.components.v2.component("classroom_heartbeat", js=script("heartbeat/heartbeat.js"))


def heartbeat() -> IPadWord | None:
    """Once a page; shows nothing. Returns what the iPad could not say over its route."""
    with st.container(key="heartbeat"):
        told = _mount(
            key="heartbeat_script", data={"url": "/ipads/here"}, height="content", on_told_change=nothing
        ).told
    return IPadWord.told(told)

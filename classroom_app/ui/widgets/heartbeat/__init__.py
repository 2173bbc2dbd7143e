"""Every ten seconds a group's iPad says how it fares: over a route, or over the page if that is stopped."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from classroom_app.ui.widgets.assets import nothing, script
from classroom_app.views import IPadWord

_mount = st.components.v2.component("classroom_heartbeat", js=script("heartbeat/heartbeat.js"))


def heartbeat() -> IPadWord | None:
    """Once a page; shows nothing. Returns what the iPad could not say over its route."""
    with st.container(key="heartbeat"):
        told = _mount(
            key="heartbeat_script", data={"url": "/ipads/here"}, height="content", on_told_change=nothing
        ).told
    if not isinstance(told, Mapping):
        return None
    ipad, unsent = told.get("ipad"), told.get("unsent")
    if not isinstance(ipad, str) or not isinstance(unsent, int):
        return None
    return IPadWord(ipad, unsent, told.get("cannot_send") is True)

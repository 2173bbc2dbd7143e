"""Lets a page go on while the connection is away: the camera keeps shooting, nothing covers it."""

from __future__ import annotations

import streamlit as st

from classroom_app.ui.widgets.assets import script

_mount = st.components.v2.component("classroom_keep_alive", js=script("keep_alive/keep_alive.js"))


def keep_alive() -> None:
    """Once a page; shows nothing."""
    with st.container(key="keep_alive"):
        _mount(key="keep_alive_script", height="content")

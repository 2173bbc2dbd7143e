"""Lets a page go on while the connection is away: the camera keeps shooting, nothing covers it."""

from __future__ import annotations

import streamlit as st

from classroom_app.ui.widgets.assets import source

_mount = st.components.v2.component("classroom_calm", js=source("keep_alive/keep_alive.js"))


def calm() -> None:
    """Once a page; shows nothing."""
    with st.container(key="calm"):
        _mount(key="calm_keeper", height="content")

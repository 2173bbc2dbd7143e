"""In a dialog that a menu opened: when it closes, focus goes back to the menu, which its entry has left."""

from __future__ import annotations

import streamlit as st

from classroom_app.ui.widgets.assets import script

_mount = st.components.v2.component("classroom_focus_back", js=script("focus_back/focus_back.js"))


def focus_back(key: str) -> None:
    """Once in a dialog; shows nothing. `key`: of the widget whose button gets the focus if nothing has it."""
    with st.container(key="focus_back"):
        _mount(key="focus_back_script", data={"key": key}, height="content")

"""What has just come on a page may be out of sight, as the browser keeps its place: it is moved into view."""

from __future__ import annotations

import streamlit as st

from classroom_app.ui.widgets.assets import script

_mount = st.components.v2.component("classroom_in_view", js=script("in_view/in_view.js"))


def in_view(container: str, what: str) -> None:
    """Inside of the container of that key; shows nothing. `what` changes whenever there is something new."""
    with st.container(key=f"in_view_{container}"):
        data = {"container": container, "what": what}
        _mount(key=f"in_view_script_{container}", data=data, height="content")

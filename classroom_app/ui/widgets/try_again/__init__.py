"""A page that could not be drawn tries again by itself, now and then, until it can."""

from __future__ import annotations

import time

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from classroom_app.ui.widgets.assets import nothing, script

_mount = st.components.v2.component("classroom_try_again", js=script("try_again/try_again.js"))


def try_again() -> None:
    """Once, after what the page has to say. Shows nothing; idle in a fragment, which comes again anyway."""
    run = get_script_run_ctx()
    if run is None or run.fragment_ids_this_run:
        return
    with st.container(key="try_again"):
        _mount(
            key="try_again_script", data={"failed_at": time.time()}, height="content", on_again_change=nothing
        )
